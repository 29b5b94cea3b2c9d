"""A text cut into the pieces that a model reads: without furniture, none too long."""

from collections.abc import Iterator

from annotations.suggesters.protocol import SourceText
from corpusapp.text.zones import gaps

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
