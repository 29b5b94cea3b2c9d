"""The tables of articles, with what Django can say of their constraints."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("articles", "0001_initial"),
        ("articles", "0003_originals"),
        ("articles", "0004_lighter_indexes"),
        ("articles", "0005_zones_by_persons"),
        ("articles", "0008_long_articles"),
        ("articles", "0009_folded_search"),
        ("articles", "0010_import_encoding"),
        ("articles", "0011_batch_states"),
    ]
    dependencies = [
        ("accounts", "0001_squashed_tables"),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Corpus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.CharField(
                        max_length=64,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*\\Z",
                                "Use small letters, digits and single hyphens: iran-syria.",
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("guidelines", models.TextField(blank=True)),
                (
                    "language",
                    models.CharField(default="en", help_text="Main language, as an ISO 639-1 code.", max_length=16),
                ),
                (
                    "nesting_allowed",
                    models.BooleanField(
                        default=False,
                        help_text="Suggestions may overlap confirmed spans. Editors can always nest spans.",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="Time at which all content was erased.", null=True
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "corpora",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at__isnull", True),
                            models.Q(("guidelines", ""), ("name", models.F("slug")), ("withdrawn_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="corpus_erased_holds_nothing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CopyGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="copy_groups", to="articles.corpus"
                    ),
                ),
                (
                    "counted_once",
                    models.BooleanField(default=False, help_text="Statistics count the group as one article."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="batches", to="articles.corpus"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_batches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("command", "command line"),
                            ("form", "upload form"),
                            ("admin", "admin site"),
                            ("rest", "REST API"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "options",
                    models.JSONField(
                        default=dict, help_text="Import options: source, add_labels, suggest, columns, encoding."
                    ),
                ),
                ("files", models.JSONField(default=list, help_text="Names of the uploaded files.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("interrupted", "Interrupted"),
                        ],
                        default="waiting",
                        max_length=11,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it ended before everything was read.")),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added",
                    models.PositiveIntegerField(default=0, help_text="Number of new articles, including changed ones."),
                ),
                ("duplicates", models.PositiveIntegerField(default=0)),
                (
                    "changed",
                    models.PositiveIntegerField(default=0, help_text="Number of new versions of existing articles."),
                ),
                ("failed", models.PositiveIntegerField(default=0)),
                (
                    "items",
                    models.PositiveIntegerField(
                        default=0, help_text="Items read so far. An interrupted import continues here."
                    ),
                ),
                ("read_bytes", models.PositiveBigIntegerField(default=0)),
                ("total_bytes", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "import batches",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["command", "form", "admin", "rest"])),
                        name="batch_origin_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "running", "done", "failed", "cancelled", "interrupted"])
                        ),
                        name="batch_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", True), ("state__in", ("waiting", "running"))),
                            models.Q(
                                models.Q(("state__in", ("waiting", "running")), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="batch_ends_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="articles.corpus"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("reader", "Reader"), ("editor", "Editor"), ("manager", "Manager")], max_length=8
                    ),
                ),
            ],
            options={
                "ordering": ["corpus", "user"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "corpus"), name="membership_once_per_user_and_corpus"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["reader", "editor", "manager"])), name="membership_role_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sources", to="articles.corpus"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["name"], name="source_name_trigrams", opclasses=["gin_trgm_ops"]
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("corpus", "name"), name="source_once_per_corpus"),
                    models.UniqueConstraint(fields=("id", "corpus"), name="source_id_with_corpus"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="source_named"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="articles",
                        to="articles.corpus",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="articles",
                        to="articles.source",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="articles",
                        to="articles.importbatch",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=500)),
                ("text", models.TextField()),
                (
                    "length",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Length("text"),
                        help_text="In code points.",
                        output_field=models.IntegerField(),
                    ),
                ),
                ("text_sha256", models.BinaryField(max_length=32)),
                (
                    "content_sha256",
                    models.BinaryField(
                        help_text="SHA-256 of the running text without white space.", max_length=32, null=True
                    ),
                ),
                ("url", models.CharField(blank=True, max_length=2000, verbose_name="URL")),
                ("url_sha256", models.BinaryField(max_length=32, null=True)),
                ("external_id", models.CharField(blank=True, max_length=255)),
                ("author", models.CharField(blank=True, max_length=300)),
                (
                    "published_on",
                    models.DateField(
                        blank=True, help_text="First day of the period if only the month or year is known.", null=True
                    ),
                ),
                (
                    "published_precision",
                    models.CharField(
                        blank=True, choices=[("day", "Day"), ("month", "Month"), ("year", "Year")], max_length=5
                    ),
                ),
                (
                    "published_evidence",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Where the date was found: kind (metadata, dateline, url, text) and quote.",
                    ),
                ),
                (
                    "dateline",
                    models.JSONField(
                        blank=True, default=dict, help_text="Place, date and agency as written in the dateline."
                    ),
                ),
                ("language", models.CharField(default="en", max_length=16)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "previous",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="articles.article",
                    ),
                ),
                (
                    "copy_group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="articles",
                        to="articles.copygroup",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, editable=False, help_text="Time at which all content was erased.", null=True
                    ),
                ),
                ("search_vector", django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["corpus", "-id"], name="article_newest"),
                    models.Index(fields=["corpus", "source", "-id"], name="article_newest_of_source"),
                    models.Index(fields=["corpus", "published_on", "-id"], name="article_by_date"),
                    models.Index(fields=["batch", "id"], name="article_of_batch"),
                    models.Index(condition=models.Q(("length__gt", 100000)), fields=["corpus"], name="article_long"),
                    django.contrib.postgres.indexes.GinIndex(fields=["search_vector"], name="article_search"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["title"], name="article_title_trigrams", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("corpus", "text_sha256"), name="article_text_once_per_corpus"),
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("corpus", "external_id", "version"),
                        name="article_version_once_per_external_id",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("content_sha256__isnull", False)),
                        fields=("corpus", "content_sha256"),
                        name="article_content_once_per_corpus",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_on__isnull", True), ("published_precision", "")),
                            models.Q(
                                ("published_on__isnull", False), ("published_precision__in", ["day", "month", "year"])
                            ),
                            _connector="OR",
                        ),
                        name="article_date_has_its_precision",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("url_sha256__isnull", False)),
                        fields=("corpus", "url_sha256", "version"),
                        name="article_version_once_per_url",
                    ),
                    models.UniqueConstraint(
                        fields=("id", "corpus", "length"), name="article_id_with_corpus_and_length"
                    ),
                    models.UniqueConstraint(fields=("id", "corpus"), name="article_id_with_corpus"),
                    models.CheckConstraint(
                        condition=models.Q(("length__gte", 1), ("erased_at__isnull", False), _connector="OR"),
                        name="article_text_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at__isnull", True),
                            models.Q(
                                ("author", ""),
                                ("content_sha256__isnull", True),
                                ("dateline", {}),
                                ("external_id", ""),
                                ("metadata", {}),
                                ("published_evidence", {}),
                                ("published_on__isnull", True),
                                ("published_precision", ""),
                                ("search_vector__isnull", True),
                                ("source__isnull", True),
                                ("text", ""),
                                ("title", ""),
                                ("url", ""),
                                ("url_sha256__isnull", True),
                                ("withdrawn_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="article_erased_holds_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Original",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="original",
                        serialize=False,
                        to="articles.article",
                    ),
                ),
                (
                    "form",
                    models.CharField(help_text="txt, html, jsonl, csv, rss, warc, eml, pdf, docx …", max_length=16),
                ),
                ("encoding", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=400)),
                ("size", models.PositiveBigIntegerField(help_text="In bytes, before compression.")),
                ("data", models.BinaryField()),
                ("extractor", models.CharField(help_text="Extractor of the text, with its version.", max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="Sketch",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sketch",
                        serialize=False,
                        to="articles.article",
                    ),
                ),
                ("values", models.BinaryField(help_text="64 unsigned 32-bit numbers, little-endian.")),
            ],
        ),
        migrations.CreateModel(
            name="ImportProblem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="problems", to="articles.importbatch"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("failed", "Failed"), ("duplicate", "Duplicate"), ("note", "Note")],
                        default="failed",
                        max_length=9,
                    ),
                ),
                ("item", models.CharField(help_text="Name of the file, without its folder.", max_length=400)),
                ("line", models.PositiveIntegerField(blank=True, help_text="Line number, from 1.", null=True)),
                (
                    "field",
                    models.CharField(
                        blank=True, help_text="Field of the record, such as spans[0].label.", max_length=200
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "article",
                    models.ForeignKey(
                        blank=True,
                        help_text="The article that it duplicates.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="articles.article",
                    ),
                ),
                ("form", models.CharField(blank=True, max_length=16)),
                ("data", models.BinaryField(help_text="The item's bytes, compressed, to retry it.", null=True)),
                ("retried_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["batch", "kind", "id"], name="problem_of_batch")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["failed", "duplicate", "note"])), name="problem_kind_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SketchBand",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "corpus_id", "key", "article_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                ("key", models.BigIntegerField()),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="articles.article"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Zone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "corpus",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="articles.corpus",
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="zones",
                        to="articles.article",
                    ),
                ),
                ("article_length", models.IntegerField(editable=False)),
                ("start", models.IntegerField()),
                ("end", models.IntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("title", "title"),
                            ("dateline", "dateline"),
                            ("byline", "byline"),
                            ("caption", "caption"),
                            ("chrome", "chrome"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        help_text="Who marked it; empty if it was detected or imported.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["start", "-end"],
                "constraints": [
                    models.UniqueConstraint(fields=("article", "start", "end", "kind"), name="zone_once_per_article"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("end__lte", models.F("article_length")), ("start__gte", 0), ("start__lt", models.F("end"))
                        ),
                        name="zone_within_article",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("title", "dateline", "byline", "caption", "chrome"))),
                        name="zone_kind_known",
                    ),
                ],
            },
        ),
    ]
