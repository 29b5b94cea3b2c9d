"""Mentions that were picked from a list, as they stand now, and what a verb would do to each."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State, Verb
from annotations.review.queries.matches import Surroundings, context
from corpusapp.articles.models import Article, Corpus

# Verbs of a list: `label` gives one to spans and to places alike.
LABEL = "label"
LIST_VERBS = (Verb.CONFIRM, Verb.REJECT, LABEL)


@dataclass(frozen=True)
class Pick:
    """A mention as a list showed it: a span at its revision, or a place."""

    article: int
    span: int | None = None
    revision: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Planned:
    """A picked mention, and the verb that it would get; or `reason`, why it would get none."""

    pick: Pick
    article: Article | None = None
    span: Span | None = None
    left: str = ""
    text: str = ""
    right: str = ""
    verb: str = ""
    reason: str = ""


def plan(corpus: Corpus, picks: Sequence[Pick], verb: str, label: Label | None) -> list[Planned]:
    """What a verb of `LIST_VERBS` would do to each, in the order given: a fixed number of queries. Writes nothing."""
    planner = _Planner(corpus, picks, verb, label)
    return [planner.planned(pick) for pick in picks]


class _Planner:
    def __init__(self, corpus: Corpus, picks: Sequence[Pick], verb: str, label: Label | None) -> None:
        self.verb, self.label = verb, label
        articles = Article.objects.select_related("source").defer("search_vector", "metadata")
        self.articles = articles.filter(corpus=corpus, withdrawn_at=None).in_bulk({pick.article for pick in picks})
        done = Review.objects.filter(article__in=list(self.articles), layer=MAIN_LAYER, stage=Stage.DONE)
        self.closed = set(done.values_list("article", flat=True))
        rows = Span.objects.select_related("label").filter(layer=MAIN_LAYER, corpus=corpus)
        self.spans = rows.in_bulk([pick.span for pick in picks if pick.span is not None])
        self.around = Surroundings.of({pick.article for pick in picks} if verb == LABEL else ())

    def planned(self, pick: Pick) -> Planned:
        article, span = self.articles.get(pick.article), self.spans.get(pick.span or 0)
        if article is None:
            return Planned(pick, reason=f"there is no article {pick.article} in this corpus: it may be withdrawn")
        if pick.span is not None and (span is None or span.article_id != article.pk):
            return Planned(pick, article, reason="it is no longer suggested")
        start, end = (span.start, span.end) if span else (pick.start or 0, pick.end or 0)
        if not 0 <= start < end <= len(article.text):
            return Planned(pick, article, reason=f"[{start}, {end}) is not a range in this article")
        left, right = context(article.text, start, end)
        verb, reason = self._verb(pick, span)
        if article.pk in self.closed:
            reason = "the article is done: reopen it first"
        if verb == Verb.ADD and not reason and self.label:
            reason = self.around.obstacle(article.pk, start, end, self.label.pk) or ""
        return Planned(pick, article, span, left, article.text[start:end], right, verb, reason)

    def _verb(self, pick: Pick, span: Span | None) -> tuple[str, str]:
        """The verb that a mention would get, and why it would get none."""
        if span is None:
            return Verb.ADD, "" if self.verb == LABEL else "there is no span here: choose a label"
        if span.revision != pick.revision:
            return "", f"it has changed: it is {span.state} now"
        if self.verb != LABEL:
            aim = State.CONFIRMED if self.verb == Verb.CONFIRM else State.REJECTED
            return self.verb, f"it is already {aim}" if span.state == aim else ""
        if self.label and span.label_id == self.label.pk:
            return Verb.CONFIRM, f"it is already {self.label}" if span.state == State.CONFIRMED else ""
        return (Verb.ADD if span.state == State.REJECTED else Verb.RELABEL), ""
