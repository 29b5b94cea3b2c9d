"""The tables of review, with what Django can say of their constraints."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("review", "0001_initial"),
        ("review", "0003_presence"),
        ("review", "0006_decision_notices_and_finished"),
        ("review", "0007_finished_by"),
    ]
    dependencies = [
        ("accounts", "0001_squashed_tables"),
        ("articles", "0001_squashed_tables"),
        ("suggestions", "0001_squashed_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="articles.corpus"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for a decision on several articles.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="articles.article",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("confirm", "Confirm"),
                            ("reject", "Reject"),
                            ("relabel", "Relabel"),
                            ("move", "Move"),
                            ("add", "Add"),
                            ("undo", "Undo"),
                            ("redo", "Redo"),
                            ("import", "Import"),
                            ("finish", "Finish"),
                            ("reopen", "Reopen"),
                            ("several", "Several"),
                        ],
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "client_key",
                    models.CharField(blank=True, help_text="The client's idempotency key.", max_length=100, null=True),
                ),
                ("request_sha256", models.BinaryField(max_length=32, null=True)),
                (
                    "left_out",
                    models.JSONField(
                        default=list,
                        help_text="Spans left out because they changed after they were shown, with reasons.",
                    ),
                ),
                (
                    "notices",
                    models.JSONField(
                        db_default=[],
                        default=list,
                        help_text="What was applied differently than requested, with reasons.",
                    ),
                ),
                (
                    "finished",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        db_default=[],
                        default=list,
                        help_text="Articles that a finish marked as done.",
                        size=None,
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="review.decision",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["user", "corpus", "-id"], name="decision_last_of_user"),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("article", None)), fields=["finished"], name="decision_finished_several"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "client_key"), name="decision_key_once_per_user"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verb__in",
                                [
                                    "confirm",
                                    "reject",
                                    "relabel",
                                    "move",
                                    "add",
                                    "undo",
                                    "redo",
                                    "import",
                                    "finish",
                                    "reopen",
                                    "several",
                                ],
                            )
                        ),
                        name="decision_verb_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undoes__isnull", False), ("verb__in", ["undo", "redo"])),
                            models.Q(models.Q(("verb__in", ["undo", "redo"]), _negated=True), ("undoes__isnull", True)),
                            _connector="OR",
                        ),
                        name="decision_undo_names_its_stroke",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="labels", to="articles.corpus"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\W_][\\w.-]{0,63}\\Z",
                                "Use letters, digits, _, - and ., beginning with a letter or digit: WORK_OF_ART.",
                            )
                        ],
                    ),
                ),
                ("definition", models.TextField(blank=True)),
                (
                    "family",
                    models.CharField(
                        choices=[
                            ("people", "People"),
                            ("places", "Places"),
                            ("organisations", "Organisations"),
                            ("things", "Things"),
                            ("numbers", "numbers and times"),
                        ],
                        default="things",
                        max_length=16,
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100, help_text="Order in lists and on the number keys 1 to 9 and 0."
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("corpus", "name"), name="label_once_per_corpus"),
                    models.UniqueConstraint(fields=("id", "corpus"), name="label_id_with_corpus"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="label_named"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="review.decision"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="articles.article"
                    ),
                ),
                ("span_id", models.BigIntegerField()),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("confirm", "Confirm"),
                            ("reject", "Reject"),
                            ("relabel", "Relabel"),
                            ("move", "Move"),
                            ("add", "Add"),
                            ("undo", "Undo"),
                            ("redo", "Redo"),
                            ("import", "Import"),
                            ("finish", "Finish"),
                            ("reopen", "Reopen"),
                            ("several", "Several"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "implicit",
                    models.BooleanField(
                        default=False, help_text="A side effect: the previous range and label, kept as rejected."
                    ),
                ),
                ("before_start", models.IntegerField(null=True)),
                ("before_end", models.IntegerField(null=True)),
                (
                    "before_label",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.label",
                    ),
                ),
                ("before_state", models.CharField(max_length=9, null=True)),
                ("before_score", models.FloatField(null=True)),
                (
                    "before_pipeline",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="suggestions.pipeline",
                    ),
                ),
                ("before_revision", models.PositiveIntegerField(null=True)),
                ("after_start", models.IntegerField(null=True)),
                ("after_end", models.IntegerField(null=True)),
                (
                    "after_label",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="review.label",
                    ),
                ),
                ("after_state", models.CharField(max_length=9, null=True)),
                ("after_score", models.FloatField(null=True)),
                (
                    "after_pipeline",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="suggestions.pipeline",
                    ),
                ),
                ("after_revision", models.PositiveIntegerField(null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["span_id", "id"], name="change_history_of_span")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("before_revision__isnull", False), ("after_revision__isnull", False), _connector="OR"
                        ),
                        name="change_has_a_side",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presences",
                        to="articles.article",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("article", "user"), name="presence_once_per_article_and_user")
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="articles.article",
                    ),
                ),
                ("layer", models.CharField(default="main", editable=False, max_length=32)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("suggested", "Suggested"),
                            ("in_review", "in review"),
                            ("done", "Done"),
                        ],
                        default="new",
                        max_length=9,
                    ),
                ),
                (
                    "editor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("expected_actions", models.FloatField(editable=False, null=True)),
                ("uncertainty", models.FloatField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["corpus", "stage", "-article"], name="review_by_stage"),
                    models.Index(
                        condition=models.Q(("stage__in", ["suggested", "in_review"])),
                        fields=["corpus", "expected_actions", "-article"],
                        name="review_by_work",
                    ),
                    models.Index(
                        condition=models.Q(("stage__in", ["suggested", "in_review"])),
                        fields=["corpus", "-uncertainty", "-article"],
                        name="review_by_uncertainty",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("article", "layer"), name="review_once_per_article_and_layer"),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["new", "suggested", "in_review", "done"])),
                        name="review_stage_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stage__in", ["new", "suggested"]), ("editor__isnull", False), _connector="OR"
                        ),
                        name="review_has_its_editor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Span",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spans",
                        to="articles.article",
                    ),
                ),
                ("article_length", models.IntegerField(editable=False)),
                ("layer", models.CharField(default="main", editable=False, max_length=32)),
                ("start", models.IntegerField()),
                ("end", models.IntegerField()),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spans",
                        to="review.label",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("suggested", "Suggested"), ("confirmed", "Confirmed"), ("rejected", "Rejected")],
                        max_length=9,
                    ),
                ),
                (
                    "score",
                    models.FloatField(
                        blank=True,
                        help_text="Score of the pipeline, 0 to 1; empty for spans that people added.",
                        null=True,
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spans",
                        to="suggestions.pipeline",
                    ),
                ),
                (
                    "revision",
                    models.PositiveIntegerField(
                        default=1, help_text="Number of changes. A write must name the revision that it is based on."
                    ),
                ),
            ],
            options={
                "ordering": ["start", "-end", "id"],
                "indexes": [models.Index(fields=["corpus", "label", "state"], name="span_by_label")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("article", "layer", "start", "end", "label"), name="span_once_per_article_and_layer"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__lte", models.F("article_length")), ("start__gte", 0), ("start__lt", models.F("end"))
                        ),
                        name="span_within_article",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["suggested", "confirmed", "rejected"])),
                        name="span_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("score__isnull", True), models.Q(("score__gte", 0), ("score__lte", 1)), _connector="OR"
                        ),
                        name="span_score_between_0_and_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "suggested"), _negated=True),
                            ("pipeline__isnull", False),
                            _connector="OR",
                        ),
                        name="span_suggestion_names_pipeline",
                    ),
                    models.CheckConstraint(condition=models.Q(("layer", "main")), name="span_layer_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="articles.article",
                    ),
                ),
                ("span_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "start",
                    models.IntegerField(
                        blank=True, help_text="Start of the span when the comment was written.", null=True
                    ),
                ),
                ("end", models.IntegerField(blank=True, null=True)),
                ("text", models.TextField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "client_key",
                    models.CharField(blank=True, help_text="The client's idempotency key.", max_length=100, null=True),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["article", "id"], name="comment_of_article"),
                    models.Index(fields=["corpus", "-id"], name="comment_of_corpus"),
                    models.Index(
                        condition=models.Q(("resolved_at", None)), fields=["corpus", "-id"], name="comment_open"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "client_key"), name="comment_key_once_per_user"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="comment_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("end__isnull", True), ("span_id__isnull", True), ("start__isnull", True)),
                            models.Q(("end__gt", models.F("start")), ("span_id__isnull", False), ("start__gte", 0)),
                            _connector="OR",
                        ),
                        name="comment_on_span_has_its_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", True), ("resolved_by__isnull", True)),
                            models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="comment_resolved_by_somebody",
                    ),
                ],
            },
        ),
    ]
