"""Work in bulk over HTTP, as the library's chunks do it: `python -m tests.benchmarks.bulk --json`.

A desk of its own has 1,000 articles with ten suggestions each. One client decides on all of them, 1,000 in one request,
each named by its external id and what was seen; undoes one of these decisions; reads all texts and spans by lists; and
upserts all titles. The seconds are those of the client; `processor_seconds` are those of the desk's processes, its
database and workers included, for each request. 10,000 decisions should take 10 s or less on an idle machine.
"""

import argparse
import contextlib
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import database
from tests.benchmarks.economy import desk
from tests.benchmarks.economy.client import Client
from tests.benchmarks.memory import processes_of

ARTICLES, SPANS, CHUNK, WORDS = 1000, 10, 1000, 300
_LABELS = ("PERSON", "ORG", "GPE")
_PATH = f"corpora/{desk.CORPUS}/decisions/"
_ARTICLES_PATH = f"articles/?corpus={desk.CORPUS}&suggest=0"
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    run = database.start()
    assert run is not None
    try:
        # Durable, as `make run` has it.
        os.environ.pop("CORPUSAPP_POSTGRES_HASTY", None)
        figures = measure(run.folder / "home", options.articles)
    finally:
        run.end()
    print(json.dumps(figures, indent=None if options.json else 4))


def measure(home: Path, articles: int) -> dict[str, Any]:
    with desk.running(desk.free_port()) as started:
        token = desk.output_of("-m", "tests.benchmarks.economy.preparation", *_LABELS).splitlines()[-1]
        client = Client(started.url, token, timeout=600)
        records = list(_records(articles))
        client.import_articles(desk.CORPUS, [{**record, "stage": "new"} for record in records], at_once=500)
        figures: dict[str, Any] = {"articles": articles, "decisions": articles * SPANS}
        timed = Timed(started.pid, home, figures)
        answers = []
        for chunk in _chunks(list(_decisions(records))):
            with timed("decide 1,000"):
                answers.append(client.post(_PATH, {"decisions": chunk}))
        assert all(answer["complete"] for answer in answers), answers[0]["left_out"][:3]
        with timed("undo 1,000"):
            assert client.post(f"decisions/{answers[0]['decision']}/undo/", {})["complete"]
        for start in range(0, articles, 200):
            names = ",".join(record["external_id"] for record in records[start : start + 200])
            with timed("list 200 with texts and spans"):
                page = client.get(f"articles/?external_id={names}&limit=200&fields=id,text,spans,metadata")
            assert len(page["results"]) == len(records[start : start + 200])
        for upsert in (0, 1):
            named = [{**record, "title": f"Title {record['external_id']}"} for record in records]
            with timed(f"import {articles} known articles, upsert={upsert}"):
                report = client.post(f"{_ARTICLES_PATH}&upsert={upsert}", named)
            assert report["updated"] == (articles if upsert else 0), report
    return figures


class Timed:
    """Measures blocks by name: the seconds of all of them, of the slowest, and processor seconds of one on average."""

    def __init__(self, pid: int, home: Path, figures: dict[str, Any]) -> None:
        self._pid, self._home, self._figures = pid, home, figures

    @contextlib.contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        began, spent = time.perf_counter(), self._processor_seconds()
        yield
        seconds, processor = time.perf_counter() - began, self._processor_seconds() - spent
        row = self._figures.setdefault(name, {"times": 0, "seconds": 0.0, "slowest": 0.0, "processor_seconds": 0.0})
        total = row["processor_seconds"] * row["times"] + processor
        row["times"] += 1
        row["seconds"] = round(row["seconds"] + seconds, 2)
        row["slowest"] = round(max(row["slowest"], seconds), 2)
        row["processor_seconds"] = round(total / row["times"], 3)

    def _processor_seconds(self) -> float:
        ticks = 0
        for process in processes_of(self._pid, self._home):
            with contextlib.suppress(OSError):
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS


def _records(articles: int) -> Iterator[dict[str, Any]]:
    """Articles with ten suggestions each, no two alike."""
    for number in range(articles):
        chance = random.Random(number)
        words = [f"w{chance.randrange(10**6)}" for _ in range(WORDS)]
        text, spans = f"Report {number}.", []
        for position, word in enumerate(words):
            if position % (WORDS // SPANS) == 1:
                label = chance.choice(_LABELS)
                spans.append({"start": len(text) + 1, "end": len(text) + 1 + len(word), "label": label})
            text += f" {word}"
        suggested = [{**span, "state": "suggested"} for span in spans[:SPANS]]
        yield {"external_id": f"agency-{number}", "text": text, "spans": suggested, "metadata": {"number": number}}


def _decisions(records: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A decision on each suggestion, so that a chunk concerns all articles."""
    for position in range(SPANS):
        for number, record in enumerate(records):
            seen = {name: record["spans"][position][name] for name in ("start", "end", "label")}
            choice: dict[str, Any] = {"external_id": record["external_id"], "seen": seen}
            verb = ("confirm", "confirm", "reject", "relabel")[number % 4]
            if verb == "relabel":
                choice["label"] = _LABELS[(_LABELS.index(seen["label"]) + 1) % 3]
            yield {**choice, "verb": verb}


def _chunks(decisions: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (decisions[at : at + CHUNK] for at in range(0, len(decisions), CHUNK))


if __name__ == "__main__":
    main()
