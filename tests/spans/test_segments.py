"""Segments of a text between the boundaries of its spans."""

from hypothesis import given
from hypothesis import strategies as st

from annotations.spans.span import Segment, lanes, segments


@st.composite
def texts_with_ranges(draw):
    text = draw(st.text(min_size=1, max_size=60))
    offsets = st.integers(0, len(text))
    ranges = st.tuples(offsets, offsets).filter(lambda pair: pair[0] < pair[1])
    return text, draw(st.lists(ranges, max_size=15))


@given(texts_with_ranges())
def test_the_segments_cover_the_text(case):
    text, ranges = case
    assert "".join(text[segment.start : segment.end] for segment in segments(len(text), ranges)) == text
    assert all(segment.start < segment.end for segment in segments(len(text), ranges))


@given(texts_with_ranges())
def test_every_range_is_covered_exactly(case):
    text, ranges = case
    covered = [set() for _ in ranges]
    for segment in segments(len(text), ranges):
        for position in segment.covering:
            covered[position].update(range(segment.start, segment.end))
    assert covered == [set(range(start, end)) for start, end in ranges]


@given(texts_with_ranges())
def test_the_outer_range_comes_first(case):
    text, ranges = case
    for segment in segments(len(text), ranges):
        keys = [(ranges[position][0], -ranges[position][1], position) for position in segment.covering]
        assert keys == sorted(keys)


@given(texts_with_ranges())
def test_overlapping_ranges_have_different_lanes(case):
    text, ranges = case
    found = segments(len(text), ranges)
    lane = lanes(found, ranges)
    for segment in found:
        assert len({lane[position] for position in segment.covering}) == len(segment.covering)


def test_a_nested_span_has_the_lowest_lane():
    ranges = [(0, 14), (0, 8)]
    found = segments(20, ranges)
    assert found == [Segment(0, 8, (0, 1)), Segment(8, 14, (0,)), Segment(14, 20, ())]
    assert lanes(found, ranges) == [1, 0]


def test_crossing_spans():
    assert segments(9, [(0, 6), (3, 9)]) == [Segment(0, 3, (0,)), Segment(3, 6, (0, 1)), Segment(6, 9, (1,))]


def test_a_text_without_spans_is_one_segment():
    assert segments(5, []) == [Segment(0, 5, ())]
    assert segments(0, []) == []


def test_further_cuts():
    assert segments(4, [(0, 4)], cuts=[1, 4]) == [Segment(0, 1, (0,)), Segment(1, 4, (0,))]


def test_only_the_innermost_ranges_are_listed_beyond_the_depth():
    assert segments(6, [(0, 6), (1, 5), (2, 4)], depth=2)[2] == Segment(2, 4, (1, 2))
