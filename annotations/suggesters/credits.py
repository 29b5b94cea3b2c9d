"""Names in bylines and credits: "Reporting by …; Editing by …", "REUTERS / Ann Hill / File Photo"."""

import re
from collections.abc import Iterator, Sequence

from annotations.suggesters.lexicon import PARTICLES
from annotations.suggesters.protocol import Proposal
from corpusapp.text.agencies import is_known
from corpusapp.text.places import CITIES, COUNTRIES
from corpusapp.text.words import words
from corpusapp.text.zones import BYLINE, ZoneRange

# The probability that such a name is one.
_SURE = 0.93

_NOT_NAMES = words("""
    File Photo Photos Picture Image Illustration Handout Pool Courtesy Archive Files Video Staff Desk Bureau Editor
    Writer TV Agencies Correspondent Reporter Newsroom Reporting Editing Writing Additional Graphics Compiled Author
""")
_CAPITAL = r"[^\W\d_a-z][\w.’'-]*"
_OF_NAME = rf"(?!(?:{'|'.join(sorted(_NOT_NAMES))})\b){_CAPITAL}"
_PARTICLE = "|".join(sorted(map(re.escape, PARTICLES), key=len, reverse=True))
_NAME = rf"{_OF_NAME}(?:[ -](?:(?:{_PARTICLE})[ -])*{_OF_NAME}){{1,4}}"
_AGENCY = rf"{_CAPITAL}(?: {_CAPITAL}){{0,2}}"
# "REUTERS / Ann Hill", "Ann Hill / Pool via REUTERS", "(Ann Hill/AP)".
_AGENCY_FIRST = re.compile(rf"(?<![\w/])(?P<agency>{_AGENCY}) ?/ ?(?P<name>{_NAME})(?= ?/|[\n)\]]|\. |\.?\Z)")
_NAME_FIRST = re.compile(rf"(?<![\w/])(?P<name>{_NAME}) ?/ ?(?:Pool via |Handout via |via )?(?P<agency>{_AGENCY})")
_VIA = re.compile(rf"\bvia (?P<agency>{_AGENCY})")
_NAMED = re.compile(rf"{_NAME}")
_BY = re.compile(
    rf"\b(?P<kind>[Bb]y|BY|(?:Author|Editor|Interview|Reporter|Translator|Writer)s?:) "
    rf"(?P<names>{_NAME}(?:(?:,| and|, and| &| /) {_NAME})*)"
)
_AFTER_PLACE = re.compile(rf" (?:in|at) {_AGENCY}(?P<more>(?:(?:,| and|, and) {_NAME})+)(?= (?:in|at) |[;)]|\.?\Z)")
_DATED_BY = re.compile(
    rf"\bBy (?P<name>{_NAME}?)(?= (?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? \d)"
)


def credited_names(text: str, zones: Sequence[ZoneRange]) -> list[Proposal]:
    """The persons and agencies that bylines and credits name, in order, without overlaps."""
    taken = bytearray(len(text))
    found: list[Proposal] = []
    for start, end, label, place in _all(text, zones):
        if start < end and taken.find(1, start, end) < 0:
            taken[start:end] = b"\x01" * (end - start)
            found.append(Proposal(start, end, label, _SURE, pinned=True, place=place))
    return sorted(found)


# The place of names in credits of pictures.
PICTURE = "picture"


def _all(text: str, zones: Sequence[ZoneRange]) -> Iterator[tuple[int, int, str, str]]:
    for zone in zones:
        if zone.kind == BYLINE:
            yield from _in_byline(text, zone.start, zone.end)
    if "/" in text:
        for pattern in (_AGENCY_FIRST, _NAME_FIRST):
            for match in pattern.finditer(text):
                if is_known(match["agency"]) and _may_be_name(match["name"]):
                    yield *match.span("agency"), "ORG", PICTURE
                    yield *match.span("name"), "PERSON", PICTURE
    for match in _VIA.finditer(text):
        if is_known(match["agency"]):
            yield *match.span("agency"), "ORG", PICTURE
    for match in _DATED_BY.finditer(text):
        if _may_be_name(match["name"]):
            yield *match.span("name"), "PERSON", "by"


def _in_byline(text: str, start: int, end: int) -> Iterator[tuple[int, int, str, str]]:
    for match in _BY.finditer(text, start, end):
        yield from _persons(text, *match.span("names"), match["kind"].lower())
    for match in _AFTER_PLACE.finditer(text, start, end):
        yield from _persons(text, *match.span("more"), "by")


def _persons(text: str, start: int, end: int, place: str) -> Iterator[tuple[int, int, str, str]]:
    for match in _NAMED.finditer(text, start, end):
        if _may_be_name(match.group()):
            yield *match.span(), "PERSON", place


def _may_be_name(name: str) -> bool:
    folded = name.casefold()
    return folded not in CITIES and folded not in COUNTRIES
