"""The form of news: names that stand where rules say, whatever else is known of them."""

import re
from collections.abc import Iterator, Sequence

from annotations.suggesters.lexicon import BUILDINGS, EVENT_WORDS
from annotations.suggesters.protocol import Proposal
from corpusapp.text.agencies import is_known
from corpusapp.text.dateline import find_dateline
from corpusapp.text.places import CITIES, COUNTRIES
from corpusapp.text.zones import DATELINE, ZoneRange

# Scores of the rules.
SURE = 0.95
LIKELY = 0.7

_CREDIT = re.compile(
    r"\((?:(?:Photo|Picture|Image|File photo|Video)s?(?: by|:| from)? )?([A-Z][\w. ]{1,20}?)"
    r"(?: (?:photo|file photo|picture|image|archive)s?)?\)",
)
_MEMBER = re.compile(r"\(([DRI])-([A-Z]{2})\)")
_BILL = re.compile(r"\b(?:H\.R\.|H\.J\.Res\.|S\.) ?\d{1,5}\b")
_RESOLUTION = re.compile(r"\b(?:UN |U\.N\. )?(?:Security Council )?[Rr]esolutions? \d{2,4}\b")
_ROUND = re.compile(
    r"\b([A-Z]\w{1,30}(?:[ -][A-Z]\w{1,30})?[ -]\d{1,2})"
    r"(?= (?:meeting|talks|conference|summit|round|negotiations|session)s?\b)"
)
# A church of believers is an organisation.
_BUILDING = re.compile(
    rf"\b(?!(?:The|Catholic|Orthodox|Protestant|Evangelical|Lutheran|Anglican|Methodist|Baptist|Roman|Coptic)\b)"
    rf"(?:(?!Catholic|Orthodox|Protestant|Evangelical|Lutheran|Anglican)[A-Z][\w-]{{0,30}}\.? ){{1,4}}"
    rf"(?:{'|'.join(sorted(BUILDINGS))})\b"
)
# "1. Ann Hill (NOR) 2:21:14", in a table of at least two such lines.
_RESULT = re.compile(
    r"^(?:\d{1,3}[.)]?[ \t]+)?[^\W\d_a-z][\w .'’-]{2,60} \(([A-Z]{3})\)(?=[ \t]*(?:[\d+,;:]|$))", re.MULTILINE
)
_FEWEST_RESULTS = 2
_NUMBER_OF = re.compile(r"[ -]\d+\Z")


def structural_proposals(text: str, zones: Sequence[ZoneRange]) -> Iterator[Proposal]:
    """The proposals, rule by rule. Those of one rule do not overlap."""
    yield from dateline_proposals(text, zones)
    for match in _CREDIT.finditer(text):
        if is_known(match[1]):
            yield Proposal(*match.span(1), "ORG", SURE)
    for match in _MEMBER.finditer(text):
        yield Proposal(*match.span(1), "NORP", SURE)
        yield Proposal(*match.span(2), "GPE", SURE)
    results = list(_RESULT.finditer(text))
    for match in results if len(results) >= _FEWEST_RESULTS else ():
        yield Proposal(*match.span(1), "GPE", SURE)
    for pattern in (_BILL, _RESOLUTION):
        for match in pattern.finditer(text):
            yield Proposal(*match.span(), "LAW", SURE)
    for match in _BUILDING.finditer(text):
        yield Proposal(*match.span(), "FAC", LIKELY)
    for match in _ROUND.finditer(text):
        place = _NUMBER_OF.sub("", match[1])
        if place.casefold() in CITIES or place.casefold() in COUNTRIES or place in EVENT_WORDS:
            yield Proposal(*match.span(1), "EVENT", SURE)


def dateline_proposals(text: str, zones: Sequence[ZoneRange]) -> Iterator[Proposal]:
    """The place, date and agency of the dateline, from its zone."""
    zone = next((zone for zone in zones if zone.kind == DATELINE), None)
    # The text after the zone is needed to find the end of the dateline.
    line = find_dateline(text, zone.start) if zone else None
    if line is None:
        return
    for part, label in ((line.place, "GPE"), (line.region, "GPE"), (line.date, "DATE"), (line.agency, "ORG")):
        if part is not None:
            yield Proposal(part.start, part.end, label, SURE)
