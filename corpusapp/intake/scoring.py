"""How near an extracted text comes to the true one, over 4-word shingles.

The measure of scrapinghub's article-extraction-benchmark (evaluate.py): words are runs of `\\w`, case counts, shingles
are counted as often as they stand. A text shorter than four words is one shingle. Precision and recall are averaged
over pages, and F1 is taken of the two averages.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHINGLE_WORDS = 4
_WORD = re.compile(r"\w+")
Shingle = tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Match:
    """The shingles of one page: in both texts, only in the extracted one, only in the true one."""

    common: int
    superfluous: int
    missing: int

    @property
    def score(self) -> Score:
        """Two empty texts agree wholly; one empty text against another has no precision or no recall."""
        extracted, true = self.common + self.superfluous, self.common + self.missing
        if not extracted and not true:
            return Score(1.0, 1.0)
        return Score(self.common / extracted if extracted else 0.0, self.common / true if true else 0.0)


def shingles(text: str) -> Counter[Shingle]:
    """Every run of four words with its count; of one to three words, these alone; of none, nothing."""
    words = _WORD.findall(text)
    if not words:
        return Counter()
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return Counter(tuple(words[position : position + SHINGLE_WORDS]) for position in range(last))


def match(true: str, extracted: str) -> Match:
    """Compare two texts as bags of shingles."""
    wanted, found = shingles(true), shingles(extracted)
    return Match((wanted & found).total(), (found - wanted).total(), (wanted - found).total())


def average(matches: Iterable[Match]) -> Score:
    """Averages over pages: of precision over those with an extracted text, of recall over those with a true one.

    Raises ValueError where no page is left to average, since a share of nothing is no number.
    """
    pages = list(matches)
    precisions = [page.score.precision for page in pages if page.common + page.superfluous]
    recalls = [page.score.recall for page in pages if page.common + page.missing]
    if not recalls:
        raise ValueError("no page has a true text: there is nothing to measure against")
    return Score(_mean(precisions), _mean(recalls))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
