"""A text as lines, each with what tells running text from furniture. Offsets are code points, end exclusive."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

LONGEST_BOILERPLATE = 400
_CLOSERS = "\"'”’»›)]}\u200f\u200e "
_TERMINALS = ".!?…。！？؟۔।"
_CUT = re.compile(r"(?:…|\.\.\.|\[\.\.\.\]|\[…\]|\(\.\.\.\))\s*$")
_BOUNDARY = re.compile(r"[^\W\d_]{3}[.!?][\"'”’)]? \S")
_CORE = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_PROSE_LENGTH, _LONG = 80, 200
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class lazy_property:
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

    @lazy_property
    def sentence(self) -> bool:
        """It ends as a sentence does, and is no excerpt that was cut off."""
        tail = self.text[-8:].rstrip(_CLOSERS)
        return tail[-1:] in _TERMINALS and tail != "" and len(self.text) >= (8 if self.dense else 12) and not self.cut

    @lazy_property
    def cut(self) -> bool:
        """It ends in dots: the excerpt of a teaser, or a quote that trails off."""
        tail = self.text[-8:]
        return (".." in tail or "…" in tail) and _CUT.search(tail) is not None

    @lazy_property
    def folded(self) -> str:
        """Its text without regard to letter case; of a line too long to be furniture, nothing."""
        return self.text.casefold() if len(self.text) <= LONGEST_BOILERPLATE else ""

    @lazy_property
    def core(self) -> str:
        """Its text without the marks, bullets and icons at its sides; of a line too long to be furniture, nothing."""
        found = _CORE.search(self.text) if len(self.text) <= LONGEST_BOILERPLATE else None
        return found[0] if found else ""

    @lazy_property
    def dense(self) -> bool:
        """Written without spaces between words, so that a sentence takes few characters."""
        return _DENSE.search(self.text[:40]) is not None

    @lazy_property
    def prose(self) -> bool:
        """A paragraph of running text by its length, and by a sentence that ends in it (a credit may follow)."""
        length = len(self.text) * (3 if self.dense else 1)
        if length >= _LONG:
            return True
        return length >= _PROSE_LENGTH and (self.sentence or (not self.cut and _BOUNDARY.search(self.text) is not None))

    @lazy_property
    def words(self) -> list[str]:
        """Its words; of a line too long to be furniture, those of its beginning."""
        return self.text[:LONGEST_BOILERPLATE].split()


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


_DIGITS = re.compile(r"\d+")
_FEWEST_ARTICLES = 4


@dataclass(frozen=True)
class RecurringLines:
    """In how many of a source's `articles` other articles each normalised line stands. An empty one finds nothing."""

    counts: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0


def normalised_line(text: str) -> str:
    """The form in which lines of different articles are compared: letter case, spacing and numbers set aside."""
    return _DIGITS.sub("0", " ".join(text.casefold().split()))


def normalised_lines(text: str) -> set[str]:
    """The lines of an article to be counted, each once; longer ones than furniture has are left out."""
    if max(map(len, text.split("\n"))) > LONGEST_BOILERPLATE:
        return {normalised_line(line.text) for line in split_lines(text) if len(line) <= LONGEST_BOILERPLATE}
    # All lines at once: none of the changes reaches over the end of a line.
    lines = _DIGITS.sub("0", text.casefold()).split("\n")
    return {" ".join(line.split()) for line in lines} - {""}


def find_recurring(lines: Sequence[Line], furniture: RecurringLines) -> frozenset[int]:
    """The indices of the `lines` that are furniture of their source.

    How many articles it takes depends on what a mistake would cost: at the edges of an article a short line needs a
    twentieth of them, amid running text (where subheads recur) three tenths; a whole sentence, which agencies repeat
    as background, needs three tenths at the edges and six tenths amid the text.
    """
    if furniture.articles < _FEWEST_ARTICLES or not furniture.counts:
        return frozenset()
    often = [_often(line, furniture) for line in lines]
    own = [index for index, line in enumerate(lines) if line.sentence and not often[index] >= 0.3]
    first, last = (own[0], own[-1]) if own else (len(lines), -1)
    return frozenset(
        index
        for index, line in enumerate(lines)
        if _enough(often[index], furniture.articles, edge=not first < index < last, sentence=line.sentence)
    )


def _often(line: Line, furniture: RecurringLines) -> float:
    if len(line) > LONGEST_BOILERPLATE:
        return 0.0
    return furniture.counts.get(normalised_line(line.text), 0) / furniture.articles


def _enough(often: float, articles: int, *, edge: bool, sentence: bool) -> bool:
    share, fewest = {
        (True, False): (0.05, 3),
        (False, False): (0.3, 5),
        (True, True): (0.3, 4),
        (False, True): (0.6, 8),
    }[edge, sentence]
    return often >= share and often * articles >= fewest - 0.5
