"""The protocol of suggesters: from texts to proposals, lazily and in order. Long texts are split into pieces."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from corpusapp.text.zones import CHROME, ZoneRange, gaps

if TYPE_CHECKING:
    from numpy import ndarray


@dataclass(frozen=True)
class SourceText:
    """A text with its zones. Nothing may be proposed in boilerplate, and without `bylines`, not in these either.

    `language` is its ISO 639 code, empty if it is not known; `parts` are ranges in other languages. `origin` says where
    it is from, if that is known: texts of one origin have the same habits.
    """

    text: str
    zones: tuple[ZoneRange, ...] = ()
    bylines: bool = True
    language: str = ""
    parts: tuple[tuple[int, int, str], ...] = ()
    origin: str = ""

    @property
    def boilerplate(self) -> list[tuple[int, int]]:
        """The ranges `[start, end)` of boilerplate."""
        return [(zone.start, zone.end) for zone in self.zones if zone.kind == CHROME]


Shares = dict[str, float]


@dataclass(frozen=True, order=True)
class Proposal:
    """`[start, end)` in code points. `score` is from 0 to 1, or None if the suggester gives none.

    A `pinned` proposal keeps its range and label in a reading, unless decisions contradict it. `shares` are the
    probabilities of the labels of a name that begins at `start`, where the suggester knows them; what is missing to 1
    is the probability that none does. `place` is a part of an article in which a corpus may want no names at all.
    """

    start: int
    end: int
    label: str
    score: float | None = None
    pinned: bool = field(default=False, compare=False)
    shares: Shares | None = field(default=None, compare=False, hash=False)
    place: str = field(default="", compare=False)


class Suggester(Protocol):
    """Proposes spans. `digest` is a SHA-256 of everything that its proposals depend on."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in order."""
        ...


@dataclass(frozen=True)
class TokenVectors:
    """What a model sees in each of its tokens: `rows` has the vector of each, and they begin at `starts`, in order."""

    starts: Sequence[int]
    rows: "ndarray"

    def mean(self, ranges: Iterable[tuple[int, int]]) -> "ndarray":
        """The mean over the ranges of the mean vector of the tokens in each."""
        found = [self._mean(start, end) for start, end in ranges]
        return sum(found[1:], found[0]) / len(found)

    def _mean(self, start: int, end: int) -> "ndarray":
        first = max(0, bisect_right(self.starts, start) - 1)
        mean: ndarray = self.rows[first : max(first + 1, bisect_left(self.starts, end))].mean(axis=0, dtype="float32")
        return mean


@dataclass
class Doubts:
    """What a suggester knows of a text beyond its proposals.

    `beginnings` are those of names that it did not propose, each with `shares`; elsewhere it is sure that no name
    begins. `vectors` are there if the weights of the evidence know the model that made them.
    """

    beginnings: list[Proposal] = field(default_factory=list)
    vectors: TokenVectors | None = None


@runtime_checkable
class WithDoubts(Protocol):
    """A suggester that also says what it nearly proposed."""

    def propose_with_doubts(self, texts: Iterable[SourceText]) -> Iterator[tuple[list[Proposal], Doubts | None]]:
        """The proposals for each text, and its doubts; None if it does not tell them."""
        ...


def propose_with_doubts(
    suggester: Suggester, texts: Iterable[SourceText]
) -> Iterator[tuple[list[Proposal], Doubts | None]]:
    """The proposals of any suggester, and its doubts if it tells them."""
    if isinstance(suggester, WithDoubts):
        yield from suggester.propose_with_doubts(texts)
    else:
        yield from ((proposals, None) for proposals in suggester.propose(texts))


# The memory of a model grows with the length of a piece. No entity is longer than a paragraph.
MAX_PIECE = 50_000


def pieces(source: SourceText) -> Iterator[tuple[int, str]]:
    """(offset, piece) of the text outside of boilerplate, in order."""
    for start, end in gaps(len(source.text), source.boilerplate):
        while end - start > MAX_PIECE:
            cut = _cut(source.text, start, start + MAX_PIECE)
            yield start, source.text[start:cut]
            start = cut
        if source.text[start:end].strip():
            yield start, source.text[start:end]


def _cut(text: str, start: int, end: int) -> int:
    """Where to split `[start, end)`: after the last line break, else after the last space, else at the end."""
    for mark in ("\n", " "):
        position = text.rfind(mark, start + 1, end)
        if position > start:
            return position + 1
    return end
