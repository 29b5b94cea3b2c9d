"""Events of what was erased."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0006_erasing"),
        ("feed", "0002_webhooks"),
        ("review", "0004_comments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="event",
            name="event_kind_known",
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("article.added", "Added"),
                    ("article.version", "Version"),
                    ("article.withdrawn", "Withdrawn"),
                    ("article.restored", "Restored"),
                    ("article.erased", "Erased"),
                    ("corpus.erased", "Corpus Erased"),
                    ("article.stage", "Stage"),
                    ("article.zones", "Zones"),
                    ("label", "Label"),
                    ("span", "Span"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="waiting",
            name="kind",
            field=models.CharField(
                choices=[
                    ("article.added", "Added"),
                    ("article.version", "Version"),
                    ("article.withdrawn", "Withdrawn"),
                    ("article.restored", "Restored"),
                    ("article.erased", "Erased"),
                    ("corpus.erased", "Corpus Erased"),
                    ("article.stage", "Stage"),
                    ("article.zones", "Zones"),
                    ("label", "Label"),
                    ("span", "Span"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "article.added",
                            "article.version",
                            "article.withdrawn",
                            "article.restored",
                            "article.erased",
                            "corpus.erased",
                            "article.stage",
                            "article.zones",
                            "label",
                            "span",
                        ],
                    )
                ),
                name="event_kind_known",
            ),
        ),
    ]
