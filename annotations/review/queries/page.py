"""An article with what its page shows: seven prepared statements, six of them sent at once.

Two more read the links of spans, where the corpus links entities.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Comment, Decision, Label, SetAside, Span, State
from annotations.review.models.span import SpanQuerySet
from annotations.review.ports import ShownLink, ShownLinks, link_reader
from annotations.review.queries.comments import OF_ARTICLE, with_quotes
from annotations.review.queries.log import NEWEST, undo_and_redo
from annotations.review.queries.record import ZONES, ArticleRead, ZoneRow, review_of
from annotations.review.queries.set_aside import OF_ARTICLE as SET_ASIDE
from corpusapp.articles.models import Role
from corpusapp.core.prepared import Prepared, read_together

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ShownSpan(NamedTuple):
    """A span as the page shows it. A tuple, since a page may show thousands."""

    pk: int
    start: int
    end: int
    label_id: int
    state: str
    score: float | None
    pipeline_id: int | None
    revision: int
    label: Label
    link: ShownLink | None

    def get_state_display(self) -> str:
        return str(State(self.state).label)


@dataclass(frozen=True)
class ArticleOnPage(ArticleRead):
    """An article with what its page shows."""

    role: Role
    labels: Sequence[Label]
    spans: Sequence[ShownSpan]
    # By span in words why it is linked to no entity.
    unlinked: Mapping[int, str]
    comments: Sequence[Comment]
    # The user's flag, skip and park, and the parks of others.
    set_aside: Sequence[SetAside]
    # The user's decisions that can be undone and redone.
    last: Decision | None
    undone: Decision | None

    def pipeline_of(self, span: ShownSpan) -> Any:
        """The pipeline of a span, read only for the selected one."""
        pipelines = apps.get_model("suggestions.Pipeline")._default_manager
        return pipelines.filter(pk=span.pipeline_id).first() if span.pipeline_id else None


def article_on_page(user: "User", pk: int, *, rejected: bool = False) -> ArticleOnPage:
    """The article, its spans in reading order. Refuses a user who may not read it (`NotFound`)."""
    review, role = review_of(user, pk)
    reader = link_reader() if review.article.corpus.entities_enabled else None
    labels, zones, spans, comments, newest, set_aside, *linked = read_together(
        _LABELS.of(corpus=review.corpus_id),
        ZONES.of(article=pk),
        (_SPANS if rejected else _NOT_REJECTED).of(article=pk),
        OF_ARTICLE.of(article=pk),
        NEWEST.of(user=user.pk, article=pk),
        SET_ASIDE.of(user=user.pk, article=pk),
        *(reader.page_reads(pk) if reader else ()),
    )
    links, unlinked = reader.shown(linked) if reader else _NO_LINKS
    by_id = {label.pk: label for label in labels}
    last, undone = undo_and_redo(user, pk, newest[0] if newest else None)
    return ArticleOnPage(
        review=review,
        role=role,
        labels=labels,
        zones=[ZoneRow._make(row) for row in zones],
        spans=[ShownSpan._make((*row, by_id[row[3]], links.get(row[0]))) for row in spans],
        unlinked=unlinked,
        comments=with_quotes(comments, review.article),
        set_aside=set_aside,
        last=last,
        undone=undone,
    )


def _prepare_spans(spans_filter: Callable[[SpanQuerySet], SpanQuerySet]) -> "Prepared[tuple[Any, ...]]":
    columns = ("pk", "start", "end", "label_id", "state", "score", "pipeline_id", "revision")

    def compose(article: int) -> "QuerySet[Span, tuple[Any, ...]]":
        spans = Span.objects.filter(article=article, layer=MAIN_LAYER)
        return spans_filter(spans).in_reading_order().values_list(*columns)

    return Prepared(compose, article=int)


_NO_LINKS = ShownLinks({}, {})
_LABELS = Prepared(lambda corpus: Label.objects.filter(corpus=corpus), corpus=int)
_SPANS, _NOT_REJECTED = _prepare_spans(lambda spans: spans), _prepare_spans(lambda spans: spans.not_rejected())
