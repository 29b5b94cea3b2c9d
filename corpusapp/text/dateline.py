"""The dateline at the start of a story: place, date and agency, in the forms that agencies use.

A dateline consists of parts with joiners between them and ends in a dash, colon or bar. Some combinations of parts are
accepted, others not: a place alone is no evidence, a place with an agency and a dash is. All offsets are code points of
the given text, end exclusive; only the first 160 code points from the start are read.
"""

import re
from dataclasses import dataclass, replace

from corpusapp.text.agencies import is_agency_shaped, is_known, is_parenthesised_agency
from corpusapp.text.dates import WEEKDAYS, WrittenDate, date_at
from corpusapp.text.places import COUNTRIES, is_calendar, is_known_place, may_be_place

LONGEST = 160
_LETTER = r"[^\W\d_]"
_WORD = rf"{_LETTER}(?:{_LETTER}|['’ʿʾ\-.](?={_LETTER}))*\.?"
_PARTICLE = r"(?:of|de|da|do|du|la|le|el|al|ez|es|am|an der|upon|and|on)"
_PLACE = re.compile(rf"{_WORD}(?: (?:{_PARTICLE} )?{_WORD}){{0,4}}")
_REGION = re.compile(rf",\s?((?:[A-Z]\.){{2,3}}|{_WORD}(?: (?:{_PARTICLE} )?{_WORD}){{0,3}})")
_BETWEEN_PLACES = re.compile(r"\s?[/–&-]\s?|,\s| and ")
_JOINER = re.compile(r"\s+(?=/[^/\s]{2,20}/)|\s*[,/|.•·](?=[\s(/\w])\s*|\s*(?:--|[-–—])\s*|\s+|(?=\()")
_BRACKETS = re.compile(r"\(([^()\n]{1,60})\)|\[([^\[\]\n]{1,60})\]|/([^/\n]{2,30})/")
_BARE = re.compile(rf"{_LETTER}[\w.’'&-]*(?: ?/ ?{_LETTER}[\w.’'&-]*| {_LETTER}[\w.’'&-]*){{0,5}}")
_END = re.compile(r"\s{0,3}(?:\.?\s?(?:-{2,3}|[—–―]|-(?=\s|[A-Z\"“‘]))|_(?=\s)|\||:(?=\s))")
_STOP = re.compile(r"\.(?=\s)")
# Every dateline that is read part by part ends in one of these; most lines have none.
_CLOSING = re.compile(r"--|[—–―|/]|-(?=[\sA-Z\"“‘])|[_:](?=\s)")
_UNCASED = re.compile(rf"({_LETTER}+(?: {_LETTER}+){{0,2}})\s?[-–/،,]\s?({_LETTER}+)(?!\w)")
_AGENCY_AFTER = re.compile(rf"\s?({_LETTER}+(?: {_LETTER}+)?)\.(?=\s)")
_WEEKDAY_WORD = re.compile(rf"{_LETTER}+\.?")
_CHINESE = re.compile(r"(新华社|中新社|中新网|人民网)([\u4e00-\u9fff]{2,8}?)((?:\d{4}年)?\d{1,2}月\d{1,2}日)(?:专)?电")


@dataclass(frozen=True)
class Part:
    """`[start, end)` of one part of a dateline."""

    start: int
    end: int


@dataclass(frozen=True)
class Dateline:
    """`[start, end)` with the closing dash, and the parts; `written` is the date as far as it is stated."""

    start: int
    end: int
    place: Part | None = None
    region: Part | None = None
    date: Part | None = None
    agency: Part | None = None
    written: WrittenDate | None = None


def find_dateline(text: str, start: int = 0) -> Dateline | None:
    """The dateline that begins at `start`, after white space; None if there is none."""
    window = text[start : start + LONGEST + 40]
    margin = len(window) - len(window.lstrip())
    line = window[margin:].split("\n", 1)[0][:LONGEST]
    found = _chinese(line) or _uncased(line) or _bracketed_agency(line)
    if not found and _CLOSING.search(line):
        found = _dated_agency(line) or _placed(line)
    return shifted(found, start + margin) if found else None


