"""The words of a text and where they stand: what all rules look left and right with."""

import re
from bisect import bisect_left
from collections.abc import Iterator

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
_SENTENCE_ENDS = frozenset('.!?"“”')
# Scripts that write no spaces between words: there an occurrence need not end at a word's edge.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class Words:
    """Words and marks of `text` in order: `forms`, and where they `starts` and `ends` in code points."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
        self.forms = [form for form, _, _ in found]
        self.starts = [start for _, start, _ in found]
        self.ends = [end for _, _, end in found]
        self._where: dict[str, list[int]] | None = None

    def index(self, offset: int) -> int:
        """The number of the first word that begins at or after `offset`."""
        return bisect_left(self.starts, offset)

    def form(self, index: int) -> str:
        """The word of this number; empty beyond either end of the text."""
        return self.forms[index] if 0 <= index < len(self.forms) else ""

    def gap(self, index: int) -> str:
        """What stands between the word before `index` and this one."""
        return self.text[self.ends[index - 1] : self.starts[index]] if 0 < index < len(self.forms) else ""

    def opens_line(self, index: int) -> bool:
        return index == 0 or "\n" in self.gap(index)

    def opens_sentence(self, index: int) -> bool:
        """Whether a capital proves nothing here."""
        return self.opens_line(index) or self.forms[index - 1] in _SENTENCE_ENDS

    def occurrences(self, surface: str) -> list[tuple[int, int]]:
        """Where `surface` stands as whole words, in order, none upon another."""
        if _UNSPACED.match(surface):
            return list(self._found(surface))
        if self._where is None:
            self._where = {}
            for index, form in enumerate(self.forms):
                self._where.setdefault(form, []).append(index)
        starts = (self.starts[index] for index in self._where.get(first_word(surface), ()))
        length, text = len(surface), self.text
        return [
            (start, start + length)
            for start in starts
            if text.startswith(surface, start) and is_edge(text, start) and is_edge(text, start + length)
        ]

    def _found(self, surface: str) -> Iterator[tuple[int, int]]:
        position = self.text.find(surface)
        while position >= 0:
            yield position, position + len(surface)
            position = self.text.find(surface, position + len(surface))


def surface_of(text: str) -> str:
    """The writing of a name by which its mentions are one: each white space as a single blank."""
    return " ".join(text.split())


def first_word(surface: str) -> str:
    """The first word of a surface, or its first sign where words are not written apart; what it is looked up by."""
    if _UNSPACED.match(surface):
        return surface[0]
    match = _TOKEN.search(surface)
    return match.group() if match else surface


def lookup_words(words: Words) -> set[str]:
    """What the surfaces that stand in this text may begin with, by `first_word`."""
    found = set(words.forms)
    if _UNSPACED.search(words.text):
        found.update(sign for sign in words.text if _UNSPACED.match(sign))
    return found


def is_edge(text: str, offset: int) -> bool:
    """Whether a word may begin or end at `offset`."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    if not (before.isalnum() and after.isalnum()):
        return True
    return bool(_UNSPACED.match(before) or _UNSPACED.match(after))
