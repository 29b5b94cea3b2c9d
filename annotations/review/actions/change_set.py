"""The changes of a decision to the spans of one article, collected in memory under the article's lock.

Rows are read once, changed in memory and written once, in a few statements for any number of articles. A decision
changes each row at most once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from annotations.review.models import MAIN_LAYER, Span, State, Verb
from annotations.review.ports import ChangedSpan
from corpusapp.articles.models import Article
from corpusapp.core.errors import Conflict

COLUMNS = ("start", "end", "label_id", "state", "score", "pipeline_id", "revision")


class Triple(NamedTuple):
    """The range and label of a span: unique in a layer of an article."""

    start: int
    end: int
    label_id: int


class Columns(NamedTuple):
    """A span's columns at one moment."""

    start: int
    end: int
    label_id: int
    state: str
    score: float | None
    pipeline_id: int | None
    revision: int


def columns_of(span: Span) -> Columns:
    return Columns(*(getattr(span, name) for name in COLUMNS))


def triple_of(span: Span) -> Triple:
    return Triple(span.start, span.end, span.label_id)


@dataclass
class Entry:
    """The change of one row; `before` or `after` is None if the row did not exist then."""

    span: Span
    verb: Verb
    implicit: bool
    before: Columns | None
    after: Columns | None


@dataclass
class ChangeSet:
    """The changes of one decision on one article, in one layer."""

    article: Article
    layer: str = MAIN_LAYER
    spans: dict[int, Span] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    # The ranges at which all rows were read, and the triples whose rows were.
    places_read: set[tuple[int, ...]] = field(default_factory=set)
    _by_triple: dict[Triple, Span] = field(default_factory=dict)
    _changed: set[int] = field(default_factory=set)
    _withdrawn: set[int] = field(default_factory=set)

    def read(self, rows: Iterable[Span]) -> None:
        """Add rows; one that is already known keeps its changes."""
        for span in rows:
            if span.pk not in self.spans:
                self.spans[span.pk] = span
                self._by_triple[triple_of(span)] = span

    def has_changed(self, span: Span) -> bool:
        """Whether the decision already changed this row."""
        return id(span) in self._changed

    def span_at(self, triple: Triple) -> Span | None:
        """The row that has this triple at this point of the decision, if it was read."""
        return self._by_triple.get(triple)

    def stored_at(self, triple: Triple) -> Span | None:
        """As `span_at`, but reads the row if nothing was read there yet."""
        if self.places_read.isdisjoint((triple, triple[:2])) and triple not in self._by_triple:
            self.read(spans_at([(self.article.pk, triple)], self.layer))
        return self.span_at(triple)

    def update(self, span: Span, verb: Verb, *, implicit: bool = False, **columns: object) -> Span:
        """Set columns of a row and increment its revision."""
        self._mark_changed(span)
        before = None if id(span) in self._withdrawn else columns_of(span)
        self._release(span)
        for name, value in columns.items():
            setattr(span, name, value)
        span.revision += 1
        self._by_triple[triple_of(span)] = span
        self.entries.append(Entry(span, verb, implicit, before, columns_of(span)))
        return span

    def confirm(self, span: Span, verb: Verb) -> Span:
        """Confirm a row that already has the triple that a verb asks for."""
        if span.state == State.CONFIRMED:
            self.log_unchanged(span, verb)
            return span
        return self.update(span, verb, state=State.CONFIRMED)

    def log_unchanged(self, span: Span, verb: Verb) -> None:
        """Log a row that already has the state that the decision asks for."""
        self._mark_changed(span)
        self.entries.append(Entry(span, verb, False, columns_of(span), columns_of(span)))

    def add(self, columns: Columns, verb: Verb, *, implicit: bool = False, pk: int | None = None) -> Span:
        """Add a row; with `pk`, restore one that an earlier decision removed."""
        span = self._unsaved(columns, pk)
        self._mark_changed(span)
        self._by_triple[triple_of(span)] = span
        self.entries.append(Entry(span, verb, implicit, None, columns))
        return span

    def add_withdrawn(self, triple: Triple) -> Span:
        """A withdrawn suggestion that a verb will be applied to; it is stored only if the verb changes it."""
        span = self._unsaved(Columns(*triple, State.SUGGESTED, None, None, 0), None)
        self._withdrawn.add(id(span))
        self._by_triple[triple] = span
        return span

    def _unsaved(self, columns: Columns, pk: int | None) -> Span:
        return Span(
            pk=pk,
            corpus_id=self.article.corpus_id,
            article_id=self.article.pk,
            article_length=self.article.length,
            layer=self.layer,
            **columns._asdict(),
        )

    def remove(self, span: Span, verb: Verb, *, implicit: bool = False) -> None:
        self._mark_changed(span)
        self._release(span)
        self.entries.append(Entry(span, verb, implicit, columns_of(span), None))

    def _release(self, span: Span) -> None:
        """Free the row's triple, unless another row of this decision has it already."""
        if self._by_triple.get(triple_of(span)) is span:
            del self._by_triple[triple_of(span)]

    def _mark_changed(self, span: Span) -> None:
        if self.has_changed(span):
            name = f"span {span.pk}" if span.pk else f"the span at [{span.start}, {span.end})"
            raise Conflict(f"{name} would change twice in one decision: send the second verb separately")
        self._changed.add(id(span))

    def changes(self) -> list[ChangedSpan]:
        """The changes for subscribers, after they are written."""
        return [ChangedSpan(self.article.pk, entry.span.pk, entry.verb, entry.implicit) for entry in self.entries]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The changes as JSON objects with the columns of the log, one per entry, in the order of the decision."""
        for entry in self.entries:
            row = {
                "article": self.article.pk,
                "length": self.article.length,
                "layer": self.layer,
                "span": entry.span.pk,
                "verb": entry.verb,
                "implicit": entry.implicit,
            }
            for side, columns in (("before", entry.before), ("after", entry.after)):
                if columns:
                    row |= {f"{side}_{name}": value for name, value in columns._asdict().items()}
            yield row


def article_stub(pk: int, corpus_id: int, length: int) -> Article:
    """An article with the three columns that a change set needs, without a query."""
    article = Article(pk=pk, corpus_id=corpus_id)
    article.length = length
    return article


def rejected_remainder(before: Columns) -> Columns:
    """The rejected row that keeps the former triple from being suggested again."""
    return before._replace(state=State.REJECTED, revision=1)


def spans_at(places: Iterable[tuple[int, Triple]], layer: str = MAIN_LAYER) -> list[Span]:
    """The rows of a layer with these triples, in one query. The ranges must lie within the articles."""
    rows = sorted({(article, *triple) for article, triple in places})
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    return list(Span.objects.raw(_SPANS_AT, [*columns, layer]))


_SPANS_AT = """
    SELECT s.* FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[]) AS w (article_id, start, "end", label_id)
    JOIN review_span s ON s.article_id = w.article_id AND s.start = w.start AND s."end" = w."end"
        AND s.label_id = w.label_id AND s.layer = %s
"""
