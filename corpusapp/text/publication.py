"""The publication date of an article, as precise as stated, with its evidence. Nothing is guessed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any

from corpusapp.text.dateline import Dateline
from corpusapp.text.dates import DAY, MONTH, PRECISIONS, YEAR, WrittenDate, date_at, first_date
from corpusapp.text.lines import Line, split_lines

METADATA, TEXT, URL, DATELINE = ("metadata", "text", "url", "dateline")
_KEYS = (
    "published_on", "published", "publishedon", "date_published", "datepublished", "published_time", "publishedat",
    "published_at", "pubdate", "publication_date", "article:published_time", "og:published_time", "dc.date.issued",
    "dc.date", "dcterms.issued", "issued", "date",
)  # fmt: skip
_PATH_DATES = (
    re.compile(r"/((?:19|20)\d\d)[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"[_-]((?:19|20)\d\d)[_-]?(0[1-9]|1[0-2])[_-]?(0[1-9]|[12]\d|3[01])(?=/|\.\w+$|$)"),
    re.compile(r"/((?:19|20)\d\d)/?(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"/((?:19|20)\d\d)/([a-z]{3,9})/(0?[1-9]|[12]\d|3[01])(?=/|$)", re.IGNORECASE),
    re.compile(r"/((?:19|20)\d\d)/(0?[1-9]|1[0-2])(?=/|$)"),
    re.compile(r"/((?:19|20)\d\d)(?=/)"),
)
_LABEL = re.compile(
    r"(?:^|[|•·]\s*|\s{2,})(?:first )?(?:published|posted|publish(?:ed|ing)? (?:date|time)|publication date"
    r"|release date|issued|"
    r"date|added|تاریخ انتشار|تاريخ النشر)(?: on| at)?\s*[:：]?\s*",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?:news|article|story)\s?(?:code|id|no\.?)\s*[:#]?\s*\d+", re.IGNORECASE)
_LONGEST_LABELLED = 240
_EARLIEST_YEAR = 1600


@dataclass(frozen=True)
class PublicationDate:
    """`value` is the first day of the known period, with a `precision` of day, month or year; None if not stated.

    `evidence` is METADATA, TEXT, URL or DATELINE, `quote` the words that state the date. For a month and day without a
    year, `value` and `precision` are None; evidence and quote are kept for a person to decide.
    """

    value: date | None = None
    precision: str | None = None
    evidence: str | None = None
    quote: str = ""


def publication_date(
    metadata: Mapping[str, Any] | None = None, url: str = "", dateline: Dateline | None = None, text: str = ""
) -> PublicationDate:
    """The most precise date of metadata, labelled lines of the text, the URL and the dateline, preferred in this order.

    `dateline` has offsets in code points of `text`. If the URL has a year and month, and the dateline a day of the same
    month without a year, both are combined.
    """
    in_url = _from_url(url)
    in_dateline = _from_dateline(dateline, text)
    stated = [_from_metadata(metadata or {}), _from_text(text), in_url, in_dateline, _combined(in_url, dateline, text)]
    known = [found for found in stated if found and found.value]
    if known:
        return min(known, key=lambda found: PRECISIONS.index(found.precision or YEAR))
    return in_dateline or PublicationDate()


def _from_metadata(metadata: Mapping[str, Any]) -> PublicationDate | None:
    by_name = {str(key).casefold(): value for key, value in metadata.items() if value}
    for key in _KEYS:
        if not (value := by_name.get(key)):
            continue
        text = value.isoformat() if isinstance(value, date) else value if isinstance(value, str) else ""
        if found := _stated(text.strip()):
            return PublicationDate(found[0], found[1], METADATA, text.strip()[:80])
    return None


def _stated(text: str) -> tuple[date, str] | None:
    """(date, precision) of a value in ISO 8601, RFC 5322, or as newspapers write it."""
    if re.fullmatch(r"\d{4}", text):
        return _checked(int(text), 1, 1, YEAR)
    if match := re.fullmatch(r"(\d{4})-(\d\d)", text):
        return _checked(int(match[1]), int(match[2]), 1, MONTH)
    if match := re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", text):
        return _checked(int(match[1]), int(match[2]), int(match[3]), DAY)
    written = date_at(text)
    if written and written.value and written.precision:
        return _checked(written.value.year, written.value.month, written.value.day, written.precision)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _checked(moment.year, moment.month, moment.day, DAY)


def _checked(year: int, month: int, day: int, precision: str) -> tuple[date, str] | None:
    try:
        return (date(year, month, day), precision) if year >= _EARLIEST_YEAR else None
    except ValueError:
        return None


def _from_url(url: str) -> PublicationDate | None:
    if not url:
        return None
    path = re.sub(r"^[a-z][a-z0-9+.-]*://[^/?#]*", "", url[:2000], flags=re.IGNORECASE)
    path = re.split("[?#]", path, maxsplit=1)[0]
    for form in _PATH_DATES:
        for match in form.finditer(path):
            if found := _in_path(match):
                return PublicationDate(*found, URL, match[0].strip("/_-"))
    return None


def _in_path(match: re.Match[str]) -> tuple[date, str] | None:
    year, *rest = match.groups()
    if rest and not rest[0].isdecimal():
        written = date_at(f"{rest[1]} {rest[0]} {year}")
        return (written.value, DAY) if written and written.value and written.day else None
    numbers = [int(part) for part in rest]
    month, day = (*numbers, 1, 1)[:2]
    return _checked(int(year), month, day, (YEAR, MONTH, DAY)[len(numbers)])


def _from_dateline(dateline: Dateline | None, text: str) -> PublicationDate | None:
    if dateline is None or dateline.date is None:
        return None
    quote = text[dateline.date.start : dateline.date.end]
    written = dateline.written
    value, precision = (written.value, written.precision) if written else (None, None)
    return PublicationDate(value, precision, DATELINE, quote)


def _combined(in_url: PublicationDate | None, dateline: Dateline | None, text: str) -> PublicationDate | None:
    written = dateline.written if dateline else None
    if not in_url or not in_url.value or in_url.precision != MONTH or not dateline or not dateline.date:
        return None
    if not written or written.year or not written.day or written.month != in_url.value.month:
        return None
    found = _checked(in_url.value.year, written.month, written.day, DAY)
    quote = f"{text[dateline.date.start : dateline.date.end]}, {in_url.quote}"
    return PublicationDate(*found, DATELINE, quote) if found else None


def _from_text(text: str) -> PublicationDate | None:
    """The date in a line that is labelled as publication date, or that follows a news code. Running text is skipped."""
    for line in split_lines(text):
        if len(line.text) > _LONGEST_LABELLED or line.prose:
            continue
        written = _labelled(line)
        if written and written.value:
            return PublicationDate(written.value, written.precision, TEXT, line.text[written.start : written.end])
    return None


def _labelled(line: Line) -> WrittenDate | None:
    for match in _LABEL.finditer(line.text):
        if found := date_at(line.text, match.end()):
            return found
    code = _CODE.match(line.core)
    if not code:
        return None
    shift = line.text.index(code[0]) + len(code[0])
    found = first_date(line.text[shift:])
    if not found:
        return None
    return WrittenDate(found.start + shift, found.end + shift, found.year, found.month, found.day)
