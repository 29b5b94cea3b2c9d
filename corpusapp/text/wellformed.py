"""Text and JSON that can be stored: checks, strict reading of JSON, normalisation of texts."""

import json
import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

_SURROGATE = re.compile("[\ud800-\udfff]")
_HIDDEN, _JOINERS = ("Cc", "Cf", "Cn", "Co", "Cs"), "\u200c\u200d\u200e\u200f"
MAX_DEPTH = 64


def fault(text: str, *, nul_allowed: bool = False) -> str | None:
    """Why `text` cannot be stored, with the offset in code points; None if it can: a lone surrogate, or NUL."""
    if not text.isascii() and (surrogate := _SURROGATE.search(text)):
        return (
            f"holds a lone surrogate (U+{ord(surrogate[0]):04X}) at offset {surrogate.start()}: "
            "send whole characters, in JSON as a pair of escapes"
        )
    if not nul_allowed and "\0" in text:
        return f"holds a NUL character (U+0000) at offset {text.index(chr(0))}: remove it"
    return None


def hidden(text: str) -> str | None:
    """The first character of a name that hides what it says, with the offset in code points; None if there is none.

    These are control characters, those that turn the direction of others, unassigned ones and private ones. Zero-width
    joiners and direction marks belong to the spelling of names in some scripts.
    """
    for offset, character in enumerate(text):
        category = unicodedata.category(character)
        if category in _HIDDEN and character not in _JOINERS:
            what = "a control character" if category == "Cc" else "an invisible character"
            return f"has {what} (U+{ord(character):04X}) at offset {offset}: remove it"
    return None


def fault_within(value: Any, path: str = "", depth: int = 0) -> tuple[str, str] | None:
    """(path, reason) of the first part of a JSON value that cannot be stored, or that is nested too deep."""
    if depth > MAX_DEPTH:
        return path, f"is nested more than {MAX_DEPTH} deep"
    if isinstance(value, str):
        reason = fault(value)
        return (path, reason) if reason else None
    if isinstance(value, float) and not math.isfinite(value):
        return path, f"is {value}, which JSON has no number for: leave it out"
    if isinstance(value, dict):
        for key, inner in value.items():
            if found := fault_within(key, f"{path}.(key)", depth + 1):
                return found
            if found := fault_within(inner, f"{path}.{key}".lstrip("."), depth + 1):
                return found
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if found := fault_within(inner, f"{path}[{position}]", depth + 1):
                return found
    return None


_SHOWN = 60


def load_json(data: str | bytes) -> Any:
    """The value of a JSON text, by the rules of RFC 8259.

    Raises ValueError for infinite numbers and for repeated keys, `json.JSONDecodeError` for invalid JSON, and
    RecursionError for JSON that is nested too deep.
    """
    return json.loads(data, **_JSON_HOOKS)


def json_decoder() -> json.JSONDecoder:
    """A decoder with the rules of `load_json`, to read value by value."""
    return json.JSONDecoder(**_JSON_HOOKS)


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


_JSON_HOOKS: dict[str, Any] = {"object_pairs_hook": _object, "parse_float": _float, "parse_constant": _constant}


_CHANGED = re.compile("\r\n?|\0")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Normalised:
    """A text as stored: line ends are LF, NUL and a leading byte-order mark are removed; `cuts` are their offsets."""

    text: str
    source_length: int
    cuts: tuple[int, ...] = ()
    byte_order_mark: bool = False
    nul_characters: int = 0
    line_ends: int = 0

    def offset(self, source: int) -> int:
        """The offset in the stored text of the offset `source` in the source text, in code points.

        An offset past the end moves by the same distance, so that it stays out of range.
        """
        return source - bisect_right(self.cuts, source - 1)

    @property
    def notes(self) -> list[str]:
        """One sentence for each kind of removed character. Changed line ends are not reported."""
        notes = []
        if self.byte_order_mark:
            notes.append("a byte-order mark was removed from the start of the text")
        if self.nul_characters:
            notes.append(f"{self.nul_characters} NUL characters were removed from the text")
        return notes


def normalise(source: str) -> Normalised:
    """The stored form of a text. A single carriage return is a line end."""
    if "\r" not in source and "\0" not in source and not source.startswith(_BYTE_ORDER_MARK):
        return Normalised(source, len(source))
    cuts: list[int] = []
    pieces: list[str] = []
    kept_to = 0
    nul_characters = line_ends = 0
    marked = source.startswith(_BYTE_ORDER_MARK)
    if marked:
        cuts.append(0)
        kept_to = 1
    for match in _CHANGED.finditer(source, kept_to):
        pieces.append(source[kept_to : match.start()])
        kept_to = match.end()
        if match[0] == "\0":
            nul_characters += 1
            cuts.append(match.start())
            continue
        line_ends += 1
        pieces.append("\n")
        if match[0] == "\r\n":
            cuts.append(match.start())
    pieces.append(source[kept_to:])
    return Normalised("".join(pieces), len(source), tuple(cuts), marked, nul_characters, line_ends)
