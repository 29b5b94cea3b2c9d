"""Measures the actions of linking: `python -m tests.benchmarks.entity_economy GOLD.jsonl --json`.

GOLD has reviewed articles, one line `{"text", "spans": [[start, end, label], …], "entities": [[start, end, id], …]}`
each. Their spans are imported as confirmed, and the desk links them. A simulated editor then goes through the articles
in file order over the REST API of a desk that is started for it, until the mentions of each are linked to the
entities of the gold, and finishes each. After a decision it waits until the desk has applied it.

Actions: 1 to confirm all links that are shown in an article; 1 to link the mentions with one name in an article to
another entity, or to a new one (all like this); 1 to merge two entities; 1 to split one, and 1 for each mention moved.
A mention is confirmed only when it is right. `by_hand` is one action for each mention.

`exact` says whether at the end the mentions that are linked to one entity are those of one in the gold.
"""

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotations.linkers.evaluation import GoldArticle, read_gold
from tests.benchmarks.economy.client import Client
from tests.benchmarks.economy.desk import CORPUS, running_desk


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--gold-limit", type=int, metavar="N", help="only the first N articles")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(read_gold(options.gold)[: options.gold_limit])
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def measure(gold: Sequence[GoldArticle]) -> dict[str, Any]:
    started = time.perf_counter()
    labels = sorted({label for article in gold for *_, label in article.spans})
    with running_desk(labels, nesting=True) as client:
        editor = LinkEditor(client, gold)
        editor.import_gold()
        for number in range(len(gold)):
            editor.review(number)
        exact = editor.is_exact()
    mentions = sum(len(article.entities) for article in gold)
    actions = editor.spent.total()
    return {
        "articles": len(gold),
        "mentions": mentions,
        "actions": dict(sorted(editor.spent.items())),
        "actions_per_mention": round(actions / mentions, 4),
        "by_hand": 1.0,
        "exact": exact,
        "seconds": round(time.perf_counter() - started, 1),
    }


@dataclass(frozen=True)
class Shown:
    """A mention of the gold as the desk shows it; without an entity, `entity` is None."""

    span: int
    true: str
    name: str
    label: str
    entity: int | None
    state: str
    revision: int | None


