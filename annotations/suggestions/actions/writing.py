"""Write proposals as the suggestions of their articles."""

from collections import Counter
from collections.abc import Mapping, Sequence

from annotations.review.actions.propose import ProposalRow, replace_suggestions
from annotations.review.models import Label
from annotations.suggesters.protocol import Proposal
from corpusapp.articles.models import Corpus


def write_proposals(*, corpus: Corpus, pipeline_id: int, proposals: Mapping[int, Sequence[Proposal]]) -> Counter[str]:
    """Set the proposals, by article, beside what stands; returns those left out for want of a label, by label."""
    labels = dict(Label.objects.filter(corpus=corpus).values_list("name", "pk"))
    unknown = Counter(p.label for found in proposals.values() for p in found if p.label not in labels)
    rows = (
        ProposalRow(article_id, proposal.start, proposal.end, labels[proposal.label], proposal.score)
        for article_id, found in proposals.items()
        for proposal in found
        if proposal.label in labels
    )
    replace_suggestions(corpus=corpus, pipeline_id=pipeline_id, article_ids=proposals, proposals=rows)
    return unknown
