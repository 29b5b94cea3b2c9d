"""The tables of feed, with what Django can say of their constraints."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("feed", "0001_events"),
        ("feed", "0002_webhooks"),
        ("feed", "0003_erased"),
        ("feed", "0004_corpora_withdrawn"),
    ]
    dependencies = [
        ("accounts", "0001_squashed_tables"),
        ("articles", "0001_squashed_tables"),
        ("review", "0001_squashed_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Waiting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article.added", "Added"),
                            ("article.version", "Version"),
                            ("article.withdrawn", "Withdrawn"),
                            ("article.restored", "Restored"),
                            ("article.erased", "Erased"),
                            ("corpus.withdrawn", "Corpus Withdrawn"),
                            ("corpus.restored", "Corpus Restored"),
                            ("corpus.erased", "Corpus Erased"),
                            ("article.stage", "Stage"),
                            ("article.zones", "Zones"),
                            ("label", "Label"),
                            ("span", "Span"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="review.change",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("data", models.JSONField(null=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="webhooks", to="articles.corpus"
                    ),
                ),
                ("url", models.CharField(max_length=2000, verbose_name="URL")),
                (
                    "secret",
                    models.CharField(
                        editable=False,
                        help_text="Signs the requests. Shown only once, when it is created.",
                        max_length=100,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "user",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "position",
                    models.BigIntegerField(
                        default=0, editable=False, help_text="Position of the last event that was delivered."
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0, editable=False, help_text="Failures in a row.")),
                (
                    "next_at",
                    models.DateTimeField(
                        editable=False, help_text="Time of the next attempt; empty for now.", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("article.added", "Added"),
                            ("article.version", "Version"),
                            ("article.withdrawn", "Withdrawn"),
                            ("article.restored", "Restored"),
                            ("article.erased", "Erased"),
                            ("corpus.withdrawn", "Corpus Withdrawn"),
                            ("corpus.restored", "Corpus Restored"),
                            ("corpus.erased", "Corpus Erased"),
                            ("article.stage", "Stage"),
                            ("article.zones", "Zones"),
                            ("label", "Label"),
                            ("span", "Span"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="review.change",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("data", models.JSONField(null=True)),
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("key", models.UUIDField(unique=True)),
            ],
            options={
                "ordering": ["position"],
                "indexes": [models.Index(fields=["corpus", "position"], name="event_of_corpus")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "article.added",
                                    "article.version",
                                    "article.withdrawn",
                                    "article.restored",
                                    "article.erased",
                                    "corpus.withdrawn",
                                    "corpus.restored",
                                    "corpus.erased",
                                    "article.stage",
                                    "article.zones",
                                    "label",
                                    "span",
                                ],
                            )
                        ),
                        name="event_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="feed.webhook",
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("events", models.PositiveIntegerField()),
                ("attempt", models.PositiveIntegerField()),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        help_text="HTTP status; empty if there was no response.", null=True
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=300)),
                ("milliseconds", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["webhook", "-id"], name="delivery_newest")],
            },
        ),
    ]
