"""JSON read strictly: what Python's own reader takes, and RFC 8259 or the database does not, is refused."""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

_SHOWN = 60


def loads(data: str | bytes) -> Any:
    """The value. Raises ValueError for what is no JSON, for numbers that are not finite and for repeated keys.

    `json.JSONDecodeError` is one of them; what is nested too deep raises RecursionError.
    """
    return json.loads(data, **HOOKS)


def decoder() -> json.JSONDecoder:
    """As `loads`, for whoever reads value by value."""
    return json.JSONDecoder(**HOOKS)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = _first_repeated(key for key, _ in pairs)
        raise ValueError(f"the key {repeated[:_SHOWN]!r} stands twice in one object: send it once")
    return found


def _first_repeated(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    raise ValueError("no key is repeated")


def _float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise ValueError(f"{literal[:_SHOWN]} is too large for a number")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


HOOKS: dict[str, Any] = {"object_pairs_hook": _object, "parse_float": _float, "parse_constant": _constant}
