"""Finds where a surface occurs in a text as complete words, in code points.

An occurrence within a longer word does not count. In scripts without spaces between words, every occurrence counts.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from corpusapp.text.folding import aligned, folded, plain
from corpusapp.text.scripts import is_unspaced

# Invisible characters: in words of Persian or Hindi and in composed emoji, and soft hyphens.
_JOINERS = "\u200c\u200d\u00ad"
_WITHIN = "\u200c\u200d"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def occurrences(text: str, surface: str) -> Iterator[tuple[int, int]]:
    """Ranges `[start, end)` from left to right, without overlaps. Case-sensitive."""
    position = text.find(surface) if surface else -1
    while position >= 0:
        end = position + len(surface)
        whole = not _joined(text, position) and not _joined(text, end)
        if whole:
            yield position, end
        position = text.find(surface, end if whole else position + 1)


def whole_matches(text: str, words: str, *, prefix: bool = False) -> Iterator[tuple[int, int]]:
    """Ranges of consecutive words, with any separators, in any form of their letters.

    Case, accents and similar differences are ignored, as in the full-text search. With `prefix`, the last word may be
    the beginning of a longer one, which the range then includes.
    """
    compared = aligned(text)
    for match in _pattern(words, any(joiner in text for joiner in _WITHIN)).finditer(compared.text):
        start, end = match.span()
        while prefix and end < len(compared.text) and _joined(compared.text, end):
            end += 1
        if start < end and not _joined(compared.text, start) and not _joined(compared.text, end):
            yield compared.range(start, end)


@lru_cache(maxsize=64)
def _pattern(words: str, joined: bool) -> re.Pattern[str]:
    """A pattern for a folded text. With `joined`, joiners in words are optional."""
    within = f"[{_WITHIN}]*" if joined else ""
    parts = [within.join(map(re.escape, part)) for part in folded(plain(words)).split()]
    return re.compile(r"(?:[^\w\n]|_)+".join(parts) if parts else re.escape(aligned(words).text.strip()))


def _joined(text: str, edge: int) -> bool:
    """Whether the characters before and after an edge belong to one word or one visible character."""
    if not 0 < edge < len(text):
        return False
    left, right = text[edge - 1], text[edge]
    if left == "\u200d" or right in _SKIN_TONES or right == "\u200d" or unicodedata.category(right)[0] == "M":
        return True
    return _is_word(left) and _is_word(right) and not is_unspaced(left + right)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_" or character in _JOINERS or unicodedata.category(character)[0] == "M"
