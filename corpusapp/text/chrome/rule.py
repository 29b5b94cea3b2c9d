"""Rules that recognise one line of boilerplate."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from corpusapp.text.lines import LONGEST_BOILERPLATE, Line

ANYWHERE, EDGES, HEAD, TAIL = "anywhere", "edges", "head", "tail"


@dataclass(frozen=True)
class Rule:
    """A predicate over one line and where it applies.

    `where` is the part of the text: in the middle, short words may be a subhead. Lines of more than `longest` code
    points are not tested. `opens`: only boilerplate can follow the line after the running text; false for an
    advertisement or a version note. `core` and `opening` are patterns of `Line.core` and of the line's beginning, and
    `hints` are strings one of which the line contains: most lines are skipped by these. A rule without them is always
    tested.
    """

    name: str
    matches: Callable[[Line], bool]
    where: str = ANYWHERE
    opens: bool = True
    longest: int = LONGEST_BOILERPLATE
    core: str = ""
    opening: str = ""
    hints: tuple[str, ...] = ()


def either(*patterns: str) -> re.Pattern[str]:
    """One case-insensitive pattern of several alternatives."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def whole(
    name: str, *patterns: str, where: str = ANYWHERE, longest: int = LONGEST_BOILERPLATE, opens: bool = True
) -> Rule:
    """A rule for lines whose `core` fully matches one of the patterns."""
    compiled = either(*patterns)

    def matches(line: Line) -> bool:
        return compiled.fullmatch(line.core) is not None

    return Rule(name, matches, where, opens, longest, core=compiled.pattern)


def starts(
    name: str, *patterns: str, where: str = ANYWHERE, longest: int = LONGEST_BOILERPLATE, opens: bool = True
) -> Rule:
    """A rule for lines that begin with one of the patterns."""
    compiled = either(*patterns)

    def matches(line: Line) -> bool:
        return compiled.match(line.text) is not None

    return Rule(name, matches, where, opens, longest, opening=compiled.pattern)


def within(
    name: str, *patterns: str, hints: str, where: str = ANYWHERE, longest: int = LONGEST_BOILERPLATE, opens: bool = True
) -> Rule:
    """A rule for lines that contain one of the patterns.

    `hints` are lowercase strings, separated by white space; a line is only searched if it contains one of them.
    """
    compiled = either(*patterns)
    pieces = tuple(hints.split())

    def matches(line: Line) -> bool:
        folded = line.folded
        return any(map(folded.__contains__, pieces)) and compiled.search(line.text) is not None

    return Rule(name, matches, where, opens, longest, hints=pieces)
