"""How soon a decision is applied to other articles: `python -m tests.benchmarks.propagation --articles 10000 --json`.

A desk of its own gets made-up articles over REST; its worker reads them. Two names are held by `--holding` articles
each. The first is relabelled in one article: `seconds` run from the answer until the corpus is idle, `changed` counts
the articles whose pending suggestion of the name is then another, or has another score. Then the second is relabelled
while another editor decides on other names, in articles that wait to be brought up to date and in others: `decisions`
holds the milliseconds that these took, `calm` those of some before. Times are noisy: compare within one run, and look
at `load`, the processes that wanted to run over the minute before the first name was relabelled.
"""

import argparse
import json
import os
import random
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.economy.client import Client, Refused
from tests.benchmarks.economy.desk import CORPUS, running_desk
from tests.benchmarks.economy.simulated_article import SUGGESTED

LABELS = ("PERSON", "ORG", "GPE")
NAMES = ("Halvorsen Group", "Brenning Corporation")
_SENTENCES = (
    "{name} announced the agreement on Monday, and shares of {name} rose.",
    "The board of {name} met on Friday.",
    "Lawyers for {name} declined to comment.",
    "On Tuesday {name} reported a loss of three million dollars.",
)
_FILLERS = (
    "{person} said in {place} that the talks would go on next week.",
    "The mayor of {place} welcomed the decision, but {person} called for patience.",
    "According to {person}, prices had risen for the third month in a row.",
    "The road from {place} to the coast was closed after the storm.",
    "Officials expect the harvest to be smaller than in the years before.",
)
_SYLLABLES = ("ka", "ri", "mo", "len", "dor", "ta", "ves", "shi", "bal", "nu", "gor", "el", "pa", "zin", "ro", "hat")
_CALM_DECISIONS = 50
_LEAST_SECONDS = 2.0
_CHUNK = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--holding", type=int, default=1000, help="articles that hold each name (default: 1000)")
    parser.add_argument("--sentences", type=int, default=10, help="sentences of an article (default: 10)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    step = options.articles // max(1, options.holding)
    if step <= len(NAMES):
        parser.error(f"more than {len(NAMES)} articles are needed for each that holds a name")
    with running_desk(LABELS) as client:
        figures = measure(client, options.articles, step, options.sentences)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=4))


def measure(client: Client, count: int, step: int, sentences: int) -> dict[str, Any]:
    """`step`: one article in so many holds a name."""
    began = time.perf_counter()
    ids = _import(client, count, step, sentences)
    client.wait_until_idle(CORPUS)
    reading = time.perf_counter() - began
    holders = [[ids[f"{number}"] for number in range(first, count, step)] for first in range(len(NAMES))]
    others = [ids[f"{number}"] for number in range(count) if number % step >= len(NAMES)]
    calm = Colleague(client.again(), others[:_CALM_DECISIONS])
    calm.decide_all()
    client.wait_until_idle(CORPUS)
    load = os.getloadavg()[0]
    alone = _propagated(client, NAMES[0], holders[0])
    busy = Colleague(client.again(), _mixed(holders[1][:0:-1], others[_CALM_DECISIONS:]))
    with busy:
        _relabel(client, NAMES[1], holders[1])
        busy.go_on_for(max(_LEAST_SECONDS, alone["seconds"]))
        beside = client.wait_until_idle(CORPUS)
    return {
        "articles": count,
        **alone,
        "load": round(load, 1),
        "seconds_beside_another_editor": round(beside, 2),
        "decisions": busy.milliseconds(),
        "calm": calm.milliseconds(),
        "seconds_until_read": round(reading, 1),
    }


def _import(client: Client, count: int, step: int, sentences: int) -> dict[str, int]:
    records = [{"text": text, "external_id": f"{number}"} for number, text in enumerate(texts(count, step, sentences))]
    client.import_articles(CORPUS, records, at_once=_CHUNK)
    return client.ids(CORPUS)


