"""The search for overlapping ranges."""

from hypothesis import given
from hypothesis import strategies as st

from annotations.spans import span
from annotations.spans.span import Overlaps

RANGES = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(RANGES, max_size=30), st.lists(RANGES, max_size=10), st.lists(RANGES, max_size=10), st.integers(0, 20))
def test_overlaps_match_a_full_search(standing, added, asked, most_new):
    before, span._MOST_NEW = span._MOST_NEW, most_new
    try:
        found = Overlaps((start, end, f"{start}-{end}") for start, end in standing)
        known = list(standing)
        for number, (start, end) in enumerate(asked):
            over = {f"{first}-{last}" for first, last in known if first < end and start < last}
            word = found.at(start, end)
            assert (word in over) if over else word is None
            for first, last in added[number : number + 1]:
                found.add(first, last, f"{first}-{last}")
                known.append((first, last))
    finally:
        span._MOST_NEW = before


def test_adjacent_ranges_do_not_overlap():
    found = Overlaps([(0, 3, "a"), (5, 8, "b")])
    assert [found.at(3, 5), found.at(2, 4), found.at(7, 9), found.at(8, 9)] == [None, "a", "b", None]
