"""What a suggester is: texts in, proposals out, lazily and in order. Long texts are cut into pieces."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from corpusapp.text.zones import CHROME, ZoneRange, gaps


@dataclass(frozen=True)
class SourceText:
    """A text with its zones; nothing may be proposed in those of site furniture."""

    text: str
    zones: tuple[ZoneRange, ...] = ()

    @property
    def furniture(self) -> list[tuple[int, int]]:
        """The ranges `[start, end)` of site furniture."""
        return [(zone.start, zone.end) for zone in self.zones if zone.kind == CHROME]


@dataclass(frozen=True, order=True)
class Proposal:
    """`[start, end)` in code points of the text; `score` between 0 and 1, None where the suggester gives none.

    A `firm` one keeps its range and its label in a reading upon it, unless decisions speak against it.
    """

    start: int
    end: int
    label: str
    score: float | None = None
    firm: bool = field(default=False, compare=False)


class Suggester(Protocol):
    """Proposes spans. `digest` is a SHA-256 over all that its proposals depend on."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in the order of the texts."""
        ...


# A model's memory grows with a piece's length; no entity is longer than a paragraph.
MAX_PIECE = 50_000


def pieces(source: SourceText) -> Iterator[tuple[int, str]]:
    """(offset, piece) of what may be read, in order."""
    for start, end in gaps(len(source.text), source.furniture):
        while end - start > MAX_PIECE:
            cut = _cut(source.text, start, start + MAX_PIECE)
            yield start, source.text[start:cut]
            start = cut
        if source.text[start:end].strip():
            yield start, source.text[start:end]


def _cut(text: str, start: int, end: int) -> int:
    """Where to cut `[start, end)`: after its last line break, else after its last space, else at its end."""
    for mark in ("\n", " "):
        position = text.rfind(mark, start + 1, end)
        if position > start:
            return position + 1
    return end
