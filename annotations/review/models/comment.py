"""What people say to each other about an article or one of its spans."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from corpusapp.articles.models import Article, Corpus

MAX_COMMENT = 4000


class Comment(models.Model):
    """A remark, open until somebody resolves it. It keeps its place, whatever becomes of the span."""

    # A composite foreign key, made by a migration, binds article and corpus together.
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="comments", db_index=False, db_constraint=False)
    # A plain number: a span that is proposed no longer is gone from its table, what was said of it stays.
    span_id = models.BigIntegerField(null=True, blank=True)
    start = models.IntegerField(null=True, blank=True, help_text="Start of the span when the comment was written.")
    end = models.IntegerField(null=True, blank=True)
    text = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments", db_index=False)
    created_at = models.DateTimeField(db_default=Now())
    client_key = models.CharField(max_length=100, null=True, blank=True, help_text="The client's idempotency key.")
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    # Whether its key had made it before.
    repeated = False

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "client_key"], name="comment_key_once_per_user"),
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
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
        return self.resolved_at is None
