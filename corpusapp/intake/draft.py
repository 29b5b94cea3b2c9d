"""Drafts: articles before they are stored, from JSON records and plain texts, checked without a database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import field as dataclass_field
from datetime import date
from typing import Any, NamedTuple

from corpusapp.text.alignment import COUNTED, MOVED, Claim, LeftOut, align
from corpusapp.text.ranges import range_fault
from corpusapp.text.wellformed import Normalised, fault, fault_within, normalise
from corpusapp.text.zones import KINDS, ZoneRange

DONE = "done"
STAGES = ("new", "suggested", "in_review", DONE)


class EntityDraft(NamedTuple):
    """The entity that a span is. `key` is the same for all spans of one entity in a file; identifiers are pairs of
    scheme and value.
    """

    key: str
    name: str
    identifiers: tuple[tuple[str, str], ...] = ()


class SpanDraft(NamedTuple):
    """A span imported with a text; offsets in code points of the stored text. A suggestion may have a score."""

    start: int
    end: int
    label: str
    state: str = "confirmed"
    score: float | None = None
    entity: EntityDraft | None = None


# The fields that an upsert replaces.
METADATA = ("title", "url", "source", "published_on", "external_id", "language", "metadata")


@dataclass(frozen=True)
class Draft:
    """An article before it is stored. `item` and `line` name its origin in reports.

    `raw` is the original of this article, `form` the format in which it is read again (`Reading.reread`), `encoding`
    Python's name of the encoding of its text, empty if the form has none. `stage` is the stage of its review, empty if
    unknown. `spans_given`: the item has spans, perhaps an empty list. `spans_unsure`: some spans were moved by a guess,
    or could not be kept. `named`: the METADATA fields that the item names, also to clear them; None if its form names
    none.
    """

    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    published_on: date | None = None
    external_id: str = ""
    language: str = ""
    spans: tuple[SpanDraft, ...] = ()
    zones: tuple[ZoneRange, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    item: str = ""
    line: int | None = None
    notes: tuple[str, ...] = ()
    encoding: str = ""
    form: str = ""
    stage: str = ""
    spans_given: bool = False
    spans_unsure: bool = False
    named: frozenset[str] | None = None
    raw: bytes | None = field(default=None, repr=False, compare=False)

    def named_fields(self) -> frozenset[str]:
        """The fields of METADATA that the item says something of."""
        if self.named is None:
            return frozenset(name for name in METADATA if getattr(self, name))
        return self.named

    def is_done(self, mark_done: bool) -> bool:
        """Whether it is imported as done: by its own stage, else if `mark_done` and all its spans are decided."""
        if self.stage or self.spans_unsure or not self.spans_given:
            return self.stage == DONE and not self.spans_unsure
        return mark_done and all(span.state != "suggested" for span in self.spans)


@dataclass(frozen=True)
class Failure:
    """One item that could not be read or was refused; the import continues. `raw` and `form` allow a retry."""

    item: str
    line: int | None
    reason: str
    field: str = ""
    form: str = ""
    raw: bytes | None = dataclass_field(default=None, repr=False, compare=False)


class Unfit(ValueError):
    """An item that cannot become an article, with the reason, and the field if one is wrong."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


KEYS = (
    "text", "title", "url", "source", "published_on", "external_id", "language", "spans", "zones", "metadata", "stage"
)  # fmt: skip
STATES = ("confirmed", "suggested", "rejected")
# Maximum lengths in code points, as in the database.
LENGTHS = {"title": 500, "url": 2000, "source": 200, "external_id": 255, "language": 16}
MAX_TEXT = 20_000_000
# Code points of the name of an entity.
MAX_NAME = 300
# Each line of a text takes 20 microseconds to classify.
MAX_LINES = 1_000_000


def draft_from_record(record: Any, *, item: str = "", line: int | None = None) -> Draft:
    """The draft of one JSON object; raises `Unfit` with the field and the reason.

    Spans are `[start, end, label]` or objects `{"start", "end", "label", "state", "text", "entity"}`, zones `[start,
    end, kind]` or objects. An entity is `{"id", "name", "identifiers": {scheme: [values]}}`. Offsets are code points of
    `text` as sent; they are adjusted to the normalised text. The text of a span takes precedence over its offsets (see
    `corpusapp.text.alignment`). A `stage` of `done` means that the whole text was reviewed.
    """
    if not isinstance(record, Mapping):
        raise Unfit(f"an article is a JSON object, not {_kind(record)}")
    if unknown := [key for key in record if key not in KEYS]:
        raise Unfit(f"unknown key {str(unknown[0])[:60]!r}: the keys are {', '.join(KEYS)}", str(unknown[0])[:60])
    text = _text(record)
    normalised = normalise(text)
    spans, notes, unsure = _spans(record.get("spans"), text, normalised)
    return Draft(
        text=normalised.text,
        title=_short_text(record, "title"),
        url=_short_text(record, "url"),
        source=_short_text(record, "source"),
        external_id=_short_text(record, "external_id"),
        language=_short_text(record, "language"),
        published_on=_date(record.get("published_on")),
        spans=spans,
        zones=_zones(record.get("zones"), normalised),
        stage=_stage(record.get("stage")),
        spans_given=record.get("spans") is not None,
        spans_unsure=unsure,
        metadata=_metadata(record.get("metadata")),
        # An empty object names no metadata; null clears it.
        named=frozenset(name for name in METADATA if name in record and record[name] != {}),
        item=item,
        line=line,
        notes=(*normalised.notes, *notes),
    )