def texts(count: int, step: int, sentences: int, seed: int = 1) -> Iterator[str]:
    """Short reports on invented people and places; the first and second of each `step` hold a name each."""
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        lines = [_filler(chance) for _ in range(sentences)]
        if number % step < len(NAMES):
            name = NAMES[number % step]
            lines.insert(chance.randrange(len(lines)), chance.choice(_SENTENCES).format(name=name))
        yield f"Report {number}\n\n" + " ".join(lines)


def _filler(chance: random.Random) -> str:
    def invented() -> str:
        return "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3)))).capitalize()

    return chance.choice(_FILLERS).format(person=f"{invented()} {invented()}", place=invented())


def _propagated(client: Client, name: str, holders: list[int]) -> dict[str, Any]:
    """The figures of one decision that nobody disturbs."""
    before = {pk: _suggestions(client, pk, name) for pk in holders}
    decided = _relabel(client, name, holders)
    seconds = client.wait_until_idle(CORPUS)
    del before[decided]
    after = {pk: _suggestions(client, pk, name) for pk in before}
    return {
        "seconds": round(seconds, 2),
        "holding": len(holders),
        "pending": sum(bool(found) for found in before.values()),
        "changed": sum(before[pk] != after[pk] for pk in before),
        "relabelled": sum(_labels(before[pk]) != _labels(after[pk]) for pk in before),
    }


def _relabel(client: Client, name: str, holders: list[int]) -> int:
    """Give the name another label in the first of the articles where it is suggested; the article."""
    for pk in holders:
        row = next((row for row in _standing(client, pk) if row["text"] == name), None)
        if row is not None:
            label = "PERSON" if row["label"] != "PERSON" else "GPE"
            choice = {"verb": "relabel", "span": row["id"], "revision": row["revision"], "label": label}
            client.post(f"articles/{pk}/decisions/", {"decisions": [choice]})
            return pk
    raise RuntimeError(f"{name} is suggested nowhere: nothing can be measured by it")


def _suggestions(client: Client, pk: int, name: str) -> list[tuple[str, float | None]]:
    return [(row["label"], row["score"]) for row in _standing(client, pk) if row["text"] == name]


def _labels(suggestions: list[tuple[str, float | None]]) -> list[str]:
    return [label for label, _ in suggestions]


def _standing(client: Client, pk: int) -> list[dict[str, Any]]:
    return client.get(f"articles/{pk}/spans/?state={SUGGESTED}")["results"]


def _mixed(some: list[int], others: list[int]) -> list[int]:
    """From both in turns."""
    return [pk for pair in zip(some, others, strict=False) for pk in pair]


@dataclass
class Colleague:
    """Another editor, who confirms the first suggestion of one article after the other, but for our names."""

    client: Client
    articles: list[int]
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    _until: float = float("inf")
    _error: BaseException | None = None

    def __enter__(self) -> "Colleague":
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._until = 0.0
        self._thread.join()
        if self._error is not None and error[0] is None:
            raise self._error

    def go_on_for(self, seconds: float) -> None:
        self._until = time.perf_counter() + seconds

    def decide_all(self) -> None:
        for pk in self.articles:
            if time.perf_counter() > self._until:
                return
            row = next((row for row in _standing(self.client, pk) if row["text"] not in NAMES), None)
            if row is not None:
                self._confirm(pk, row)

    def milliseconds(self) -> dict[str, float]:
        times = sorted(1000 * seconds for seconds in self.seconds)
        return {
            "count": len(times),
            "refused": self.refused,
            "p50": round(statistics.median(times), 1),
            "p95": round(times[int(0.95 * len(times))], 1),
            "max": round(times[-1], 1),
        }

    def _run(self) -> None:
        try:
            self.decide_all()
        except BaseException as error:
            self._error = error

    def _confirm(self, pk: int, row: dict[str, Any]) -> None:
        choice = {"verb": "confirm", "span": row["id"], "revision": row["revision"]}
        began = time.perf_counter()
        try:
            self.client.post(f"articles/{pk}/decisions/", {"decisions": [choice]})
        except Refused as refused:
            if refused.status not in (404, 409):
                raise
            # Suggestions may have changed since they were listed: it is told, and looks again.
            self.refused += 1
            return
        self.seconds.append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
