"""Entities, their aliases, identifiers, links and log."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("articles", "0006_entities_enabled"),
        ("review", "0013_verbs_of_entities_validated"),
        ("suggestions", "0003_house_style"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="Preferred name.", max_length=300)),
                ("description", models.TextField(blank=True, db_default="", default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("suggested", "Suggested"),
                            ("confirmed", "Confirmed"),
                            ("merged", "Merged"),
                            ("removed", "Removed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("revision", models.PositiveIntegerField(db_default=1, default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("mentions", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                ("confirmed", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entities",
                        to="articles.corpus",
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entities",
                        to="review.label",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="entities.entity",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The linker that proposed it; empty for people and imports.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="suggestions.pipeline",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entities",
                "ordering": ["-mentions", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Distinct",
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
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="review.decision"
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="entities.entity",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="entities.entity"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "distinct pairs",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Alias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300)),
                (
                    "language",
                    models.CharField(blank=True, db_default="", default="", help_text="ISO 639-1 code.", max_length=16),
                ),
                (
                    "script",
                    models.CharField(blank=True, db_default="", default="", help_text="ISO 15924 code.", max_length=4),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("mention", "a mention"),
                            ("person", "an editor"),
                            ("import", "an imported list"),
                            ("service", "a knowledge base"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("suggested", "Suggested"), ("confirmed", "Confirmed"), ("rejected", "Rejected")],
                        max_length=9,
                    ),
                ),
                ("mentions", models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="entities.entity",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "aliases",
                "ordering": ["-mentions", "name"],
            },
        ),
        migrations.CreateModel(
            name="EntityChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity_id", models.BigIntegerField()),
                (
                    "verb",
                    models.CharField(max_length=8),
                ),
                ("implicit", models.BooleanField(db_default=False, default=False)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
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
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entity_changes", to="review.decision"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="EntityWeek",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.DateField(help_text="Its Monday.")),
                ("mentions", models.IntegerField()),
                (
                    "entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weeks",
                        to="entities.entity",
                    ),
                ),
            ],
            options={
                "ordering": ["entity", "week"],
            },
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scheme", models.CharField(max_length=60)),
                ("value", models.CharField(max_length=300)),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identifiers",
                        to="entities.entity",
                    ),
                ),
            ],
            options={
                "ordering": ["scheme", "value"],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.IntegerField(editable=False, null=True)),
                ("end", models.IntegerField(editable=False, null=True)),
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
                        help_text="Probability by the linker; empty for links that people made.", null=True
                    ),
                ),
                (
                    "base_score",
                    models.FloatField(editable=False, help_text="The linker's score, before calibration.", null=True),
                ),
                ("revision", models.PositiveIntegerField(db_default=1, default=1)),
                ("live", models.BooleanField(db_default=True, default=True, help_text="The span is not rejected.")),
                (
                    "week",
                    models.DateField(help_text="Monday of the week of its article: of publication, or else of import."),
                ),
                (
                    "alias",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="links",
                        to="entities.alias",
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
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
                    "entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="entities.entity",
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="suggestions.pipeline",
                    ),
                ),
                (
                    "span",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="links",
                        to="review.span",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LinkChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link_id", models.BigIntegerField()),
                ("span_id", models.BigIntegerField(null=True)),
                (
                    "verb",
                    models.CharField(max_length=8),
                ),
                ("implicit", models.BooleanField(db_default=False, default=False)),
                ("before_entity", models.BigIntegerField(null=True)),
                ("before_state", models.CharField(max_length=9, null=True)),
                ("before_score", models.FloatField(null=True)),
                ("before_pipeline", models.BigIntegerField(null=True)),
                ("before_revision", models.PositiveIntegerField(null=True)),
                ("after_entity", models.BigIntegerField(null=True)),
                ("after_state", models.CharField(max_length=9, null=True)),
                ("after_score", models.FloatField(null=True)),
                ("after_pipeline", models.BigIntegerField(null=True)),
                ("after_revision", models.PositiveIntegerField(null=True)),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
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
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="link_changes", to="review.decision"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PendingLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="review.decision",
                    ),
                ),
                (
                    "turn",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Decided"), (1, "Changed"), (2, "New"), (3, "Again")]
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
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PossibleDuplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.FloatField()),
                ("evidence", models.JSONField(default=list)),
                (
                    "saves",
                    models.PositiveIntegerField(default=0, help_text="Mentions that a merge would bring together."),
                ),
                ("postponed_at", models.DateTimeField(help_text="When a person put it off; offered last.", null=True)),
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
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="entities.entity",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="entities.entity"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Unlinked",
            fields=[
                (
                    "span",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="review.span",
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="The normalised name; mentions with the same one are alike.", max_length=300
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("ambiguous", "several entities have this name"),
                            ("generic", "a body that each country has"),
                            ("unknown", "nothing is known of it"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "candidates",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Between which entities.",
                        size=None,
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="articles.article",
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
            ],
            options={
                "ordering": ["span"],
            },
        ),
        migrations.CreateModel(
            name="AliasKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(db_collation="C", max_length=300)),
                (
                    "alias",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="entities.alias"
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
            ],
            options={
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("corpus", "key", "alias"), name="alias_key_once")],
            },
        ),
        migrations.AddIndex(
            model_name="entity",
            index=models.Index(
                condition=models.Q(("state__in", ("suggested", "confirmed"))),
                fields=["corpus", "-mentions", "-id"],
                name="entity_by_mentions",
            ),
        ),
        migrations.AddIndex(
            model_name="entity",
            index=models.Index(
                condition=models.Q(("state__in", ("suggested", "confirmed"))),
                fields=["corpus", "label", "-mentions", "-id"],
                name="entity_by_label",
            ),
        ),
        migrations.AddIndex(
            model_name="entity",
            index=models.Index(
                condition=models.Q(("state__in", ("suggested", "confirmed"))),
                fields=["corpus", "name", "id"],
                name="entity_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="entity",
            index=models.Index(fields=["corpus", "-id"], name="entity_of_corpus"),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.UniqueConstraint(fields=("id", "corpus"), name="entity_id_with_corpus"),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="entity_named"),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["suggested", "confirmed", "merged", "removed"])),
                name="entity_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("state", "merged")),
                    models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into__isnull", True)),
                    _connector="OR",
                ),
                name="entity_merged_into_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True), name="entity_not_merged_into_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="entity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "suggested"), _negated=True), ("pipeline__isnull", False), _connector="OR"
                ),
                name="entity_suggested_by_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="distinct",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="distinct_pair_once"),
        ),
        migrations.AddConstraint(
            model_name="distinct",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="distinct_pair_in_order"
            ),
        ),
        migrations.AddIndex(
            model_name="alias",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name"], name="alias_name_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="alias",
            index=models.Index(fields=["corpus", "-id"], name="alias_of_corpus"),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(fields=("entity", "name"), name="alias_once_per_entity"),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="alias_named"),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["suggested", "confirmed", "rejected"])), name="alias_state_known"
            ),
        ),
        migrations.AddIndex(
            model_name="entitychange",
            index=models.Index(fields=["entity_id", "id"], name="history_of_entity"),
        ),
        migrations.AddConstraint(
            model_name="entityweek",
            constraint=models.UniqueConstraint(fields=("entity", "week"), name="entity_week_once"),
        ),
        migrations.AddConstraint(
            model_name="identifier",
            constraint=models.UniqueConstraint(fields=("corpus", "scheme", "value"), name="identifier_of_one_entity"),
        ),
        migrations.AddConstraint(
            model_name="identifier",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("scheme", ""), _negated=True), models.Q(("value", ""), _negated=True)),
                name="identifier_says_something",
            ),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["article"], name="link_of_article"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                condition=models.Q(models.Q(("state", "rejected"), _negated=True), ("live", True)),
                fields=["entity", "-article", "-id"],
                name="link_of_entity",
            ),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(fields=["corpus", "entity"], name="link_of_corpus"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                fields=["corpus", "-id"],
                condition=models.Q(("base_score__isnull", False), models.Q(("state", "suggested"), _negated=True)),
                include=("base_score", "state"),
                name="link_outcomes",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("span", "entity"), name="link_once_per_span_and_entity"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "rejected"), _negated=True), fields=("span",), name="link_one_per_span"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["suggested", "confirmed", "rejected"])), name="link_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("score__isnull", True), models.Q(("score__gte", 0), ("score__lte", 1)), _connector="OR"
                ),
                name="link_score_between_0_and_1",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "suggested"), _negated=True), ("pipeline__isnull", False), _connector="OR"
                ),
                name="link_suggestion_names_pipeline",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("span__isnull", False),
                    models.Q(("end__isnull", False), ("start__isnull", False), ("state", "rejected")),
                    _connector="OR",
                ),
                name="link_without_span_is_rejected",
            ),
        ),
        migrations.AddIndex(
            model_name="linkchange",
            index=models.Index(fields=["span_id", "id"], name="link_history_of_span"),
        ),
        migrations.AddConstraint(
            model_name="linkchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("before_revision__isnull", False), ("after_revision__isnull", False), _connector="OR"
                ),
                name="link_change_has_a_side",
            ),
        ),
        migrations.AddIndex(
            model_name="pendinglink",
            index=models.Index(fields=["corpus", "turn", "id"], name="pending_link_of_corpus"),
        ),
        migrations.AddConstraint(
            model_name="pendinglink",
            constraint=models.CheckConstraint(
                condition=models.Q(("article__isnull", True), ("decision__isnull", True), _connector="XOR"),
                name="pending_link_of_one",
            ),
        ),
        migrations.AddIndex(
            model_name="entity",
            index=models.Index(
                condition=models.Q(("mentions", 0), ("state", "suggested")), fields=["corpus"], name="entity_unused"
            ),
        ),
        migrations.AddIndex(
            model_name="alias",
            index=models.Index(
                condition=models.Q(("mentions", 0), ("origin", "mention"), ("state", "suggested")),
                fields=["corpus"],
                name="alias_unused",
            ),
        ),
        migrations.AddIndex(
            model_name="possibleduplicate",
            index=models.Index(fields=["corpus", "-saves", "-id"], name="duplicate_by_saves"),
        ),
        migrations.AddConstraint(
            model_name="possibleduplicate",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="duplicate_pair_once"),
        ),
        migrations.AddConstraint(
            model_name="possibleduplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="duplicate_pair_in_order"
            ),
        ),
        migrations.AddIndex(
            model_name="unlinked",
            index=models.Index(fields=["corpus", "key"], name="unlinked_by_name"),
        ),
        migrations.AddIndex(
            model_name="unlinked",
            index=models.Index(fields=["article"], name="unlinked_of_article"),
        ),
        migrations.CreateModel(
            name="KnowledgeService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("url", models.CharField(max_length=2000)),
                ("scheme", models.CharField(help_text="Scheme of its identifiers, such as `wikidata`.", max_length=60)),
                (
                    "types",
                    models.JSONField(
                        default=dict, help_text="IDs of its types by the names of labels, such as Q5 by PERSON."
                    ),
                ),
                (
                    "alias_properties",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Its properties that have other names, separated by white space, such as `Aen Aar`.",
                        max_length=200,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("failed_at", models.DateTimeField(editable=False, null=True)),
                ("failure", models.CharField(blank=True, db_default="", default="", editable=False, max_length=500)),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="knowledge_services",
                        to="articles.corpus",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="KnowledgeAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("query", models.BinaryField(help_text="SHA-256 of what was asked.", max_length=32)),
                ("candidates", models.JSONField(default=list)),
                ("fetched_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="knowledge_answers",
                        to="entities.entity",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="entities.knowledgeservice",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="knowledgeservice",
            constraint=models.UniqueConstraint(fields=("corpus", "name"), name="knowledge_service_name_once"),
        ),
        migrations.AddConstraint(
            model_name="knowledgeservice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True),
                    models.Q(("url", ""), _negated=True),
                    models.Q(("scheme", ""), _negated=True),
                ),
                name="knowledge_service_says_something",
            ),
        ),
        migrations.AddIndex(
            model_name="knowledgeanswer",
            index=models.Index(fields=["expires_at"], name="knowledge_answer_by_age"),
        ),
        migrations.AddConstraint(
            model_name="knowledgeanswer",
            constraint=models.UniqueConstraint(fields=("service", "entity"), name="knowledge_answer_once"),
        ),
    ]
