"""The tables of suggestions, with what Django can say of their constraints."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("suggestions", "0001_initial"),
        ("suggestions", "0002_knowledge"),
        ("suggestions", "0003_services"),
        ("suggestions", "0004_trained_models"),
        ("suggestions", "0005_calibration"),
        ("suggestions", "0006_dry_runs"),
        ("suggestions", "0007_cancelled"),
    ]
    dependencies = [
        ("accounts", "0001_squashed_tables"),
        ("articles", "0001_squashed_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pipeline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("version", models.CharField(max_length=200)),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 over all of its components.", max_length=64, unique=True),
                ),
                ("configuration", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ScoreCalibration",
            fields=[
                (
                    "corpus",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calibration",
                        serialize=False,
                        to="articles.corpus",
                    ),
                ),
                ("slope", models.FloatField(default=1.0)),
                ("intercept", models.FloatField(default=0.0)),
                ("labels", models.JSONField(default=dict)),
                (
                    "decisions",
                    models.PositiveIntegerField(default=0, help_text="Number of decisions that it was fitted to."),
                ),
                ("fitted_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="ArticleLearningRecord",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="learning_record",
                        serialize=False,
                        to="articles.article",
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.corpus"
                    ),
                ),
                ("data", models.TextField()),
                (
                    "outcomes",
                    models.TextField(
                        default="[]", help_text="Outcomes of its suggestions: score, label, whether confirmed."
                    ),
                ),
            ],
            options={
                "db_table": "suggestions_articlelesson",
            },
        ),
        migrations.CreateModel(
            name="CorpusSuggester",
            fields=[
                (
                    "corpus",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="suggester",
                        serialize=False,
                        to="articles.corpus",
                    ),
                ),
                (
                    "name",
                    models.CharField(default="spacy", help_text="Name of an installed suggester.", max_length=100),
                ),
                (
                    "option",
                    models.CharField(
                        blank=True,
                        help_text="Option of the suggester. For spacy: the name of an installed pipeline.",
                        max_length=500,
                    ),
                ),
                (
                    "service_url",
                    models.CharField(
                        blank=True, help_text="URL of an additional service; empty for none.", max_length=2000
                    ),
                ),
                (
                    "service_kind",
                    models.CharField(
                        choices=[
                            ("plain", "the protocol of corpusapp"),
                            ("label-studio", "a machine learning backend of Label Studio"),
                        ],
                        default="plain",
                        help_text="Protocol of the service.",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("service_kind__in", ["plain", "label-studio"])),
                        name="corpus_suggester_service_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ArticleReading",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reading",
                        serialize=False,
                        to="articles.article",
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="readings", to="suggestions.pipeline"
                    ),
                ),
                ("data", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="articles.corpus"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="articles.importbatch",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dry", models.BooleanField(default=False, help_text="Only counts changes; writes nothing.")),
                (
                    "narrowed",
                    models.JSONField(default=dict, help_text="Filter that selected its articles, as form fields."),
                ),
                (
                    "changes",
                    models.JSONField(
                        default=dict, help_text="Number of articles changed, and of suggestions added and removed."
                    ),
                ),
                (
                    "unknown_labels",
                    models.JSONField(
                        default=dict,
                        help_text="Proposals left out because the corpus has no such label, counted by label.",
                    ),
                ),
                ("cancelled_at", models.DateTimeField(editable=False, null=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("notices", models.JSONField(default=list, help_text="Notices: text, count and subject.")),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="NameCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("s", "suggested"),
                            ("d", "decided by editors"),
                            ("c", "decided, after a certain word"),
                        ],
                        max_length=1,
                    ),
                ),
                ("first_word", models.CharField(help_text="Key by which the surface is looked up.", max_length=100)),
                ("surface", models.CharField(max_length=200)),
                ("context", models.CharField(blank=True, max_length=100)),
                ("label", models.CharField(blank=True, help_text="Empty if it is not a name.", max_length=64)),
                ("articles", models.FloatField()),
            ],
            options={
                "indexes": [models.Index(fields=["corpus", "first_word"], name="name_count_lookup")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("corpus", "kind", "surface", "context", "label"), name="name_count_once_per_corpus"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["s", "d", "c"])), name="name_count_kind_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.article"
                    ),
                ),
                ("kind", models.CharField(choices=[("decided", "Decided"), ("stale", "Stale")], max_length=7)),
            ],
            options={
                "db_table": "suggestions_unsettled",
                "indexes": [models.Index(fields=["corpus", "kind", "id"], name="unsettled_queue")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["decided", "stale"])), name="unsettled_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RunItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="suggestions.run"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="run_items", to="articles.article"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["run", "state", "article"], name="run_item_progress"),
                    models.Index(condition=models.Q(("state", "pending")), fields=["run"], name="run_item_pending"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "article"), name="run_item_once_per_article"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "done", "failed", "cancelled"])),
                        name="run_item_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrainedModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="trained_models", to="articles.corpus"
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[("trained", "trained in this corpus"), ("added", "added by command")],
                        default="trained",
                        max_length=7,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("training", "Training"),
                            ("kept", "Kept"),
                            ("promoted", "Promoted"),
                            ("retired", "Retired"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=9,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Reason of its state.")),
                (
                    "user",
                    models.ForeignKey(
                        help_text="Empty if it started automatically.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "base",
                    models.CharField(
                        help_text="Base that it was trained from: the name of a pipeline, or a digest.", max_length=500
                    ),
                ),
                ("name", models.CharField(blank=True, help_text="Name and version of the pipeline.", max_length=200)),
                ("digest", models.CharField(blank=True, help_text="SHA-256 of its weights.", max_length=64)),
                ("seed", models.PositiveIntegerField(default=0)),
                (
                    "last_decision",
                    models.BigIntegerField(
                        default=0, help_text="ID of the last decision when the training was requested."
                    ),
                ),
                (
                    "decisions",
                    models.PositiveIntegerField(default=0, help_text="Number of decided spans in its training data."),
                ),
                (
                    "articles",
                    models.PositiveIntegerField(default=0, help_text="Number of articles in its training data."),
                ),
                (
                    "held_back",
                    models.PositiveIntegerField(
                        default=0, help_text="Number of done articles that it was evaluated on."
                    ),
                ),
                (
                    "before",
                    models.JSONField(help_text="Scores of the previous model on the held-back articles.", null=True),
                ),
                ("after", models.JSONField(help_text="Scores of this model on the same articles.", null=True)),
                ("course", models.JSONField(default=dict, help_text="Epochs, words, misaligned spans, seconds.")),
                (
                    "former",
                    models.ForeignKey(
                        help_text="Model in use before it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="suggestions.trainedmodel",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("promoted_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "promoted")), fields=("corpus",), name="model_promoted_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "training"])),
                        fields=("corpus",),
                        name="model_trained_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["queued", "training", "kept", "promoted", "retired", "failed", "cancelled"])
                        ),
                        name="model_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["trained", "added"])), name="model_origin_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["kept", "promoted", "retired"]), _negated=True),
                            models.Q(("digest", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="model_has_its_weights",
                    ),
                ],
            },
        ),
    ]
