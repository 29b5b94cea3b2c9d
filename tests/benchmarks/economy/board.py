"""An article as its editor sees it, and what each decision would leave: the rules of the desk in small.

The editor plans on a board; what is counted and what stands in the end is what the desk itself answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotations.spans.occurrences import occurrences
from tests.benchmarks.economy.gold import Triple

SUGGESTED, CONFIRMED, REJECTED = "suggested", "confirmed", "rejected"
PRICES = {"reject": 1, "relabel": 1, "move": 2, "add": 2}


@dataclass(frozen=True)
class Move:
    """One correction: `span` is what it is made on (None for add), `target` what it makes (None for reject).

    `like`: on all that is like it in the article as well, as one decision.
    """

    verb: str
    span: Triple | None
    target: Triple | None
    like: bool = False

    @property
    def price(self) -> int:
        """A move that brings another label is a move and a relabel."""
        both = self.verb == "move" and self.span and self.target and self.span[2] != self.target[2]
        return PRICES[self.verb] + (PRICES["relabel"] if both else 0)


@dataclass(frozen=True)
class Board:
    """`states` of all that stands or stood, by triple; `chrome`: site furniture, where nothing is alike."""

    text: str
    states: Mapping[Triple, str]
    chrome: tuple[tuple[int, int], ...] = ()

    def standing(self) -> Iterator[Triple]:
        return (triple for triple, state in self.states.items() if state != REJECTED)

    def surface(self, triple: Triple) -> str:
        return self.text[triple[0] : triple[1]]

    def after(self, move: Move) -> "Board":
        """The board that a decision leaves."""
        states = dict(self.states)
        for one in [move, *self.likes(move)] if move.like else [move]:
            if one.span is not None:
                states[one.span] = REJECTED
            if one.target is not None:
                states[one.target] = CONFIRMED
        return Board(self.text, states, self.chrome)

    def likes(self, move: Move) -> list[Move]:
        """What the desk would offer as alike, each as a correction of its own."""
        return list(self._places(move) if move.span is None else self._spans(move, move.span))

    def _spans(self, move: Move, origin: Triple) -> Iterator[Move]:
        surface, label = self.surface(origin), origin[2]
        for span, state in self.states.items():
            if span == origin or state != SUGGESTED or span[2] != label or self.surface(span) != surface:
                continue
            if move.target is None:
                yield Move(move.verb, span, None)
                continue
            start = span[0] + move.target[0] - origin[0]
            end = span[1] + move.target[1] - origin[1]
            if start >= 0 and self.text[start:end] == self.surface(move.target):
                yield Move(move.verb, span, (start, end, move.target[2]))

    def _places(self, move: Move) -> Iterator[Move]:
        assert move.target is not None
        taken = [(start, end) for start, end, _ in self.standing()] + [move.target[:2], *self.chrome]
        for start, end in occurrences(self.text, self.surface(move.target)):
            target = (start, end, move.target[2])
            if target not in self.states and not any(first < end and start < last for first, last in taken):
                yield Move(move.verb, None, target)
