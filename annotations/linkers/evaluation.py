"""How well mentions are linked: B³ and CEAFₑ over mentions, and pairs of mentions, against reviewed links.

B³ is by Bagga and Baldwin (1998), CEAFₑ with the similarity φ₄ by Luo (2005). Mentions with one
name that stay unlinked are an entity of their article.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from annotations.linkers.company import decide_by_company, neighbours_in
from annotations.linkers.linker import link_article
from annotations.linkers.registry import LinkArticle, Mention, Registry
from annotations.linkers.territories import territory_of


class UnfitGold(Exception):
    """A line that cannot be scored. The message says where, and what is wrong."""


@dataclass(frozen=True)
class GoldArticle:
    """An article with its spans, `(start, end, label)`, and the entity of each mention that is scored, by its range."""

    text: str
    spans: Sequence[tuple[int, int, str]]
    entities: Mapping[tuple[int, int], str]


@dataclass(frozen=True)
class Ratio:
    """Precision and recall as counts of what is right among what was found, and among what there is."""

    right: float
    found: float
    expected_right: float
    expected: float

    def as_json(self) -> dict[str, float]:
        precision = self.right / self.found if self.found else 0.0
        recall = self.expected_right / self.expected if self.expected else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


@dataclass
class Scored:
    """A mention of the gold: its article, label, true entity, and the entity that it was linked to."""

    article: int
    label: str
    true: Hashable
    linked: Hashable


@dataclass(frozen=True)
class Evaluation:
    """The mentions that were scored, how many were linked in all, and the seconds that this took."""

    mentions: Sequence[Scored]
    linked: int
    seconds: float
    labels: Sequence[str] = field(default=())

    def as_json(self) -> dict[str, Any]:
        labels = self.labels or sorted({mention.label for mention in self.mentions})
        return {
            "articles": len({mention.article for mention in self.mentions}),
            "mentions": len(self.mentions),
            **figures(self.mentions),
            "labels": {
                label: {"mentions": len(chosen), **figures(chosen)}
                for label in labels
                if (chosen := [mention for mention in self.mentions if mention.label == label])
            },
            "mentions_per_second": round(self.linked / self.seconds, 1) if self.seconds else None,
        }


def figures(mentions: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """All figures of these mentions, as JSON."""
    return {
        "b3": b_cubed(mentions).as_json(),
        "ceafe": ceaf_e(mentions).as_json(),
        "pairs": pairs(mentions).as_json(),
        "cross_article_pairs": pairs(mentions, across=True).as_json(),
    }


def b_cubed(mentions: Sequence[Scored]) -> Ratio:
    true = Counter(mention.true for mention in mentions)
    linked = Counter(mention.linked for mention in mentions)
    both = Counter((mention.true, mention.linked) for mention in mentions)
    right = sum(number**2 / linked[two] for (_, two), number in both.items())
    recalled = sum(number**2 / true[one] for (one, _), number in both.items())
    return Ratio(right, len(mentions), recalled, len(mentions))


def ceaf_e(mentions: Sequence[Scored]) -> Ratio:
    true, linked = Counter(m.true for m in mentions), Counter(m.linked for m in mentions)
    if not mentions:
        return Ratio(0, 0, 0, 0)
    rows, columns = {key: n for n, key in enumerate(true)}, {key: n for n, key in enumerate(linked)}
    both = Counter((m.true, m.linked) for m in mentions)
    one = np.array([rows[pair[0]] for pair in both])
    two = np.array([columns[pair[1]] for pair in both]) + len(rows)
    weight = np.array([2 * number / (true[pair[0]] + linked[pair[1]]) for pair, number in both.items()])
    size = len(rows) + len(columns)
    count, part = connected_components(coo_array((weight, (one, two)), shape=(size, size)), directed=False)
    members: dict[int, list[int]] = defaultdict(list)
    for number, component in enumerate(part[one]):
        members[int(component)].append(number)
    # Entities without a mention in common cannot be aligned, so each connected part is a small problem of its own.
    best = sum(_best(one[numbers], two[numbers], weight[numbers]) for numbers in members.values())
    assert len(members) <= count
    return Ratio(best, len(columns), best, len(rows))


def _best(one: Any, two: Any, weight: Any) -> float:
    """The weight of the best alignment in a connected part."""
    rows, row = np.unique(one, return_inverse=True)
    columns, column = np.unique(two, return_inverse=True)
    matrix = np.zeros((len(rows), len(columns)))
    matrix[row, column] = weight
    return float(matrix[linear_sum_assignment(matrix, maximize=True)].sum())


def pairs(mentions: Sequence[Scored], *, across: bool = False) -> Ratio:
    """Pairs of mentions of one entity; with `across`, only those in two articles."""
    right = _pairs((m.true, m.linked) for m in mentions)
    found, expected = _pairs(m.linked for m in mentions), _pairs(m.true for m in mentions)
    if across:
        right -= _pairs((m.true, m.linked, m.article) for m in mentions)
        found -= _pairs((m.linked, m.article) for m in mentions)
        expected -= _pairs((m.true, m.article) for m in mentions)
    return Ratio(right, found, right, expected)


def _pairs(keys: Iterable[Hashable]) -> int:
    return sum(number * (number - 1) // 2 for number in Counter(keys).values())


def evaluate(gold: Sequence[GoldArticle], labels: Collection[str] = ()) -> Evaluation:
    """Link all spans of the articles from nothing, and compare the scored mentions; of `labels`, if there are any."""
    articles: list[LinkArticle] = []
    places: dict[int, tuple[int, Mention]] = {}
    last = 0
    for number, article in enumerate(gold):
        mentions = [
            Mention(last + at, start, end, label)
            for at, (start, end, label) in enumerate(article.spans)
            if not labels or label in labels
        ]
        places |= {mention.id: (number, mention) for mention in mentions}
        last += len(article.spans)
        articles.append(LinkArticle(number, article.text, mentions))
    territory_of("")  # Reads the names of all territories, once for the process.
    started = time.perf_counter()
    found = link_corpus(articles)
    seconds = time.perf_counter() - started
    scored = []
    for pk, (number, mention) in places.items():
        true = gold[number].entities.get((mention.start, mention.end))
        if true is not None:
            scored.append(Scored(number, mention.label, true, found.get(pk, ("alone", pk))))
    return Evaluation(scored, len(places), seconds, list(labels))


def link_corpus(articles: Sequence[LinkArticle], registry: Registry | None = None) -> dict[int, Hashable]:
    """Link these articles in their order, and again once all are known: the entity of each mention.

    Those with one name that stay unlinked are an entity of their article.
    """
    registry = Registry() if registry is None else registry
    neighbours = neighbours_in([link_article(article, registry) for article in articles])
    for entity in registry.entities.values():
        entity.mentions = 0
    found: dict[int, Hashable] = {}
    results = [link_article(article, registry) for article in articles]
    for article, first in zip(articles, results, strict=True):
        result = decide_by_company(article, first, registry, neighbours)
        found |= {link.mention: link.entity for link in result.links}
        found |= {one.mention: ("local", article.id, one.key) for one in result.unlinked}
    return found


def read_gold(path: Path) -> list[GoldArticle]:
    """The articles of a JSON Lines file. Raises `UnfitGold` with the line and what is wrong with it."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitGold(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append(_article(line, f"{path.name}, line {number}"))
    if not any(article.entities for article in found):
        raise UnfitGold(f'{path.name} has no "entities" to score: add [[start, end, id], …] beside the text and spans')
    return found


