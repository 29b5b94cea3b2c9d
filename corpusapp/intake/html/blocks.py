"""Split a page into blocks of text, in reading order.

A block is a run of text without a block-level element or an empty line (two <br>) in it: a paragraph, a heading, a list
item, a table cell. Content that browsers do not show as text (scripts, form controls, hidden elements) is skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

_BLOCK_TAGS = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905 - a list of names to read, here and below
)
_HIDDEN_TAGS = frozenset(
    """
    script style noscript template head svg math button select option textarea iframe object audio video canvas map
    input datalist title
    """.split()  # noqa: SIM905
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")
_WHITE_SPACE = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")
_CELL_TAGS, _CELL_BORDER, _CELL_LENGTH = frozenset(("td", "th")), " | ", 100
_BREAK = "\n"
# (text, whether it is within a link).
_Piece = tuple[str, bool]


@dataclass(frozen=True, eq=False)
class Block:
    """One run of text and its block-level element; `linked` is the number of code points within links."""

    text: str
    element: HtmlElement
    linked: int

    @property
    def tag(self) -> str:
        return str(self.element.tag)

    @property
    def link_share(self) -> float:
        """Share of the text that is link text, from 0 to 1."""
        bare = sum(len(address) for address in _ADDRESS.findall(self.text)) if not self.linked else 0
        return min(1.0, (self.linked + bare) / len(self.text))


def blocks_of(root: HtmlElement) -> list[Block]:
    """The blocks of the tree under `root`. The walk is not recursive, so that depth is not limited."""
    builder = _Builder()
    stack: list[tuple[HtmlElement, bool]] = [(root, False)]
    while stack:
        element, leaving = stack.pop()
        if leaving:
            builder.leave(element)
            continue
        if not isinstance(element.tag, str) or is_hidden(element):
            builder.add(element.tail)
            continue
        builder.enter(element)
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))
    return builder.blocks


def is_hidden(element: HtmlElement) -> bool:
    """Whether a browser hides the element, as far as its own attributes show."""
    return (
        element.tag in _HIDDEN_TAGS
        or element.get("hidden") is not None
        or bool(_HIDDEN_STYLE.search(element.get("style", "")))
    )


class _Builder:
    """Collects text up to a boundary, then splits it into blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._holders: list[HtmlElement] = []
        self._pieces: list[_Piece] = []
        self._row: HtmlElement | None = None
        self._row_is_plain = False
        self._links = 0

    def enter(self, element: HtmlElement) -> None:
        if element.tag in _CELL_TAGS and self._in_plain_row(element):
            self.add(_CELL_BORDER if self._pieces else None)
        elif element.tag in _BLOCK_TAGS:
            self._flush()
            self._holders.append(element)
        elif element.tag == "br":
            self._pieces.append((_BREAK, False))
        elif element.tag == "a":
            self._links += 1
        self.add(element.text)

    def leave(self, element: HtmlElement) -> None:
        if element.tag in _BLOCK_TAGS and self._holders[-1:] == [element]:
            self._flush()
            self._holders.pop()
        elif element.tag == "a":
            self._links -= 1
        self.add(element.tail)

    def _in_plain_row(self, cell: HtmlElement) -> bool:
        """Whether the cell is in a row of data: short cells without block-level elements."""
        row = cell.getparent()
        if not self._holders or self._holders[-1] is not row or row.tag != "tr":
            return False
        if self._row is not row:
            self._row, self._row_is_plain = row, all(_is_plain_cell(other) for other in row)
        return self._row_is_plain

    def add(self, text: str | None) -> None:
        if text:
            self._pieces.append((text.replace("\n", " "), self._links > 0))

    def _flush(self) -> None:
        if not self._holders:
            self._pieces.clear()
        for run in _runs(self._pieces):
            if text := _tidy("".join(piece for piece, _ in run)):
                linked = sum(len(piece.strip()) for piece, is_link in run if is_link)
                self.blocks.append(Block(text, self._holders[-1], linked))
        self._pieces.clear()


def _is_plain_cell(cell: HtmlElement) -> bool:
    holds_block = any(element.tag in _BLOCK_TAGS for element in cell.iterdescendants())
    return not holds_block and len(cell.text_content()) <= _CELL_LENGTH


def _runs(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces between empty lines."""
    run: list[_Piece] = []
    broken = False
    for piece in pieces:
        if piece[0] == _BREAK:
            if broken:
                yield run
                run = []
            broken = True
        elif piece[0].strip():
            broken = False
        run.append(piece)
    yield run


def _tidy(text: str) -> str:
    return _BREAKS.sub("\n", _WHITE_SPACE.sub(" ", text)).strip()
