"""The blocks of a page while it is being decided which of them are its main text."""

from collections.abc import Iterable, Iterator, Sequence

from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.features import HEADINGS, is_sentence, size, words

# Words from which on a block counts as running text.
LONG = 10
_RUN = 4
_FOUND_SHARE = 0.6


class Choice:
    """For each block whether it is kept, and why not. `declared` are those that the page itself states as its text."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.words = [words(block.text) for block in blocks]
        self.sizes = [size(block.text) for block in blocks]
        self.kept = [False] * len(blocks)
        self.reasons = ["not main text"] * len(blocks)
        self.declared: frozenset[int] = frozenset()

    def keep(self, positions: Iterable[int]) -> None:
        for i in positions:
            self.kept[i], self.reasons[i] = True, ""

    def drop(self, i: int, reason: str) -> None:
        self.kept[i], self.reasons[i] = False, reason

    def kept_blocks(self) -> Iterator[tuple[int, Block]]:
        """Position and block of what is kept now; safe to drop from while going through it."""
        return ((i, block) for i, block in enumerate(self.blocks) if self.kept[i])

    def others(self) -> Iterator[tuple[int, Block]]:
        """Position and block of what is not kept."""
        return ((i, block) for i, block in enumerate(self.blocks) if not self.kept[i])

    def is_long(self, i: int) -> bool:
        return self.sizes[i] >= LONG

    def is_paragraph(self, i: int) -> bool:
        """Running text by length and form, and no heading."""
        return self.is_long(i) and is_sentence(self.blocks[i]) and self.blocks[i].tag not in HEADINGS

    def kept_long(self) -> list[int]:
        return [i for i, _ in self.kept_blocks() if self.is_long(i)]

    def weight(self, positions: Iterable[int]) -> int:
        """Words in these blocks, by `size`."""
        return sum(self.sizes[i] for i in positions)

    def found_in(self, text: str) -> frozenset[int]:
        """Blocks whose words stand in `text`: most four-word runs of a longer block, a whole line for a shorter one."""
        found = words(text)
        runs = set(zip(*(found[offset:] for offset in range(_RUN)), strict=False))
        lines = {tuple(words(line)) for line in text.splitlines()}
        return frozenset(i for i, own in enumerate(self.words) if own and _stands_in(own, runs, lines))


def _stands_in(own: list[str], runs: set[tuple[str, ...]], lines: set[tuple[str, ...]]) -> bool:
    if len(own) < _RUN:
        return tuple(own) in lines
    own_runs = list(zip(*(own[offset:] for offset in range(_RUN)), strict=False))
    return sum(run in runs for run in own_runs) >= _FOUND_SHARE * len(own_runs)
