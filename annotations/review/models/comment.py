"""Comments on articles and their spans."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from corpusapp.articles.models import Article, Corpus

MAX_COMMENT = 4000


class Comment(models.Model):
    """A comment, open until it is resolved. It keeps the range of its span, even if the span changes.

    A reply has a `parent`, which is no reply. It belongs to its parent's span, and is resolved with its parent.
    """

    # A composite foreign key over article and corpus is added by a migration.
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="comments", db_index=False, db_constraint=False)
    # Not a foreign key: a suggestion can be deleted, comments on it stay.
    span_id = models.BigIntegerField(null=True, blank=True)
    start = models.IntegerField(null=True, blank=True, help_text="Start of the span when the comment was written.")
    end = models.IntegerField(null=True, blank=True)
    # A composite foreign key over parent and article is added by a migration.
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False, help_text="Replied to."
    )
    text = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments", db_index=False)
    created_at = models.DateTimeField(db_default=Now())
    client_key = models.CharField(max_length=100, null=True, blank=True, help_text="The client's idempotency key.")
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    # Whether an earlier request with its key created it; set by `add_comment`.
    repeated = False
    # Its replies, oldest first; set by queries.
    replies: "list[Comment]"
    # The words from start to end; set by queries.
    quote: str | None

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "client_key"], name="comment_key_once_per_user"),
            # Target of the composite foreign key of a reply.
            models.UniqueConstraint(fields=["id", "article"], name="comment_id_with_article"),
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(span_id__isnull=True, resolved_by__isnull=True),
                name="comment_reply_follows_its_parent",
            ),
            models.CheckConstraint(
                condition=Q(span_id__isnull=True, start__isnull=True, end__isnull=True)
                | Q(span_id__isnull=False, start__gte=0, end__gt=F("start")),
                name="comment_on_span_has_its_place",
            ),
            models.CheckConstraint(
                condition=Q(resolved_by__isnull=True, resolved_at__isnull=True)
                | Q(resolved_by__isnull=False, resolved_at__isnull=False),
                name="comment_resolved_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "id"], name="comment_of_article"),
            models.Index(fields=["corpus", "-id"], name="comment_of_corpus"),
            models.Index(fields=["corpus", "-id"], condition=Q(resolved_at=None), name="comment_open"),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else self.text[:59] + "…"

    @property
    def open(self) -> bool:
        return (self.parent or self).resolved_at is None
