"""The tables of releases, with what Django can say of their constraints."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("releases", "0001_releases"),
        ("releases", "0003_erased"),
        ("releases", "0005_erased_singly"),
    ]
    dependencies = [
        ("accounts", "0001_squashed_tables"),
        ("articles", "0001_squashed_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="articles.corpus",
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="1, 2, 3 … within the corpus.")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("notes", models.TextField(blank=True)),
                ("selection", models.JSONField(default=dict, help_text="Options that differ from the defaults.")),
                ("seed", models.CharField(help_text="Another seed splits the articles differently.", max_length=64)),
                ("train", models.PositiveSmallIntegerField(help_text="Percentage of the articles.")),
                ("dev", models.PositiveSmallIntegerField(help_text="Percentage of the articles.")),
                ("test", models.PositiveSmallIntegerField(help_text="Percentage of the articles.")),
                ("client_key", models.CharField(help_text="The client's idempotency key.", max_length=100, null=True)),
                ("request_sha256", models.BinaryField(max_length=32, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("making", "Making"),
                            ("made", "Made"),
                            ("failed", "Failed"),
                            ("erased", "Erased"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it failed.")),
                ("articles", models.PositiveIntegerField(default=0, help_text="Articles written so far.")),
                ("total", models.PositiveIntegerField(help_text="Number of articles to write.", null=True)),
                ("sha256", models.CharField(blank=True, help_text="SHA-256 of the file, and its name.", max_length=64)),
                ("size", models.PositiveBigIntegerField(help_text="Size of the file in bytes.", null=True)),
                ("manifest", models.JSONField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "erased_at",
                    models.DateTimeField(
                        help_text="Time it was erased; empty if it was erased with its corpus.", null=True
                    ),
                ),
                (
                    "erased_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("corpus", "number"), name="release_number_once_per_corpus"),
                    models.UniqueConstraint(fields=("corpus", "user", "client_key"), name="release_once_per_key"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="release_numbered_from_1"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "making", "made", "failed", "erased", "cancelled"])
                        ),
                        name="release_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "train",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(100), "-", models.F("dev")
                                    ),
                                    "-",
                                    models.F("test"),
                                ),
                            )
                        ),
                        name="release_shares_make_100",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "made"), _negated=True),
                            models.Q(
                                ("manifest__isnull", False),
                                ("reason", ""),
                                ("sha256__regex", "^[0-9a-f]{64}$"),
                                ("size__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="release_has_its_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["failed", "cancelled"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="release_failed_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "erased"), _negated=True),
                            models.Q(
                                ("manifest__isnull", True),
                                ("name", ""),
                                ("notes", ""),
                                ("reason", ""),
                                ("selection", {}),
                                ("sha256", ""),
                                ("size__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="release_erased_holds_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("erased_at__isnull", True), ("erased_by__isnull", True)),
                            models.Q(("erased_at__isnull", False), ("erased_by__isnull", False), ("state", "erased")),
                            _connector="OR",
                        ),
                        name="release_erased_by_somebody",
                    ),
                ],
            },
        ),
    ]
