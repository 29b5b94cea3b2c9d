"""The boundaries of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.candidates import pieces_of_lines, trim_name


@pytest.mark.parametrize(
    ("surface", "label", "name"),
    [
        ("the Baltic Union", "ORG", "Baltic Union"),
        ("The Hill Committee", "ORG", "Hill Committee"),
        ("the Spring Revolution", "EVENT", "the Spring Revolution"),
        ("the Port Museum", "FAC", "the Port Museum"),
        ("Norway's", "GPE", "Norway"),
        ("Norway’s", "GPE", "Norway"),
        ("Norway 's", "GPE", "Norway"),
        ("“Ann Hill,", "PERSON", "Ann Hill"),
        ("Ann Hill said", "PERSON", "Ann Hill"),
        ("Port Union (PU", "ORG", "Port Union"),
        ("PU)", "ORG", "PU"),
        ("(PU) Council", "ORG", "Council"),
        ("Bank (Oslo)", "ORG", "Bank (Oslo)"),
        ("Party of", "ORG", "Party"),
        ("an Oslo paper", "ORG", "Oslo paper"),
        ("Theresa", "PERSON", "Theresa"),
        (" \n ", "ORG", ""),
        ("’s", "ORG", "s"),
    ],
)
def test_edges(surface, label, name):
    start, end = trim_name(surface, 0, len(surface), label)
    assert surface[start:end] == name


@given(st.text("aThe'’s(). \nof", max_size=30), st.sampled_from(["ORG", "EVENT"]))
def test_a_trimmed_name_lies_within_and_stays_as_it_is(text, label):
    start, end = trim_name(text, 0, len(text), label)
    assert 0 <= start <= end <= len(text)
    if start < end:
        assert trim_name(text, start, end, label) == (start, end)


def test_text_around_a_range_has_no_influence():
    text = "Paul of the Oslo's"
    assert trim_name(text, 12, 16, "GPE") == (12, 16)


def test_names_are_split_at_line_breaks():
    text = "Ann Hill\n\nOslo"
    assert [text[start:end] for start, end in pieces_of_lines(text, 4, 14)] == ["Hill", "", "Oslo"]
