"""Scores of links, calibrated on what people decided: how often links with the same score were confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The linker has a few fixed scores, one for each kind of evidence. Each counts as so many decisions.
_PRIOR = 30.0


@dataclass(frozen=True)
class LinkCalibration:
    """`outcomes` are the numbers of links that people confirmed and rejected, by the linker's score."""

    outcomes: Mapping[float, tuple[int, int]] = field(default_factory=dict)

    def score(self, base: float) -> float:
        """The probability, from 0 to 1, that a link with this score of the linker is confirmed."""
        confirmed, rejected = self.outcomes.get(base, (0, 0))
        return (_PRIOR * base + confirmed) / (_PRIOR + confirmed + rejected)
