"""The Reconciliation Service API 0.2: its requests and responses as values.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

VERSION = "0.2"
# Queries of one batch, and candidates of one query.
MAX_BATCH, MAX_CANDIDATES, USUAL_CANDIDATES = 50, 25, 5
_MAX_IDS, _MAX_PROPERTIES, _MAX_WORDS = 200, 20, 300
_QUERY_KEYS = {"query", "type", "limit", "properties", "type_strict"}


class Malformed(ValueError):
    """A request or a response is not one of the API. `place` says where, such as `q0.limit`."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place} {reason}" if place else reason)
        self.place = place


class Query(NamedTuple):
    """What is looked for. `types` are labels, `properties` pairs of property and value."""

    words: str
    types: tuple[str, ...] = ()
    limit: int = USUAL_CANDIDATES
    properties: tuple[tuple[str, str], ...] = ()


class ServiceCandidate(NamedTuple):
    """What a service says that something may be. `aliases` are (name, language)."""

    id: str
    name: str
    description: str = ""
    score: float = 0.0
    match: bool = False
    types: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


class Extension(NamedTuple):
    """Of which entities which properties are asked for."""

    ids: tuple[str, ...]
    properties: tuple[str, ...]


# What a service is asked.


def read_queries(text: str) -> dict[str, Query]:
    """The queries of a batch by key. Raises `Malformed`."""
    batch = _object("queries", _parsed("queries", text))
    if len(batch) > MAX_BATCH:
        raise Malformed("queries", f"has {len(batch)} queries: the limit is {MAX_BATCH}, send them in parts")
    return {key: _query(key, _object(key, value)) for key, value in batch.items()}


def _query(key: str, value: Mapping[str, Any]) -> Query:
    if unknown := next((name for name in value if name not in _QUERY_KEYS), None):
        raise Malformed(f"{key}.{unknown[:60]}", f"is unknown: use {', '.join(sorted(_QUERY_KEYS))}")
    words = " ".join(_text(f"{key}.query", value.get("query", "")).split())[:_MAX_WORDS]
    given = value.get("type", [])
    types = [_text(f"{key}.type", one) for one in (given if isinstance(given, list) else [given])]
    limit = value.get("limit", USUAL_CANDIDATES)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not math.isfinite(limit) or limit < 1:
        raise Malformed(f"{key}.limit", "must be a number from 1")
    properties = []
    for number, one in enumerate(_list(f"{key}.properties", value.get("properties", []))[:_MAX_PROPERTIES]):
        place = f"{key}.properties[{number}]"
        one = _object(place, one)
        pid, values = _text(f"{place}.pid", one.get("pid")), one.get("v")
        for wanted in values if isinstance(values, list) else [values]:
            properties.append((pid, _value(f"{place}.v", wanted)))
    if not words and not properties:
        raise Malformed(f"{key}.query", "is missing: send a name, or properties")
    return Query(words, tuple(types), min(int(limit), MAX_CANDIDATES), tuple(properties))


