"""Calibrated scores: the probability that an editor confirms a suggestion unchanged.

Platt scaling (1999): logistic regression of decisions on the log-odds of the raw scores, with a term for each label.
The prior is that raw scores are right; it counts as PRIOR decisions.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, log

from annotations.suggesters.protocol import Proposal

PRIOR = 100
# Scores are clamped to [1 - _MOST, _MOST].
_MOST = 0.995
_GRID = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)
# Labels with fewer decisions share the general term.
_FEWEST = 20

# (raw score, label, whether it was confirmed unchanged)
Outcome = tuple[float, str, bool]


@dataclass(frozen=True)
class Calibration:
    """`slope` and `intercept` of the log-odds, and a term for each label."""

    slope: float = 1.0
    intercept: float = 0.0
    labels: dict[str, float] = field(default_factory=dict)

    def score(self, raw: float, label: str) -> float:
        """The probability that a suggestion with this raw score is confirmed."""
        odds = self.slope * _odds(raw) + self.intercept + self.labels.get(label, 0.0)
        return round(min(_MOST, max(1 - _MOST, 1 / (1 + exp(-odds)))), 4)


def fit_calibration(outcomes: Sequence[Outcome]) -> Calibration:
    """Fit a calibration to the outcomes and the prior. Imports scikit-learn."""
    from sklearn.linear_model import LogisticRegression

    counts = Counter(label for _, label, _ in outcomes)
    known = sorted(label for label, count in counts.items() if count >= _FEWEST)
    rows = [_row(raw, label, known) for raw, label, _ in outcomes]
    right = [confirmed for _, _, confirmed in outcomes]
    weights = [1.0] * len(rows)
    for raw in _GRID:
        for confirmed in (True, False):
            rows.append(_row(raw, "", known))
            right.append(confirmed)
            weights.append(PRIOR / len(_GRID) * (raw if confirmed else 1 - raw))
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(rows, right, sample_weight=weights)
    slope, *added = (float(value) for value in model.coef_[0])
    if slope <= 0:
        # Higher scores would mean worse suggestions: more likely, the decisions are few and unusual.
        return Calibration()
    return Calibration(slope, float(model.intercept_[0]), dict(zip(known, added, strict=True)))


def outcomes_of(
    proposals: Iterable[Proposal],
    confirmed: Sequence[tuple[int, int, str]],
    rejected: Iterable[tuple[int, int, str]],
    *,
    done: bool,
    length: int,
) -> list[Outcome]:
    """The outcomes of the proposals for an article of `length` code points.

    An undecided proposal has none: it is neither confirmed nor rejected, overlaps no confirmed span, and the article is
    not done.
    """
    true, wrong = set(confirmed), set(rejected)
    covered = bytearray(length)
    for start, end, _ in confirmed:
        covered[start:end] = b"\x01" * (end - start)
    found: list[Outcome] = []
    for proposal in proposals:
        triple = (proposal.start, proposal.end, proposal.label)
        if proposal.score is None:
            continue
        if triple in true:
            found.append((proposal.score, proposal.label, True))
        elif done or triple in wrong or covered.find(1, proposal.start, proposal.end) >= 0:
            found.append((proposal.score, proposal.label, False))
    return found


def _row(raw: float, label: str, known: Sequence[str]) -> list[float]:
    return [_odds(raw), *(float(label == name) for name in known)]


def _odds(raw: float) -> float:
    clamped = min(_MOST, max(1 - _MOST, raw))
    return log(clamped / (1 - clamped))
