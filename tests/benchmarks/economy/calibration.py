"""How well the scores of suggestions tell whether an editor will confirm them as they stand."""

import itertools
from collections.abc import Sequence
from typing import Any

BINS = 10
# Articles before this one are not counted: by then the desk has seen decisions.
FIRST = 41

Scored = tuple[float, bool]


def calibration(articles: Sequence[Sequence[Scored]]) -> dict[str, Any] | None:
    """Of scores with whether they were right, by article: the expected calibration error in bins of equal count, the
    Brier score, and that of the base rate alone, each over articles 41 on. None where there are no scores.
    """
    scored = sorted(one for article in articles[FIRST - 1 :] for one in article)
    if not scored:
        return None
    rate = sum(right for _, right in scored) / len(scored)
    brier = sum((score - right) ** 2 for score, right in scored) / len(scored)
    constant = rate * (1 - rate)
    return {
        "suggestions": len(scored),
        "expected_error": round(_expected_error(scored), 4),
        "brier": round(brier, 4),
        "brier_of_base_rate": round(constant, 4),
        "brier_below_base_rate": round(1 - brier / constant, 4) if constant else None,
    }


def _expected_error(scored: Sequence[Scored]) -> float:
    """The mean distance between a bin's mean score and its share of right ones, weighted by the bins' sizes."""
    edges = [len(scored) * number // BINS for number in range(BINS + 1)]
    bins = [scored[first:last] for first, last in itertools.pairwise(edges)]
    return sum(abs(sum(score - right for score, right in one)) for one in bins) / len(scored)