def draft_from_body(record: Any, *, item: str) -> Draft:
    """The draft of one record of a request body; the record is its original. Raises `Unfit`."""
    draft = draft_from_record(record, item=item)
    raw = json.dumps(record, ensure_ascii=False).encode()
    return replace(draft, raw=raw, form="json", encoding="utf-8")


def drafts_from_body(records: Sequence[Any]) -> Iterator[Draft | Failure]:
    """The drafts of a list in a request body; failures are named by their position."""
    for position, record in enumerate(records):
        item = f"articles[{position}]"
        try:
            yield draft_from_body(record, item=item)
        except Unfit as unfit:
            yield Failure(item, None, unfit.reason, unfit.field)


def draft_from_text(source: str, *, item: str = "") -> Draft:
    """The draft of a plain text; raises `Unfit`. NUL characters, which occur by accident, are removed and noted."""
    if reason := fault(source, nul_allowed=True):
        raise Unfit(f"the text {reason}", "text")
    normalised = normalise(source)
    if not normalised.text.strip():
        raise Unfit("the text is empty", "text")
    if len(normalised.text) > MAX_TEXT:
        raise Unfit(f"the text has {len(normalised.text)} code points: at most {MAX_TEXT} are taken", "text")
    _refuse_many_lines(source)
    return Draft(text=normalised.text, item=item, notes=tuple(normalised.notes))


def _text(record: Mapping[str, Any]) -> str:
    text = record.get("text")
    if not isinstance(text, str):
        raise Unfit("text is missing" if text is None else f"text must be a string, not {_kind(text)}", "text")
    if reason := fault(text):
        raise Unfit(f"text {reason}", "text")
    if not text.strip("\ufeff \t\r\n"):
        raise Unfit("the text is empty", "text")
    if len(text) > MAX_TEXT:
        raise Unfit(f"text has {len(text)} code points: at most {MAX_TEXT} are taken", "text")
    _refuse_many_lines(text)
    return text


def _refuse_many_lines(text: str) -> None:
    lines = max(text.count("\n"), text.count("\r"))
    if lines > MAX_LINES:
        raise Unfit(f"the text has {lines} lines: at most {MAX_LINES} are taken; split it", "text")


def _short_text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if name == "external_id" and type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise Unfit(f"{name} must be a string, not {_kind(value)}", name)
    if reason := fault(value):
        raise Unfit(f"{name} {reason}", name)
    if len(value) > LENGTHS[name]:
        raise Unfit(f"{name} has {len(value)} characters: at most {LENGTHS[name]} are taken", name)
    return value


def _date(value: Any) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else _refuse_date(value)
    except ValueError:
        return _refuse_date(value)


def _refuse_date(value: Any) -> date:
    raise Unfit(f"published_on must be a date such as 2018-09-03, not {str(value)[:40]!r}", "published_on")


