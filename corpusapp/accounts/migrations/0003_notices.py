"""Notices to users."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_squashed_guards"),
        ("articles", "0003_lighter_band_guard"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("assigned", "Assigned"),
                            ("mentioned", "Mentioned"),
                            ("replied", "Replied"),
                            ("export ready", "Export Ready"),
                            ("export failed", "Export Failed"),
                            ("run failed", "Run Failed"),
                            ("training failed", "Training Failed"),
                            ("invitation accepted", "Invitation Accepted"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "details",
                    models.JSONField(
                        default=dict, help_text="Values of its sentence, such as the format of an export."
                    ),
                ),
                ("address", models.CharField(max_length=500)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.article"
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.corpus"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="notice_newest"),
                    models.Index(condition=models.Q(("read_at", None)), fields=["user"], name="notice_unread"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", False)), fields=["read_at"], name="notice_by_age"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "assigned",
                                    "mentioned",
                                    "replied",
                                    "export ready",
                                    "export failed",
                                    "run failed",
                                    "training failed",
                                    "invitation accepted",
                                ],
                            )
                        ),
                        name="notice_kind_known",
                    )
                ],
            },
        ),
    ]
