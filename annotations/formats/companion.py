"""A JSON object, the companion, for what a tool's format cannot hold. Most tools keep unknown fields.

The companion has everything of a record except its text and the offsets of its plain spans. When a file is read again,
the spans of the tool take precedence: the companion adds their state, score and pipeline, and the spans that the tool
did not show. It does not restore spans that were removed in the tool.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from annotations.formats.entities import read_entity
from annotations.formats.records import CONFIRMED, EntityRecord, Record, SpanRecord, progress_fields
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector, read_progress, read_zones

KEY = "corpusapp"
Shown = TypeVar("Shown")


def split_shown(
    record: Record, plain_states: frozenset[str], report: Report
) -> tuple[list[SpanRecord], list[SpanRecord]]:
    """(spans that the tool shows, spans that are only in the companion)."""
    shown = [span for span in record.spans if span.state in plain_states]
    hidden = [span for span in record.spans if span.state not in plain_states]
    for span in hidden:
        reason = f"a {span.state} span is stored where only corpusapp reads it"
        report.keep_beside(reason, record.name, span)
    return shown, hidden


def companion(record: Record, shown: Sequence[SpanRecord], hidden: Sequence[SpanRecord]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": record.id,
        "external_id": record.external_id,
        "title": record.title,
        "language": record.language,
        "split": record.split,
        **progress_fields(record),
        "meta": dict(record.meta),
        "zones": [{"start": zone.start, "end": zone.end, "kind": zone.kind} for zone in record.zones],
        "shown": [_span(span) for span in shown if _extras(span)],
        "beside": [_span(span) for span in hidden],
    }
    # An empty `decided` means that nothing is decided.
    return {key: value for key, value in values.items() if key == "decided" or value not in (None, "", [], {})}


class StoredCompanion:
    """A companion from a file. A value that is not an object counts as empty."""

    def __init__(self, value: Any) -> None:
        self.values: dict[str, Any] = value if isinstance(value, dict) else {}
        self._shown: dict[tuple[Any, ...], dict[str, Any]] = {}
        for span in self._list("shown"):
            triple = (span.get("start"), span.get("end"), span.get("label"))
            if _plain(triple):
                self._shown[triple] = span

    def add_shown(self, collector: SpanCollector, start: Any, end: Any, label: Any, field: str, **given: Any) -> None:
        """Add a span of the tool, with its values from the companion."""
        known = self._shown.get((start, end, label), {}) if _plain((start, end, label)) else {}
        collector.add(start, end, label, field=field, **{**_given(known), **given})

    def entity(
        self,
        triple: tuple[Any, Any, Any],
        shown: Shown,
        written: Callable[[EntityRecord], Shown],
        read: Callable[[], EntityRecord | None],
    ) -> EntityRecord | dict[str, Any] | None:
        """The entity of a span of the tool, which shows `shown` of it: the one of the companion, if that is `written`
        like this, else what is `read` from the tool, where somebody has linked it to another.
        """
        known = self._shown.get(triple, {}).get("entity") if _plain(triple) else None
        entity = read_entity(known, Report(), "", "") if known is not None else None
        return entity if entity is not None and written(entity) == shown else read()

    def add_beside(self, collector: SpanCollector) -> None:
        for number, span in enumerate(self._list("beside")):
            triple = (span.get("start"), span.get("end"), span.get("label"))
            if not (_plain(triple) and collector.has(triple)):
                collector.add(*triple, field=f"{KEY}.beside[{number}]", **_given(span))

    def record(self, collector: SpanCollector, report: Report, where: str, **given: Any) -> Record:
        """The article. `given` are values for what the companion lacks."""
        self.add_beside(collector)
        values = {
            "id": self.values.get("id") if isinstance(self.values.get("id"), int | str) else None,
            "meta": self.values.get("meta") if isinstance(self.values.get("meta"), dict) else None,
            "zones": read_zones(self.values.get("zones"), collector.text, report, where),
            **{key: self._text(key) for key in ("external_id", "title", "language", "split")},
        }
        values = {key: value for key, value in values.items() if value}
        values |= read_progress(self.values, collector.text, report, where)
        return Record(text=collector.text, spans=collector.spans(), **{**given, **values})

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def _list(self, key: str) -> list[dict[str, Any]]:
        value = self.values.get(key)
        return [span for span in value if isinstance(span, dict)] if isinstance(value, list) else []


def _extras(span: SpanRecord) -> bool:
    return span.state != CONFIRMED or any(
        value is not None for value in (span.score, span.pipeline, span.id, span.revision, span.entity)
    )


def _span(span: SpanRecord) -> dict[str, Any]:
    values = {
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "state": span.state,
        "score": span.score,
        "pipeline": span.pipeline,
        "id": span.id,
        "revision": span.revision,
        "entity": span.entity.as_json() if span.entity is not None else None,
    }
    return {key: value for key, value in values.items() if value is not None}


_KEYS: tuple[str, ...] = ("state", "score", "pipeline", "id", "revision", "entity")


def _given(span: dict[str, Any]) -> dict[str, Any]:
    return {key: span[key] for key in _KEYS if key in span}


def _plain(triple: tuple[Any, ...]) -> bool:
    return all(isinstance(part, int | str) for part in triple)
