"""The reviewed articles that the simulated editor reproduces."""

import itertools
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

Triple = tuple[int, int, str]


@dataclass(frozen=True)
class GoldArticle:
    """A text and its true spans `(start, end, label)`, in code points; `key` is its external id."""

    key: str
    text: str
    spans: frozenset[Triple]


def read_gold(path: Path, labels: Collection[str] = (), limit: int | None = None) -> list[GoldArticle]:
    """The articles of a JSONL file, in its order; with `labels`, spans of others are left out.

    Raises ValueError if a text occurs twice, since a corpus has each text once.
    """
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()][:limit]
    keys = [str(record.get("id", "")) for record in records]
    if len(set(keys)) < len(keys) or "" in keys:
        keys = [f"gold-{number}" for number in range(1, len(records) + 1)]
    articles = [_article(key, record, labels) for key, record in zip(keys, records, strict=True)]
    _check_texts(articles)
    return articles


def overlapping(articles: Sequence[GoldArticle]) -> bool:
    """Whether any article has overlapping spans."""
    return any(
        later[0] < earlier[1] for article in articles for earlier, later in itertools.pairwise(sorted(article.spans))
    )


def _article(key: str, record: dict, labels: Collection[str]) -> GoldArticle:
    spans = frozenset((start, end, label) for start, end, label, *_ in record["spans"])
    return GoldArticle(key, record["text"], frozenset(span for span in spans if not labels or span[2] in labels))


def _check_texts(articles: Sequence[GoldArticle]) -> None:
    first: dict[str, str] = {}
    for article in articles:
        if article.text in first:
            raise ValueError(f"{article.key} has the text of {first[article.text]}: leave one out of the gold")
        first[article.text] = article.key
