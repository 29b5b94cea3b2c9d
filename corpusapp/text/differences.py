"""Two texts side by side, paragraph by paragraph, with the words marked that are not in both."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word or a sign, with the white space after it: by itself white space would make everything look alike.
_WORDS = re.compile(r"([^\W_]+|.)\s*", re.DOTALL)
# Below this share of common words two paragraphs are no edits of one another.
_ALIKE = 0.4


@dataclass(frozen=True)
class Piece:
    """A stretch of a paragraph; `changed` where the other side does not have it."""

    text: str
    changed: bool


Row = tuple[list[Piece], list[Piece]]


def side_by_side(left: str, right: str) -> list[Row]:
    """Rows of (left, right) pieces; a side is empty where its text has no such paragraph."""
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
    """Pairs each paragraph with the first later one that is like it; what has no like stands alone."""
    rows: list[Row] = []
    for text in lefts:
        like = next((place for place, other in enumerate(rights) if _likeness(text, other) >= _ALIKE), None)
        if like is None:
            rows.append(([Piece(text, True)], []))
            continue
        rows += [([], [Piece(other, True)]) for other in rights[:like]]
        rows.append(_marked(text, rights[like]))
        rights = rights[like + 1 :]
    return rows + [([], [Piece(other, True)]) for other in rights]


def _likeness(left: str, right: str) -> float:
    matcher = SequenceMatcher(None, _WORDS.findall(left), _WORDS.findall(right), autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE else 0.0


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
    """One piece; white space after changed words is no part of the change."""
    words = text.rstrip() if changed else text
    return [piece for piece in (Piece(words, changed), Piece(text[len(words) :], False)) if piece.text]


def _places(text: str) -> list[tuple[str, int]]:
    """The words and signs of a paragraph with where each begins."""
    return [(found[1], found.start()) for found in _WORDS.finditer(text)]
