"""Readings and learning records are kept as JSON."""

from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.name_statistics import LearningRecord
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reading import (
    Mention,
    Reading,
    learning_record_from_json,
    learning_record_to_json,
    reading_from_json,
    reading_to_json,
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
offsets = st.integers(0, 10**6)
thousandths = st.integers(-(10**5), 10**5).map(lambda number: number / 1000)
shares = st.dictionaries(text, st.floats(0, 1), max_size=3)
mentions = st.builds(Mention, offsets, offsets, text, text, text, st.tuples(*[thousandths] * 4))
certain = st.builds(Proposal, offsets, offsets, text, st.floats(0, 1) | st.none())
readings = st.builds(
    Reading,
    offsets,
    st.lists(mentions, max_size=3).map(tuple),
    st.lists(certain, max_size=3).map(tuple),
    st.dictionaries(text, shares, max_size=3),
)
learning_records = st.builds(
    LearningRecord,
    st.dictionaries(text, shares, max_size=3),
    st.dictionaries(st.tuples(text, text), shares, max_size=3),
)


@given(readings)
def test_a_reading_survives_json(reading):
    assert reading_from_json(reading_to_json(reading)) == reading


@given(learning_records)
def test_a_learning_record_survives_json(learning_record):
    assert learning_record_from_json(learning_record_to_json(learning_record)) == learning_record
