"""Lines of a text: properties that separate running text from boilerplate, and lines that recur in a source."""

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
    """A property that is computed on first access.

    Unlike `cached_property` of Python 3.11 it takes no lock, which would cost more than most of these computations.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function, self._name, self.__doc__ = function, function.__name__, function.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._function(instance)
        return value


@dataclass(frozen=True)
class Line:
    """`[start, end)` in code points, without surrounding white space, and the number of empty lines above."""

    start: int
    end: int
    text: str
    blank_before: int

    def __len__(self) -> int:
        return self.end - self.start

    @lazy_property
    def sentence(self) -> bool:
        """Whether it ends like a sentence and is not a truncated excerpt."""
        tail = self.text[-8:].rstrip(_CLOSERS)
        return tail[-1:] in _TERMINALS and tail != "" and len(self.text) >= (8 if self.dense else 12) and not self.cut

    @lazy_property
    def cut(self) -> bool:
        """Whether it ends in an ellipsis: a truncated excerpt, or a quote that trails off."""
        tail = self.text[-8:]
        return (".." in tail or "…" in tail) and _CUT.search(tail) is not None

    @lazy_property
    def folded(self) -> str:
        """Its text, case-folded; empty if the line is too long for boilerplate."""
        return self.text.casefold() if len(self.text) <= LONGEST_BOILERPLATE else ""

    @lazy_property
    def core(self) -> str:
        """Its text without marks, bullets and icons at both ends; empty if the line is too long for boilerplate."""
        found = _CORE.search(self.text) if len(self.text) <= LONGEST_BOILERPLATE else None
        return found[0] if found else ""

    @lazy_property
    def dense(self) -> bool:
        """Whether it is in a script without spaces, where a sentence takes few characters."""
        return _DENSE.search(self.text[:40]) is not None

    @lazy_property
    def prose(self) -> bool:
        """Whether it is a paragraph of running text: long enough, with the end of a sentence (a credit may follow)."""
        length = len(self.text) * (3 if self.dense else 1)
        if length >= _LONG:
            return True
        return length >= _PROSE_LENGTH and (self.sentence or (not self.cut and _BOUNDARY.search(self.text) is not None))

    @lazy_property
    def words(self) -> list[str]:
        """Its words, up to LONGEST_BOILERPLATE code points."""
        return self.text[:LONGEST_BOILERPLATE].split()


# Zones and publication date read the same text one after the other: its lines are computed once.
@lru_cache(maxsize=2)
def split_lines(text: str) -> tuple[Line, ...]:
    """The non-empty lines of `text`, in order."""
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
    """For each normalised line, the number of other articles of a source with it; `articles` is how many there are."""

    counts: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0


def normalised_line(text: str) -> str:
    """The form in which lines of different articles are compared: without case, extra spaces and numbers."""
    return _DIGITS.sub("0", " ".join(text.casefold().split()))


def normalised_lines(text: str) -> set[str]:
    """The distinct normalised lines of an article, without lines too long for boilerplate."""
    if max(map(len, text.split("\n"))) > LONGEST_BOILERPLATE:
        return {normalised_line(line.text) for line in split_lines(text) if len(line) <= LONGEST_BOILERPLATE}
    # All lines at once: no change crosses a line end.
    lines = _DIGITS.sub("0", text.casefold()).split("\n")
    return {" ".join(line.split()) for line in lines} - {""}


def find_recurring(lines: Sequence[Line], recurring: RecurringLines) -> frozenset[int]:
    """The indices of the `lines` that are boilerplate of their source.

    The share of articles needed depends on the cost of a mistake: 5 % for a short line at the edges of an article, 30 %
    within running text, where subheads recur; for a whole sentence, which agencies repeat as background, 30 % and 60 %.
    """
    if recurring.articles < _FEWEST_ARTICLES or not recurring.counts:
        return frozenset()
    shares = [_share(line, recurring) for line in lines]
    own = [index for index, line in enumerate(lines) if line.sentence and not shares[index] >= 0.3]
    first, last = (own[0], own[-1]) if own else (len(lines), -1)
    return frozenset(
        index
        for index, line in enumerate(lines)
        if _is_frequent(shares[index], recurring.articles, edge=not first < index < last, sentence=line.sentence)
    )


def _share(line: Line, recurring: RecurringLines) -> float:
    if len(line) > LONGEST_BOILERPLATE:
        return 0.0
    return recurring.counts.get(normalised_line(line.text), 0) / recurring.articles


def _is_frequent(shares: float, articles: int, *, edge: bool, sentence: bool) -> bool:
    share, fewest = {
        (True, False): (0.05, 3),
        (False, False): (0.3, 5),
        (True, True): (0.3, 4),
        (False, True): (0.6, 8),
    }[edge, sentence]
    return shares >= share and shares * articles >= fewest - 0.5
