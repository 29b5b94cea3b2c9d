"""An import's state and the reason of its end become columns, in the words of all jobs; filled from what was known."""

from django.db import migrations, models
from django.db.models import Q

UNENDED = ["waiting", "running"]
STATES = [*UNENDED, "done", "failed", "cancelled", "interrupted"]
FILL = """
    UPDATE articles_importbatch SET state = CASE
        WHEN finished_at IS NOT NULL THEN 'done'
        WHEN files = '[]' THEN 'interrupted'
        WHEN items = 0 THEN 'waiting' ELSE 'running' END;
    UPDATE articles_importbatch SET finished_at = now(), reason = 'its process was ended'
    WHERE state = 'interrupted';
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0010_import_encoding")]
    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="reason",
            field=models.TextField(blank=True, default="", help_text="Why it ended before all was read."),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="importbatch",
            name="state",
            field=models.CharField(
                choices=[(state, state.capitalize()) for state in STATES], default="waiting", max_length=11
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(condition=Q(state__in=STATES), name="batch_state_known"),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=Q(state__in=UNENDED, finished_at__isnull=True)
                | Q(~Q(state__in=UNENDED), finished_at__isnull=False),
                name="batch_ends_at_a_time",
            ),
        ),
    ]
