"""Collects the spans of one article from a file, aligns them with the text, and reports those that do not fit.

If the file has the words of a span, they take precedence over its offsets (see `corpusapp.text.alignment`). A span that
was moved by a guess becomes suggested, whatever its state in the file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotations.formats.entities import read_entity
from annotations.formats.records import (
    CONFIRMED,
    REJECTED,
    STAGES,
    STATES,
    SUGGESTED,
    EntityRecord,
    Record,
    SpanRecord,
    ZoneRecord,
    reading_order,
)
from annotations.formats.report import Report
from corpusapp.text.alignment import COUNTED, MOVED, Claim, LeftOut, Placed, align
from corpusapp.text.ranges import range_fault
from corpusapp.text.wellformed import fault

# The pipeline of suggestions from an import.
IMPORT = "import"
# Of equal triples, the higher rank is kept.
_RANK = {SUGGESTED: 0, REJECTED: 1, CONFIRMED: 2}


@dataclass(frozen=True, slots=True)
class _Given:
    """A span of the file: its claimed place, and its other values."""

    claim: Claim
    span: SpanRecord
    where: str
    field: str


class SpanCollector:
    """Collects spans of a text. `where` is the place of the article in the file."""

    def __init__(self, text: str, report: Report, where: str) -> None:
        self.text, self._report, self._where = text, report, where
        self._given: list[_Given] = []
        self._triples: set[tuple[Any, Any, Any]] = set()

    def add(
        self,
        start: Any,
        end: Any,
        label: Any,
        *,
        field: str,
        state: Any = CONFIRMED,
        score: Any = None,
        pipeline: Any = None,
        id: Any = None,
        revision: Any = None,
        entity: Any = None,
        quote: Any = None,
        ranges: tuple[tuple[Any, Any], ...] | None = None,
        before: str = "",
        after: str = "",
        where: str = "",
    ) -> None:
        """Add a span, or report why not. `quote` is its words, if the file has them.

        `entity` is that of the span: an `EntityRecord`, or its JSON as exports write it.

        `ranges` are the parts of a discontinuous span, or empty if the file has only words; `before` and `after` are
        the words around it. `where` is the place of the span, if it is not that of the article.
        """
        where = where or self._where
        if problem := _label_fault(label):
            return self._report.refuse("label", problem, where, f"{field}.label")
        if state not in STATES:
            reason = f"{str(state)[:40]!r} is not a state: use one of {', '.join(STATES)}"
            return self._report.refuse("state", reason, where, f"{field}.state")
        words = quote if isinstance(quote, str) and quote else None
        claim = Claim(((start, end),) if ranges is None else ranges, words, before, after)
        about = (_text(pipeline), _number(id), _number(revision))
        if not isinstance(entity, EntityRecord):
            entity = read_entity(entity, self._report, where, f"{field}.entity")
        span = SpanRecord(start, end, label, state, self._score(score, field, where), *about, entity)
        self._given.append(_Given(claim, span, where, field))
        if all(isinstance(part, int | str) for part in (start, end, label)):
            self._triples.add((start, end, label))
        return None

    def has(self, triple: tuple[Any, Any, Any]) -> bool:
        """Whether the file has a span with these values."""
        return triple in self._triples

    def spans(self) -> tuple[SpanRecord, ...]:
        """The aligned spans in reading order. Reports those that were moved or left out."""
        alignment = align(self.text, [given.claim for given in self._given])
        found: dict[tuple[int, int, str], SpanRecord] = {}
        counted = 0
        for given, outcome in zip(self._given, alignment.outcomes, strict=True):
            if isinstance(outcome, LeftOut):
                self._leave_out(given, outcome)
            elif (span := self._placed(given, outcome)) is not None:
                counted += outcome.how == COUNTED
                self._keep(span, given.where, found)
        if counted:
            reason = f"the offsets count otherwise ({alignment.counting}): {counted} spans stand where their words are"
            self._report.note("counting", reason, self._where)
        return tuple(reading_order(found.values()))

    def _placed(self, given: _Given, outcome: Placed) -> SpanRecord | None:
        span = given.span._replace(start=outcome.start, end=outcome.end)
        if outcome.gaps:
            reason = f"{given.field}: became the continuous span that covers its parts"
            self._report.lose("discontinuous", reason, given.where, span)
        if outcome.how != MOVED:
            return span
        if span.state == REJECTED:
            reason = f"{given.field}: a rejected span whose words are elsewhere"
            self._report.lose("words", reason, given.where, span)
            return None
        reason = f"{given.field}: its words are not at its offsets; it is suggested where they are"
        self._report.note("moved", reason, given.where, span)
        return span._replace(state=SUGGESTED, pipeline=IMPORT)

    def _leave_out(self, given: _Given, outcome: LeftOut) -> None:
        if outcome.field:
            self._report.refuse("offsets", outcome.reason, given.where, f"{given.field}.{outcome.field}")
        else:
            self._report.lose("words", f"{given.field}, {given.span.label}: {outcome.reason}", given.where)

    def _keep(self, span: SpanRecord, where: str, found: dict[tuple[int, int, str], SpanRecord]) -> None:
        former = found.get(span.triple)
        if former is not None:
            self._report.note("duplicate", "the same span is listed twice; the decided one is used", where, span)
        if former is None or _RANK[span.state] > _RANK[former.state]:
            found[span.triple] = span

    def _score(self, score: Any, field: str, where: str) -> float | None:
        if score is None:
            return None
        if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1:
            return float(score)
        self._report.note("score", f"{field}: a score is a number from 0 to 1; the span stays without it", where)
        return None


def read_zones(value: Any, text: str, report: Report, where: str) -> tuple[ZoneRecord, ...]:
    """Zones as exports write them. Invalid ones are reported."""
    if value is None:
        return ()
    if not isinstance(value, list):
        report.refuse("zones", "zones must be a list", where, "zones")
        return ()
    found = []
    for number, zone in enumerate(value):
        given = zone if isinstance(zone, dict) else {}
        problem = range_fault(given.get("start"), given.get("end"), len(text))
        if problem or not isinstance(given.get("kind"), str):
            reason = problem[1] if problem else "kind must be text"
            report.refuse("zones", reason, where, f"zones[{number}]")
            continue
        found.append(ZoneRecord(given["start"], given["end"], given["kind"]))
    return tuple(found)


def read_progress(values: Mapping[str, Any], text: str, report: Report, where: str) -> dict[str, Any]:
    """The stage of an article and related fields, as `progress_fields` writes them. Invalid ones are reported."""
    stage = values.get("stage")
    if stage in (None, ""):
        return {}
    if stage not in STAGES:
        report.refuse("stage", f"{str(stage)[:40]!r} is not a stage: use one of {', '.join(STAGES)}", where, "stage")
        return {}
    named = {name: values[name] for name in ("finished_at", "finished_by") if isinstance(values.get(name), str)}
    return {"stage": stage, **named, "decided": _decided(values.get("decided"), text, report, where)}


def _decided(value: Any, text: str, report: Report, where: str) -> tuple[tuple[int, int], ...] | None:
    if value is None:
        return None
    found = []
    for number, one in enumerate(value if isinstance(value, list) else [None]):
        given = one if isinstance(one, dict) else {}
        if problem := range_fault(given.get("start"), given.get("end"), len(text)):
            report.refuse("decided", problem[1], where, f"decided[{number}]")
        else:
            found.append((given["start"], given["end"]))
    return tuple(found)


def _label_fault(label: Any) -> str | None:
    if not isinstance(label, str) or not label.strip():
        return "a label is a name, in text"
    return fault(label)


def _number(value: Any) -> int | None:
    return value if type(value) is int else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def merge_versions(versions: Iterable[Record], document: str, report: Report) -> Iterator[Record]:
    """Merge the annotators' versions of a document: one record for each distinct text, with all spans."""
    by_text: dict[str, list[Record]] = {}
    for record in versions:
        by_text.setdefault(record.text, []).append(record)
    for records in by_text.values():
        if len(records) > 1:
            reason = f"{len(records)} versions by several people: their spans come in together"
            report.note("several annotations", reason, document)
        spans: dict[tuple[int, int, str], SpanRecord] = {}
        for span in (span for record in records for span in record.spans):
            if span.triple not in spans or span.state == CONFIRMED:
                spans[span.triple] = span
        yield replace(records[0], spans=tuple(reading_order(spans.values())))
