"""Scores calibrated by decisions."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.calibration import Calibration, fit_calibration, outcomes_of
from annotations.suggesters.protocol import Proposal


def simulated(number, chance):
    """Outcomes of suggestions that are right with the probability `chance(said)`."""
    luck = random.Random(5)
    said = [luck.uniform(0.4, 0.99) for _ in range(number)]
    return [(score, "ORG", luck.random() < chance(score)) for score in said]


def test_without_outcomes_raw_scores_are_unchanged():
    found = fit_calibration([])
    for said in (0.2, 0.5, 0.8, 0.95):
        assert found.score(said, "ORG") == pytest.approx(said, abs=0.05)


def test_overconfident_scores_are_lowered():
    found = fit_calibration(simulated(2000, lambda said: said - 0.2))
    for said in (0.5, 0.7, 0.9):
        assert found.score(said, "ORG") == pytest.approx(said - 0.2, abs=0.07)


def test_a_few_outcomes_change_little():
    found = fit_calibration([(0.9, "ORG", False)] * 3)
    assert found.score(0.9, "ORG") > 0.8


def test_labels_with_enough_outcomes_have_their_own_term():
    outcomes = [(0.7, "GPE", True)] * 200 + [(0.7, "ORG", False)] * 200
    found = fit_calibration(outcomes)
    assert found.score(0.7, "GPE") > 0.85
    assert found.score(0.7, "ORG") < 0.4


def test_outcomes_that_would_reverse_the_order_are_ignored():
    outcomes = [(0.95, "ORG", False)] * 500 + [(0.45, "ORG", True)] * 500
    assert fit_calibration(outcomes) == Calibration()


@given(st.floats(0, 1), st.floats(0.1, 3), st.floats(-3, 3))
def test_a_score_is_a_probability_below_certainty(said, slope, intercept):
    assert 0 < Calibration(slope, intercept).score(said, "ORG") < 1


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_order_of_scores_is_kept(one, other):
    low, high = sorted((one, other))
    calibration = Calibration(0.7, -0.4)
    assert calibration.score(low, "ORG") <= calibration.score(high, "ORG")


def test_outcomes_of_proposals():
    said = [
        Proposal(0, 5, "ORG", 0.9),
        Proposal(6, 9, "GPE", 0.8),
        Proposal(10, 12, "ORG", 0.7),
        Proposal(20, 25, "ORG", 0.6),
    ]
    confirmed, rejected = [(0, 5, "ORG"), (5, 9, "GPE")], [(10, 12, "ORG")]
    expected = [(0.9, "ORG", True), (0.8, "GPE", False), (0.7, "ORG", False)]
    assert outcomes_of(said, confirmed, rejected, done=False, length=30) == expected
    assert outcomes_of(said, confirmed, rejected, done=True, length=30) == [*expected, (0.6, "ORG", False)]
    assert outcomes_of([Proposal(0, 1, "DATE")], [], [], done=True, length=3) == []
