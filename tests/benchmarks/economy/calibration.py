"""How well the scores of suggestions predict that an editor confirms them unchanged."""

import itertools
from collections.abc import Sequence
from typing import Any

BINS = 10
# Earlier articles are not counted: scores are calibrated only after some decisions.
FIRST = 41

Scored = tuple[float, bool]


def calibration(articles: Sequence[Sequence[Scored]]) -> dict[str, Any] | None:
    """The expected calibration error in bins of equal count, the Brier score, and that of the base rate.

    `articles` has (score, whether it was right) pairs by article; only articles from the 41st on are used. None
    without scores.
    """
    scored = sorted(one for article in articles[FIRST - 1 :] for one in article)
    if not scored:
        return None
    rate = sum(right for _, right in scored) / len(scored)
    brier = sum((score - right) ** 2 for score, right in scored) / len(scored)
    constant = rate * (1 - rate)
    return {
        "suggestions": len(scored),
        "expected_error": round(expected_error(scored), 4),
        "brier": round(brier, 4),
        "brier_of_base_rate": round(constant, 4),
        "brier_below_base_rate": round(1 - brier / constant, 4) if constant else None,
    }


def expected_error(scored: Sequence[Scored]) -> float:
    """The mean difference between a bin's mean score and its share of right ones, weighted by size."""
    edges = [len(scored) * number // BINS for number in range(BINS + 1)]
    bins = [scored[first:last] for first, last in itertools.pairwise(edges)]
    return sum(abs(sum(score - right for score, right in one)) for one in bins) / len(scored)
