"""A text as lines, each with what tells running text from furniture. Offsets are code points, end exclusive."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST_FURNITURE = 400
_CLOSERS = "\"'”’»›)]}\u200f\u200e "
_TERMINALS = ".!?…。！？؟۔।"
_CUT = re.compile(r"(?:…|\.\.\.|\[\.\.\.\]|\[…\]|\(\.\.\.\))\s*$")
_BOUNDARY = re.compile(r"[^\W\d_]{3}[.!?][\"'”’)]? \S")
_CORE = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_PROSE_LENGTH, _LONG = 80, 200
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class once:
    """A property that is worked out when first asked for. Unlike `cached_property` of Python 3.11 it takes no lock,
    which would cost more than most of what is worked out here."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function, self._name, self.__doc__ = function, function.__name__, function.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._function(instance)
        return value


@dataclass(frozen=True)
class Line:
    """`[start, end)` without the white space at its sides; `blank_before` counts the empty lines above it."""

    start: int
    end: int
    text: str
    blank_before: int

    def __len__(self) -> int:
        return self.end - self.start

    @once
    def sentence(self) -> bool:
        """It ends as a sentence does, and is no excerpt that was cut off."""
        tail = self.text[-8:].rstrip(_CLOSERS)
        return tail[-1:] in _TERMINALS and tail != "" and len(self.text) >= (8 if self.dense else 12) and not self.cut

    @once
    def cut(self) -> bool:
        """It ends in dots: the excerpt of a teaser, or a quote that trails off."""
        tail = self.text[-8:]
        return (".." in tail or "…" in tail) and _CUT.search(tail) is not None

    @once
    def folded(self) -> str:
        """Its text without regard to letter case; of a line too long to be furniture, nothing."""
        return self.text.casefold() if len(self.text) <= LONGEST_FURNITURE else ""

    @once
    def core(self) -> str:
        """Its text without the marks, bullets and icons at its sides; of a line too long to be furniture, nothing."""
        found = _CORE.search(self.text) if len(self.text) <= LONGEST_FURNITURE else None
        return found[0] if found else ""

    @once
    def dense(self) -> bool:
        """Written without spaces between words, so that a sentence takes few characters."""
        return _DENSE.search(self.text[:40]) is not None

    @once
    def prose(self) -> bool:
        """A paragraph of running text by its length, and by a sentence that ends in it (a credit may follow)."""
        length = len(self.text) * (3 if self.dense else 1)
        if length >= _LONG:
            return True
        return length >= _PROSE_LENGTH and (self.sentence or (not self.cut and _BOUNDARY.search(self.text) is not None))

    @once
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
