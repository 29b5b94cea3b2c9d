"""The spans of one article that a decision touches, held in memory under the article's lock, and its changes to them.

Rows are read once, changed in memory, and written once, for any number of articles in a few statements. Each row
changes at most once in a decision, with its columns before and after.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from annotations.review.models import MAIN_LAYER, Change, Decision, Span, State, Verb
from corpusapp.articles.models import Article
from corpusapp.core.errors import Conflict

COLUMNS = ("start", "end", "label_id", "state", "score", "pipeline_id", "revision")


class Triple(NamedTuple):
    """What may stand once in a layer of an article."""

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
    """One row's change: `before` or `after` is None where the row did not stand then."""

    span: Span
    verb: Verb
    implicit: bool
    before: Columns | None
    after: Columns | None


@dataclass
class ChangeSet:
    """The changes of one decision on one article."""

    article: Article
    spans: dict[int, Span] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    _by_triple: dict[Triple, Span] = field(default_factory=dict)
    _changed: set[int] = field(default_factory=set)
    _withdrawn: set[int] = field(default_factory=set)

    def read(self, rows: Iterable[Span]) -> None:
        """Take rows up; one that was read before stays as the decision has it."""
        for span in rows:
            if span.pk not in self.spans:
                self.spans[span.pk] = span
                self._by_triple[triple_of(span)] = span

    def has_changed(self, span: Span) -> bool:
        """Whether the decision has changed this row: no row changes twice."""
        return id(span) in self._changed

    def holder(self, triple: Triple) -> Span | None:
        """The row that holds this triple at this point of the decision."""
        return self._by_triple.get(triple)

    def alter(self, span: Span, verb: Verb, *, implicit: bool = False, **columns: object) -> Span:
        """Set columns of a row and count its revision up."""
        self._change_once(span)
        before = None if id(span) in self._withdrawn else columns_of(span)
        self._leave(span)
        for name, value in columns.items():
            setattr(span, name, value)
        span.revision += 1
        self._by_triple[triple_of(span)] = span
        self.entries.append(Entry(span, verb, implicit, before, columns_of(span)))
        return span

    def note(self, span: Span, verb: Verb) -> None:
        """Log a row that the decision met and left as it stands."""
        self._change_once(span)
        self.entries.append(Entry(span, verb, False, columns_of(span), columns_of(span)))

    def add(self, columns: Columns, verb: Verb, *, implicit: bool = False, pk: int | None = None) -> Span:
        """A new row; `pk` brings back one that an earlier decision had removed."""
        span = self._unsaved(columns, pk)
        self._change_once(span)
        self._by_triple[triple_of(span)] = span
        self.entries.append(Entry(span, verb, implicit, None, columns))
        return span

    def withdrawn(self, triple: Triple) -> Span:
        """A suggestion that no longer stands in the database, to be decided on as if it did: only then it is stored."""
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
            layer=MAIN_LAYER,
            **columns._asdict(),
        )

    def remove(self, span: Span, verb: Verb, *, implicit: bool = False) -> None:
        self._change_once(span)
        self._leave(span)
        self.entries.append(Entry(span, verb, implicit, columns_of(span), None))

    def _leave(self, span: Span) -> None:
        """Give up the row's triple, unless a neighbour of the same decision holds it already."""
        if self._by_triple.get(triple_of(span)) is span:
            del self._by_triple[triple_of(span)]

    def _change_once(self, span: Span) -> None:
        if self.has_changed(span):
            name = f"span {span.pk}" if span.pk else f"the span at [{span.start}, {span.end})"
            raise Conflict(f"{name} would change twice in one decision: send the second verb separately")
        self._changed.add(id(span))

    def changes(self, decision: Decision) -> list[Change]:
        """One row of the log for each entry, in the order of the decision, not yet stored."""
        return [_change(decision, self.article, entry) for entry in self.entries]


def article_stub(pk: int, corpus_id: int, length: int) -> Article:
    """An article of which a change set needs no more than this: the row itself need not be read."""
    article = Article(pk=pk, corpus_id=corpus_id)
    article.length = length
    return article


def left_behind(before: Columns) -> Columns:
    """The rejected row that keeps a former triple from being proposed again."""
    return before._replace(state=State.REJECTED, revision=1)


def _change(decision: Decision, article: Article, entry: Entry) -> Change:
    change = Change(decision=decision, article=article, span_id=entry.span.pk, verb=entry.verb, implicit=entry.implicit)
    for side, columns in (("before", entry.before), ("after", entry.after)):
        for name, value in columns._asdict().items() if columns else ():
            setattr(change, f"{side}_{name}", value)
    return change


def holders(wanted: Iterable[tuple[int, Triple]]) -> list[Span]:
    """The rows that hold these triples of these articles: one query. The ranges must be such as can exist."""
    found = sorted({(article, *triple) for article, triple in wanted})
    if not found:
        return []
    columns = [list(column) for column in zip(*found, strict=True)]
    return list(Span.objects.raw(_HOLDERS, [*columns, MAIN_LAYER]))


def write(change_sets: Sequence[ChangeSet]) -> None:
    """Bring the rows to the database: removed, then altered, then added, so that no triple is ever held twice."""
    entries = [entry for change_set in change_sets for entry in change_set.entries]
    removed = [entry.span.pk for entry in entries if entry.after is None]
    if removed:
        Span.objects.filter(pk__in=removed).delete()
    _alter([entry.span for entry in entries if entry.before and entry.after and entry.before != entry.after])
    added = [entry.span for entry in entries if entry.before is None]
    brought_back = [span for span in added if span.pk is not None]
    Span.objects.bulk_create([span for span in added if span.pk is None], 1000)
    Span.objects.bulk_create(brought_back, 1000)


def _alter(spans: Sequence[Span]) -> None:
    """One statement with an array a column: a thousand rows take a fiftieth of what `bulk_update` takes."""
    if len(spans) == 1:
        Span.objects.filter(pk=spans[0].pk).update(**columns_of(spans[0])._asdict())
    elif spans:
        columns = [list(column) for column in zip(*map(columns_of, spans), strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_ALTER, [[span.pk for span in spans], *columns])


_HOLDERS = """
    SELECT s.* FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[]) AS w (article_id, start, "end", label_id)
    JOIN review_span s ON s.article_id = w.article_id AND s.start = w.start AND s."end" = w."end"
        AND s.label_id = w.label_id AND s.layer = %s
"""
_TYPES = ("int", "int", "bigint", "text", "double precision", "bigint", "int")
_ALTER = f"""
    UPDATE review_span s SET {", ".join(f'"{name}" = n."{name}"' for name in COLUMNS)}
    FROM unnest(%s::bigint[], {", ".join(f"%s::{kind}[]" for kind in _TYPES)})
        AS n (id, {", ".join(f'"{name}"' for name in COLUMNS)})
    WHERE s.id = n.id
"""
