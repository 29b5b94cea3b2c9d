"""Proposals that a reading keeps as they came: those of a service, which may know more than what the weights are for.

The weights were fitted upon one recogniser and English news. A better model, another script or other kinds of names
would lose by them. What editors decided is heeded for these as for all.
"""

from collections.abc import Iterable, Sequence
from math import log

from annotations.suggesters.protocol import Proposal
from annotations.suggesters.weights import CLASSES, Scores

# How sure a proposal without a score is, and what the score of one that was made is held between: whoever set the
# service up has set from which score on it proposes.
_USUAL, _LEAST, _MOST = 0.85, 0.6, 0.98

Range = tuple[int, int]


def firm_in(base: Iterable[Proposal], closed: Sequence[Range]) -> list[Proposal]:
    """The firm ones of a base suggester's proposals, outside the `closed` ranges."""
    return [proposal for proposal in base if proposal.firm and not _overlaps(proposal, closed)]


def firm_scores(proposal: Proposal) -> Scores:
    """Log-odds by which its label is as probable as it is sure; another label than the weighed ones takes none's."""
    sure = min(_MOST, max(_LEAST, _USUAL if proposal.score is None else proposal.score))
    label = proposal.label if proposal.label in CLASSES else ""
    odds = log(sure / (1 - sure) * (len(CLASSES) - 1))
    return tuple(odds if name == label else 0.0 for name in CLASSES)


def _overlaps(proposal: Proposal, ranges: Iterable[Range]) -> bool:
    return any(start < proposal.end and proposal.start < end for start, end in ranges)
