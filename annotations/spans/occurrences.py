"""Where a surface stands in a text as a word or name of its own, in code points.

A place counts where the surface is no part of a longer word. Scripts that are written without spaces between words do
not say where a word ends: there, every place counts.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from corpusapp.text.scripts import is_unspaced

# Invisible: within a word of Persian or Hindi and an emoji of several, and where a word may be divided at a line's end.
_JOINERS = "\u200c\u200d\u00ad"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def occurrences(text: str, surface: str) -> Iterator[tuple[int, int]]:
    """Ranges `[start, end)` from left to right, none over another. The case of letters counts."""
    position = text.find(surface) if surface else -1
    while position >= 0:
        end = position + len(surface)
        whole = not _joined(text, position) and not _joined(text, end)
        if whole:
            yield position, end
        position = text.find(surface, end if whole else position + 1)


def whole_matches(text: str, words: str, *, prefix: bool = False) -> Iterator[tuple[int, int]]:
    """Ranges where words stand side by side, whatever the case of their letters and whatever divides them.

    With `prefix`, the last of them may go on: a range then ends where its word does.
    """
    pattern, ignoring_case = _pattern(words), _pattern(words, re.IGNORECASE)
    lowered = text.lower()
    # Searching a lowered copy is much faster; a few letters grow when they are lowered.
    found = pattern.finditer(lowered) if len(lowered) == len(text) else ignoring_case.finditer(text)
    for match in found:
        start, end = match.span()
        while prefix and end < len(text) and _joined(text, end):
            end += 1
        if not _joined(text, start) and not _joined(text, end):
            yield start, end


@lru_cache(maxsize=64)
def _pattern(words: str, flags: int = 0) -> re.Pattern[str]:
    parts = re.findall(r"\w+", words if flags else words.lower())
    return re.compile(r"[^\w\n]+".join(map(re.escape, parts)) if parts else re.escape(words.strip()), flags)


def _joined(text: str, edge: int) -> bool:
    """Whether the characters on both sides of an edge belong to one word, or to one visible character."""
    if not 0 < edge < len(text):
        return False
    left, right = text[edge - 1], text[edge]
    if left == "\u200d" or right in _SKIN_TONES or right == "\u200d" or unicodedata.category(right)[0] == "M":
        return True
    return _is_word(left) and _is_word(right) and not is_unspaced(left + right)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or character in _JOINERS or unicodedata.category(character)[0] == "M"
