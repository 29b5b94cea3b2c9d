"""The form value of shown spans: ids with revisions, with runs of ids joined."""

import pytest

from annotations.review.shown_values import read_shown, write_shown
from corpusapp.core.errors import Invalid, RevisionMissing

VALUES = [
    ({}, ""),
    ({7: 1}, "7:1"),
    ({7: 1, 8: 1, 9: 1}, "7-9:1"),
    ({7: 1, 8: 2, 9: 2, 11: 2}, "7:1 8-9:2 11:2"),
]


@pytest.mark.parametrize(("shown", "words"), VALUES)
def test_shown_spans_are_written_and_read_again(shown, words):
    assert write_shown(reversed(shown.items())) == words
    assert read_shown(words) == shown


def test_three_thousand_consecutive_spans_make_a_short_value():
    shown = dict.fromkeys(range(5, 3005), 1)
    assert read_shown(write_shown(shown.items())) == shown
    assert len(write_shown(shown.items())) < 10


@pytest.mark.parametrize("words", ["9-7:1", "7-7:1", "1-999999999999999999:1", "7-9:1:2", "7-:1", "x"])
def test_invalid_runs_are_refused(words):
    with pytest.raises(Invalid):
        read_shown(words)


def test_too_many_spans_are_refused():
    runs = [f"{at * 100_000}-{at * 100_000 + 99_998}:1" for at in range(1, 1000)]
    assert len(read_shown(" ".join(runs[:2]))) == 199_998
    with pytest.raises(Invalid, match="more than 200,000 spans"):
        read_shown(" ".join(runs))


def test_run_without_revision_is_refused():
    with pytest.raises((Invalid, RevisionMissing)):
        read_shown("7-9")
