"""The one rule for the edges of a name.

A name loses what is not its own: white space and marks at its edges, a possessive ending, a bracket without its other
half, a preposition at its end. An article before it is trimmed too where the label names people, groups and places;
the names of events, laws, works and buildings keep theirs ("the Islamic Revolution").
"""

import re

ARTICLE_KEEPING = frozenset(("EVENT", "LAW", "FAC", "WORK_OF_ART", "DATE", "TIME"))
_LEADING = frozenset("\"“”‘’'([-–—,.;:*#·•…")
_TRAILING = frozenset("\"“”‘’'([-–—,;:*·•…")
# No ending that is trimmed is longer.
_ENDING = 8
_POSSESSIVE = re.compile(r"(?<=\S)\s?['’][sS]$")
_ARTICLE = re.compile(r"(?:the|a|an)\s+(?=\S)", re.IGNORECASE)
_PREPOSITION = re.compile(r"\s(?:of|and|in|for|the|on|at|to|with|by|from|that|says?|said)$")


def trimmed(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    """`[start, end)` without what is not the name's own; an empty range where nothing is left."""
    while True:
        before = start, end
        start, end = _without_marks(text, start, end)
        start, end = _without_half_brackets(text, start, end)
        if match := _POSSESSIVE.search(text, max(start, end - _ENDING), end):
            end = match.start()
        if label not in ARTICLE_KEEPING:
            if match := _ARTICLE.match(text, start, end):
                start = match.end()
            if match := _PREPOSITION.search(text, max(start, end - _ENDING), end):
                end = match.start()
        if (start, end) == before:
            return start, end


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _LEADING):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _TRAILING):
        end -= 1
    return start, end


def _without_half_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    opened, closed = text.count("(", start, end), text.count(")", start, end)
    if opened > closed:
        return start, text.rfind("(", start, end)
    if closed > opened:
        return (start, end - 1) if text[end - 1] == ")" else (text.find(")", start, end) + 1, end)
    return start, end


def pieces_of_lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of `[start, end)` between line breaks: no name goes over the end of a line of running text."""
    parts, position = [], start
    while (found := text.find("\n", position, end)) >= 0:
        parts.append((position, found))
        position = found + 1
    return [*parts, (position, end)]
