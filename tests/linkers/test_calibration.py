"""Scores of links on what people decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.linkers.calibration import LinkCalibration


def test_without_decisions_a_score_stays():
    assert LinkCalibration().score(0.85) == pytest.approx(0.85)


def test_many_decisions_outweigh_the_linker():
    calibration = LinkCalibration({0.85: (20, 980), 0.6: (990, 10)})
    assert calibration.score(0.85) < 0.06 and calibration.score(0.6) > 0.95
    assert calibration.score(0.95) == pytest.approx(0.95)


@given(st.floats(0, 1), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_score_is_a_probability_between_the_two(base, confirmed, rejected):
    score = LinkCalibration({base: (confirmed, rejected)}).score(base)
    assert 0 <= score <= 1
    if confirmed + rejected:
        share = confirmed / (confirmed + rejected)
        assert min(base, share) - 1e-9 <= score <= max(base, share) + 1e-9
