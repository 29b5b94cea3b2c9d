"""What a rule about furniture is: a small unit that says of one line, by what it is, whether it is furniture."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from corpusapp.text.lines import LONGEST_BOILERPLATE, Line

ANYWHERE, EDGES, HEAD, TAIL = "anywhere", "edges", "head", "tail"


@dataclass(frozen=True)
class Rule:
    """`where` is the part of the text the rule is trusted in: short words may head a section in its middle.

    Lines of more than `longest` code points are not shown to it. What `opens` the rest of the page stands
    behind all running text; an advertisement or a version note does not. What else is known of the lines that it
    matches serves to pass over most lines without asking each rule: a pattern of their `core`, of their `opening`, or
    pieces one of which they hold (`hints`). A rule without these is always asked.
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
    """One pattern of several, whatever the case of letters."""
    return re.compile("|".join(patterns), re.IGNORECASE)


def whole(
    name: str, *patterns: str, where: str = ANYWHERE, longest: int = LONGEST_BOILERPLATE, opens: bool = True
) -> Rule:
    """Followed by a line of at most `longest` code points that matches a pattern, marks and icons at its sides"
    " set aside."""
    compiled = either(*patterns)

    def matches(line: Line) -> bool:
        return compiled.fullmatch(line.core) is not None

    return Rule(name, matches, where, opens, longest, core=compiled.pattern)


def starts(
    name: str, *patterns: str, where: str = ANYWHERE, longest: int = LONGEST_BOILERPLATE, opens: bool = True
) -> Rule:
    """Followed by a line of at most `longest` code points that begins with a pattern."""
    compiled = either(*patterns)

    def matches(line: Line) -> bool:
        return compiled.match(line.text) is not None

    return Rule(name, matches, where, opens, longest, opening=compiled.pattern)


def within(
    name: str, *patterns: str, hints: str, where: str = ANYWHERE, longest: int = LONGEST_BOILERPLATE, opens: bool = True
) -> Rule:
    """Followed by a line of at most `longest` code points in which a pattern stands.

    `hints` are pieces in small letters, apart by white space, one of which each such line holds: they cost next to
    nothing to look for, and most lines hold none.
    """
    compiled = either(*patterns)
    pieces = tuple(hints.split())

    def matches(line: Line) -> bool:
        folded = line.folded
        return any(map(folded.__contains__, pieces)) and compiled.search(line.text) is not None

    return Rule(name, matches, where, opens, longest, hints=pieces)
