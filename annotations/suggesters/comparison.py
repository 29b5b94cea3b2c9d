"""Compares two suggesters on held-back articles: whether one is significantly better than the other."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from annotations.suggesters.adaptation import ReviewedReading, fit_adaptation
from annotations.suggesters.examples import TrainingArticle
from annotations.suggesters.name_statistics import NameStatistics, article_learning_record, learn
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.reader import NewsReader

Triple = tuple[int, int, str]
# One of this many articles is held back.
HELD_BACK_EVERY = 5
RESAMPLES = 1000
# A new model is better if it wins at least this share of resamples, on at least this many articles.
CONFIDENCE = 0.9
FEWEST_ARTICLES = 5
_INTERVAL = (2.5, 97.5)
# The row or column of the confusion table for spans on one side only.
NOTHING = ""


def is_held_back(corpus: str, text: str) -> bool:
    """Whether an article is never used for training, by a hash of its corpus and its text."""
    state = hashlib.sha256(f"{corpus}\n{text}".encode("utf-8", "surrogatepass"))
    return int.from_bytes(state.digest()[:8], "big") % HELD_BACK_EVERY == 0


@dataclass(frozen=True)
class Verdict:
    """The scores `before` and `after`, whether the second is `better`, and the `reason`."""

    before: dict[str, Any]
    after: dict[str, Any]
    better: bool
    reason: str


def compare(
    truth: Sequence[Sequence[Triple]],
    before: Sequence[Sequence[Proposal]],
    after: Sequence[Sequence[Proposal]],
    labels: Iterable[str],
    *,
    seed: int = 0,
) -> Verdict:
    """Compare two lists of proposals, by article, with the true spans of the same articles.

    Paired bootstrap: articles are drawn with replacement, and `after` wins a draw with a higher micro F1 (Koehn 2004,
    "Statistical significance tests for machine translation").
    """
    names = sorted(set(labels))
    draws = numpy.random.default_rng(seed).integers(0, max(len(truth), 1), (RESAMPLES, len(truth)))
    first, second = _counts(truth, before, names), _counts(truth, after, names)
    scores = _score(first, names, draws, truth, before), _score(second, names, draws, truth, after)
    if len(truth) < FEWEST_ARTICLES:
        return Verdict(
            *scores, False, f"{len(truth)} held-back articles are done: {FEWEST_ARTICLES} are needed to compare"
        )
    gains = _f1(second[draws].sum((1, 2))) - _f1(first[draws].sum((1, 2)))
    share, mean = float((gains > 0).mean()), float(gains.mean())
    better = share >= CONFIDENCE and mean > 0
    reason = (
        f"F1 {scores[0]['micro']['f1']:.3f} before, {scores[1]['micro']['f1']:.3f} after, on {len(truth)} held-back "
        f"articles; better in {share:.0%} of {RESAMPLES} resamples, {CONFIDENCE:.0%} needed"
    )
    return Verdict(*scores, better, reason)


def _counts(
    truth: Sequence[Sequence[Triple]], proposals: Sequence[Sequence[Proposal]], labels: Sequence[str]
) -> "numpy.typing.NDArray[numpy.int64]":
    """Counts by (article, label, right | proposed | true)."""
    index = {label: number for number, label in enumerate(labels)}
    counts = numpy.zeros((len(truth), len(labels), 3), dtype=numpy.int64)
    for article, (spans, found) in enumerate(zip(truth, proposals, strict=True)):
        true = {span for span in spans if span[2] in index}
        proposed = {(p.start, p.end, p.label) for p in found if p.label in index}
        for kind, triples in enumerate((true & proposed, proposed, true)):
            for _, _, label in triples:
                counts[article, index[label], kind] += 1
    return counts


def _f1(sums: "numpy.typing.NDArray[Any]") -> "numpy.typing.NDArray[Any]":
    """F1 along the last axis of (right, proposed, true)."""
    f1: numpy.typing.NDArray[Any] = 2 * sums[..., 0] / numpy.maximum(sums[..., 1] + sums[..., 2], 1)
    return f1


def _score(
    counts: "numpy.typing.NDArray[numpy.int64]",
    labels: Sequence[str],
    draws: "numpy.typing.NDArray[Any]",
    truth: Sequence[Sequence[Triple]],
    proposals: Sequence[Sequence[Proposal]],
) -> dict[str, Any]:
    drawn = counts[draws].sum(1)
    by_label = {
        label: _measures(counts[:, number].sum(0), drawn[:, number])
        for number, label in enumerate(labels)
        if counts[:, number].any()
    }
    return {
        "articles": len(truth),
        "micro": _measures(counts.sum((0, 1)), drawn.sum(1)),
        "labels": by_label,
        "confusion": _confusion(truth, proposals, frozenset(labels)),
    }


def _measures(sums: "numpy.typing.NDArray[Any]", drawn: "numpy.typing.NDArray[Any]") -> dict[str, Any]:
    """Precision, recall and F1 with their 95 % intervals, and the counts."""
    right, proposed, true = (int(number) for number in sums)
    found: dict[str, Any] = {"right": right, "proposed": proposed, "true": true}
    series = {
        "precision": (sums[0] / max(proposed, 1), drawn[:, 0] / numpy.maximum(drawn[:, 1], 1)),
        "recall": (sums[0] / max(true, 1), drawn[:, 0] / numpy.maximum(drawn[:, 2], 1)),
        "f1": (_f1(sums), _f1(drawn)),
    }
    for name, (value, resampled) in series.items():
        found[name] = round(float(value), 4)
        found[f"{name}_interval"] = [round(float(edge), 4) for edge in numpy.percentile(resampled, _INTERVAL)]
    return found


def _confusion(
    truth: Sequence[Sequence[Triple]], proposals: Sequence[Sequence[Proposal]], labels: frozenset[str]
) -> list[list[Any]]:
    """[true label, proposed label, number] of spans with the same range; NOTHING if one side has none."""
    cells: Counter[tuple[str, str]] = Counter()
    for spans, found in zip(truth, proposals, strict=True):
        true = {(start, end): label for start, end, label in spans if label in labels}
        proposed = {(p.start, p.end): p.label for p in found if p.label in labels}
        for where in true.keys() | proposed.keys():
            cells[true.get(where, NOTHING), proposed.get(where, NOTHING)] += 1
    return [[*cell, number] for cell, number in sorted(cells.items())]


def propose_after(
    reader: NewsReader, reviewed: Sequence[TrainingArticle], texts: Sequence[SourceText], labels: Iterable[str] = ()
) -> list[list[Proposal]]:
    """The proposals for `texts` after the review of `reviewed` in the same corpus, restricted to `labels` if given.

    Decisions on `texts` themselves are not used.
    """
    wanted = frozenset(labels)
    marked = wanted or {label for article in reviewed for *_, label in article.spans}
    statistics = NameStatistics()
    done: list[ReviewedReading] = []
    for article, reading in zip(reviewed, reader.readings(article.source for article in reviewed), strict=True):
        statistics.see(reading.seen)
        rejected = {(start, end) for start, end, _ in article.rejected}
        if article.complete:
            rejected |= {(mention.start, mention.end) for mention in reading.mentions}
            rejected |= {(proposal.start, proposal.end) for proposal in reading.certain if proposal.label in marked}
        record = article_learning_record(article.source.text, article.spans, sorted(rejected), reading.habits())
        learn(statistics, record)
        if article.complete:
            done.append(ReviewedReading(reading, article.spans, record))
    readings = list(reader.readings(texts))
    for reading in readings:
        statistics.see(reading.seen)
    changes = fit_adaptation(done, statistics, reader.weights, marked).changes
    found = [
        reader.resolve(source, reading, statistics, changes) for source, reading in zip(texts, readings, strict=True)
    ]
    return [[p for p in proposals if not wanted or p.label in wanted] for proposals in found]
