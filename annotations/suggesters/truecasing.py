"""Truecasing: lines in capitals, in Title Case and in lower case, written as the rest of the article is.

Suggesters read names by their capitals, which such lines do not have or have everywhere. The text keeps its length.
"""

import re
from collections import Counter
from collections.abc import Sequence

from annotations.suggesters.lexicon import ROLES, SPEECH, TITLES
from corpusapp.text.places import CITIES, COUNTRIES
from corpusapp.text.words import words
from corpusapp.text.zones import TITLE, ZoneRange

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LINE = re.compile(r"[^\n]+")
# Words of a line that is not only an acronym, or a dateline; and of a headline in Title Case.
_FEWEST_CAPITALS, _FEWEST_TITLE, _FEWEST_LOWER = 3, 4, 8
_TITLE_SHARE = 0.75
_SMALL = words("""
    a an the of in on at by to for from with and or but nor as is are was were be been has have had will would may might
    can could should must not no than that this these those after before over under against into out up down off about
    amid between during via per its his her their our your says said say new more most first last year years day days
    week talks war peace deal
""")


def truecased(text: str, zones: Sequence[ZoneRange] = ()) -> str:
    """The text with its badly cased lines in the case of the others; the same text if there are none."""
    lines = [(match.start(), match.end()) for match in _LINE.finditer(text)]
    titles = {zone.start for zone in zones if zone.kind == TITLE}
    kinds = {line: kind for line in lines if (kind := _kind(text[slice(*line)], line[0] in titles))}
    if not kinds:
        return text
    forms = _forms(text, [line for line in lines if line not in kinds])
    parts, position = [], 0
    for (start, end), kind in kinds.items():
        parts += [text[position:start], _rewritten(text[start:end], kind, forms)]
        position = end
    return "".join([*parts, text[position:]])


def _kind(line: str, headline: bool) -> str:
    """ "capitals", "title" or "lower" for a badly cased line; empty for others."""
    found = [word for word in _WORD.findall(line) if word[0].upper() != word[0].lower()]
    longer = [word for word in found if len(word) > 3]
    if len(longer) >= _FEWEST_CAPITALS and all(map(str.isupper, found)):
        return "capitals"
    if headline and len(longer) >= _FEWEST_TITLE:
        capitals = sum(word[0].isupper() for word in longer)
        if capitals >= _TITLE_SHARE * len(longer):
            return "title"
    return "lower" if len(found) >= _FEWEST_LOWER and all(map(str.islower, found)) else ""


def _forms(text: str, lines: Sequence[tuple[int, int]]) -> dict[str, str]:
    """How each word is written in these lines most often, where no sentence begins."""
    counts: dict[str, Counter[str]] = {}
    for start, end in lines:
        for match in _WORD.finditer(text, start, end):
            before = text[start : match.start()].rstrip(" \"'“‘(")
            if before and before[-1] not in ".!?:":
                counts.setdefault(match.group().casefold(), Counter())[match.group()] += 1
    return {word: found.most_common(1)[0][0] for word, found in counts.items()}


def _rewritten(line: str, kind: str, forms: dict[str, str]) -> str:
    def written(match: re.Match[str]) -> str:
        word = match.group()
        form = forms.get(word.casefold()) or _usual(word, kind)
        # Some letters change their number: "ß".
        return form if len(form) == len(word) else word

    return _WORD.sub(written, line)


def _usual(word: str, kind: str) -> str:
    """How a word that the article writes nowhere else is written."""
    folded = word.lower()
    if kind == "lower":
        return folded.capitalize() if folded in COUNTRIES or folded in CITIES else word
    if folded in _SMALL or (folded in SPEECH and kind == "capitals"):
        return folded
    if kind == "title":
        return word
    return folded.capitalize() if folded in ROLES or folded.capitalize() in TITLES or len(word) > 3 else word
