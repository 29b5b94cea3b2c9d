"""The words of a text with their offsets, for rules about the context of a name."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from unicodedata import category

from corpusapp.text.scripts import UNSPACED_CHARACTER, is_unspaced

# Bounded, so that a text without spaces is not a single word.
_LONGEST = 100
_TOKEN = re.compile(rf"[^\W_]{{1,{_LONGEST}}}|[^\w\s]|_")
# Letters in a row that are looked at one by one.
_FAR = 3 * _LONGEST
# Below this length, searching the text for a name is faster than an index of words.
_SHORT = 20_000
_SENTENCE_ENDS = frozenset('.!?"“”')


class Words:
    """The words and punctuation marks of `text`: `forms`, with `starts` and `ends` in code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.forms: list[str] = _TOKEN.findall(text)
        self.starts = [match.start() for match in _TOKEN.finditer(text)]
        self.ends = [start + len(form) for start, form in zip(self.starts, self.forms, strict=True)]
        # In a script without spaces, names may begin and end within a word of `forms`.
        self._by_words = len(text) >= _SHORT and not is_unspaced(text)
        self._where: dict[str | tuple[str, str], list[int]] = {}

    def index(self, offset: int) -> int:
        """The number of the first word that begins at or after `offset`."""
        return bisect_left(self.starts, offset)

    def form(self, index: int) -> str:
        """The word with this number; empty outside of the text."""
        return self.forms[index] if 0 <= index < len(self.forms) else ""

    def gap(self, index: int) -> str:
        """The text between the word before `index` and this one."""
        return self.text[self.ends[index - 1] : self.starts[index]] if 0 < index < len(self.forms) else ""

    def opens_line(self, index: int) -> bool:
        return index == 0 or "\n" in self.gap(index)

    def opens_sentence(self, index: int) -> bool:
        """Whether a capital letter is no evidence here, because a sentence begins."""
        return self.opens_line(index) or self.forms[index - 1] in _SENTENCE_ENDS

    def occurrences(self, surface: str) -> list[tuple[int, int]]:
        """Occurrences of `surface` as complete words, in order, without overlaps."""
        if is_unspaced(surface[:1]):
            return list(self._found(surface))
        text, length, taken = self.text, len(surface), 0
        found = []
        for start in self._beginnings(surface) if self._by_words else self._everywhere(surface):
            end = start + length
            if start >= taken and text.startswith(surface, start) and is_edge(text, start) and is_edge(text, end):
                found.append((start, end))
                taken = end
        return found

    def _everywhere(self, surface: str) -> Iterator[int]:
        """All positions of `surface`."""
        position = self.text.find(surface)
        while position >= 0:
            yield position
            position = self.text.find(surface, position + 1)

    def _beginnings(self, surface: str) -> list[int]:
        """Positions of the first word of `surface`, followed by its second word if it has one."""
        if not self._where:
            for index, (form, start) in enumerate(zip(self.forms, self.starts, strict=True)):
                self._where.setdefault(form, []).append(start)
                self._where.setdefault((form, self.form(index + 1)), []).append(start)
        key = [match.group() for match in islice(_TOKEN.finditer(surface), 2)]
        return self._where.get((key[0], key[1]) if len(key) == 2 else "".join(key), [])

    def _found(self, surface: str) -> Iterator[tuple[int, int]]:
        position = self.text.find(surface)
        while position >= 0:
            yield position, position + len(surface)
            position = self.text.find(surface, position + len(surface))


def word_before(text: str, offset: int) -> str:
    """The last word that begins before `offset`; empty if there is none.

    The same as by the index of a `Words`, without reading the rest of the text.
    """
    end = offset
    while end and text[end - 1].isspace():
        end -= 1
    if not end or not text[end - 1].isalnum():
        return text[end - 1 : end]
    begin, last = end - 1, end - 1
    while begin and text[begin - 1].isalnum():
        begin -= 1
        if last - begin > _FAR:
            words = Words(text)
            return words.form(words.index(offset) - 1)
    while end < len(text) and text[end].isalnum() and end <= last + _LONGEST:
        end += 1
    first = last - (last - begin) % _LONGEST
    return text[first : min(first + _LONGEST, end)]


def surface_of(text: str) -> str:
    """The writing of a name by which its mentions are grouped, with single spaces."""
    return " ".join(text.split())


def first_word(surface: str) -> str:
    """The first word of a surface, or its first character in scripts without spaces, as a key for lookups.

    Letters before such a character are a word, such as A in A股.
    """
    match = _TOKEN.search(surface)
    word = match.group() if match else surface
    return word[0] if is_unspaced(word[:1]) else UNSPACED_CHARACTER.split(word, maxsplit=1)[0]


def lookup_words(text: str) -> set[str]:
    """The possible values of `first_word` for surfaces in this text."""
    found = set(_TOKEN.findall(text))
    if is_unspaced(text):
        pieces = {piece for form in found for piece in UNSPACED_CHARACTER.split(form) if piece}
        found.update(UNSPACED_CHARACTER.findall(text), pieces)
    return found


def is_edge(text: str, offset: int) -> bool:
    """Whether a word may begin or end at `offset`."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    if _is_mark(after):
        return False
    if not (after.isalnum() and (before.isalnum() or _is_mark(before))):
        return True
    return is_unspaced(before + after)


def _is_mark(character: str) -> bool:
    """Whether it combines with the letter before, such as an accent or a vowel sign."""
    return not character.isascii() and category(character).startswith("M")
