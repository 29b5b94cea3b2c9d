"""The few changes that a text undergoes on its way in, and the map by which its offsets move along.

Line ends become a line feed; a leading byte-order mark and every NUL character go. Nothing else is touched.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

_CHANGED = re.compile("\r\n?|\0")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Normalised:
    """A text as it is stored. `cuts` holds, per removed character, its offset in the text as it came."""

    text: str
    source_length: int
    cuts: tuple[int, ...] = ()
    byte_order_mark: bool = False
    nul_characters: int = 0
    line_ends: int = 0

    def offset(self, source: int) -> int:
        """Where the boundary `source`, in code points of the text as it came, lies in the stored text.

        A boundary past the end moves by the same distance, so that what was out of range stays so.
        """
        return source - bisect_right(self.cuts, source - 1)

    @property
    def notes(self) -> list[str]:
        """One sentence for each kind of character that was removed; new line ends are not worth one."""
        notes = []
        if self.byte_order_mark:
            notes.append("a byte-order mark was removed from the start of the text")
        if self.nul_characters:
            notes.append(f"{self.nul_characters} NUL characters were removed from the text")
        return notes


def normalise(source: str) -> Normalised:
    """The stored form of a text. A carriage return alone counts as a line end."""
    if "\r" not in source and "\0" not in source and not source.startswith(_BYTE_ORDER_MARK):
        return Normalised(source, len(source))
    cuts: list[int] = []
    pieces: list[str] = []
    kept_to = 0
    nul_characters = line_ends = 0
    marked = source.startswith(_BYTE_ORDER_MARK)
    if marked:
        cuts.append(0)
        kept_to = 1
    for match in _CHANGED.finditer(source, kept_to):
        pieces.append(source[kept_to : match.start()])
        kept_to = match.end()
        if match[0] == "\0":
            nul_characters += 1
            cuts.append(match.start())
            continue
        line_ends += 1
        pieces.append("\n")
        if match[0] == "\r\n":
            cuts.append(match.start())
    pieces.append(source[kept_to:])
    return Normalised("".join(pieces), len(source), tuple(cuts), marked, nul_characters, line_ends)
