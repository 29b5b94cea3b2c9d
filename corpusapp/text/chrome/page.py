"""An article's lines with the marks made so far, and where its running text begins and ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from corpusapp.text.lines import Line


@dataclass
class Page:
    """`chrome` holds the indices of lines found to be furniture, `kept` those known to be something else.

    `opening` are those of the furniture behind which nothing but furniture stands, once the running text is over.
    """

    lines: Sequence[Line]
    kept: frozenset[int] = frozenset()
    chrome: set[int] = field(default_factory=set)
    opening: set[int] = field(default_factory=set)

    def mark(self, index: int, *, opens: bool = False) -> None:
        """Note line `index` as furniture, unless it is known to be something else."""
        if index not in self.kept:
            self.chrome.add(index)
            if opens:
                self.opening.add(index)

    def is_open(self, index: int) -> bool:
        """Line `index` is neither furniture nor known to be something else."""
        return index not in self.chrome and index not in self.kept

    def head_end(self) -> int:
        """The index of the first paragraph of running text; the number of lines where there is none."""
        return next((i for i, line in enumerate(self.lines) if self.is_open(i) and line.prose), len(self.lines))

    def tail_start(self) -> int:
        """One past the last line of running text that is a sentence; 0 where there is none."""
        for index in range(len(self.lines) - 1, -1, -1):
            line = self.lines[index]
            if self.is_open(index) and (line.sentence or (line.prose and not line.cut)):
                return index + 1
        return 0

    def last_prose(self, length: int = 0) -> int:
        """The index of the last paragraph of at least `length` code points; -1 where there is none."""
        for index in range(len(self.lines) - 1, -1, -1):
            line = self.lines[index]
            if self.is_open(index) and line.prose and not line.cut and len(line) >= length:
                return index
        return -1
