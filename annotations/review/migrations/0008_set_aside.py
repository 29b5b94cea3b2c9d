"""Articles that people flag, skip or park."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

KEY = """
    ALTER TABLE review_setaside ADD CONSTRAINT set_aside_of_article
        FOREIGN KEY (article_id, corpus_id) REFERENCES articles_article (id, corpus_id) DEFERRABLE;
"""
NO_KEY = "ALTER TABLE review_setaside DROP CONSTRAINT set_aside_of_article;"


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0003_lighter_band_guard"),
        ("review", "0007_labels_by_managers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="SetAside",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("flag", "flagged"), ("skip", "skipped"), ("park", "parked")], max_length=4
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "articles set aside",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="set_aside_of_user"),
                    models.Index(
                        condition=models.Q(("kind", "park")), fields=["corpus", "article"], name="set_aside_parked"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("article", "user", "kind"), name="set_aside_once_per_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["flag", "skip", "park"])), name="set_aside_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "park"), ("reason", ""), _negated=True),
                        name="set_aside_park_has_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEY, NO_KEY),
    ]
