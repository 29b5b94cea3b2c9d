"""The weights of the evidence: how much each feature speaks for each label.

Multinomial logistic regression. The table is fitted by `python -m tests.benchmarks.fit_evidence GOLD.jsonl` over
reviewed news articles, each seen alone, as one of a corpus, and with decisions on others; CONTRIBUTING.md says when to
fit it anew. It is data: labels, and by feature one weight a label.
"""

import json
from collections.abc import Mapping
from functools import cache
from math import exp
from pathlib import Path

# What a mention may be; "" is none of these: no name, or a name of another kind.
CLASSES = ("PERSON", "ORG", "GPE", "")
TABLE = Path(__file__).with_name("weights.json")

Scores = tuple[float, ...]


class Weights:
    """`table` gives a weight for each of CLASSES by feature; an unknown feature says nothing."""

    def __init__(self, table: Mapping[str, Scores]) -> None:
        self._table = dict(table)

    def scores(self, features: Mapping[str, float], onto: Scores = (0.0, 0.0, 0.0, 0.0)) -> Scores:
        """The sum of the evidence for each class, upon what `onto` brings."""
        first, second, third, fourth = onto
        for name, value in features.items():
            if weights := self._table.get(name):
                first += weights[0] * value
                second += weights[1] * value
                third += weights[2] * value
                fourth += weights[3] * value
        return first, second, third, fourth


def probabilities(scores: Scores) -> dict[str, float]:
    """The probability of each class; they sum to one."""
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    total = sum(powers)
    return {label: power / total for label, power in zip(CLASSES, powers, strict=True)}


@cache
def fitted() -> Weights:
    """The weights that come with the program."""
    return Weights({name: tuple(row) for name, row in json.loads(TABLE.read_text())["weights"].items()})
