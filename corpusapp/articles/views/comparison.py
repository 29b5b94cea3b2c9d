"""Two texts side by side, as far as a page can show them."""

from dataclasses import dataclass

from corpusapp.text.differences import Piece, side_by_side

# In code points. Comparing takes longer by the square of a text's length.
MOST_COMPARED = 30_000


@dataclass(frozen=True)
class Row:
    """One paragraph of either text; a side without pieces does not have it."""

    left: list[Piece]
    right: list[Piece]

    @property
    def same(self) -> bool:
        return bool(self.left and self.right) and not any(piece.changed for piece in self.left + self.right)


def rows(left: str, right: str) -> list[Row] | None:
    """None where the texts are too long to be compared while somebody waits."""
    if max(len(left), len(right)) > MOST_COMPARED:
        return None
    return [Row(*row) for row in side_by_side(left, right)]
