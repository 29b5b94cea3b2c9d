"""Scores that mean something: the probability that an editor confirms a suggestion as it stands.

Platt scaling (1999): logistic regression of what editors did on the log-odds of what the weights say, with a term for
each label. Before there are decisions the weights are taken at their word; that is the prior, and counts as if they had
been right as often as they said in PRIOR decisions.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, log

from annotations.suggesters.protocol import Proposal

PRIOR = 100
# No score says more than this, nor less than its complement: nothing is certain.
_MOST = 0.995
_GRID = (0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95)
# Labels with fewer decisions share the general term.
_FEWEST = 20

# (what the weights said, the label, whether it was confirmed as it stood)
Outcome = tuple[float, str, bool]


@dataclass(frozen=True)
class Calibration:
    """`slope` and `intercept` on the log-odds, and what each label adds."""

    slope: float = 1.0
    intercept: float = 0.0
    labels: dict[str, float] = field(default_factory=dict)

    def score(self, said: float, label: str) -> float:
        """The probability that a suggestion with this score of the weights is confirmed."""
        odds = self.slope * _odds(said) + self.intercept + self.labels.get(label, 0.0)
        return round(min(_MOST, max(1 - _MOST, 1 / (1 + exp(-odds)))), 4)


def fitted_to(outcomes: Sequence[Outcome]) -> Calibration:
    """The calibration that the outcomes and the prior speak for. Imports scikit-learn."""
    from sklearn.linear_model import LogisticRegression

    counts = Counter(label for _, label, _ in outcomes)
    known = sorted(label for label, count in counts.items() if count >= _FEWEST)
    rows = [_row(said, label, known) for said, label, _ in outcomes]
    right = [confirmed for _, _, confirmed in outcomes]
    weights = [1.0] * len(rows)
    for said in _GRID:
        for confirmed in (True, False):
            rows.append(_row(said, "", known))
            right.append(confirmed)
            weights.append(PRIOR / len(_GRID) * (said if confirmed else 1 - said))
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(rows, right, sample_weight=weights)
    slope, *added = (float(value) for value in model.coef_[0])
    if slope <= 0:
        # The decisions say that surer suggestions are the worse ones: more likely they are few and odd.
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
    """What became of the proposals for an article of `length` code points.

    One that nobody has decided says nothing yet: neither confirmed nor rejected, not upon a confirmed span, and in an
    article that is not done.
    """
    true, wrong = set(confirmed), set(rejected)
    upon = bytearray(length)
    for start, end, _ in confirmed:
        upon[start:end] = b"\x01" * (end - start)
    found: list[Outcome] = []
    for proposal in proposals:
        triple = (proposal.start, proposal.end, proposal.label)
        if proposal.score is None:
            continue
        if triple in true:
            found.append((proposal.score, proposal.label, True))
        elif done or triple in wrong or upon.find(1, proposal.start, proposal.end) >= 0:
            found.append((proposal.score, proposal.label, False))
    return found


def _row(said: float, label: str, known: Sequence[str]) -> list[float]:
    return [_odds(said), *(float(label == name) for name in known)]


def _odds(said: float) -> float:
    said = min(_MOST, max(1 - _MOST, said))
    return log(said / (1 - said))
