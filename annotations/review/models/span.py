"""Spans of articles, with the constraints that the database enforces."""

from django.db import models
from django.db.models import F, Q

from annotations.review.models.label import Label
from corpusapp.articles.models import Article, Corpus

MAIN_LAYER = "main"


class State(models.TextChoices):
    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class SpanQuerySet(models.QuerySet["Span"]):
    def not_rejected(self) -> "SpanQuerySet":
        """Suggested and confirmed spans."""
        return self.exclude(state=State.REJECTED)

    def decided(self) -> "SpanQuerySet":
        return self.exclude(state=State.SUGGESTED)

    def in_reading_order(self) -> "SpanQuerySet":
        """Order by position, outer spans before inner ones."""
        return self.order_by("start", "-end", "id")

    def for_reading(self) -> "SpanQuerySet":
        """In reading order, with label and pipeline."""
        return self.select_related("label", "pipeline").in_reading_order()


class Span(models.Model):
    """`[start, end)` in code points of an article, with a label and a state."""

    # Composite foreign keys over article, corpus and length, and over label and corpus, are added by a migration.
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="spans", db_index=False, db_constraint=False)
    article_length = models.IntegerField(editable=False)
    layer = models.CharField(max_length=32, default=MAIN_LAYER, editable=False)
    start = models.IntegerField()
    end = models.IntegerField()
    label = models.ForeignKey(Label, models.PROTECT, related_name="spans", db_index=False, db_constraint=False)
    state = models.CharField(max_length=9, choices=State.choices)
    score = models.FloatField(
        null=True, blank=True, help_text="Score of the pipeline, 0 to 1; empty for spans that people added."
    )
    pipeline = models.ForeignKey(
        "suggestions.Pipeline", models.PROTECT, null=True, blank=True, related_name="spans", db_index=False
    )
    revision = models.PositiveIntegerField(
        default=1, help_text="Number of changes. A write must name the revision that it is based on."
    )

    # Set by queries: the characters from start to end, and the role of the user who reads it.
    surface: str
    own_role: str | None

    objects = SpanQuerySet.as_manager()

    class Meta:
        ordering = ["start", "-end", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "layer", "start", "end", "label"], name="span_once_per_article_and_layer"
            ),
            models.CheckConstraint(
                condition=Q(start__gte=0, start__lt=F("end"), end__lte=F("article_length")), name="span_within_article"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="span_state_known"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="span_score_between_0_and_1"
            ),
            # A suggestion names its pipeline, so that it never looks like a decision.
            models.CheckConstraint(
                condition=~Q(state=State.SUGGESTED) | Q(pipeline__isnull=False), name="span_suggestion_names_pipeline"
            ),
        ]
        indexes = [models.Index(fields=["corpus", "label", "state"], name="span_by_label")]

    def __str__(self) -> str:
        return f"{self.label_id} [{self.start}, {self.end}) {self.state}"
