"""A text as lines, each with what tells running text from furniture. Offsets are code points, end exclusive."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

LONGEST_FURNITURE = 400
_CLOSERS = "\"'”’»›)]}\u200f\u200e "
_TERMINALS = ".!?…。！？؟۔।"
_CUT = re.compile(r"(?:…|\.\.\.|\[\.\.\.\]|\[…\]|\(\.\.\.\))\s*$")
_BOUNDARY = re.compile(r"[^\W\d_]{3}[.!?][\"'”’)]? \S")
_MARKS = re.compile(r"^\W+|(?<=\w)\W+$")
_PROSE_LENGTH, _LONG = 80, 200
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Line:
    """`[start, end)` without the white space at its sides; `blank_before` counts the empty lines above it."""

    start: int
    end: int
    text: str
    blank_before: int

    def __len__(self) -> int:
        return self.end - self.start

    @cached_property
    def sentence(self) -> bool:
        """It ends as a sentence does, and is no excerpt that was cut off."""
        tail = self.text[-8:].rstrip(_CLOSERS)
        return tail[-1:] in _TERMINALS and tail != "" and len(self) >= (8 if self.dense else 12) and not self.cut

    @cached_property
    def cut(self) -> bool:
        """It ends in dots: the excerpt of a teaser, or a quote that trails off."""
        return _CUT.search(self.text[-8:]) is not None

    @cached_property
    def folded(self) -> str:
        """Its text without regard to letter case; of a line too long to be furniture, nothing."""
        return self.text.casefold() if len(self) <= LONGEST_FURNITURE else ""

    @cached_property
    def core(self) -> str:
        """Its text without the marks, bullets and icons at its sides; of a line too long to be furniture, nothing."""
        return _MARKS.sub("", self.text) if len(self) <= LONGEST_FURNITURE else ""

    @cached_property
    def dense(self) -> bool:
        """Written without spaces between words, so that a sentence takes few characters."""
        return _DENSE.search(self.text[:40]) is not None

    @cached_property
    def prose(self) -> bool:
        """A paragraph of running text by its length, and by a sentence that ends in it (a credit may follow)."""
        length = len(self) * (3 if self.dense else 1)
        if length >= _LONG:
            return True
        return length >= _PROSE_LENGTH and (self.sentence or (not self.cut and _BOUNDARY.search(self.text) is not None))

    @cached_property
    def words(self) -> list[str]:
        """Its words; of a line too long to be furniture, those of its beginning."""
        return self.text[:LONGEST_FURNITURE].split()


# Zones and publication date look at the same text one after the other: what a line is, is worked out once.
@lru_cache(maxsize=2)
def split_lines(text: str) -> tuple[Line, ...]:
    """The lines of `text` that hold something visible, in order."""
    lines: list[Line] = []
    start = blank = 0
    for raw in text.split("\n"):
        if stripped := raw.strip():
            left = start + len(raw) - len(raw.lstrip())
            lines.append(Line(left, left + len(stripped), stripped, blank))
            blank = 0
        else:
            blank += 1
        start += len(raw) + 1
    return tuple(lines)
