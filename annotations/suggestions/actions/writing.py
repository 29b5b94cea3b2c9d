"""Write proposals as the suggestions of their articles."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from annotations.review.actions.propose import Difference, ProposalRow, replace_suggestions
from annotations.review.models import Label
from annotations.suggesters.calibration import Calibration
from annotations.suggesters.protocol import Proposal
from annotations.suggestions.actions.calibrate import calibration_of
from corpusapp.articles.models import Corpus


class Written(NamedTuple):
    """`unknown` counts what was left out for want of a label, by label."""

    difference: Difference
    unknown: Counter[str]


def write_proposals(*, corpus: Corpus, pipeline_id: int, proposals: Mapping[int, Sequence[Proposal]]) -> Written:
    """Set the proposals, by article and with calibrated scores, beside what stands."""
    labels = dict(Label.objects.filter(corpus=corpus).values_list("name", "pk"))
    calibration = calibration_of(corpus.pk)
    unknown = Counter(p.label for found in proposals.values() for p in found if p.label not in labels)
    rows = (
        ProposalRow(article_id, proposal.start, proposal.end, labels[proposal.label], _score(proposal, calibration))
        for article_id, found in proposals.items()
        for proposal in found
        if proposal.label in labels
    )
    difference = replace_suggestions(corpus=corpus, pipeline_id=pipeline_id, article_ids=proposals, proposals=rows)
    return Written(difference, unknown)


def _score(proposal: Proposal, calibration: Calibration) -> float | None:
    return None if proposal.score is None else calibration.score(proposal.score, proposal.label)