def _stage(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in STAGES:
        raise Unfit(f"the stage must be one of {', '.join(STAGES)}", "stage")
    return value


def _spans(value: Any, text: str, normalised: Normalised) -> tuple[tuple[SpanDraft, ...], list[str], bool]:
    """(spans of the stored text, notes on those that were moved, whether one was moved by a guess)."""
    if isinstance(value, list) and not normalised.cuts and (plain := _plain_spans(value, len(text))) is not None:
        return plain, [], False
    entries = _entries(value, "spans", "label")
    if not entries:
        return (), [], False
    alignment = align(text, [Claim(((entry[0], entry[1]),), entry[4]) for entry in entries])
    spans: dict[tuple[int, int, str], SpanDraft] = {}
    seen: dict[tuple[int, int, str], int] = {}
    notes = []
    unsure = False
    for position, (entry, outcome) in enumerate(zip(entries, alignment.outcomes, strict=True)):
        field = f"spans[{position}]"
        if isinstance(outcome, LeftOut):
            raise Unfit(outcome.reason, f"{field}.{outcome.field}" if outcome.field else field)
        start, end = _stored(outcome.start, outcome.end, normalised, field)
        label, state = _label_and_state(entry[2], entry[3], field)
        if outcome.how == MOVED:
            unsure = True
            if state == "rejected":
                raise Unfit("its text is not at its offsets", field)
            state = "suggested"
            notes.append(f"{field}: its text is not at its offsets; it is suggested where the text is")
        elif outcome.how == COUNTED:
            notes.append(f"{field}: its offsets count otherwise ({alignment.counting}); it stands where its text is")
        if (first := seen.setdefault((start, end, label), position)) != position:
            if outcome.how == MOVED:
                continue
            raise Unfit(f"this span repeats spans[{first}]", field)
        linked = _entity(value[position], f"{field}.entity") if state == "confirmed" else None
        spans[start, end, label] = SpanDraft(start, end, label, state, entity=linked)
    return tuple(spans.values()), notes, unsure


def _plain_spans(value: list[Any], length: int) -> tuple[SpanDraft, ...] | None:
    """The spans, if all are valid `[start, end, label]`, which need no aligning; else None: see `_spans` for why."""
    spans = []
    labels = set()
    for entry in value:
        if type(entry) is not list or len(entry) != 3:
            return None
        start, end, label = entry
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= length or type(label) is not str:
            return None
        labels.add(label)
        spans.append(SpanDraft(start, end, label))
    if "" in labels or any(map(fault, labels)) or len(set(spans)) < len(spans):
        return None
    return tuple(spans)


def _label_and_state(label: Any, state: Any, field: str) -> tuple[str, str]:
    if not isinstance(label, str) or not label:
        raise Unfit(f"the label must be a name, not {_kind(label)}", f"{field}.label")
    if reason := fault(label):
        raise Unfit(f"the label {reason}", f"{field}.label")
    if not isinstance(state, str) or state not in STATES:
        raise Unfit(f"the state must be one of {', '.join(STATES)}", f"{field}.state")
    return label, state


def _entity(entry: Any, field: str) -> EntityDraft | None:
    """The entity of a confirmed span. A link that is only suggested is left to the linker."""
    value = entry.get("entity") if isinstance(entry, dict) else None
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Unfit(f"an entity must be an object, not {_kind(value)}", field)
    if value.get("state", "confirmed") != "confirmed":
        return None
    name, pairs = value.get("name", ""), _identifiers(value.get("identifiers"), f"{field}.identifiers")
    if not isinstance(name, str) or not (name.strip() or pairs):
        raise Unfit("an entity needs a name, or identifiers", f"{field}.name")
    name = " ".join(name.split()) or pairs[0][1]
    if len(name) > MAX_NAME:
        raise Unfit(f"the name has {len(name)} characters: at most {MAX_NAME} are taken", f"{field}.name")
    if (reason := fault(name)) or not name.isprintable():
        raise Unfit(f"the name {reason or 'has a control character'}", f"{field}.name")
    key = value.get("id")
    known = str(key) if isinstance(key, int | str) and str(key) else ":".join(pairs[0]) if pairs else name
    return EntityDraft(known, name, pairs)


def _identifiers(value: Any, field: str) -> tuple[tuple[str, str], ...]:
    """Pairs of scheme and value of an object `{scheme: [values]}`."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise Unfit(f"identifiers must be an object of schemes, not {_kind(value)}", field)
    pairs = [(scheme, one) for scheme, ones in value.items() for one in (ones if isinstance(ones, list) else [ones])]
    for scheme, one in pairs:
        if not isinstance(one, str) or not one or not scheme or fault(one) or fault(scheme):
            raise Unfit("write identifiers as {scheme: [values]}, all of them texts", field)
    return tuple(dict.fromkeys(pairs))


def _zones(value: Any, normalised: Normalised) -> tuple[ZoneRange, ...]:
    zones = set()
    for position, (start, end, kind, *_) in enumerate(_entries(value, "zones", "kind")):
        field = f"zones[{position}]"
        if found := range_fault(start, end, normalised.source_length):
            name, reason = found
            raise Unfit(reason, f"{field}.{name}")
        start, end = _stored(start, end, normalised, field)
        if not isinstance(kind, str) or kind not in KINDS:
            raise Unfit(f"the kind of a zone must be one of {', '.join(KINDS)}", f"{field}.kind")
        zones.add(ZoneRange(start, end, kind))
    return tuple(sorted(zones))


def _entries(value: Any, name: str, third: str) -> list[tuple[Any, Any, Any, Any, str | None]]:
    """(start, end, label or kind, state, text) of each entry in either form, not checked."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unfit(f"{name} must be a list, not {_kind(value)}", name)
    found = []
    for position, entry in enumerate(value):
        if isinstance(entry, list) and len(entry) == 3:
            found.append((*entry, "confirmed", None))
        elif isinstance(entry, dict):
            state, words = entry.get("state", "confirmed"), entry.get("text")
            words = words if isinstance(words, str) and words else None
            found.append((entry.get("start"), entry.get("end"), entry.get(third), state, words))
        else:
            raise Unfit(f"write [start, end, {third}] or an object with these keys", f"{name}[{position}]")
    return found


def _stored(start: int, end: int, normalised: Normalised, field: str) -> tuple[int, int]:
    """The range in the stored text of a range in the source text."""
    start, end = normalised.offset(start), normalised.offset(end)
    if start >= end:
        raise Unfit("the range contains only characters that are removed on import", field)
    return start, end


def _metadata(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unfit(f"metadata must be a JSON object, not {_kind(value)}", "metadata")
    if found := fault_within(value, "metadata"):
        path, reason = found
        raise Unfit(f"{path} {reason}", "metadata")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a number"}
    return "null" if value is None else names.get(type(value), "a number")
