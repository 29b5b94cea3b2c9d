"""Which of several proposals on the same words stays: settled once, here."""

from collections.abc import Iterable

from annotations.suggesters.protocol import Proposal


def settled(proposals: Iterable[Proposal], length: int) -> list[Proposal]:
    """Proposals none upon another, in the order of the text of `length` code points.

    The surer stays; of two as sure, the longer.
    """
    return settled_in_turn((proposals,), length)


def settled_in_turn(several: Iterable[Iterable[Proposal]], length: int) -> list[Proposal]:
    """As `settled`, for the proposals of several suggesters: those of an earlier one stay before those of a later."""
    taken = bytearray(length)
    kept: list[Proposal] = []
    for proposals in several:
        for proposal in sorted(proposals, key=_rank):
            if taken.find(1, proposal.start, proposal.end) < 0:
                taken[proposal.start : proposal.end] = b"\x01" * (proposal.end - proposal.start)
                kept.append(proposal)
    return sorted(kept)


def _rank(proposal: Proposal) -> tuple[float, int, int]:
    score = proposal.score if proposal.score is not None else 0.5
    return -round(score, 1), proposal.start - proposal.end, proposal.start
