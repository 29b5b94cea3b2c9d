"""Previews what a verb would do to each of the mentions selected in the concordance."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State, Verb
from annotations.review.queries.matches import OccupiedRanges, context
from corpusapp.articles.models import Article, Corpus

# `label` relabels spans, and adds spans where there are none.
LABEL = "label"
LIST_VERBS = (Verb.CONFIRM, Verb.REJECT, LABEL)


@dataclass(frozen=True)
class SelectedMention:
    """A mention as it was shown: a span with its revision, or a range without a span."""

    article: int
    span: int | None = None
    revision: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class PlannedDecision:
    """A selected mention with the verb to apply, or with the `reason` why none can be applied."""

    mention: SelectedMention
    article: Article | None = None
    span: Span | None = None
    left: str = ""
    text: str = ""
    right: str = ""
    verb: str = ""
    reason: str = ""


def plan_decisions(
    corpus: Corpus, mentions: Sequence[SelectedMention], verb: str, label: Label | None
) -> list[PlannedDecision]:
    """What a verb of `LIST_VERBS` would do to each mention, in order, in a fixed number of queries."""
    planner = _Planner(corpus, mentions, verb, label)
    return [planner.planned(mention) for mention in mentions]


class _Planner:
    def __init__(self, corpus: Corpus, mentions: Sequence[SelectedMention], verb: str, label: Label | None) -> None:
        self.verb, self.label = verb, label
        articles = Article.objects.select_related("source").defer("search_vector", "metadata")
        self.articles = articles.filter(corpus=corpus, withdrawn_at=None).in_bulk(
            {mention.article for mention in mentions}
        )
        done = Review.objects.filter(article__in=list(self.articles), layer=MAIN_LAYER, stage=Stage.DONE)
        self.closed = set(done.values_list("article", flat=True))
        rows = Span.objects.select_related("label").filter(layer=MAIN_LAYER, corpus=corpus)
        self.spans = rows.in_bulk([mention.span for mention in mentions if mention.span is not None])
        self.occupied = OccupiedRanges.of({mention.article for mention in mentions} if verb == LABEL else ())

    def planned(self, mention: SelectedMention) -> PlannedDecision:
        article, span = self.articles.get(mention.article), self.spans.get(mention.span or 0)
        if article is None:
            return PlannedDecision(
                mention, reason=f"there is no article {mention.article} in this corpus: it may be withdrawn"
            )
        if mention.span is not None and (span is None or span.article_id != article.pk):
            return PlannedDecision(mention, article, reason="it is no longer suggested")
        start, end = (span.start, span.end) if span else (mention.start or 0, mention.end or 0)
        if not 0 <= start < end <= len(article.text):
            return PlannedDecision(mention, article, reason=f"[{start}, {end}) is not a range in this article")
        left, right = context(article.text, start, end)
        verb, reason = self._verb(mention, span)
        if article.pk in self.closed:
            reason = "the article is done: reopen it first"
        if verb == Verb.ADD and not reason and self.label:
            reason = self.occupied.obstacle(article.pk, start, end, self.label.pk) or ""
        return PlannedDecision(mention, article, span, left, article.text[start:end], right, verb, reason)

    def _verb(self, mention: SelectedMention, span: Span | None) -> tuple[str, str]:
        """The verb for a mention, and the reason why it cannot be applied, if any."""
        if span is None:
            return Verb.ADD, "" if self.verb == LABEL else "there is no span here: choose a label"
        if span.revision != mention.revision:
            return "", f"it has changed: it is {span.state} now"
        if self.verb != LABEL:
            state = State.CONFIRMED if self.verb == Verb.CONFIRM else State.REJECTED
            return self.verb, f"it is already {state}" if span.state == state else ""
        if self.label and span.label_id == self.label.pk:
            return Verb.CONFIRM, f"it is already {self.label}" if span.state == State.CONFIRMED else ""
        return (Verb.ADD if span.state == State.REJECTED else Verb.RELABEL), ""
