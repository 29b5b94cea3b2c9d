"""What a tool's own shape has no place for, as one JSON object beside it: most tools keep what they do not know.

The companion holds everything of a record but its text and the place of its plain spans. Read again, spans that the
tool shows count as they stand in the tool: the companion adds to them state, score and pipeline, and the spans that
were never shown to the tool; it brings back none that was removed there.
"""

from collections.abc import Sequence
from typing import Any

from annotations.formats.collecting import SpanCollector, progress_in, zones_of
from annotations.formats.records import CONFIRMED, Record, SpanRecord, progress_of
from annotations.formats.report import Report

KEY = "corpusapp"


def shown_and_beside(
    record: Record, plain_states: frozenset[str], report: Report
) -> tuple[list[SpanRecord], list[SpanRecord]]:
    """The spans that the tool shows, and those that only the companion holds."""
    shown = [span for span in record.spans if span.state in plain_states]
    beside = [span for span in record.spans if span.state not in plain_states]
    for span in beside:
        reason = f"a {span.state} span is stored where only corpusapp reads it"
        report.keep_beside(reason, record.name, span)
    return shown, beside


def companion(record: Record, shown: Sequence[SpanRecord], beside: Sequence[SpanRecord]) -> dict[str, Any]:
    held: dict[str, Any] = {
        "id": record.id,
        "external_id": record.external_id,
        "title": record.title,
        "language": record.language,
        "split": record.split,
        **progress_of(record),
        "meta": dict(record.meta),
        "zones": [{"start": zone.start, "end": zone.end, "kind": zone.kind} for zone in record.zones],
        "shown": [_span(span) for span in shown if _extras(span)],
        "beside": [_span(span) for span in beside],
    }
    # No range at all is decided where the list of decided ones is empty.
    return {key: value for key, value in held.items() if key == "decided" or value not in (None, "", [], {})}


class Restored:
    """A companion read again. Something else under its key counts as none."""

    def __init__(self, value: Any) -> None:
        self.held: dict[str, Any] = value if isinstance(value, dict) else {}
        self._shown = {}
        for span in self._list("shown"):
            triple = (span.get("start"), span.get("end"), span.get("label"))
            if _plain(triple):
                self._shown[triple] = span

    def add_shown(self, collector: SpanCollector, start: Any, end: Any, label: Any, field: str, **given: Any) -> None:
        """A span that the tool shows, with what the companion knows of it."""
        known = self._shown.get((start, end, label), {}) if _plain((start, end, label)) else {}
        collector.add(start, end, label, field=field, **{**_given(known), **given})

    def add_beside(self, collector: SpanCollector) -> None:
        for number, span in enumerate(self._list("beside")):
            triple = (span.get("start"), span.get("end"), span.get("label"))
            if not (_plain(triple) and collector.has(triple)):
                collector.add(*triple, field=f"{KEY}.beside[{number}]", **_given(span))

    def record(self, collector: SpanCollector, report: Report, where: str, **given: Any) -> Record:
        """The article; what is `given` counts where the companion says nothing."""
        self.add_beside(collector)
        held = {
            "id": self.held.get("id") if isinstance(self.held.get("id"), int | str) else None,
            "meta": self.held.get("meta") if isinstance(self.held.get("meta"), dict) else None,
            "zones": zones_of(self.held.get("zones"), collector.text, report, where),
            **{key: self._text(key) for key in ("external_id", "title", "language", "split")},
        }
        held = {key: value for key, value in held.items() if value}
        held |= progress_in(self.held, collector.text, report, where)
        return Record(text=collector.text, spans=collector.spans(), **{**given, **held})

    def _text(self, key: str) -> str:
        value = self.held.get(key)
        return value if isinstance(value, str) else ""

    def _list(self, key: str) -> list[dict[str, Any]]:
        value = self.held.get(key)
        return [span for span in value if isinstance(span, dict)] if isinstance(value, list) else []


def _extras(span: SpanRecord) -> bool:
    return span.state != CONFIRMED or any(
        value is not None for value in (span.score, span.pipeline, span.id, span.revision)
    )


def _span(span: SpanRecord) -> dict[str, Any]:
    held = {
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "state": span.state,
        "score": span.score,
        "pipeline": span.pipeline,
        "id": span.id,
        "revision": span.revision,
    }
    return {key: value for key, value in held.items() if value is not None}


_KEYS: tuple[str, ...] = ("state", "score", "pipeline", "id", "revision")


def _given(span: dict[str, Any]) -> dict[str, Any]:
    return {key: span[key] for key in _KEYS if key in span}


def _plain(triple: tuple[Any, ...]) -> bool:
    return all(isinstance(part, int | str) for part in triple)