def _article(line: str, where: str) -> GoldArticle:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UnfitGold(f"{where}: no JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise UnfitGold(f'{where}: needs an object with "text", "spans" and "entities"')
    text = row["text"]
    spans = [(start, end, label) for start, end, label in _triples(row, "spans", len(text), where)]
    entities = {(start, end): pk for start, end, pk in _triples(row, "entities", len(text), where)}
    known = {(start, end) for start, end, _ in spans}
    for start, end in entities:
        if (start, end) not in known:
            raise UnfitGold(f"{where}: the entity at [{start}, {end}) has no span: add it to spans, with its label")
    return GoldArticle(text, spans, entities)


def _triples(row: Mapping[str, Any], name: str, length: int, where: str) -> list[tuple[int, int, str]]:
    values = row.get(name, [])
    if not isinstance(values, list):
        raise UnfitGold(f"{where}: {name} must be a list")
    found = []
    for value in values:
        fits = isinstance(value, list) and len(value) == 3 and all(type(part) is int for part in value[:2])
        if not fits or not isinstance(value[2], str) or not 0 <= value[0] < value[1] <= length:
            raise UnfitGold(f"{where}: {name} has {str(value)[:80]}, which is no [start, end, name] within the text")
        found.append((value[0], value[1], value[2]))
    return found
