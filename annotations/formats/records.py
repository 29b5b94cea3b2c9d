"""The JSON shapes that REST and exports share: a span is the same object everywhere."""

from collections.abc import Iterable
from typing import Any

SPAN_KEYS = ("id", "start", "end", "label", "text", "state", "score", "pipeline", "revision")


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
