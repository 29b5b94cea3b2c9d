"""Who finished an article; and decisions that finished several are found by their articles."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WHO_FINISHED = """
    UPDATE review_review r SET done_by_id = finished.user_id
    FROM (
        SELECT DISTINCT ON (article_id) article_id, user_id FROM review_decision
        WHERE verb = 'finish' ORDER BY article_id, id DESC
    ) finished
    WHERE r.article_id = finished.article_id AND r.stage = 'done'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0006_decision_notices_and_finished"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "review",
            "done_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(WHO_FINISHED, migrations.RunSQL.noop),
        migrations.AddIndex(
            "decision",
            django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(article=None), fields=["finished"], name="decision_finished_several"
            ),
        ),
    ]
