"""Overlapping proposals are resolved."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.protocol import Proposal
from annotations.suggesters.resolve import resolve_overlaps

ranges = st.tuples(st.integers(0, 30), st.integers(1, 10), st.sampled_from(["ORG", "GPE"]), st.floats(0, 1) | st.none())
proposals = st.lists(ranges.map(lambda drawn: Proposal(drawn[0], drawn[0] + drawn[1], drawn[2], drawn[3])), max_size=12)


@given(proposals)
def test_no_overlaps_remain_and_only_overlapping_proposals_are_dropped(found):
    kept = resolve_overlaps(found, 40)
    assert [proposal.start for proposal in kept] == sorted(proposal.start for proposal in kept)
    assert all(first.end <= second.start for first, second in pairwise(kept))
    for gone in set(found) - set(kept):
        assert any(stays.start < gone.end and gone.start < stays.end for stays in kept)


def test_the_higher_score_is_kept_then_the_longer_proposal():
    short, long, sure = Proposal(2, 4, "GPE", 0.61), Proposal(0, 6, "ORG", 0.58), Proposal(3, 8, "ORG", 0.9)
    assert resolve_overlaps([short, long], 9) == [long]
    assert resolve_overlaps([short, long, sure], 9) == [sure]
    assert resolve_overlaps([short, Proposal(4, 6, "ORG", 0.1)], 9) == [short, Proposal(4, 6, "ORG", 0.1)]
    assert resolve_overlaps([], 0) == []
