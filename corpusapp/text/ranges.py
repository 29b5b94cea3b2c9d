"""Checks of half-open ranges `[start, end)` of code points, for spans and zones."""

from typing import Any


def range_fault(start: Any, end: Any, length: int) -> tuple[str, str] | None:
    """(field, reason) if `[start, end)` is not a range of a text of `length` code points, else None.

    Offsets must be of type int: true, 3.0 and "3" are refused.
    """
    for field, value in (("start", start), ("end", end)):
        if type(value) is not int:
            return field, f"{field} must be a whole number of code points, not {_kind(value)}"
    if start < 0:
        return "start", f"start {_short(start)} lies before the beginning of the text"
    if end > length:
        return "end", f"end {_short(end)} lies past the end of the text ({length} code points)"
    if start >= end:
        return (
            "end",
            f"end {_short(end)} does not lie after start {_short(start)}: a range holds at least one code point",
        )
    return None


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float):
        return "a fraction"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"


def _short(number: int) -> str:
    return str(number) if abs(number) < 10**30 else "(a number of more than 30 digits)"
