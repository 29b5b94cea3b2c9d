"""The boundaries of names.

Trimmed: white space and punctuation at the edges, a possessive ending, an unmatched bracket, and a preposition at the
end. An article at the beginning is trimmed for people, groups and places; names of events, laws, works and buildings
keep it ("the Islamic Revolution"). Long names of committees, councils and ministries are found in full: "the
Parliamentary Committee on Foreign Affairs".
"""

import re
from collections.abc import Iterator

from annotations.suggesters.lexicon import COMMON, ROLES, STATES, TITLES, is_demonym

ARTICLE_KEEPING = frozenset(("EVENT", "LAW", "FAC", "WORK_OF_ART", "DATE", "TIME"))
_LEADING = frozenset("\"“”‘’'([-–—,.;:*#·•…")
_TRAILING = frozenset("\"“”‘’'([-–—,;:*·•…")
# The longest ending that is trimmed.
_ENDING = 8
_POSSESSIVE = re.compile(r"(?<=\S)\s?['’][sS]$")
_ARTICLE = re.compile(r"(?:the|a|an)\s+(?=\S)", re.IGNORECASE)
_PREPOSITION = re.compile(r"\s(?:of|and|in|for|the|on|at|to|with|by|from|that|says?|said)$")


def trim_name(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    """The trimmed range; empty if nothing is left."""
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
    """The parts of `[start, end)` between line breaks, which no name contains."""
    parts, position = [], start
    while (found := text.find("\n", position, end)) >= 0:
        parts.append((position, found))
        position = found + 1
    return [*parts, (position, end)]


_HEADS = (
    "Committee|Council|Commission|Ministry|Court|Parliament|Assembly|Agency|Army|Guards?|Forces|Organi[sz]ation|Union|"
    "Party|Institute|University|Department|Office|Foundation|Association|Federation|Authority|Academy|Front|Movement"
)
# Bounds on words and their number, so that the time is linear in the text.
_WORD = r"[^\W\d_a-zà-ÿ][\w’'.&]{0,40}"
_TAIL = rf"(?: (?:of|for|on|toward|towards) (?:the )?{_WORD}(?:(?:,? and|,| for| of)? {_WORD})*)?"
_NAME = re.compile(rf"\b(?P<lead>(?:{_WORD}(?: - |[ -])){{0,12}})(?P<head>{_HEADS})\b(?P<tail>{_TAIL})")
# Titles that are part of a body's name: "the Supreme Council", but "the Supreme Leader".
_OF_BODIES = frozenset(("Supreme", "Foreign", "Crown"))
_LEAD_WORD = re.compile(rf"({_WORD})( - |[ -])")
# A nation before these words is not part of the name; before an army or a party it is.
_NATION_APART = frozenset(("Ministry", "Office", "Department", "Commission", "Parliament", "Court", "Agency"))


def long_names(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of names with a head word and words before or after it."""
    for match in _NAME.finditer(text):
        start, end = _start(match), match.end()
        if tail := match["tail"]:
            end = _end(match.end("head"), tail)
        if start < match.start("head") or end > match.end("head"):
            yield start, end


def _start(match: re.Match[str]) -> int:
    """The start of the name: after an article, an owner ("Iran's"), an office or an owning nation."""
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
    """The end of the name: before a comma that a single place or person follows ("…, Klaus Weber")."""
    cut = tail.find(", ")
    if cut >= 0 and " and " not in tail[cut:]:
        tail = tail[:cut]
    return head_end + len(tail.rstrip(" ,."))
