"""The spans of one article, and how decisions change them: a small model of the desk's rules.

The editor only plans with it. Actions and final spans are those of the desk.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from annotations.spans.occurrences import occurrences
from tests.benchmarks.economy.gold import Triple

SUGGESTED, CONFIRMED, REJECTED = "suggested", "confirmed", "rejected"
COSTS = {"reject": 1, "relabel": 1, "move": 2, "add": 2}


@dataclass(frozen=True)
class Correction:
    """A decision that changes `span` (None to add one) to `target` (None to reject).

    `on_matches`: the same decision applies to all matches in the article. `offered`: the desk shows the target as a
    possible span, so that one action takes it.
    """

    verb: str
    span: Triple | None
    target: Triple | None
    on_matches: bool = False
    offered: bool = field(default=False, compare=False)

    @property
    def cost(self) -> int:
        """Actions. A move to another label costs a move and a relabel."""
        if self.offered:
            return 1
        both = self.verb == "move" and self.span and self.target and self.span[2] != self.target[2]
        return COSTS[self.verb] + (COSTS["relabel"] if both else 0)


@dataclass(frozen=True)
class SimulatedArticle:
    """`states` of all spans by triple, rejected ones too; no matches are in the `chrome` ranges of boilerplate.

    `possible` are the possible spans that the desk shows.
    """

    text: str
    states: Mapping[Triple, str]
    chrome: tuple[tuple[int, int], ...] = ()
    possible: frozenset[Triple] = frozenset()

    def current(self) -> Iterator[Triple]:
        return (triple for triple, state in self.states.items() if state != REJECTED)

    def surface(self, triple: Triple) -> str:
        return self.text[triple[0] : triple[1]]

    def after(self, correction: Correction) -> "SimulatedArticle":
        """The article after a decision."""
        states = dict(self.states)
        for one in [correction, *self.matches(correction)] if correction.on_matches else [correction]:
            if one.span is not None:
                states[one.span] = REJECTED
            if one.target is not None:
                states[one.target] = CONFIRMED
        return SimulatedArticle(self.text, states, self.chrome, self.possible)

    def matches(self, correction: Correction) -> list[Correction]:
        """The matches that the desk would offer, each as a correction of its own."""
        if correction.span is None:
            return list(self._free_places(correction))
        return list(self._equal_suggestions(correction, correction.span))

    def _equal_suggestions(self, correction: Correction, origin: Triple) -> Iterator[Correction]:
        surface, label = self.surface(origin), origin[2]
        for span, state in self.states.items():
            if span == origin or state != SUGGESTED or span[2] != label or self.surface(span) != surface:
                continue
            if correction.target is None:
                yield Correction(correction.verb, span, None)
                continue
            start = span[0] + correction.target[0] - origin[0]
            end = span[1] + correction.target[1] - origin[1]
            if start >= 0 and self.text[start:end] == self.surface(correction.target):
                yield Correction(correction.verb, span, (start, end, correction.target[2]))

    def _free_places(self, correction: Correction) -> Iterator[Correction]:
        assert correction.target is not None
        taken = [(start, end) for start, end, _ in self.current()] + [correction.target[:2], *self.chrome]
        for start, end in occurrences(self.text, self.surface(correction.target)):
            target = (start, end, correction.target[2])
            if target not in self.states and not any(first < end and start < last for first, last in taken):
                yield Correction(correction.verb, None, target)