def _value(place: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return _text(f"{place}.id", value.get("id"))
    if isinstance(value, bool | int | float):
        return str(value)
    return _text(place, value)


def read_extension(text: str) -> Extension:
    """The request for properties of entities. Raises `Malformed`."""
    value = _object("extend", _parsed("extend", text))
    ids = [_text(f"extend.ids[{n}]", one) for n, one in enumerate(_list("extend.ids", value.get("ids")))]
    if len(ids) > _MAX_IDS:
        raise Malformed("extend.ids", f"has {len(ids)} entities: the limit is {_MAX_IDS}, send them in parts")
    properties = _list("extend.properties", value.get("properties"))[:_MAX_PROPERTIES]
    named = [_object(f"extend.properties[{n}]", one).get("id") for n, one in enumerate(properties)]
    return Extension(tuple(ids), tuple(_text(f"extend.properties[{n}].id", one) for n, one in enumerate(named)))


# Asking a service.


def batch_of(names: Sequence[str], type_id: str, limit: int) -> str:
    """The queries for these names of one thing, as the parameter `queries`."""
    more = {"type": type_id} if type_id else {}
    return json.dumps({f"q{n}": {"query": name, "limit": limit, **more} for n, name in enumerate(names)})


def extension_of(ids: Sequence[str], properties: Sequence[str]) -> str:
    """The parameter `extend` for these entities."""
    return json.dumps({"ids": list(ids), "properties": [{"id": one} for one in properties]})


def read_candidates(answer: Any, names: Sequence[str]) -> list[ServiceCandidate]:
    """The candidates of all queries of `batch_of`, each once, best first. Raises `Malformed`."""
    found: dict[str, ServiceCandidate] = {}
    for key, value in _object("", answer).items():
        if key not in {f"q{n}" for n in range(len(names))}:
            raise Malformed(key[:60], "is no query that was sent")
        results = _list(f"{key}.result", _object(key, value).get("result"))
        for number, result in enumerate(results[:MAX_CANDIDATES]):
            one = _candidate(f"{key}.result[{number}]", result)
            found[one.id] = max(one, found.get(one.id, one), key=_rank)
    return sorted(found.values(), key=_rank, reverse=True)


def _rank(candidate: ServiceCandidate) -> tuple[bool, float]:
    return candidate.match, candidate.score


def _candidate(place: str, value: Any) -> ServiceCandidate:
    value = _object(place, value)
    name = _line(_text(f"{place}.name", value.get("name")), _MAX_WORDS)
    if not name:
        raise Malformed(f"{place}.name", "is empty")
    score, match = value.get("score", 0), value.get("match", False)
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise Malformed(f"{place}.score", "is not a number")
    if not isinstance(match, bool):
        raise Malformed(f"{place}.match", "is neither true nor false")
    types = value.get("type") or []
    names = [
        one.get("name") or one.get("id") if isinstance(one, dict) else one for one in _list(f"{place}.type", types)
    ]
    return ServiceCandidate(
        _identifier(f"{place}.id", value.get("id")), name, _line(_text(place, value.get("description") or ""), 1000),
        float(score), match, tuple(_line(_text(f"{place}.type", one), 100) for one in names[:5]),
    )  # fmt: skip


def _identifier(place: str, value: Any) -> str:
    text = _text(place, value)
    if not text or len(text) > 300 or not text.isprintable() or any(c.isspace() or c in "<>\"'`" for c in text):
        raise Malformed(place, "is no identifier")
    return text


def read_aliases(answer: Any, properties: Sequence[str]) -> dict[str, list[str]]:
    """The names in a response to `extension_of`, by id. Raises `Malformed`."""
    rows = _object("rows", _object("", answer).get("rows"))
    found: dict[str, list[str]] = {}
    for pk, row in rows.items():
        cells = [cell for one in properties for cell in _list(f"rows.{pk[:60]}", _object(pk[:60], row).get(one) or [])]
        names = [cell.get("str") or cell.get("name") for cell in cells if isinstance(cell, dict)]
        found[pk] = list(
            dict.fromkeys(_line(name, _MAX_WORDS) for name in names if isinstance(name, str) and name.strip())
        )
    return found


# JSON.


def _parsed(place: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed(place, "is not JSON") from None


def _object(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(place, "is not an object" if place else "it is not an object")
    return value


def _list(place: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(place, "is not a list")
    return value


def _text(place: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed(place, "is not text")
    if any(0xD800 <= ord(character) < 0xE000 or character == "\0" for character in value):
        raise Malformed(place, "has characters that cannot be stored")
    return value


def _line(text: str, most: int) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def language_of_property(name: str) -> str:
    """The language of a property of Wikidata's service: `Aar` has aliases in Arabic, `Lde` German labels."""
    return name[1:] if len(name) in (3, 4) and name[0] in "LAD" and name[1:].isalpha() and name[1:].islower() else ""
