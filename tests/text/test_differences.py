"""Two texts side by side: which paragraphs belong together, and which words are marked."""

import pytest

from corpusapp.text.differences import side_by_side


def shown(left, right):
    """Each side as one string a row, what is changed in brackets."""
    mark = lambda pieces: "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in pieces)  # noqa: E731
    return [(mark(one), mark(other)) for one, other in side_by_side(left, right)]


CASES = [
    (
        "Rain fell.\n\nSnow fell.",
        "Rain fell.\nSnow fell.",
        [("Rain fell.", "Rain fell."), ("Snow fell.", "Snow fell.")],
    ),
    (
        "Zarif met Muallem today.",
        "Zarif met Assad today.",
        [("Zarif met [Muallem ]today.", "Zarif met [Assad ]today.")],
    ),
    ("Rain fell in Homs.\nZarif left.", "Zarif left.", [("[Rain fell in Homs.]", ""), ("Zarif left.", "Zarif left.")]),
    ("Zarif left.", "Rain fell in Homs.\nZarif left.", [("", "[Rain fell in Homs.]"), ("Zarif left.", "Zarif left.")]),
    ("one two three four", "alpha beta gamma delta", [("[one two three four]", ""), ("", "[alpha beta gamma delta]")]),
    ("", "One.", [("", "[One.]")]),
    ("", "", []),
]


@pytest.mark.parametrize(("left", "right", "rows"), CASES)
def test_rows(left, right, rows):
    assert shown(left, right) == rows


@pytest.mark.parametrize("text", ["a  b\u00a0 c, d.", "محمدجواد ظریف 👩‍👩‍👧", "x_y <b>"])
def test_pieces_are_the_paragraphs_own_characters(text):
    for left, right in ((text, text + " more words of it"), (text + " more words of it", text)):
        for row, whole in ((0, left), (1, right)):
            assert "".join(piece.text for side in side_by_side(left, right) for piece in side[row]) == whole
