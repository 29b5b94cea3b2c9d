"""Charts of counts have whole numbers on their axis."""

import re

import pytest

from corpusapp.core.charts import stacked_bars

AXES = [
    ({}, ["0", "1"]),
    ({"done": [0, 0]}, ["0", "1"]),
    ({"done": [0, 3]}, ["0", "1", "2", "3"]),
    ({"confirmed": [100, 3], "rejected": [53, 0]}, ["0", "50", "100", "150", "200"]),
]


@pytest.mark.parametrize(("series", "numbers"), AXES)
def test_the_numbers_on_the_axis(series, numbers):
    words = re.findall(r"<text[^>]*>([^<]*)</text>", stacked_bars("Spans a week", ["5 Nov", "12 Nov"], series))
    assert [word for word in words if word.isdigit() or "." in word] == numbers
