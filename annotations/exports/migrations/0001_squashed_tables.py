"""The tables of exports, with what Django can say of their constraints."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("exports", "0001_exports"),
        ("exports", "0002_of_releases"),
        ("exports", "0003_cancelled"),
    ]
    dependencies = [
        ("accounts", "0001_squashed_tables"),
        ("articles", "0001_squashed_tables"),
        ("releases", "0001_squashed_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exports", to="articles.corpus"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        help_text="The release that it is made from; empty for the corpus.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="releases.release",
                    ),
                ),
                (
                    "part",
                    models.CharField(blank=True, help_text="Part of the release; empty for all of it.", max_length=5),
                ),
                ("format", models.CharField(max_length=32)),
                ("selection", models.JSONField(default=dict, help_text="Options that differ from the defaults.")),
                ("strict", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("making", "Making"),
                            ("finished", "Finished"),
                            ("refused", "refused: the format cannot carry everything"),
                            ("failed", "Failed"),
                            ("cleared", "deleted to free space"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why no file was created.")),
                ("folder", models.CharField(help_text="Folder that contains the file.", max_length=32, unique=True)),
                ("name", models.CharField(help_text="Name of the file.", max_length=200)),
                ("size", models.PositiveBigIntegerField(help_text="Size in bytes.", null=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("report", models.JSONField(help_text="What was left out, changed or converted.", null=True)),
                ("articles", models.PositiveIntegerField(default=0, help_text="Articles written so far.")),
                ("total", models.PositiveIntegerField(help_text="Number of articles to write.", null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["corpus", "-id"], name="export_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["waiting", "making", "finished", "refused", "failed", "cleared", "cancelled"],
                            )
                        ),
                        name="export_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("part", ""),
                            models.Q(("part__in", ["train", "dev", "test"]), ("release__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_part_of_a_release",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "finished"), _negated=True),
                            models.Q(
                                ("report__isnull", False),
                                ("size__isnull", False),
                                models.Q(("sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="export_has_its_file",
                    ),
                ],
            },
        ),
    ]
