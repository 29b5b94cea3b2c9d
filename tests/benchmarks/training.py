"""What a training costs, and what editors feel of it: `python -m tests.benchmarks.training GOLD.jsonl --json`.

GOLD holds reviewed articles, a line `{"text", "spans": [[start, end, label], …]}` each. They are joined, one after the
other and again from the first, to `--articles` articles of about `--words` words, which come into a desk of the
benchmark's own with their spans confirmed, and are finished. One that is left open is read and decided on by an editor,
first in a calm desk, then while a model is trained. `seconds` is what the training's process took in all,
`processor_seconds` what it took of a processor (it works in one thread, at low priority), `megabytes` its highest
resident memory; `calm` and `training` are the milliseconds of the editor's requests, and `ratio` that of their medians.
"""

import argparse
import contextlib
import itertools
import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.economy.client import Client
from tests.benchmarks.economy.desk import CORPUS, running_desk
from tests.benchmarks.economy.gold import GoldArticle, read_gold

_CALM_REQUESTS = 60
_PAUSE_SECONDS = 0.15  # an editor who is quick
_WORKS = b"train_corpus_model"
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--labels", default="PERSON,ORG,GPE", help="only these labels, with commas between")
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--words", type=int, default=650)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    labels = options.labels.split(",")
    records = list(itertools.islice(joined(read_gold(options.gold, labels), options.words), options.articles))
    os.environ["TRAIN_AFTER_DECISIONS"] = "0"
    with running_desk(labels, exactly=True) as client:
        figures = measure(client, records)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=4))


def joined(gold: Sequence[GoldArticle], words: int) -> Iterator[dict[str, Any]]:
    """Records of at least so many words, each made of whole articles with their spans as confirmed ones."""
    text, spans, number = "", [], 0
    for article in itertools.cycle(gold):
        start = len(text)
        text += article.text + "\n\n"
        spans += [
            {"start": start + first, "end": start + last, "label": label, "state": "confirmed"}
            for first, last, label in sorted(article.spans)
        ]
        if len(text.split()) >= words:
            number += 1
            yield {"text": f"{text}Report {number}.", "spans": spans, "external_id": str(number)}
            text, spans = "", []


def measure(client: Client, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    for position in range(0, len(records), 10):
        client.post(f"articles/?corpus={CORPUS}&suggest=0", list(records[position : position + 10]))
    ids = client.ids(CORPUS)
    for number in ids.values():
        client.post(f"articles/{number}/finish/", {})
    client.wait_until_idle(CORPUS)
    editor = Editor(client.again(), records[0])
    calm = [editor.decide() for _ in range(_CALM_REQUESTS)]
    model = client.post(f"corpora/{CORPUS}/models/", {})["id"]
    meanwhile, peak = [], Process()
    while not (now := client.get(f"corpora/{CORPUS}/models/{model}/"))["done"]:
        peak.look()
        if peak.seen:
            meanwhile.append(editor.decide())
    if now["job_state"] != "done":
        raise RuntimeError(f"the training failed: {now['reason']}")
    return {
        "articles": len(records),
        "words": sum(len(record["text"].split()) for record in records) // len(records),
        "seconds": now["course"]["seconds"],
        "processor_seconds": round(peak.processor_seconds, 1),
        "megabytes": round(peak.megabytes),
        "f1": [now[side]["micro"]["f1"] if now[side] else None for side in ("before", "after")],
        "job_state": now["job_state"],
        "calm": milliseconds(calm),
        "training": milliseconds(meanwhile),
        "ratio": round(statistics.median(meanwhile) / statistics.median(calm), 2),
        "load": round(os.getloadavg()[0], 1),
    }


class Editor:
    """Somebody who opens an article and marks letters, further on each time."""

    def __init__(self, client: Client, record: dict[str, Any]) -> None:
        self._client = client
        text = f"An article in hand. {record['text']}"
        self._label = record["spans"][0]["label"]
        self._article = client.post(f"articles/?corpus={CORPUS}&suggest=0", {"text": text})["id"]
        self._turns = itertools.count()

    def decide(self) -> float:
        """The seconds that opening the article and one decision on it took, each by itself, on average."""
        time.sleep(_PAUSE_SECONDS)
        start = 2 * next(self._turns)
        choice = {"verb": "add", "start": start, "end": start + 2, "label": self._label}
        began = time.perf_counter()
        self._client.get(f"articles/{self._article}/")
        self._client.post(f"articles/{self._article}/decisions/", {"decisions": [choice]})
        return (time.perf_counter() - began) / 2


class Process:
    """The process that trains, as the kernel counts what it takes."""

    def __init__(self) -> None:
        self.seen = False
        self.processor_seconds = self.megabytes = 0.0

    def look(self) -> None:
        for entry in Path("/proc").glob("[0-9]*"):
            # Processes come and go while they are looked at.
            with contextlib.suppress(OSError, StopIteration):
                if _WORKS in (entry / "cmdline").read_bytes():
                    self._take(entry)

    def _take(self, entry: Path) -> None:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
        lines = (entry / "status").read_text().splitlines()
        high = next(line for line in lines if line.startswith("VmHWM"))
        self.seen = True
        self.processor_seconds = max(self.processor_seconds, (int(fields[11]) + int(fields[12])) / _TICKS)
        self.megabytes = max(self.megabytes, int(high.split()[1]) / 1024)


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    times = sorted(1000 * one for one in seconds)
    return {
        "count": len(times),
        "p50": round(statistics.median(times), 1),
        "p95": round(times[int(0.95 * len(times))], 1),
    }


if __name__ == "__main__":
    main()
