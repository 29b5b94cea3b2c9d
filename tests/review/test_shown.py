"""What a form says was shown: spans and their revisions, runs of them told by their ends."""

import pytest

from annotations.review.forms import read_shown, write_shown
from corpusapp.core.errors import Invalid, RevisionMissing

TOLD = [
    ({}, ""),
    ({7: 1}, "7:1"),
    ({7: 1, 8: 1, 9: 1}, "7-9:1"),
    ({7: 1, 8: 2, 9: 2, 11: 2}, "7:1 8-9:2 11:2"),
]


@pytest.mark.parametrize(("shown", "words"), TOLD)
def test_told_and_read_again(shown, words):
    assert write_shown(reversed(shown.items())) == words
    assert read_shown(words) == shown


def test_three_thousand_are_soon_told():
    shown = dict.fromkeys(range(5, 3005), 1)
    assert read_shown(write_shown(shown.items())) == shown
    assert len(write_shown(shown.items())) < 10


@pytest.mark.parametrize("words", ["9-7:1", "7-7:1", "1-999999999999999999:1", "7-9:1:2", "7-:1", "x"])
def test_what_is_no_run_is_refused(words):
    with pytest.raises(Invalid):
        read_shown(words)


def test_no_form_names_more_spans_than_a_page_shows():
    runs = [f"{at * 100_000}-{at * 100_000 + 99_998}:1" for at in range(1, 1000)]
    assert len(read_shown(" ".join(runs[:2]))) == 199_998
    with pytest.raises(Invalid, match="more than 200,000 spans"):
        read_shown(" ".join(runs))


def test_a_run_without_its_revision_is_refused():
    with pytest.raises((Invalid, RevisionMissing)):
        read_shown("7-9")
