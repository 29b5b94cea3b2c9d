"""An article before it is stored, checked as far as it can be without a database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from dataclasses import field as field_
from datetime import date
from typing import Any

from corpusapp.text.alignment import COUNTED, MOVED, Claim, LeftOut, align
from corpusapp.text.ranges import range_fault
from corpusapp.text.wellformed import Normalised, fault, fault_within, normalise
from corpusapp.text.zones import KINDS, ZoneRange

DONE = "done"
STAGES = ("new", "suggested", "in_review", DONE)


@dataclass(frozen=True)
class SpanDraft:
    """A span that came with a text; offsets in code points of the stored text. A suggestion may have a score."""

    start: int
    end: int
    label: str
    state: str = "confirmed"
    score: float | None = None


@dataclass(frozen=True)
class Draft:
    """One article to be. `item` and `line` say where it came from, for reports.

    `raw` is the original of this one article, `form` how it is read again (`readers.reread`), `encoding` Python's
    name of the encoding that its text was read in, empty where the form knows none. `stage` is how far its review had
    come, empty where nobody says. `spans_given` tells whether spans came with it, even if these are none,
    `spans_unsure` whether some of them were moved by a guess or could not be kept.
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
    raw: bytes | None = field(default=None, repr=False, compare=False)

    def is_done(self, asked: bool) -> bool:
        """Whether it comes in as reviewed: as it says itself, else as is `asked` of what comes with decided spans."""
        if self.stage or self.spans_unsure or not self.spans_given:
            return self.stage == DONE and not self.spans_unsure
        return asked and all(span.state != "suggested" for span in self.spans)


@dataclass(frozen=True)
class Failure:
    """One item that could not be read or was refused; the others go on. `raw` and `form` allow another try."""

    item: str
    line: int | None
    reason: str
    field: str = ""
    form: str = ""
    raw: bytes | None = field_(default=None, repr=False, compare=False)


class Unfit(ValueError):
    """A record that cannot become an article: `field` and the reason."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


KEYS = (
    "text", "title", "url", "source", "published_on", "external_id", "language", "spans", "zones", "metadata", "stage"
)  # fmt: skip
STATES = ("confirmed", "suggested", "rejected")
# Longest values in code points, as the columns hold them.
LENGTHS = {"title": 500, "url": 2000, "source": 200, "external_id": 255, "language": 16}
MAX_TEXT = 20_000_000
# Each line of a text is looked at for what it is: 20 microseconds.
MAX_LINES = 1_000_000


def draft_from_record(record: Any, *, item: str = "", line: int | None = None) -> Draft:
    """The draft of one JSON object; raises `Unfit` with the field and the reason.

    Spans are `[start, end, label]` or objects `{"start", "end", "label", "state", "text"}`, zones `[start, end, kind]`
    or objects; offsets count code points of `text` as it was sent, and move along with its normalisation. Where a span
    names its text, that says where it belongs (see `corpusapp.text.alignment`). A `stage` of `done` says that the text
    was reviewed as a whole.
    """
    if not isinstance(record, Mapping):
        raise Unfit(f"an article is a JSON object, not {_kind(record)}")
    if unknown := [key for key in record if key not in KEYS]:
        raise Unfit(f"unknown key {str(unknown[0])[:60]!r}: the keys are {', '.join(KEYS)}", str(unknown[0])[:60])
    text = _text(record)
    normalised = normalise(text)
    spans, told, unsure = _spans(record.get("spans"), text, normalised)
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
        item=item,
        line=line,
        notes=(*normalised.notes, *told),
    )


def draft_from_body(record: Any, *, item: str) -> Draft:
    """The draft of one record of a request's body, which is its original; raises `Unfit`."""
    draft = draft_from_record(record, item=item)
    raw = json.dumps(record, ensure_ascii=False).encode()
    return replace(draft, raw=raw, form="json", encoding="utf-8")


def drafts_from_body(records: Sequence[Any]) -> Iterator[Draft | Failure]:
    """The drafts of a list in a request's body; what is refused is named by its position."""
    for position, record in enumerate(records):
        item = f"articles[{position}]"
        try:
            yield draft_from_body(record, item=item)
        except Unfit as unfit:
            yield Failure(item, None, unfit.reason, unfit.field)


def draft_from_text(source: str, *, item: str = "") -> Draft:
    """The draft of a plain text. NUL characters, which files carry by accident, are removed and noted."""
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
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else _no_date(value)
    except ValueError:
        return _no_date(value)


def _no_date(value: Any) -> date:
    raise Unfit(f"published_on must be a date such as 2018-09-03, not {str(value)[:40]!r}", "published_on")


def _stage(value: Any) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in STAGES:
        raise Unfit(f"the stage must be one of {', '.join(STAGES)}", "stage")
    return value


def _spans(value: Any, text: str, normalised: Normalised) -> tuple[tuple[SpanDraft, ...], list[str], bool]:
    """(spans of the stored text, what is to be told of those that had to be moved, whether any was by a guess)."""
    entries = _entries(value, "spans", "label")
    if not entries:
        return (), [], False
    alignment = align(text, [Claim(((entry[0], entry[1]),), entry[4]) for entry in entries])
    spans: dict[tuple[int, int, str], SpanDraft] = {}
    seen: dict[tuple[int, int, str], int] = {}
    told = []
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
            told.append(f"{field}: its text is not at its offsets; it is suggested where the text is")
        elif outcome.how == COUNTED:
            told.append(f"{field}: its offsets count otherwise ({alignment.counting}); it stands where its text is")
        if (first := seen.setdefault((start, end, label), position)) != position:
            if outcome.how == MOVED:
                continue
            raise Unfit(f"this span repeats spans[{first}]", field)
        spans[start, end, label] = SpanDraft(start, end, label, state)
    return tuple(spans.values()), told, unsure


def _label_and_state(label: Any, state: Any, field: str) -> tuple[str, str]:
    if not isinstance(label, str) or not label:
        raise Unfit(f"the label must be a name, not {_kind(label)}", f"{field}.label")
    if reason := fault(label):
        raise Unfit(f"the label {reason}", f"{field}.label")
    if not isinstance(state, str) or state not in STATES:
        raise Unfit(f"the state must be one of {', '.join(STATES)}", f"{field}.state")
    return label, state


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
    """(start, end, label or kind, state, text) of each entry, whatever its form, not yet checked."""
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
    """The range in the stored text of a range in the text as it came."""
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
