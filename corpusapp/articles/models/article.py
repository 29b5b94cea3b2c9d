"""Articles, zones, originals, and near copies."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Now

from corpusapp.articles.models.batch import ImportBatch
from corpusapp.articles.models.corpus import Corpus, Role, Source
from corpusapp.text import zones

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


TITLE_LENGTH, URL_LENGTH, EXTERNAL_ID_LENGTH, AUTHOR_LENGTH = 500, 2000, 255, 300


# The columns of an erased article. Its row stays, since the log of decisions refers to it.
NOTHING_LEFT = {
    **dict.fromkeys(("text", "title", "url", "external_id", "author", "published_precision"), ""),
    **{name: {} for name in ("published_evidence", "dateline", "metadata")},
    **{f"{name}__isnull": True for name in ("source", "published_on", "content_sha256", "url_sha256", "search_vector")},
}


class Precision(models.TextChoices):
    """The precision of a publication date."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, user: "User", role: Role = Role.READER) -> "ArticleQuerySet":
        """Articles that are not withdrawn, in corpora where `user` has `role` or more."""
        corpora = Corpus.objects.visible_to(user, role)
        return self.filter(withdrawn_at=None, corpus_id__in=corpora.values("id"))


class Article(models.Model):
    """A text with its metadata. The text never changes under its spans: another text is another version."""

    # Indexes over several columns begin with corpus and with batch; single-column indexes would mislead the planner.
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="articles", db_index=False)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="articles")
    batch = models.ForeignKey(
        ImportBatch, models.PROTECT, null=True, blank=True, related_name="articles", db_index=False
    )
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    text = models.TextField()
    length = models.GeneratedField(
        expression=Length("text"), output_field=models.IntegerField(), db_persist=True, help_text="In code points."
    )
    text_sha256 = models.BinaryField(max_length=32, editable=False)
    content_sha256 = models.BinaryField(
        max_length=32, null=True, editable=False, help_text="SHA-256 of the running text without white space."
    )
    url = models.CharField("URL", max_length=URL_LENGTH, blank=True)
    url_sha256 = models.BinaryField(max_length=32, null=True, editable=False)
    external_id = models.CharField(max_length=EXTERNAL_ID_LENGTH, blank=True)
    author = models.CharField(max_length=AUTHOR_LENGTH, blank=True)
    published_on = models.DateField(
        null=True, blank=True, help_text="First day of the period if only the month or year is known."
    )
    published_precision = models.CharField(max_length=5, blank=True, choices=Precision.choices)
    published_evidence = models.JSONField(
        default=dict, blank=True, help_text="Where the date was found: kind (metadata, dateline, url, text) and quote."
    )
    dateline = models.JSONField(
        default=dict, blank=True, help_text="Place, date and agency as written in the dateline."
    )
    language = models.CharField(max_length=16, default="en")
    metadata = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="next")
    copy_group = models.ForeignKey(
        "articles.CopyGroup", models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Time at which all content was erased."
    )
    search_vector = SearchVectorField(null=True, editable=False)

    # The role of the user who reads it, set by queries.
    own_role: str | None

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "text_sha256"], name="article_text_once_per_corpus"),
            models.UniqueConstraint(
                fields=["corpus", "external_id", "version"],
                condition=~Q(external_id=""),
                name="article_version_once_per_external_id",
            ),
            models.UniqueConstraint(
                fields=["corpus", "content_sha256"],
                condition=Q(content_sha256__isnull=False),
                name="article_content_once_per_corpus",
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True, published_precision="")
                | Q(published_on__isnull=False, published_precision__in=["day", "month", "year"]),
                name="article_date_has_its_precision",
            ),
            models.UniqueConstraint(
                fields=["corpus", "url_sha256", "version"],
                condition=Q(url_sha256__isnull=False),
                name="article_version_once_per_url",
            ),
            # Targets of the composite foreign keys of zones, spans and reviews.
            models.UniqueConstraint(fields=["id", "corpus", "length"], name="article_id_with_corpus_and_length"),
            models.UniqueConstraint(fields=["id", "corpus"], name="article_id_with_corpus"),
            models.CheckConstraint(
                condition=Q(length__gte=1) | Q(erased_at__isnull=False), name="article_text_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(withdrawn_at__isnull=False, **NOTHING_LEFT),
                name="article_erased_holds_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["corpus", "-id"], name="article_newest"),
            models.Index(fields=["corpus", "source", "-id"], name="article_newest_of_source"),
            models.Index(fields=["corpus", "published_on", "-id"], name="article_by_date"),
            models.Index(fields=["batch", "id"], name="article_of_batch"),
            # Articles whose search vector only has their beginning.
            models.Index(fields=["corpus"], condition=Q(length__gt=100_000), name="article_long"),
            GinIndex(fields=["search_vector"], name="article_search"),
            GinIndex(name="article_title_trigrams", fields=["title"], opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """The title, or the first line of the text, cut to 120 characters. An erased article has its id."""
        # If the column is deferred, no erased article is shown, and a query would be a waste.
        if self.__dict__.get("erased_at") is not None:
            return f"erased article {self.pk}"
        if self.title.strip():
            return self.title
        opening = getattr(self, "opening", None) or self.text
        line = opening.lstrip()[:200].split("\n", 1)[0].strip()
        return line if len(line) <= 120 else line[:119].rstrip() + "…"


class Zone(models.Model):
    """A range of an article that is not running text, in code points, end exclusive."""

    Kind = models.TextChoices("Kind", {kind.upper(): (kind, kind) for kind in zones.KINDS})  # type: ignore[call-overload]  # the stubs lack the functional API

    # A composite foreign key, created by a migration, keeps article, corpus and length consistent.
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="zones", db_index=False, db_constraint=False)
    article_length = models.IntegerField(editable=False)
    start = models.IntegerField()
    end = models.IntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        help_text="Who marked it; empty if it was detected or imported.",
    )

    class Meta:
        ordering = ["start", "-end"]
        constraints = [
            models.UniqueConstraint(fields=["article", "start", "end", "kind"], name="zone_once_per_article"),
            models.CheckConstraint(
                condition=Q(start__gte=0, start__lt=F("end"), end__lte=F("article_length")), name="zone_within_article"
            ),
            models.CheckConstraint(condition=Q(kind__in=zones.KINDS), name="zone_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} [{self.start}, {self.end})"


class Original(models.Model):
    """The bytes of one imported item, compressed by zlib."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="original")
    form = models.CharField(max_length=16, help_text="txt, html, jsonl, csv, rss, warc, eml, pdf, docx …")
    encoding = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=400)
    size = models.PositiveBigIntegerField(help_text="In bytes, before compression.")
    data = models.BinaryField(editable=False)
    extractor = models.CharField(max_length=100, help_text="Extractor of the text, with its version.")

    def __str__(self) -> str:
        return f"{self.name} ({self.form}, {self.size} bytes)"


class CopyGroup(models.Model):
    """A group of near copies: one story in several papers."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="copy_groups")
    counted_once = models.BooleanField(default=False, help_text="Statistics count the group as one article.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"near copies {self.pk}"


class Sketch(models.Model):
    """The MinHash of an article, to find near copies."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="sketch")
    values = models.BinaryField(editable=False, help_text="64 unsigned 32-bit numbers, little-endian.")

    def __str__(self) -> str:
        return f"sketch of article {self.article_id}"


class SketchBand(models.Model):
    """A key by which candidate copies are looked up. All columns are part of the primary key."""

    pk = models.CompositePrimaryKey("corpus_id", "key", "article_id")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    key = models.BigIntegerField()
    # Triggers, created by a migration, keep corpus and article consistent: a check of each row would take longer.
    article = models.ForeignKey(Article, models.CASCADE, related_name="+", db_constraint=False)

    def __str__(self) -> str:
        return f"band {self.key} of article {self.article_id}"
