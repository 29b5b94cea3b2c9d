"""The edges of a name.

A name loses what is not its own: white space and marks at its edges, a possessive ending, a bracket without its other
half, a preposition at its end. An article before it is trimmed too where the label names people, groups and places;
the names of events, laws, works and buildings keep theirs ("the Islamic Revolution"). Long names of committees,
councils and ministries are taken whole: "the Parliamentary Committee on Foreign Affairs".
"""

import re
from collections.abc import Iterator

from annotations.suggesters.lexicon import COMMON, ROLES, STATES, TITLES, is_demonym

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


_HEADS = (
    "Committee|Council|Commission|Ministry|Court|Parliament|Assembly|Agency|Army|Guards?|Forces|Organi[sz]ation|Union|"
    "Party|Institute|University|Department|Office|Foundation|Association|Federation|Authority|Academy|Front|Movement"
)
# Bounds keep the time linear in the text: no word of a name is longer, and no name has more words before its head.
_WORD = r"[^\W\d_a-zà-ÿ][\w’'.&]{0,40}"
_TAIL = rf"(?: (?:of|for|on|toward|towards) (?:the )?{_WORD}(?:(?:,? and|,| for| of)? {_WORD})*)?"
_NAME = re.compile(rf"\b(?P<lead>(?:{_WORD}(?: - |[ -])){{0,12}})(?P<head>{_HEADS})\b(?P<tail>{_TAIL})")
# Of a body before its head word, of a person elsewhere: "the Supreme Council", "the Supreme Leader".
_OF_BODIES = frozenset(("Supreme", "Foreign", "Crown"))
_LEAD_WORD = re.compile(rf"({_WORD})( - |[ -])")
# A nation before these is said of them; before an army or a party it is part of the name.
_NATION_APART = frozenset(("Ministry", "Office", "Department", "Commission", "Parliament", "Court", "Agency"))


def long_names(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of names with a head word, with what leads up to it and what it is for; none of the head alone."""
    for match in _NAME.finditer(text):
        start, end = _start(match), match.end()
        if tail := match["tail"]:
            end = _end(match.end("head"), tail)
        if start < match.start("head") or end > match.end("head"):
            yield start, end


def _start(match: re.Match[str]) -> int:
    """Where the name begins: behind an article, an owner ("Iran's"), an office, a nation that owns it."""
    start = position = match.start()
    nations = True
    for word in _LEAD_WORD.finditer(match["lead"]):
        form, position = word[1], match.start() + word.end()
        bare = form.rstrip(".")
        owner = form.endswith(("'s", "’s", "s'", "s’")) and word[2] == " "
        sentence = form.endswith(".") and len(bare) > 2
        nation = (
            word[2] == " " and nations and (bare in STATES or (is_demonym(form) and match["head"] in _NATION_APART))
        )
        office = form in TITLES - _OF_BODIES or form.lower() in ROLES
        if owner or sentence or nation or office or form in COMMON:
            start = position
        else:
            nations = False
    return start


def _end(head_end: int, tail: str) -> int:
    """The tail as far as it is the name's: not over a comma before a place or person alone ("…, Klaus Weber")."""
    cut = tail.find(", ")
    if cut >= 0 and " and " not in tail[cut:]:
        tail = tail[:cut]
    return head_end + len(tail.rstrip(" ,."))
