"""The spans of one article as a file gives them: checked one by one, good ones kept, the others told."""

from collections.abc import Mapping
from typing import Any

from annotations.formats.records import (
    CONFIRMED,
    REJECTED,
    STAGES,
    STATES,
    SUGGESTED,
    SpanRecord,
    ZoneRecord,
    reading_order,
)
from annotations.formats.report import Report
from corpusapp.text.ranges import range_fault
from corpusapp.text.wellformed import fault

# Of equal triples the more decided one stays.
_RANK = {SUGGESTED: 0, REJECTED: 1, CONFIRMED: 2}


class SpanCollector:
    """`where` is the article's place in the file."""

    def __init__(self, text: str, report: Report, where: str) -> None:
        self.text, self._report, self._where = text, report, where
        self._found: dict[tuple[int, int, str], SpanRecord] = {}

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
        quote: Any = None,
        where: str = "",
    ) -> None:
        """Keep the span, or tell why not. A quote that differs is noted: offsets are what counts.

        `where` is the span's own place, where it is not the article's.
        """
        where = where or self._where
        if problem := range_fault(start, end, len(self.text)):
            return self._report.refuse("offsets", problem[1], where, f"{field}.{problem[0]}")
        if problem := _label_fault(label):
            return self._report.refuse("label", problem, where, f"{field}.label")
        if state not in STATES:
            reason = f"{str(state)[:40]!r} is no state: use one of {', '.join(STATES)}"
            return self._report.refuse("state", reason, where, f"{field}.state")
        span = SpanRecord(
            start, end, label, state, self._score(score, field, where), _text(pipeline), _number(id), _number(revision)
        )
        if isinstance(quote, str) and quote != self.text[start:end]:
            self._report.note("quote", "the text given for the span is not what stands there", where, span)
        return self._keep(span, where)

    def has(self, triple: tuple[int, int, str]) -> bool:
        return triple in self._found

    def spans(self) -> tuple[SpanRecord, ...]:
        return tuple(reading_order(self._found.values()))

    def _keep(self, span: SpanRecord, where: str) -> None:
        former = self._found.get(span.triple)
        if former is not None:
            self._report.note("duplicate", "the same span stands twice; the more decided one counts", where, span)
        if former is None or _RANK[span.state] > _RANK[former.state]:
            self._found[span.triple] = span

    def _score(self, score: Any, field: str, where: str) -> float | None:
        if score is None:
            return None
        if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1:
            return float(score)
        self._report.note("score", f"{field}: a score is a number from 0 to 1; the span stays without it", where)
        return None


def zones_of(value: Any, text: str, report: Report, where: str) -> tuple[ZoneRecord, ...]:
    """Zones as exports write them; others are told."""
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


def progress_in(held: Mapping[str, Any], text: str, report: Report, where: str) -> dict[str, Any]:
    """How far an article has come, as `progress_of` writes it; what is none of it is told."""
    stage = held.get("stage")
    if stage in (None, ""):
        return {}
    if stage not in STAGES:
        report.refuse("stage", f"{str(stage)[:40]!r} is no stage: use one of {', '.join(STAGES)}", where, "stage")
        return {}
    named = {name: held[name] for name in ("finished_at", "finished_by") if isinstance(held.get(name), str)}
    return {"stage": stage, **named, "decided": _decided(held.get("decided"), text, report, where)}


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
