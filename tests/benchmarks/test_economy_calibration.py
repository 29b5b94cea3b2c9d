"""Calibration errors of scores."""

from tests.benchmarks.economy.calibration import FIRST, calibration

BEFORE = [[(0.1, True)]] * (FIRST - 1)


def test_calibrated_scores_have_the_brier_score_of_the_base_rate():
    found = calibration([*BEFORE, *([[(0.75, True), (0.75, True), (0.75, True), (0.75, False)]] * 10)])
    assert found["suggestions"] == 40
    assert found["brier"] == found["brier_of_base_rate"] == 0.1875


def test_certain_scores_that_are_right_or_wrong():
    right = calibration([*BEFORE, [(1.0, True), (0.0, False)] * 10])
    assert (right["expected_error"], right["brier"], right["brier_below_base_rate"]) == (0, 0, 1)
    wrong = calibration([*BEFORE, [(0.0, True), (1.0, False)] * 10])
    assert (wrong["expected_error"], wrong["brier"]) == (1, 1)


def test_no_figures_without_scores():
    assert calibration(BEFORE) is None
    assert calibration([]) is None
