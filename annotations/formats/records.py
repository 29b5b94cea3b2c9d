"""What goes in and out of every format, as plain values; and the JSON shapes that REST and exports share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SPAN_KEYS = ("id", "start", "end", "label", "text", "state", "score", "pipeline", "revision")
CONFIRMED, SUGGESTED, REJECTED = "confirmed", "suggested", "rejected"
STATES = (CONFIRMED, SUGGESTED, REJECTED)


class SpanRecord(NamedTuple):
    """`[start, end)` in code points with a label's name. `score` is 0 to 1; `pipeline` names who proposed it.

    A tuple, because exports make millions of them.
    """

    start: int
    end: int
    label: str
    state: str = CONFIRMED
    score: float | None = None
    pipeline: str | None = None
    id: int | None = None
    revision: int | None = None

    @property
    def triple(self) -> tuple[int, int, str]:
        return self.start, self.end, self.label


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Record:
    """One article. `id` is its number here, or its name in the tool that a file came from; `split` is train, dev …"""

    text: str
    spans: tuple[SpanRecord, ...] = ()
    id: int | str | None = None
    external_id: str = ""
    title: str = ""
    language: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    zones: tuple[ZoneRecord, ...] = ()
    split: str = ""

    @property
    def name(self) -> str:
        """How reports call it."""
        if self.external_id:
            return self.external_id
        return "" if self.id is None else str(self.id)


def record_of_line(line: Mapping[str, Any]) -> Record:
    """The record of one `export_line`."""
    spans = [{key: value for key, value in span.items() if key != "text"} for span in line["spans"]]
    return Record(
        text=line["text"],
        spans=tuple(SpanRecord(**span) for span in spans),
        id=line["id"],
        external_id=line["external_id"],
        title=line["title"],
        language=line.get("language", ""),
        meta=line.get("meta", {}),
        zones=tuple(ZoneRecord(**zone) for zone in line["zones"]),
        split=line.get("split", ""),
    )


def reading_order(spans: Iterable[SpanRecord]) -> list[SpanRecord]:
    """From left to right, outer before inner."""
    return sorted(spans, key=lambda span: (span.start, -span.end, span.label))


def span_record(
    *,
    id: int,
    start: int,
    end: int,
    label: str,
    text: str,
    state: str,
    score: float | None,
    pipeline: str | None,
    revision: int,
) -> dict[str, Any]:
    """A span as clients see it. Offsets are code points; `text` is the article's `[start, end)`."""
    return {
        "id": id,
        "start": start,
        "end": end,
        "label": label,
        "text": text,
        "state": state,
        "score": score,
        "pipeline": pipeline,
        "revision": revision,
    }


def zone_record(start: int, end: int, kind: str) -> dict[str, Any]:
    return {"start": start, "end": end, "kind": kind}


def export_line(
    *,
    id: int,
    external_id: str,
    title: str,
    text: str,
    spans: Iterable[dict[str, Any]],
    zones: Iterable[dict[str, Any]],
) -> dict[str, Any]:
    """One article of a JSONL export."""
    return {
        "id": id,
        "external_id": external_id,
        "title": title,
        "text": text,
        "spans": list(spans),
        "zones": list(zones),
    }
