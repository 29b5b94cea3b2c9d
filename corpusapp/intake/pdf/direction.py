"""Convert a line of glyphs in visual order, left to right, to logical order.

A small inverse of the Unicode bidirectional algorithm (UAX 9): numbers, and words of the other direction, keep their
order. Arabic presentation forms become letters.
"""

import re
import unicodedata
from collections.abc import Sequence

_RIGHT = frozenset(("R", "AL"))
_DIGITS = frozenset(("EN", "AN"))
_SEPARATORS = frozenset(".,:/٫٬-")
# One letter per glyph: L left to right, R right to left, N digit, s separator of digits, t terminator of digits (per
# cent, currencies; not among Arabic letters: W2 and W5 of UAX 9), n neutral.
_LEFT_WITHIN_RIGHT = re.compile("L(?:[LNstn]*[LN])?|t*N(?:s?N)*t*")
_RIGHT_WITHIN_LEFT = re.compile("R(?:[RNstn]*R)?")
# Ligatures of whole phrases, from U+FDF0, are kept.
_FORMS = re.compile("[\ufb1d-\ufdef\ufe70-\ufefc]")
_BRACKETS = str.maketrans("()[]{}<>«»", ")(][}{><»«")
# Mirrored brackets, and brackets in logical order.
_MIRRORED = re.compile(r"(?<!\S)[)\]}>»](?=\w)|(?<=\w)[(\[{<«](?!\w)")
_LOGICAL = re.compile(r"(?<!\S)[(\[{<«](?=\w)|(?<=\w)[)\]}>»](?!\w)")


def read_order(glyphs: Sequence[str], from_right: bool) -> str:
    """The text of a line of glyphs in logical order; `from_right`: the paragraph runs from right to left."""
    kinds = "".join(map(_kind, glyphs))
    if "R" not in kinds:
        return "".join(glyphs)
    if any(unicodedata.bidirectional(glyph[0]) == "AL" for glyph in glyphs if glyph):
        kinds = kinds.replace("t", "n")
    if from_right:
        return _forms_as_letters(_from_right(list(glyphs), kinds))
    pieces: list[str] = []
    at = 0
    for match in _RIGHT_WITHIN_LEFT.finditer(kinds):
        pieces += glyphs[at : match.start()]
        pieces.append(_from_right(list(glyphs[match.start() : match.end()]), match[0]))
        at = match.end()
    return _forms_as_letters("".join((*pieces, *glyphs[at:])))


def runs_from_right(text: str) -> bool:
    """Whether most letters of `text` run from right to left."""
    kinds = "".join(map(_kind, text))
    return kinds.count("R") > kinds.count("L")


def _from_right(glyphs: list[str], kinds: str) -> str:
    glyphs.reverse()
    for match in _LEFT_WITHIN_RIGHT.finditer(kinds[::-1]):
        glyphs[match.start() : match.end()] = reversed(glyphs[match.start() : match.end()])
    text = "".join(glyphs)
    # Some programs store logical brackets, others the mirrored ones.
    mirrored, logical = len(_MIRRORED.findall(text)), len(_LOGICAL.findall(text))
    return text.translate(_BRACKETS) if mirrored > logical else text


def _kind(glyph: str) -> str:
    bidi = unicodedata.bidirectional(glyph[0]) if glyph else ""
    if bidi in _RIGHT:
        return "R"
    if bidi == "L":
        return "L"
    if bidi in _DIGITS:
        return "N"
    return "s" if glyph in _SEPARATORS else "t" if bidi == "ET" else "n"


def _forms_as_letters(text: str) -> str:
    return _FORMS.sub(lambda match: unicodedata.normalize("NFKC", match[0]).strip(), text)
