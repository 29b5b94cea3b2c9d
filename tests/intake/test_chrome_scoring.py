"""Scores of boilerplate: over characters without white space, pooled over articles."""

import pytest

from corpusapp.intake.scoring import Counts, compare, evaluate_chrome
from corpusapp.text.zones import ZoneRange


def finder(*ranges):
    return lambda text: [ZoneRange(start, end, "chrome") for start, end in ranges]


def test_white_space_is_not_counted():
    assert compare("ab  cd", [(0, 4)], [(0, 6)]) == Counts(2, 0, 2)


def test_articles_are_pooled():
    lines = [{"text": "abcd efgh", "chrome": [[0, 4]]}, {"text": "abcd efgh"}]
    assert evaluate_chrome(lines, finder((0, 2))) == {
        "articles": 2,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "running_text_lost": 2,
    }


def test_overlapping_ranges_count_once():
    assert compare("abcd", [(0, 3), (1, 4)], [(0, 4), (0, 2)]) == Counts(4, 0, 0)


def test_nothing_found_and_nothing_to_find():
    assert evaluate_chrome([{"text": "abc"}], finder())["f1"] == 1.0
    assert evaluate_chrome([{"text": "abc", "chrome": [[0, 2]]}], finder())["f1"] == 0.0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({}, "line 1 has no text"),
        ({"text": "abc", "chrome": [[0, 9]]}, r"line 1: chrome \[0, 9\] is no range of a text of 3 code points"),
        ({"text": "abc", "chrome": [[2, 2]]}, "is no range"),
    ],
)
def test_bad_lines_are_named(line, reason):
    with pytest.raises(ValueError, match=reason):
        evaluate_chrome([line], finder())
