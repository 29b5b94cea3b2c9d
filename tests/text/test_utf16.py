from hypothesis import given
from hypothesis import strategies as st

from corpusapp.text.utf16 import Utf16


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_offsets_convert_both_ways(text):
    utf16 = Utf16(text)
    for point in range(len(text) + 1):
        unit = utf16.units(point)
        assert unit == len(text[:point].encode("utf-16-le")) // 2
        assert utf16.points(unit) == utf16.points(unit, up=True) == point
        assert not utf16.splits(unit)
    assert utf16.length == utf16.units(len(text))


def test_offsets_within_a_character():
    utf16 = Utf16("a😀😀b")
    assert [(utf16.points(unit), utf16.points(unit, up=True)) for unit in range(7)] == [
        (0, 0),
        (1, 1),
        (1, 2),
        (2, 2),
        (2, 3),
        (3, 3),
        (4, 4),
    ]
