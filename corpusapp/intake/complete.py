"""Complete a draft: its zones, dateline, date and language, and the hashes by which copies are found."""

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from corpusapp.intake.draft import LENGTHS, Draft
from corpusapp.intake.language import detect
from corpusapp.text import minhash
from corpusapp.text.dateline import Dateline, find_dateline, shifted
from corpusapp.text.lines import RecurringLines
from corpusapp.text.publication import METADATA, publication_date
from corpusapp.text.zones import CHROME, DATELINE, TITLE, ZoneRange, gaps
from corpusapp.text.zoning import read_zones

AUTHOR_LENGTH = 300
_QUOTE = 200
# Recurring lines are ignored if they leave a smaller share of the words.
_LEAST_LEFT = 0.4


@dataclass(frozen=True)
class Completed:
    """A completed draft. `sketch` and `bands` are empty for short texts (see `corpusapp.text.minhash`)."""

    draft: Draft
    author: str = ""
    dateline: dict[str, str] = field(default_factory=dict)
    published_precision: str = ""
    published_evidence: dict[str, str] = field(default_factory=dict)
    content_sha256: bytes | None = None
    sketch: bytes = b""
    bands: tuple[int, ...] = ()
    # The draft's `raw`, if already compressed, and the vector by which the article is searched, if already known.
    packed: bytes | None = field(default=None, repr=False, compare=False)
    search_vector: str | None = field(default=None, repr=False, compare=False)


def pack(raw: bytes) -> bytes:
    """Compress an original. Level 1 takes a fifth of the default level's time; the result is 10 % larger."""
    return zlib.compress(raw, 1)


def complete(draft: Draft, recurring: RecurringLines | None = None, *, language: str = "") -> Completed:
    """Fill in what the draft does not state. Its own zones, date, title and language do not change.

    `recurring` are the lines that recur in the source; `language` is used if none is detected.
    """
    zones, dateline = _zones(draft, recurring)
    content = _content(draft.text, zones)
    evidence, precision, published_on = _date(draft, dateline)
    draft = replace(
        draft,
        zones=zones,
        title=draft.title or _title(draft.text, zones),
        language=draft.language or detect(content) or language,
        published_on=published_on,
    )
    values = minhash.sketch(content)
    return Completed(
        draft=draft,
        author=str(draft.metadata.get("author") or "")[:AUTHOR_LENGTH],
        dateline=_parts(draft.text, dateline),
        published_precision=precision,
        published_evidence=evidence,
        content_sha256=_content_hash(content),
        sketch=minhash.to_bytes(values) if values is not None else b"",
        bands=tuple(minhash.band_keys(values)) if values is not None else (),
    )


# Limits of what a web request completes, for all texts together, in code points, lines and texts. Completing a line
# takes 20 microseconds, a megabyte half a second; storing a text takes milliseconds.
SMALL_LENGTH, SMALL_LINES, SMALL_NUMBER = 500_000, 10_000, 1_000


def is_small(texts: Iterable[str]) -> bool:
    """Whether completing these texts takes about a second at most."""
    length = lines = 0
    for number, text in enumerate(texts, 1):
        length += len(text)
        lines += text.count("\n") + 1
        if length > SMALL_LENGTH or lines > SMALL_LINES or number > SMALL_NUMBER:
            return False
    return True


def complete_all(work: list[tuple[Draft, RecurringLines | None]], language: str) -> list[Completed]:
    """Several drafts, each with the recurring lines of its source."""
    return [complete(draft, recurring, language=language) for draft, recurring in work]


def _zones(draft: Draft, recurring: RecurringLines | None) -> tuple[tuple[ZoneRange, ...], Dateline | None]:
    if not draft.zones:
        read = read_zones(draft.text, recurring)
        if recurring and any(zone.kind == CHROME for zone in read.zones) and _is_template(draft.text, read.zones):
            read = read_zones(draft.text)
        return read.zones, read.dateline
    marked = next((zone for zone in draft.zones if zone.kind == DATELINE), None)
    found = find_dateline(draft.text[marked.start : marked.end]) if marked else None
    return draft.zones, shifted(found, marked.start) if found and marked else None


def _is_template(text: str, zones: tuple[ZoneRange, ...]) -> bool:
    """Whether most of the text recurs, as in a daily report with new numbers: then it is not boilerplate."""
    return len(_content(text, zones).split()) < _LEAST_LEFT * len(text.split())


def _content(text: str, zones: tuple[ZoneRange, ...]) -> str:
    chrome = [(zone.start, zone.end) for zone in zones if zone.kind == CHROME]
    return "\n".join(text[start:end] for start, end in gaps(len(text), chrome)) if chrome else text


def _content_hash(content: str) -> bytes | None:
    """SHA-256 of the words, separated by single spaces; None if there are none."""
    words = " ".join(content.split())
    return hashlib.sha256(words.encode()).digest() if words else None


def _title(text: str, zones: tuple[ZoneRange, ...]) -> str:
    found = next((text[zone.start : zone.end] for zone in zones if zone.kind == TITLE), "")
    return " ".join(found.split())[: LENGTHS["title"]]


def _date(draft: Draft, dateline: Dateline | None) -> tuple[dict[str, str], str, date | None]:
    """(evidence, precision, day) of the publication; the date of the draft itself takes precedence."""
    if draft.published_on:
        quote = str(draft.metadata.get("published") or draft.published_on.isoformat())
        return {"kind": METADATA, "quote": quote[:_QUOTE]}, "day", draft.published_on
    found = publication_date(draft.metadata, draft.url, dateline, draft.text)
    evidence = {"kind": found.evidence, "quote": str(found.quote or "")[:_QUOTE]} if found.evidence else {}
    return evidence, found.precision or "", found.value


def _parts(text: str, dateline: Dateline | None) -> dict[str, str]:
    if dateline is None:
        return {}
    parts = {"place": dateline.place, "region": dateline.region, "date": dateline.date, "agency": dateline.agency}
    return {name: text[part.start : part.end] for name, part in parts.items() if part}