@dataclass
class LinkEditor:
    """Links the mentions of articles to the entities of the gold; `spent` counts actions by kind."""

    client: Client
    gold: Sequence[GoldArticle]
    spent: Counter[str] = field(default_factory=Counter)
    # The entity of the desk that each one of the gold is.
    known: dict[str, int] = field(default_factory=dict)
    _ids: list[int] = field(default_factory=list)

    def import_gold(self) -> None:
        records = [
            {
                "text": article.text,
                "external_id": f"gold-{number}",
                "spans": [
                    {"start": start, "end": end, "label": label, "state": "confirmed"}
                    for start, end, label in article.spans
                ],
            }
            for number, article in enumerate(self.gold)
        ]
        self.client.import_articles(CORPUS, records)
        found: dict[str, int] = {}
        for number in range(len(self.gold)):
            (row,) = self.client.get(f"articles/?corpus={CORPUS}&external_id=gold-{number}")["results"]
            found[row["external_id"]] = row["id"]
        self._ids = [found[f"gold-{number}"] for number in range(len(self.gold))]
        self.client.wait_until_idle(CORPUS)

    def review(self, number: int) -> None:
        """Link the mentions of an article, and confirm what is shown."""
        for _ in range(500):
            shown = self.read(number)
            if not self._correct(number, shown):
                break
            self.client.wait_until_idle(CORPUS)
        else:
            raise RuntimeError(f"article {number} takes more than 500 decisions")
        suggested = [one for one in shown if one.state == "suggested" and one.entity is not None]
        body = {"shown": [], "entities": [{"span": one.span, "entity": one.entity} for one in suggested]}
        self.client.post(f"articles/{self._ids[number]}/finish/", body)
        self.spent["confirm"] += bool(suggested)
        self.client.wait_until_idle(CORPUS)

    def read(self, number: int) -> list[Shown]:
        article, found = self.gold[number], self.client.get(f"articles/{self._ids[number]}/?state=confirmed")
        rows = []
        for span in found["spans"]:
            true = article.entities.get((span["start"], span["end"]))
            if true is not None:
                entity = span["entity"] or {}
                rows.append(
                    Shown(
                        span["id"], true, span["text"], span["label"], entity.get("id"), entity.get("state", ""),
                        entity.get("revision"),
                    )
                )  # fmt: skip
        return rows

    def _correct(self, number: int, shown: Sequence[Shown]) -> bool:
        """Make one decision, if one is needed."""
        taken = {pk: true for true, pk in self.known.items()}
        for one in shown:
            known = self.known.get(one.true)
            if one.entity is not None and known == one.entity:
                continue
            if one.entity is not None and known is None and one.entity not in taken and self._is_mostly(one):
                self.known[one.true] = one.entity
                return self._correct(number, shown)
            if one.entity is not None and known is not None and one.entity not in taken and self._is_pure(one):
                self._merge(one.entity, known)
                return True
            if known is None and one.entity is not None and self._split(one):
                return True
            self._link([other for other in shown if self._is_like(one, other)], known)
            return True
        return False

    def _is_like(self, one: Shown, other: Shown) -> bool:
        """Whether a decision on one mention of an article also takes another one."""
        return (one.true, one.name, one.label, one.entity) == (other.true, other.name, other.label, other.entity)

    def _link(self, mentions: Sequence[Shown], known: int | None) -> None:
        first = mentions[0]
        target: dict[str, Any] = {"entity": known}
        if known is None:
            target = {"new": {"name": first.true.partition(":")[2][:200] or first.true, "label": first.label}}
        links = [{"span": one.span, "revision": one.revision, **target} for one in mentions]
        result = self.client.post(f"corpora/{CORPUS}/links/", {"links": links, "all_or_none": True})
        self.spent["relink" if known is not None else "new"] += 1
        if known is None:
            self.known[first.true] = result["links"][0]["entity"]["id"]

    def _merge(self, source: int, target: int) -> None:
        revisions = [self.client.get(f"entities/{pk}/")["revision"] for pk in (source, target)]
        body = {"into": target, "revision": revisions[0], "into_revision": revisions[1]}
        self.client.post(f"entities/{source}/merge/", body)
        self.spent["merge"] += 1

    def _split(self, one: Shown) -> bool:
        """Move all mentions of a true entity from one of the desk that is another, if this is less than linking."""
        assert one.entity is not None
        moving = [row for row, true in self._mentions(one.entity) if true == one.true]
        articles = {(row["article"], row["text"]) for row in moving}
        if 1 + len(moving) >= len(articles):
            return False
        links = [{"link": row["link"], "revision": row["entity"]["revision"]} for row in moving]
        entity = self.client.get(f"entities/{one.entity}/")
        body = {"revision": entity["revision"], "links": links, "name": one.true.partition(":")[2] or one.true}
        result = self.client.post(f"entities/{one.entity}/split/", body)
        self.known[one.true] = result["links"][0]["entity"]["id"]
        self.spent["split"] += 1 + len(moving)
        return True

    def _mentions(self, entity: int) -> list[tuple[dict[str, Any], str | None]]:
        """The mentions of an entity, each with its true one; None for one that the gold does not have."""
        numbers = {pk: number for number, pk in enumerate(self._ids)}
        rows, path = [], f"entities/{entity}/mentions/?limit=200"
        while path:
            page = self.client.get(path)
            for row in page["results"]:
                gold = self.gold[numbers[row["article"]]].entities
                rows.append((row, gold.get((row["start"], row["end"]))))
            path = page["next"].partition("/api/v1/")[2] if page["next"] else ""
        return rows

    def _is_pure(self, one: Shown) -> bool:
        assert one.entity is not None
        return all(true in (one.true, None) for _, true in self._mentions(one.entity))

    def _is_mostly(self, one: Shown) -> bool:
        assert one.entity is not None
        counts = Counter(true for _, true in self._mentions(one.entity) if true is not None)
        return counts[one.true] == max(counts.values())

    def is_exact(self) -> bool:
        """Whether the mentions are grouped as in the gold."""
        true_of, entity_of = defaultdict(set), defaultdict(set)
        for number in range(len(self.gold)):
            for one in self.read(number):
                if one.entity is None:
                    return False
                true_of[one.entity].add(one.true)
                entity_of[one.true].add(one.entity)
        return all(len(found) == 1 for found in [*true_of.values(), *entity_of.values()])


if __name__ == "__main__":
    main()
