"""Articles and spans as plain values, for all formats, and the JSON of a span, for REST and exports."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

SPAN_KEYS = ("id", "start", "end", "label", "text", "state", "score", "pipeline", "revision", "entity")
CONFIRMED, SUGGESTED, REJECTED = "confirmed", "suggested", "rejected"
STATES = (CONFIRMED, SUGGESTED, REJECTED)
# Stages of articles. Only a done one was reviewed completely.
NEW, IN_REVIEW, DONE = "new", "in_review", "done"
STAGES = (NEW, SUGGESTED, IN_REVIEW, DONE)


class EntityRecord(NamedTuple):
    """The entity that a span is linked to, with its identifiers as pairs of scheme and value.

    `state`, `score` and `revision` are those of the link.
    """

    id: int | str
    name: str
    identifiers: tuple[tuple[str, str], ...] = ()
    state: str = CONFIRMED
    score: float | None = None
    revision: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The entity as REST, exports and the feed write it with a span."""
        identifiers: dict[str, list[str]] = {}
        for scheme, value in self.identifiers:
            identifiers.setdefault(scheme, []).append(value)
        return {
            "id": self.id,
            "name": self.name,
            "identifiers": identifiers,
            "state": self.state,
            "score": self.score,
            "revision": self.revision,
        }


class SpanRecord(NamedTuple):
    """A span `[start, end)` in code points with the name of its label. `score` is 0 to 1.

    A tuple, because exports create millions of them.
    """

    start: int
    end: int
    label: str
    state: str = CONFIRMED
    score: float | None = None
    pipeline: str | None = None
    id: int | None = None
    revision: int | None = None
    entity: EntityRecord | None = None

    @property
    def triple(self) -> tuple[int, int, str]:
        return self.start, self.end, self.label

    def as_json(self, words: str) -> dict[str, Any]:
        """The span as REST and the feed write it; `words` is the article's `[start, end)`."""
        return spans_as_json((self,), "")[0] | {"text": words}


def spans_as_json(spans: Iterable[SpanRecord], text: str) -> list[dict[str, Any]]:
    """`as_json` of all spans of this text. Without a call for each, since exports write millions of them."""
    return [
        {
            "id": pk,
            "start": start,
            "end": end,
            "label": label,
            "text": text[start:end],
            "state": state,
            "score": score,
            "pipeline": pipeline,
            "revision": revision,
            **({"entity": entity.as_json()} if entity is not None else {}),
        }
        for start, end, label, state, score, pipeline, pk, revision, entity in spans
    ]


# In C, since exports have millions of spans.
_label, _score, _entity = (itemgetter(SpanRecord._fields.index(name)) for name in ("label", "score", "entity"))


def labels_of(spans: Iterable[SpanRecord]) -> Iterator[str]:
    """The label of each span."""
    return map(_label, spans)


def scores_of(spans: Iterable[SpanRecord]) -> Iterator[float | None]:
    """The score of each span."""
    return map(_score, spans)


def entities_of(spans: Iterable[SpanRecord]) -> Iterator[EntityRecord]:
    """The entity of each linked span."""
    return filter(None, map(_entity, spans))


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Record:
    """An article. `id` is its number here, or its name in another tool; `split` is train, dev or test.

    `stage` is one of STAGES, or empty if unknown; `finished_at` is a time in ISO 8601, `finished_by` a username.
    `decided` are the ranges that people decided on, in order, without overlaps; None if all of the text is decided, as
    in a done article. Text outside of these ranges is not an example of anything.
    """

    text: str
    spans: tuple[SpanRecord, ...] = ()
    id: int | str | None = None
    external_id: str = ""
    title: str = ""
    language: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    zones: tuple[ZoneRecord, ...] = ()
    split: str = ""
    stage: str = ""
    finished_at: str = ""
    finished_by: str = ""
    decided: tuple[tuple[int, int], ...] | None = None

    @property
    def name(self) -> str:
        """The name in reports."""
        if self.external_id:
            return self.external_id
        return "" if self.id is None else str(self.id)


def record_from_line(line: Mapping[str, Any]) -> Record:
    """The record of one line of a JSON Lines export."""
    spans = [{key: value for key, value in span.items() if key != "text"} for span in line["spans"]]
    for span in spans:
        if "entity" in span:
            span["entity"] = _entity_from_line(span["entity"])
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
        stage=line.get("stage", ""),
        finished_at=line.get("finished_at") or "",
        finished_by=line.get("finished_by") or "",
        decided=decided_ranges(line.get("decided")),
    )


def _entity_from_line(value: Mapping[str, Any] | None) -> EntityRecord | None:
    """The entity of a span, as `EntityRecord.as_json` writes it."""
    if value is None:
        return None
    pairs = [(scheme, one) for scheme, values in value["identifiers"].items() for one in values]
    return EntityRecord(**{**value, "identifiers": tuple(pairs)})


def decided_ranges(ranges: Iterable[Mapping[str, int]] | None) -> tuple[tuple[int, int], ...] | None:
    return None if ranges is None else tuple((one["start"], one["end"]) for one in ranges)


def progress_fields(record: Record) -> dict[str, Any]:
    """The stage of an article and related fields, as JSON; empty if unknown."""
    if not record.stage:
        return {}
    fields: dict[str, Any] = {"stage": record.stage, "finished_at": record.finished_at or None}
    if record.finished_by:
        fields["finished_by"] = record.finished_by
    if record.decided is not None:
        fields["decided"] = [{"start": start, "end": end} for start, end in record.decided]
    return fields


def reading_order(spans: Iterable[SpanRecord]) -> list[SpanRecord]:
    """The spans by start, outer before inner."""
    return sorted(spans, key=lambda span: (span.start, -span.end, span.label))