def _chinese(line: str) -> Dateline | None:
    match = _CHINESE.match(line)
    if not match:
        return None
    return Dateline(0, match.end(), place=Part(*match.span(2)), date=Part(*match.span(3)), agency=Part(*match.span(1)))


def _uncased(line: str) -> Dateline | None:
    """ "دمشق-سانا": in scripts without capitals, a hyphen and a known agency are enough, with or without a dash."""
    match = _UNCASED.match(line)
    if not match or not is_known(match[2]) or match[1].upper() != match[1].lower():
        return None
    end = _END.match(line, match.end())
    return Dateline(0, end.end() if end else match.end(), place=Part(*match.span(1)), agency=Part(*match.span(2)))


def _bracketed_agency(line: str) -> Dateline | None:
    """ "(Xinhuanet) -- "; without a dash only a known agency."""
    match = _BRACKETS.match(line)
    if not match or line[0] == "/":
        return None
    name = match[1] or match[2]
    if not is_parenthesised_agency(name):
        return None
    agency = Part(1, match.end() - 1)
    if end := _END.match(line, match.end()):
        return Dateline(0, end.end(), agency=agency)
    if is_known(name) and re.match(r"\s+[A-Z\"“‘']", line[match.end() :]):
        return Dateline(0, match.end(), agency=agency)
    return None


def _dated_agency(line: str) -> Dateline | None:
    """ "Aug. 8 (MNA) --": without a place, the agency must be in brackets."""
    written = date_at(line)
    if not written:
        return None
    found = _read(line, Dateline(0, 0, date=Part(0, written.end), written=written), written.end)
    return found if found and found.agency and line[found.agency.start - 1] in "([" else None


def _placed(line: str) -> Dateline | None:
    match = _PLACE.match(line)
    if not match:
        return None
    for end in _shorter(line, match.end()):
        found = _after_place(line, end)
        if found:
            return found
    return None


def _shorter(line: str, end: int) -> list[int]:
    """Candidate ends of the place, the longest first, each a word shorter (a date may follow)."""
    spaces = [at for at in range(end) if line[at] == " "]
    return [end, *reversed(spaces)]


def _after_place(line: str, end: int) -> Dateline | None:
    if not may_be_place(line[:end]):
        return None
    start = Dateline(0, 0, place=Part(0, end))
    for found, position in (*_with_more_places(line, start), (start, end)):
        read = _read(line, found, position)
        if read and _proven(line, read):
            return read
    return None


def _with_more_places(line: str, found: Dateline) -> list[tuple[Dateline, int]]:
    """Readings with a second city, or the state, after the place."""
    readings = []
    place = found.place or Part(0, 0)
    if between := _BETWEEN_PLACES.match(line, place.end):
        second = _PLACE.match(line, between.end())
        if second and may_be_place(second[0]) and _same_case(line[: place.end], second[0]):
            wider = replace(found, place=Part(0, second.end()))
            readings += [*_with_region(line, wider), (wider, second.end())] if "," not in between[0] else []
            if "," in between[0] and line[: place.end].isupper():
                readings.append((wider, second.end()))
    return [*_with_region(line, found), *readings]


def _with_region(line: str, found: Dateline) -> list[tuple[Dateline, int]]:
    match = _REGION.match(line, found.place.end if found.place else 0)
    if not match or not match[1][0].isupper() or is_calendar(match[1].split()[0]) or is_agency_like(match[1]):
        return []
    return [(replace(found, region=Part(*match.span(1))), match.end())]


def is_agency_like(name: str) -> bool:
    """An agency rather than the state of a city: "Tehran, SANA"."""
    return name.casefold() not in COUNTRIES and "." not in name and is_agency_shaped(name)


