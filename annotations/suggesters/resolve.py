"""From cached output to proposals: scores each mention with all evidence, and resolves overlaps."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import ceil

from annotations.suggesters.edges import Range
from annotations.suggesters.evidence import CLASSES, Weights, probabilities
from annotations.suggesters.lexicon import is_demonym
from annotations.suggesters.name_statistics import HABIT_FROM, NO_NAME, Counts, NameStatistics
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reading import Mention, Reading

# The threshold of proposals: a wrong one costs an editor one action, a missing one two, or one where it is offered as a
# possible span.
LEAST = 0.46
# The weight of a reading, in decided articles, if editors agree on a surface: so that one decision is enough. If they
# do not, the fitted weights of the decisions count beside all other evidence.
_AGAINST_AGREED = 1.0
_AGREED = 0.95
_RATHER_SURE = 0.7
# Articles from which on decisions with the same word before a name are used.
_CONTEXT_FROM = 2

Belief = dict[str, float]
Judged = tuple[Mention, Belief]


def resolve_overlaps(proposals: Iterable[Proposal], length: int) -> list[Proposal]:
    """The proposals without overlaps, in order, for a text of `length` code points.

    The proposal with the higher score is kept, then the longer one.
    """
    return resolve_overlaps_in_order((proposals,), length)


def resolve_overlaps_in_order(several: Iterable[Iterable[Proposal]], length: int) -> list[Proposal]:
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


def resolve_with_possible(
    reading: Reading, statistics: NameStatistics, weights: Weights, further: Iterable[Mention] = ()
) -> tuple[list[Proposal], list[Proposal]]:
    """The proposals for an article, without overlaps and in order, and its possible spans, the likeliest first.

    Scores are probabilities. Possible spans are what may be right where the proposals are wrong.
    """
    judged = list(judge(reading.mentions, reading, statistics, weights))
    certain = [proposal for proposal in reading.certain if not statistics.is_dropped(reading.habit(proposal.label))]
    proposals = [*certain, *_likely(judged)]
    # A decided short name within a likely longer one ("Germany" in "Alternative for Germany") is skipped.
    taken = bytearray(reading.length)
    for proposal in proposals:
        if (proposal.score or 0.0) < _RATHER_SURE:
            continue
        taken[proposal.start : proposal.end] = b"\x01" * (proposal.end - proposal.start)
    free = [mention for mention in further if not _is_inside(taken, mention)]
    learned = list(judge(free, reading, statistics, weights))
    others = _not_within_longer(list(_likely(learned)), proposals, reading.length)
    found = resolve_overlaps([*proposals, *others], reading.length)
    return found, list(_possible([*judged, *learned], reading, found))


# Possible spans: at most so many for each proposal, and none that is less likely.
_MOST_POSSIBLE, _LEAST_POSSIBLE = 1 / 3, 0.18


def _possible(judged: Iterable[Judged], reading: Reading, proposals: Sequence[Proposal]) -> Iterator[Proposal]:
    """Other labels and edges of the proposals, and names below the threshold; one label for each range of those.

    Words in lower case are not offered: editors look for names by their capitals.
    """
    proposed = {(proposal.start, proposal.end): proposal.label for proposal in proposals}
    found: dict[Range, Proposal] = {}
    beliefs = [(mention.start, mention.end, belief) for mention, belief in judged if not mention.surface.islower()]
    beliefs += [(start, end, probabilities(scores)) for start, end, scores in reading.alternatives]
    for start, end, belief in beliefs:
        others = {label: share for label, share in belief.items() if label and label != proposed.get((start, end))}
        if others:
            label = max(others, key=others.__getitem__)
            former = found.get((start, end))
            if others[label] >= _LEAST_POSSIBLE and (former is None or others[label] > (former.score or 0.0)):
                found[start, end] = Proposal(start, end, label, round(min(1.0, others[label]), 4))
    ranked = sorted(found.values(), key=lambda proposal: (-(proposal.score or 0.0), proposal))
    yield from ranked[: ceil(len(proposals) * _MOST_POSSIBLE)]


def _is_inside(taken: bytearray, place: Mention | Proposal) -> bool:
    return taken.find(0, place.start, place.end) < 0


def _not_within_longer(learned: Sequence[Proposal], others: Iterable[Proposal], length: int) -> Iterator[Proposal]:
    """The learned names that are not within a longer proposal, such as "two" in "two-day"."""
    taken = bytearray(length)
    everything = [*((proposal, False) for proposal in others), *((proposal, True) for proposal in learned)]
    for _, same_length in groupby(sorted(everything, key=_shortness), key=_shortness):
        kept = [(proposal, new) for proposal, new in same_length if not (new and _is_inside(taken, proposal))]
        for proposal, _ in kept:
            taken[proposal.start : proposal.end] = b"\x01" * (proposal.end - proposal.start)
        yield from (proposal for proposal, new in kept if new)


def _shortness(item: tuple[Proposal, bool]) -> int:
    return item[0].start - item[0].end


def judge(
    mentions: Iterable[Mention], reading: Reading, statistics: NameStatistics, weights: Weights
) -> Iterator[Judged]:
    for mention in mentions:
        own = reading.seen.get(mention.surface, {})
        known = statistics.features(mention.surface, mention.before, own)
        belief = probabilities(weights.scores(known, reading.changed_scores(mention, weights)))
        belief = _with_other_label(belief, _other_label(mention, own))
        decided = _decided(mention, statistics)
        if mention.place and not decided:
            yield mention, _with_habit(belief, statistics.decided.get(reading.habit(mention.place)))
        else:
            yield mention, _with_decisions(belief, decided)


def _likely(judged: Iterable[Judged]) -> Iterator[Proposal]:
    """A proposal for each mention that is likely a name."""
    for mention, belief in judged:
        label = max((label for label in belief if label), key=belief.__getitem__)
        if 1 - belief[NO_NAME] >= LEAST:
            yield Proposal(mention.start, mention.end, label, round(min(1.0, belief[label]), 4))


def _decided(mention: Mention, statistics: NameStatistics) -> Counts:
    """Decisions on the surface; if editors disagree, those with the same word before it, if there are enough."""
    decided = statistics.decided.get(mention.surface) or Counts()
    if _agree(decided):
        return decided
    here = statistics.in_context.get((mention.surface, mention.before)) or Counts()
    return here if sum(here.values()) >= _CONTEXT_FROM else decided


def _agree(decided: Counts) -> bool:
    return max(decided.values(), default=0) >= _AGREED * sum(decided.values())


def _other_label(mention: Mention, own: dict[str, float]) -> str:
    """The label of a mention that is not one of the classes, such as NORP, LOC or EVENT; empty if unknown."""
    if mention.label and mention.label not in CLASSES:
        return mention.label
    if is_demonym(mention.surface):
        return "NORP"
    likeliest = max(own, key=own.__getitem__, default="")
    return likeliest if likeliest not in CLASSES else ""


def _with_other_label(belief: Belief, other: str) -> Belief:
    """The belief with another label in place of no name."""
    return {**belief, other: belief[NO_NAME], NO_NAME: 0.0} if other else belief


def _with_habit(belief: Belief, decided: Counts | None) -> Belief:
    """The belief, less likely a name by the share of articles in which editors rejected what stands in its place."""
    if not decided or sum(decided.values()) < HABIT_FROM:
        return belief
    kept = 1 - decided[NO_NAME] / (_AGAINST_AGREED + sum(decided.values()))
    found = {label: share * kept for label, share in belief.items()}
    return {**found, NO_NAME: found[NO_NAME] + 1 - sum(found.values())}


def _with_decisions(belief: Belief, decided: Counts) -> Belief:
    """The belief combined with decisions on the surface that agree, counted in articles."""
    total = sum(decided.values())
    if total <= 0 or not _agree(decided):
        return belief
    return {
        label: (_AGAINST_AGREED * belief.get(label, 0.0) + decided.get(label, 0.0)) / (_AGAINST_AGREED + total)
        for label in {*belief, *decided, NO_NAME}
    }
