"""What the decisions of a corpus change in the weights of the evidence: its house style.

The weights are fitted to articles of several styles. After each done article, a change of the weights is fitted to the
decisions of the corpus, which stays as small as they allow. It depends on the decisions alone, not on their order: the
same articles and decisions give the same changes, with the same digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from annotations.suggesters.evidence import CLASSES, Features, Scores, Weights
from annotations.suggesters.name_statistics import NO_NAME, LearningRecord, NameStatistics, learn
from annotations.suggesters.reading import Mention, Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

# How far the weights may change: the variance of a change. Chosen with weights that had not seen the style of a list.
STRENGTH = 0.3
# Changes below this make no difference.
_NIL = 0.001
_MOST_STEPS = 60

# The features of a mention beyond its fixed score, that score, and its class; None if the corpus does not say.
Row = tuple[Features, Scores, str | None]


@dataclass(frozen=True)
class Adaptation:
    """`changes` of the weights by feature, fitted to the decisions on so many done `articles`."""

    changes: Mapping[str, Scores] = field(default_factory=dict)
    articles: int = 0

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the changes."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        return json.dumps(dict(sorted(self.changes.items())), separators=(",", ":"))


def adaptation_from_json(text: str, articles: int) -> Adaptation:
    return Adaptation({name: tuple(row) for name, row in json.loads(text).items()}, articles)


@dataclass(frozen=True)
class ReviewedReading:
    """The reading of a done article with its confirmed spans, and the learning record that is counted for it."""

    reading: Reading
    spans: Sequence[tuple[int, int, str]]
    record: LearningRecord | None


def fit_adaptation(
    articles: Iterable[ReviewedReading], statistics: NameStatistics, weights: Weights, labels: Iterable[str]
) -> Adaptation:
    """Fit the changes to done articles of a corpus with these `labels` and statistics. Imports SciPy.

    Each article is judged with the statistics of the others. Where the corpus has no label for a class, what is not
    marked may be of that class.
    """
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer

    missing = frozenset(CLASSES) - frozenset(labels) - {NO_NAME}
    rows: list[Row] = []
    number = 0
    for article in articles:
        number += 1
        rows.extend(_rows(article, statistics, weights, bool(missing)))
    if not rows:
        return Adaptation(articles=number)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([features for features, *_ in rows]).tocsr()
    offset = np.array([scores for _, scores, _ in rows])
    shares = np.zeros((len(rows), len(CLASSES)))
    for row, (_, _, label) in enumerate(rows):
        if label is not None:
            shares[row, CLASSES.index(label)] = 1
    unknown = shares.sum(axis=1) == 0
    if unknown.any():
        shares[unknown] = estimated(offset[unknown], missing)
    changes = optimum(matrix, shares, STRENGTH, offset=offset, steps=_MOST_STEPS)
    named = zip(vectors.get_feature_names_out(), changes, strict=True)
    rounded = {str(name): tuple(round(float(value), 3) for value in row) for name, row in named}
    return Adaptation({name: row for name, row in rounded.items() if max(map(abs, row)) >= _NIL}, number)


def _rows(article: ReviewedReading, statistics: NameStatistics, weights: Weights, unsure: bool) -> Iterator[Row]:
    if article.record:
        learn(statistics, article.record, sign=-1)
    for mention in article.reading.mentions:
        if not mention.features:
            # A pinned proposal, or a reading of an earlier version.
            continue
        own = article.reading.seen.get(mention.surface, {})
        known = statistics.features(mention.surface, mention.before, own)
        features = article.reading.features(mention) | known
        yield features, weights.scores(known, mention.scores), _class(mention, article.spans, unsure)
    if article.record:
        learn(statistics, article.record)


def _class(mention: Mention, spans: Sequence[tuple[int, int, str]], unsure: bool) -> str | None:
    overlapping = [span for span in spans if span[0] < mention.end and mention.start < span[1]]
    for start, end, label in overlapping:
        if (start, end) == (mention.start, mention.end):
            return label if label in CLASSES else NO_NAME
    return None if unsure and not overlapping else NO_NAME


def estimated(scores: NDArray[Any], missing: Iterable[str]) -> NDArray[Any]:
    """The probabilities of the classes where only those without a label, and none, are possible."""
    found = softmax(scores)
    possible = {NO_NAME, *missing}
    found[:, [number for number, label in enumerate(CLASSES) if label not in possible]] = 0
    shares: NDArray[Any] = found / found.sum(axis=1, keepdims=True)
    return shares


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[Any] = powers / powers.sum(axis=1, keepdims=True)
    return shares


Bounds = Sequence[tuple[float | None, float | None]]


def optimum(
    matrix: csr_matrix,
    shares: NDArray[Any],
    strength: float,
    *,
    begin: NDArray[Any] | None = None,
    offset: NDArray[Any] | float = 0.0,
    bounds: Bounds | None = None,
    steps: int = 300,
) -> NDArray[Any]:
    """The weights, one row a feature, with which scores of `offset` and more fit these shares of the classes best.

    Multinomial logistic regression with a normal prior of variance `strength` around 0. `matrix` has a row for each
    mention, and `shares` its class, or the probabilities of its classes.
    """
    import numpy as np
    from scipy.optimize import minimize

    shape = (matrix.shape[1], len(CLASSES))
    transposed = matrix.T.tocsr()
    mass = shares.sum(axis=1, keepdims=True)

    def loss(flat: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        weights = flat.reshape(shape)
        scores = matrix @ weights + offset
        highest = scores.max(axis=1, keepdims=True)
        powers = np.exp(scores - highest)
        totals = powers.sum(axis=1, keepdims=True)
        logs = scores - highest - np.log(totals)
        gradient = transposed @ (powers / totals * mass - shares) + weights / strength
        return -float((shares * logs).sum()) + float((weights**2).sum()) / (2 * strength), gradient.ravel()

    first = np.zeros(shape) if begin is None else begin
    options = {"maxiter": steps, "maxfun": steps + 100}
    found = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    weights: NDArray[Any] = found.x.reshape(shape)
    return weights
