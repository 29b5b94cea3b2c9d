"""Invalid offsets are refused with the field and the reason."""

import pytest

from corpusapp.text.ranges import range_fault
from corpusapp.text.zones import gaps


@pytest.mark.parametrize(
    ("start", "end", "field", "reason"),
    [
        (5, 2, "end", "does not lie after"),
        (3, 3, "end", "at least one code point"),
        (-1, 2, "start", "before the beginning"),
        (0, 11, "end", "past the end of the text (10 code points)"),
        (0, 10**20, "end", "past the end"),
        (0, 10**200, "end", "past the end"),
        (-(10**200), 2, "start", "before the beginning"),
        (0.0, 2, "start", "a fraction"),
        (0, 2.5, "end", "a fraction"),
        ("0", 2, "start", "text"),
        (None, 2, "start", "null"),
        (True, 2, "start", "true or false"),
        (0, [2], "end", "a list"),
    ],
)
def test_refused(start, end, field, reason):
    fault = range_fault(start, end, 10)
    assert fault is not None
    assert fault[0] == field
    assert reason in fault[1]


@pytest.mark.parametrize(("start", "end"), [(0, 1), (0, 10), (9, 10)])
def test_taken(start, end):
    assert range_fault(start, end, 10) is None


def test_gaps_are_the_uncovered_ranges():
    assert list(gaps(10, [(2, 4), (3, 5), (8, 10)])) == [(0, 2), (5, 8)]
    assert list(gaps(3, [])) == [(0, 3)]
    assert list(gaps(3, [(0, 3)])) == []
