"""Furniture by recurrence: a line that stands in many articles of one source was not written for any of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corpusapp.text.lines import LONGEST_FURNITURE, Line, split_lines

_DIGITS = re.compile(r"\d+")
_FEWEST_ARTICLES = 4


@dataclass(frozen=True)
class Furniture:
    """In how many of a source's `articles` other articles each normalised line stands. An empty one finds nothing."""

    counts: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0


def normalised_line(text: str) -> str:
    """The form in which lines of different articles are compared: letter case, spacing and numbers set aside."""
    return _DIGITS.sub("0", " ".join(text.casefold().split()))


def normalised_lines(text: str) -> set[str]:
    """The lines of an article to be counted, each once; longer ones than furniture has are left out."""
    if max(map(len, text.split("\n"))) > LONGEST_FURNITURE:
        return {normalised_line(line.text) for line in split_lines(text) if len(line) <= LONGEST_FURNITURE}
    # All lines at once: none of the changes reaches over the end of a line.
    lines = _DIGITS.sub("0", text.casefold()).split("\n")
    return {" ".join(line.split()) for line in lines} - {""}


def recurring_lines(lines: Sequence[Line], furniture: Furniture) -> frozenset[int]:
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


def _often(line: Line, furniture: Furniture) -> float:
    if len(line) > LONGEST_FURNITURE:
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
