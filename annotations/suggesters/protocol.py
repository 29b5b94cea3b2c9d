"""What a suggester is: texts in, proposals out, lazily and in order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from corpusapp.text.zones import CHROME, ZoneRange


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

    name: str
    version: str
    digest: str

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in the order of the texts."""
        ...
