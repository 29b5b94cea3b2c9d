"""How a person sees articles: the size of the text, its width, and what counts as doubtful."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpusapp.core.errors import Invalid

WIDTHS = {"narrow": "narrow", "medium": "medium", "wide": "wide"}
# Steps from the usual size of the text.
SIZES = range(-2, 5)


@dataclass(frozen=True)
class ReadingView:
    """`size` is in steps from the usual size. `doubt` is in percent: suggestions with a lower probability are doubtful.

    `full` hides the header of the site on article pages.
    """

    size: int = 0
    width: str = "medium"
    full: bool = False
    doubt: int = 80


def view_of(chosen: Mapping[str, Any]) -> ReadingView:
    """The view that a person has chosen; `chosen` has what differs from the usual."""
    return ReadingView(**chosen)


def changed(view: ReadingView, values: Mapping[str, str]) -> dict[str, Any]:
    """The choices, with those of `values` changed, that differ from the usual. Refuses what is no choice."""
    found = vars(view) | {name: _read(name, value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value != getattr(ReadingView(), name)}


def _read(name: str, value: str) -> Any:
    if name == "width":
        if value not in WIDTHS:
            raise Invalid(f"{value[:20]!r} is no width: use one of {', '.join(WIDTHS)}", field=name)
        return value
    if name == "full":
        if value not in ("0", "1"):
            raise Invalid(f"{value[:20]!r} is neither 0 nor 1", field=name)
        return value == "1"
    if name not in ("size", "doubt"):
        raise Invalid(f"there is no choice {name[:20]!r}: use size, width, full or doubt")
    allowed = SIZES if name == "size" else range(101)
    try:
        number = int(value)
    except ValueError:
        number = None
    if number not in allowed:
        raise Invalid(f"{name} is a whole number from {allowed[0]} to {allowed[-1]}, not {value[:20]!r}", field=name)
    return number
