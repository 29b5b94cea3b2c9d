"""Converts the offsets of JSON lines to UTF-16 units, which JavaScript uses, and back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from corpusapp.text.utf16 import Utf16

CODE_POINTS, UTF16 = "code points", "utf16"
_WITH_OFFSETS = ("tokens", "spans", "zones", "decided")


def line_in_utf16(line: dict[str, Any]) -> dict[str, Any]:
    """The line with all offsets in UTF-16 units."""
    units = Utf16(line["text"])
    if units.length == len(line["text"]):
        return line
    return line | {key: list(_each_in_units(line[key], units)) for key in _WITH_OFFSETS if key in line}


def _each_in_units(items: Iterable[Mapping[str, Any]], units: Utf16) -> Iterator[dict[str, Any]]:
    for one in items:
        yield {**one, "start": units.units(one["start"]), "end": units.units(one["end"])}


def line_in_code_points(line: dict[str, Any]) -> dict[str, Any]:
    """The line with all offsets in code points. Invalid offsets stay, and are refused later."""
    units = Utf16(line["text"])
    if units.length == len(line["text"]):
        return line
    lists = [key for key in _WITH_OFFSETS if isinstance(line.get(key), list)]
    return line | {key: [_in_points(one, units) for one in line[key]] for key in lists}


def _in_points(one: Any, units: Utf16) -> Any:
    if not isinstance(one, dict):
        return one
    return one | {key: _point(one[key], units) for key in ("start", "end") if key in one}


def _point(unit: Any, units: Utf16) -> Any:
    """The offset in code points; None if it splits a character."""
    if type(unit) is not int or not 0 <= unit <= units.length:
        return unit
    return None if units.splits(unit) else units.points(unit)
