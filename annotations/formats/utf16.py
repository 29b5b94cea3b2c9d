"""Lines of JSON whose offsets count UTF-16 units, as JavaScript strings do, and back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from corpusapp.text.utf16 import Utf16

CODE_POINTS, UTF16 = "code points", "utf16"
_PLACED = ("tokens", "spans", "zones", "decided")


def line_in_utf16(line: dict[str, Any]) -> dict[str, Any]:
    """The line with the offsets of all that has a place in its text in UTF-16 units."""
    units = Utf16(line["text"])
    if units.length == len(line["text"]):
        return line
    return line | {key: list(_each_in_units(line[key], units)) for key in _PLACED if key in line}


def _each_in_units(placed: Iterable[Mapping[str, Any]], units: Utf16) -> Iterator[dict[str, Any]]:
    for one in placed:
        yield {**one, "start": units.units(one["start"]), "end": units.units(one["end"])}


def line_in_code_points(line: dict[str, Any]) -> dict[str, Any]:
    """The line of somebody else in code points; what is no offset of the text stays, to be refused by its range."""
    units = Utf16(line["text"])
    if units.length == len(line["text"]):
        return line
    return line | {key: [_in_points(one, units) for one in line[key]] for key in _PLACED if _is_list(line.get(key))}


def _in_points(one: Any, units: Utf16) -> Any:
    if not isinstance(one, dict):
        return one
    return one | {key: _point(one[key], units) for key in ("start", "end") if key in one}


def _point(unit: Any, units: Utf16) -> Any:
    """An offset between the halves of a character is none."""
    if type(unit) is not int or not 0 <= unit <= units.length:
        return unit
    return None if units.splits(unit) else units.points(unit)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
