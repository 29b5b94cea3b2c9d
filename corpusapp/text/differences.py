"""Compare two texts paragraph by paragraph and mark the words that are not in both."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word or a punctuation mark with the white space after it: separate white space would make all texts similar.
_WORDS = re.compile(r"([^\W_]+|.)\s*", re.DOTALL)
# Below this similarity, two paragraphs are not versions of each other.
_MIN_SIMILARITY = 0.4


@dataclass(frozen=True)
class Piece:
    """A part of a paragraph; `changed`: the other text does not have it."""

    text: str
    changed: bool


Row = tuple[list[Piece], list[Piece]]


def side_by_side(left: str, right: str) -> list[Row]:
    """Rows of (left, right) pieces; a side is empty if its text lacks the paragraph."""
    lefts, rights = _paragraphs(left), _paragraphs(right)
    rows: list[Row] = []
    matcher = SequenceMatcher(None, lefts, rights, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            rows += [([Piece(text, False)], [Piece(text, False)]) for text in lefts[a:b]]
        else:
            rows += _changed(lefts[a:b], rights[c:d])
    return rows


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _changed(lefts: list[str], rights: list[str]) -> list[Row]:
    """Pair each paragraph with the next similar one; a paragraph without one gets its own row."""
    rows: list[Row] = []
    for text in lefts:
        similar = next(
            (place for place, other in enumerate(rights) if _similarity(text, other) >= _MIN_SIMILARITY), None
        )
        if similar is None:
            rows.append(([Piece(text, True)], []))
            continue
        rows += [([], [Piece(other, True)]) for other in rights[:similar]]
        rows.append(_marked(text, rights[similar]))
        rights = rights[similar + 1 :]
    return rows + [([], [Piece(other, True)]) for other in rights]


def _similarity(left: str, right: str) -> float:
    matcher = SequenceMatcher(None, _WORDS.findall(left), _WORDS.findall(right), autojunk=False)
    return (
        matcher.ratio()
        if matcher.real_quick_ratio() >= _MIN_SIMILARITY and matcher.quick_ratio() >= _MIN_SIMILARITY
        else 0.0
    )


def _marked(left: str, right: str) -> Row:
    words, others = _places(left), _places(right)
    row: Row = ([], [])
    matcher = SequenceMatcher(None, [word for word, _ in words], [word for word, _ in others], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        for side, text, places, first, last in ((row[0], left, words, a, b), (row[1], right, others, c, d)):
            if first < last:
                end = places[last][1] if last < len(places) else len(text)
                side += _pieces(text[places[first][1] : end], tag != "equal")
    return row


def _pieces(text: str, changed: bool) -> list[Piece]:
    """The text as pieces; white space after changed words is not marked."""
    words = text.rstrip() if changed else text
    return [piece for piece in (Piece(words, changed), Piece(text[len(words) :], False)) if piece.text]


def _places(text: str) -> list[tuple[str, int]]:
    """(word or punctuation mark, start) for each in a paragraph."""
    return [(found[1], found.start()) for found in _WORDS.finditer(text)]
