"""One article with its spans, and what is to be decided next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State
from corpusapp.articles.models import Article, Role, Zone
from corpusapp.articles.permissions import get_article, role_of

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class ArticleInHand:
    """An article with all that its page or its REST detail shows."""

    article: Article
    role: Role
    review: Review
    zones: Sequence[Zone]
    spans: Sequence[Span]
    labels: Sequence[Label] = field(default_factory=list)
    next_version: int | None = None


def article_in_hand(user: "User", pk: int, *, rejected: bool = False, role: Role = Role.READER) -> ArticleInHand:
    """The article, its zones and its spans in reading order; rejected ones only where asked for."""
    article = get_article(user, pk, role)
    spans = Span.objects.filter(article=article, layer=MAIN_LAYER).in_reading_order()
    held = role_of(user, article.corpus)
    labels = list(Label.objects.filter(corpus_id=article.corpus_id))
    return ArticleInHand(
        article=article,
        role=held or Role.READER,
        review=Review.objects.select_related("editor").get(article=article, layer=MAIN_LAYER),
        zones=list(article.zones.all()),
        spans=_with_names(spans if rejected else spans.standing(), labels),
        labels=labels,
        next_version=Article.objects.filter(previous=article, withdrawn_at=None).values_list("pk", flat=True).first(),
    )


def _with_names(spans: QuerySet[Span], labels: Sequence[Label]) -> list[Span]:
    """The spans with their labels and pipelines, of which some thousand spans share a few: each is read once."""
    found = list(spans)
    by_id = {label.pk: label for label in labels}
    label_field, pipeline = Span._meta.get_field("label"), Span._meta.get_field("pipeline")
    ids = {span.pipeline_id for span in found} - {None}
    pipelines = pipeline.related_model._default_manager.in_bulk(ids) if ids else {}
    for span in found:
        label_field.set_cached_value(span, by_id[span.label_id])
        pipeline.set_cached_value(span, pipelines.get(span.pipeline_id))
    return found


def next_to_decide(article: Article, after: int = 0) -> Span | None:
    """The first suggestion that starts at or after `after`, in code points; else the article's first."""
    waiting = Span.objects.filter(article=article, layer=MAIN_LAYER, state=State.SUGGESTED).order_by(
        "start", "-end", "id"
    )
    return waiting.filter(start__gte=after).first() or waiting.first()


def next_article(article: Article) -> int | None:
    """The id of the next article of the corpus, in the list's order, that is not done; None where all others are."""
    waiting = Review.objects.filter(corpus=article.corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = waiting.exclude(stage=Stage.DONE).exclude(article=article).order_by("-article")
    ids = waiting.values_list("article", flat=True)
    return ids.filter(article__lt=article.pk).first() or ids.first()
