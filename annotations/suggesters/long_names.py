"""The long names of committees, councils and ministries, whole: "the Parliamentary Committee on Foreign Affairs"."""

import re
from collections.abc import Iterator

from annotations.suggesters.demonyms import is_demonym
from annotations.suggesters.lexicon import COMMON, ROLES, STATES, TITLES

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
