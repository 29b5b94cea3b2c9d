"""Cues: evidence for labels from the words around a mention.

The numbers are rough weights of single cues. The weights of their combination are fitted (`evidence`).
"""

import re
from collections import defaultdict

from annotations.suggesters.lexicon import (
    CLUB_AFTER,
    CLUB_BEFORE,
    ORGANISATION_AFTER,
    ORGANISATION_BEFORE,
    PLACE_AFTER,
    PLACE_PREPOSITIONS,
    PLACE_WORDS,
    ROLES,
    SPEECH,
)
from annotations.suggesters.words import Words
from corpusapp.text.words import words as words_of

_ABBREVIATED_TITLES = words_of("Mr Mrs Ms Dr Prof Gen Col Sen Rep Gov Lt Maj Sgt Hon")
_APPOSITION = words_of("a an the head director chief president who whose chairman minister spokesman author leader")
# Words beside organisations, by their kind.
_GROUPS = {
    "party": words_of("party parties lawmaker lawmakers coalition faction candidate candidates ruling deputy"),
    "media": words_of("newspaper daily magazine broadcaster news agency television tv radio weekly tabloid website"),
    "company": words_of("""
        shares stock ceo executive employees employee workers staff company firm maker carmaker giant plant plants
        subsidiary unit group analyst analysts bank lender airline shareholders owner customers brand
    """),
    "office": words_of("spokesman spokeswoman spokesperson chief head chairman director member members official"),
    "armed": words_of("fighters militants militant rebels insurgents troops forces group attack attacks commander"),
    "club": words_of("coach striker keeper midfielder captain fans squad goalkeeper defender against beat beating"),
}
_QUOTES = frozenset(",\"”“'’")
_APOSTROPHES = frozenset("'’")
# Weights by label, in capitals, and 1 for each kind of word, in lower case, that stands beside names.
Cues = defaultdict[str, float]


def cues(words: Words, start: int, end: int, *, sport: bool = False) -> Cues:
    """The cues of the mention `[start, end)`. With `sport`, cities can be their clubs."""
    first, following = words.index(start), words.index(end)
    before = before_that = ""
    if not words.opens_line(first):
        before, before_that = words.form(first - 1), words.form(first - 2)
    after, after_that = words.form(following), words.form(following + 1)
    found: Cues = defaultdict(float)
    _person(found, before, before_that, after, after_that)
    _place(found, before.lower(), before_that.lower(), after, after_that)
    _organisation(found, before.lower(), after)
    if after == "," and "capital" in words.forms[following + 1 : following + 5]:
        found["GPE"] += 1
    if sport:
        _club(found, before.lower(), after, after in _APOSTROPHES and after_that == "s")
    return found


def _person(found: Cues, before: str, before_that: str, after: str, after_that: str) -> None:
    if after.lower() in SPEECH:
        found["speaks"] = 1
        found["PERSON"] += 1.0
        found["ORG"] += 0.3
    if after == ",":
        found["PERSON"] += 1.0 if after_that.isdigit() else 0.5 if after_that in _APPOSITION else 0
    if after == "(" and after_that.isdigit():
        found["PERSON"] += 0.5
    if after == "," and after_that.isdigit():
        found["age"] = 1
    if after in ("who", "whose"):
        found["who"] = 1
        found["PERSON"] += 1.2
    if before.lower() in SPEECH and before_that in _QUOTES:
        found["said by"] = 1
        found["PERSON"] += 1.2
    if before.lower() in ROLES:
        found["role"] = 1
        found["PERSON"] += 1.5
    if before == "." and before_that in _ABBREVIATED_TITLES:
        found["PERSON"] += 2


def _place(found: Cues, before: str, before_that: str, after: str, after_that: str) -> None:
    if before == "in":
        found["in"] = 1
        found["GPE"] += 1.0
        found["LOC"] += 0.3
    elif before in PLACE_PREPOSITIONS:
        found["GPE"] += 0.4
    if before == "of" and before_that in PLACE_WORDS:
        found["GPE"] += 1.5
    if before in ("city", "province", "town", "capital", "village"):
        found["GPE"] += 1
    if after in PLACE_AFTER or (after == "-" and after_that == "based"):
        found["GPE"] += 0.8


def _organisation(found: Cues, before: str, after: str) -> None:
    if before == "the":
        found["ORG"] += 0.5
        found["PERSON"] -= 1.0
        found["GPE"] -= 0.3
    for group, words_of_group in _GROUPS.items():
        if before in words_of_group or after in words_of_group:
            found[group] = 1
    if before in ORGANISATION_BEFORE:
        found["ORG"] += 1.2
    if after in ORGANISATION_AFTER:
        found["ORG"] += 0.6
        found["GPE"] -= 0.2


def _club(found: Cues, before: str, after: str, possessive: bool) -> None:
    if before in CLUB_BEFORE or after in CLUB_AFTER:
        found["ORG"] += 0.5
    if possessive:
        found["ORG"] += 0.6
    if before not in ("in", "from", "near", "city"):
        found["ORG"] += 0.35


_SPORT = re.compile(
    r"\b(?:goals?|coach|striker|midfielder|goalkeeper|keeper|match|matchday|season|league|squad|penalty|championship|"
    r"soccer|football|halftime|half|header|equali[sz]er|win over|defender|Bundesliga|semifinal|semi-final)\b"
)
_SCORE = re.compile(r"\b\d{1,2} ?[-–:] ?\d{1,2}\b")


def is_sport(text: str) -> bool:
    """Whether this is a report on team sport, by its words and scores."""
    words_of_sport = len(_SPORT.findall(text))
    return words_of_sport >= 15 or (words_of_sport >= 8 and _SCORE.search(text) is not None)
