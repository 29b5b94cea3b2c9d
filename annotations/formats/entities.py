"""Entities of spans in files: their JSON, and their identifiers as addresses and as one text."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

from annotations.formats.records import CONFIRMED, STATES, EntityRecord
from annotations.formats.report import Report
from annotations.linkers.identifiers import ADDRESSES, URI, identifier_of
from corpusapp.text.wellformed import fault

# Of several identifiers, the one that a format with place for one gets.
PREFERRED = ("wikidata", "viaf", "gnd", "geonames", "isni", "ror", "dbpedia")
# Addresses of identifiers of schemes without one.
URN = "urn:corpusapp:identifier:"
OWN = "urn:corpusapp:entity:"
_COMPACT = re.compile(r"([A-Za-z][\w.-]*):(\S+)\Z")


def read_entity(value: Any, report: Report, where: str, field: str) -> EntityRecord | None:
    """The entity of a span, as exports write it. One that says nothing is reported."""
    if value is None:
        return None
    given = value if isinstance(value, dict) else {}
    entity = entity_of(
        given.get("id"),
        given.get("name"),
        _pairs(given.get("identifiers")),
        state=given.get("state", CONFIRMED),
        score=given.get("score"),
        revision=given.get("revision"),
    )
    if entity is None:
        report.note("entity", f"{field}: an entity has a name or identifiers; the span stays without it", where)
    return entity


def entity_of(
    id: Any,
    name: Any,
    identifiers: Iterable[tuple[str, str]] = (),
    *,
    state: Any = CONFIRMED,
    score: Any = None,
    revision: Any = None,
) -> EntityRecord | None:
    """The entity of these values of a file; None if they name none.

    Without an id, the first identifier is the id, or the name, so that mentions of one entity have one id. Without a
    name, the id is the name.
    """
    pairs = tuple(dict.fromkeys(identifiers))
    label = name if isinstance(name, str) and name.strip() and not fault(name) else ""
    known = id if _is_id(id) else f"{pairs[0][0]}:{pairs[0][1]}" if pairs else label
    if not (label or pairs):
        return None
    return EntityRecord(
        known,
        label or str(known),
        pairs,
        state if state in STATES else CONFIRMED,
        float(score) if type(score) in (int, float) and 0 <= score <= 1 else None,
        revision if type(revision) is int else None,
    )


def best_identifier(entity: EntityRecord) -> tuple[str, str] | None:
    """The identifier that a format with place for one gets; None if there is none."""
    ranks = {scheme: rank for rank, scheme in enumerate(PREFERRED)}
    return min(entity.identifiers, key=lambda pair: (ranks.get(pair[0], len(ranks)), pair), default=None)


def address_of(scheme: str, value: str) -> str:
    """The address of an identifier in linked data."""
    if scheme in ADDRESSES:
        return ADDRESSES[scheme].format(quote(value, safe="_-().,:'"))
    if scheme == URI and re.match(r"(https?|urn):\S+\Z", value):
        return value
    return f"{URN}{quote(scheme, safe='')}:{quote(value, safe='')}"


def identifier_at(address: str) -> tuple[str, str]:
    """The identifier of an address."""
    if address.startswith(URN) and ":" in (rest := address.removeprefix(URN)):
        scheme, _, value = rest.partition(":")
        return unquote(scheme), unquote(value)
    scheme, value = identifier_of(address)
    return scheme, value if scheme == URI else unquote(value)


def compact(pair: tuple[str, str]) -> str:
    """The identifier as one text: `wikidata:Q794`."""
    return f"{pair[0]}:{pair[1]}"


def identifier_in(text: str) -> tuple[str, str] | None:
    """The identifier in a text of a file: an address, `scheme:value`, or a bare Wikidata id. None if it is none."""
    text = text.strip()
    if re.match(r"https?://\S+\Z", text) or text.startswith(URN):
        return identifier_at(text)
    if match := _COMPACT.match(text):
        known = {scheme.casefold(): scheme for scheme in ADDRESSES}
        return known.get(match[1].casefold(), match[1]), match[2]
    return ("wikidata", text) if re.match(r"Q[1-9][0-9]*\Z", text) else None


def entity_address(entity: EntityRecord) -> str:
    """The address of an entity: of one of its identifiers, or else of its id here."""
    best = best_identifier(entity)
    return address_of(*best) if best is not None else own_address(entity)


def own_address(entity: EntityRecord) -> str:
    """The address of the entity's id, which says nothing to others."""
    return f"{OWN}{quote(str(entity.id), safe='')}"


def linked_entity(address: str, words: str) -> EntityRecord | None:
    """The entity of a span with these words that a tool has linked to an address or identifier. None if it is empty."""
    if not address.strip():
        return None
    name = " ".join(words.split())
    if address.startswith(OWN):
        own = unquote(address.removeprefix(OWN))
        return entity_of(int(own) if own.isdecimal() and len(own) < 19 else own, name)
    return entity_of(None, name, [identifier_in(address) or (URI, "".join(address.split()))])


def _pairs(identifiers: Any) -> list[tuple[str, str]]:
    """Pairs of scheme and value from an object of lists or of single values."""
    found = []
    for scheme, values in identifiers.items() if isinstance(identifiers, dict) else ():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and _fits(scheme) and _fits(value):
                found.append((scheme, value))
    return found


def _fits(text: str) -> bool:
    return bool(text) and text.isprintable() and not any(character.isspace() for character in text) and not fault(text)


def _is_id(value: Any) -> bool:
    return type(value) is int or (isinstance(value, str) and bool(value) and not fault(value))