def _read(line: str, found: Dateline, position: int) -> Dateline | None:
    """`found` with the date and agency after it, up to the closing dash; None if there is no dash."""
    for _ in range(3):
        extended = _extended(line, found, position)
        if extended is None:
            break
        found, position = extended
    if found.agency and line[found.agency.start - 1] == "/" and (stop := _STOP.match(line, position)):
        return replace(found, end=stop.end())
    end = _END.match(line, position)
    if not end or not line[end.end() :].strip():
        return replace(found, end=end.end()) if end and found.agency and found.place else None
    after = None if found.agency else _AGENCY_AFTER.match(line, end.end())
    if after and is_known(after[1]):
        return replace(found, agency=Part(*after.span(1)), end=after.end())
    return replace(found, end=end.end())


def _extended(line: str, found: Dateline, position: int) -> tuple[Dateline, int] | None:
    joiner = _JOINER.match(line, position)
    if not joiner:
        return None
    at = joiner.end()
    if not found.date and (written := date_at(line, at)):
        return replace(found, date=Part(at, written.end), written=written), written.end
    if not found.date and (weekday := _WEEKDAY_WORD.match(line, at)) and weekday[0].strip(".").casefold() in WEEKDAYS:
        return replace(found, date=Part(at, weekday.end())), weekday.end()
    if not found.agency and (brackets := _BRACKETS.match(line, at)):
        return _within_brackets(line, found, brackets)
    if not found.agency and joiner[0].strip():
        return _bare_agency(line, found, at)
    return None


def _within_brackets(line: str, found: Dateline, match: re.Match[str]) -> tuple[Dateline, int] | None:
    name = next(group for group in match.groups() if group)
    start = match.start() + 1
    written = date_at(line, start)
    if not found.date and written and written.end == match.end() - 1:
        return replace(found, date=Part(start, written.end), written=written), match.end()
    if "," in name:
        name = name.split(",", 1)[0]
    if not is_parenthesised_agency(name) or is_known_place(name):
        return None
    return replace(found, agency=Part(start, start + len(name))), match.end()


def _bare_agency(line: str, found: Dateline, at: int) -> tuple[Dateline, int] | None:
    """An agency without brackets, up to a joiner or the closing dash."""
    match = _BARE.match(line, at)
    if not match:
        return None
    for end in range(match.end(), at + 1, -1):
        if end < match.end() and line[end] not in " /-":
            continue
        name = line[at:end].rstrip(" -")
        whole = at + len(name)
        if is_agency_shaped(name) and (_END.match(line, whole) or date_at(line, _skip(line, whole))):
            return replace(found, agency=Part(at, whole)), whole
    return None


def _skip(line: str, position: int) -> int:
    joiner = _JOINER.match(line, position)
    return joiner.end() if joiner else position


def _same_case(first: str, second: str) -> bool:
    return first.isupper() == second.isupper()


def _proven(line: str, found: Dateline) -> bool:
    """Whether the parts are enough evidence for a dateline."""
    place = line[found.place.start : found.place.end] if found.place else ""
    if place.casefold() == place.upper() == place.lower():
        return found.agency is not None
    if found.agency or (found.written and (place.isupper() or is_known_place(place) or found.region)):
        return True
    if found.date:
        return found.written is not None or is_known_place(place) or place.isupper()
    if line[found.end :].lstrip(" \"“‘'«")[:1].islower():
        return False
    if line[found.end - 1] in ":|":
        return place.isupper() and is_known_place(place)
    region = line[found.region.start : found.region.end] if found.region else ""
    if place.isupper():
        return not place.endswith(".") and (len(place) >= 4 or bool(region) or is_known_place(place))
    if region:
        return region.casefold() in COUNTRIES and place.casefold() not in COUNTRIES
    return (
        is_known_place(place)
        and place.casefold() not in COUNTRIES
        and line[found.place.end if found.place else 0] == " "
    )


def shifted(found: Dateline, by: int) -> Dateline:
    """The dateline with all offsets moved by `by` code points."""

    def part(one: Part | None) -> Part | None:
        return Part(one.start + by, one.end + by) if one else None

    written = found.written and replace(found.written, start=found.written.start + by, end=found.written.end + by)
    return Dateline(
        found.start + by,
        found.end + by,
        part(found.place),
        part(found.region),
        part(found.date),
        part(found.agency),
        written,
    )
