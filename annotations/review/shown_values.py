"""What a page has shown, as its forms send it back: spans with their revisions, and their entities."""

import re
from collections.abc import Iterable
from typing import TypedDict

from annotations.review.actions.choices import Seen
from corpusapp.core.errors import Invalid, RevisionMissing

_PAIR = re.compile(r"([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_SEEN = re.compile(r"(.*?:.*?):([0-9]{1,9}):([0-9]{1,9}):(.+?)(?:@([0-9]{1,18}))?", re.ASCII | re.DOTALL)
_ENTITY = re.compile(r"([0-9]{1,18}):([0-9]{1,18})", re.ASCII)
_RUN = re.compile(r"([0-9]{1,18})-([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_LONGEST_RUN = 100_000
# Spans in one form, all runs together: more than any page shows.
_MOST_SHOWN = 200_000
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)


class SpanValue(TypedDict, total=False):
    """Arguments of a `Choice` that name a span."""

    span: int
    revision: int
    seen: Seen | None
    entity: int | None


def read_pair(value: str, field: str = "span") -> tuple[int, int]:
    """`12:3` as (span's id, revision)."""
    if match := _PAIR.fullmatch(value):
        return int(match[1]), int(match[2])
    if _ID.fullmatch(value.rstrip(":")):
        raise RevisionMissing(f"span {value.rstrip(':')} is missing the revision that you saw", field=field)
    raise Invalid(f"{value[:40]!r} is not a span and revision, such as 12:3", field=field)


def span_value(pk: int, revision: int, start: int, end: int, label: str, entity: int | None = None) -> str:
    """A span with its revision, range and label, for `read_span_value`: `12:3:0:5:PERSON`.

    With the entity that is shown with it, which who confirms the span confirms too, `12:3:0:5:PERSON@7`.
    """
    return f"{pk}:{revision}:{start}:{end}:{label}{f'@{entity}' if entity else ''}"


def read_span_value(value: str) -> SpanValue:
    """`12:3:0:5:PERSON` or `12:3:0:5:PERSON@7` as arguments of a `Choice`; without range and label, `12:3`."""
    match = _SEEN.fullmatch(value)
    pk, revision = read_pair(match[1] if match else value)
    seen = Seen(int(match[2]), int(match[3]), match[4]) if match else None
    value_of: SpanValue = {"span": pk, "revision": revision, "seen": seen}
    return {**value_of, "entity": int(match[5])} if match and match[5] else value_of


def read_shown(value: str) -> dict[int, int]:
    """`12:3 13:1 20-25:1` as revisions by span id; in the last part, six spans have one revision."""
    revisions: dict[int, int] = {}
    for piece in value.split():
        if match := _RUN.fullmatch(piece):
            first, last, revision = map(int, match.groups())
            if not 0 < last - first < _LONGEST_RUN:
                raise Invalid(f"{piece[:40]!r} is not a range of spans, such as 20-25:1", field="shown")
            if len(revisions) + last - first >= _MOST_SHOWN:
                raise Invalid(f"more than {_MOST_SHOWN:,} spans are listed: reload the article", field="shown")
            revisions |= dict.fromkeys(range(first, last + 1), revision)
        else:
            revisions |= [read_pair(piece, "shown")]
    return revisions


def read_entities(value: str) -> dict[int, int]:
    """`12:7 13:7` as entities by span id: those that were shown with spans."""
    entities: dict[int, int] = {}
    for piece in value.split():
        if not (match := _ENTITY.fullmatch(piece)):
            raise Invalid(f"{piece[:40]!r} is not a span and its entity, such as 12:7", field="entities")
        if len(entities) >= _MOST_SHOWN:
            raise Invalid(f"more than {_MOST_SHOWN:,} entities are listed: reload the article", field="entities")
        entities[int(match[1])] = int(match[2])
    return entities


def write_entities(pairs: Iterable[tuple[int, int]]) -> str:
    """(span's id, entity's id) pairs in the form that `read_entities` reads."""
    return " ".join(f"{span}:{entity}" for span, entity in pairs)


def write_shown(pairs: Iterable[tuple[int, int]]) -> str:
    """(span's id, revision) pairs in the form that `read_shown` reads, with runs of ids joined."""
    runs: list[list[int]] = []
    for pk, revision in sorted(pairs):
        if runs and runs[-1][1:] == [pk - 1, revision] and pk - runs[-1][0] < _LONGEST_RUN:
            runs[-1][1] = pk
        else:
            runs.append([pk, pk, revision])
    return " ".join(f"{first}:{rev}" if first == last else f"{first}-{last}:{rev}" for first, last, rev in runs)
