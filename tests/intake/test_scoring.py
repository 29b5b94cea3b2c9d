"""Scores, compared with values computed by hand."""

import pytest

from corpusapp.intake.scoring import Match, Score, average, match, shingles


def test_shingles_are_counted_as_often_as_they_occur():
    assert shingles("a b c d e") == {("a", "b", "c", "d"): 1, ("b", "c", "d", "e"): 1}
    assert shingles("a a a a a") == {("a", "a", "a", "a"): 2}


def test_a_short_text_is_one_shingle_and_an_empty_one_none():
    assert shingles("one, two!") == {("one", "two"): 1}
    assert shingles(" – ") == {}


def test_words_keep_their_case_and_lose_their_punctuation():
    assert shingles("It's 4.2 m") == {("It", "s", "4", "2"): 1, ("s", "4", "2", "m"): 1}
    assert match("The dock is wide.", "the dock is wide").common == 0


@pytest.mark.parametrize(
    ("true", "extracted", "expected"),
    [
        ("a b c d e", "a b c d e", Score(1.0, 1.0)),
        ("a b c d e", "a b c d", Score(1.0, 0.5)),
        ("a b c d", "a b c d e f", Score(1 / 3, 1.0)),
        ("a b c d", "e f g h", Score(0.0, 0.0)),
        ("a b c d", "", Score(0.0, 0.0)),
        ("", "a b c d", Score(0.0, 0.0)),
        ("", "", Score(1.0, 1.0)),
    ],
)
def test_one_page(true, extracted, expected):
    assert match(true, extracted).score == expected


def test_averages_are_over_pages_and_f1_is_of_the_averages():
    score = average([Match(1, 0, 1), Match(1, 3, 0)])
    assert (score.precision, score.recall) == (0.625, 0.75)
    assert score.f1 == pytest.approx(2 * 0.625 * 0.75 / 1.375)


def test_a_page_without_extracted_text_counts_for_recall_only():
    assert average([Match(4, 0, 0), Match(0, 0, 4)]) == Score(1.0, 0.5)


def test_a_page_without_true_text_counts_for_precision_only():
    assert average([Match(4, 0, 0), Match(0, 4, 0)]) == Score(0.5, 1.0)


def test_nothing_found_scores_zero_and_nothing_to_find_is_refused():
    assert average([Match(0, 0, 4)]).f1 == 0.0
    with pytest.raises(ValueError, match="add at least one"):
        average([])
