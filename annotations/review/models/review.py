"""Reviews of articles, and who has an article open."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.review.models.span import MAIN_LAYER
from corpusapp.articles.models import Article, Corpus


class Stage(models.TextChoices):
    NEW = "new"
    SUGGESTED = "suggested"
    IN_REVIEW = "in_review", "in review"
    DONE = "done"


_TO_DECIDE = Q(stage__in=["suggested", "in_review"])


class Review(models.Model):
    """One editor's pass over one article. Its row is the lock for changes to the article's spans."""

    # A composite foreign key over article and corpus is added by a migration.
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="reviews", db_index=False, db_constraint=False)
    layer = models.CharField(max_length=32, default=MAIN_LAYER, editable=False)
    stage = models.CharField(max_length=9, choices=Stage.choices, default=Stage.NEW)
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reviews")
    # The index below begins with it.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assigned_reviews",
        db_index=False,
        help_text="Who is asked to review it; others are not offered it next.",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    # Kept by triggers on spans; null if nothing is suggested.
    expected_actions = models.FloatField(null=True, editable=False)
    uncertainty = models.FloatField(null=True, editable=False)

    # Set by queries: the article's length and opening, the id of its next version, the number of its near copies, and
    # the role of who reads it.
    length: int
    own_role: str | None
    opening: str
    next_version: int | None
    copies: int

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "layer"], name="review_once_per_article_and_layer"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="review_stage_known"),
            models.CheckConstraint(
                condition=Q(stage__in=["new", "suggested"]) | Q(editor__isnull=False), name="review_has_its_editor"
            ),
        ]
        indexes = [
            models.Index(fields=["corpus", "stage", "-article"], name="review_by_stage"),
            models.Index(
                fields=["corpus", "expected_actions", "-article"], condition=_TO_DECIDE, name="review_by_work"
            ),
            models.Index(
                fields=["corpus", "-uncertainty", "-article"], condition=_TO_DECIDE, name="review_by_uncertainty"
            ),
            models.Index(
                fields=["assignee", "corpus", "-article"],
                condition=Q(assignee__isnull=False),
                name="review_by_assignee",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: article {self.article_id}"


class Assignment(models.Model):
    """Articles that a user assigned at once, to one person or to nobody, so that it can be undone."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="assignments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", help_text="Who assigned them.")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Empty: nobody."
    )
    before = models.JSONField(help_text="The former assignee's id by article id; null for nobody.")
    created_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{len(self.before)} articles assigned to {self.assignee or 'nobody'} by {self.user}"


class Presence(models.Model):
    """A user's open page of an article, which renews `seen_at` while it is open."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="presences", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "user"], name="presence_once_per_article_and_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at article {self.article_id}"
