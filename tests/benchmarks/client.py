"""The Python client against a desk over HTTP: `python -m tests.benchmarks.client --json`.

A desk of its own runs as `make run` starts it. `follower`: a copy that follows the feed while so many writers decide,
and whether it ends as an exact copy of the export; the lag is from the time of a decision to the time when it is in the
copy. `idle`: requests of a follower while nothing happens. `decisions`: decisions sent by `corpus.decide`. `pandas`:
articles read into a table, beside the same stream thrown away.
"""

import argparse
import contextlib
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from corpusapp.client import Corpus, Desk, SQLiteStore
from tests.benchmarks.over_http.desk import Desk as MeasuredDesk
from tests.benchmarks.over_http.desk import measured_desk

_SPAWN = multiprocessing.get_context("spawn")
WRITERS, ROUNDS = 8, 3
# Articles that the writers decide on, and spans in each.
WRITTEN, SPANS = 400, 40
LAG_MS, IDLE_SECONDS, DECISION_SECONDS, PANDAS_RATIO = 300, 20, 10, 0.8
EVERYTHING = {"stage": "any", "state": "confirmed,rejected", "chrome": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000, help="read into pandas")
    parser.add_argument("--spans", type=int, default=10, help="in each of them")
    parser.add_argument("--decisions", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60, help="that the writers write")
    parser.add_argument("--idle", type=float, default=60, help="seconds that a follower is idle")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with measured_desk() as desk:
        figures = measure(desk, options)
    print(json.dumps(figures, indent=None if options.json else 4))


def measure(desk: MeasuredDesk, options: argparse.Namespace) -> dict[str, Any]:
    from tests.benchmarks.over_http.filling import fill

    fill(desk.corpus, max(WRITTEN, options.decisions // SPANS + 1), spans=SPANS, seed=1)
    figures: dict[str, Any] = {}
    with Desk(desk.url, desk.token) as one, tempfile.TemporaryDirectory() as folder:
        corpus = one.corpus(desk.corpus)
        figures["decisions"] = _decisions(corpus, options.decisions)
        with _following(desk, Path(folder)) as follower:
            figures["follower"] = _follow_writers(desk, corpus, follower, options.seconds)
            figures["idle"] = _idle(follower, options.idle)
        fill(desk.corpus, options.articles, spans=options.spans, seed=2)
        figures["pandas"] = _pandas(desk, corpus)
    return figures


def _decisions(corpus: Corpus, number: int) -> dict[str, Any]:
    """Confirm so many suggestions, in the library's chunks."""
    seen = [
        {"article": article["id"], "verb": "confirm", "span": span["id"], "revision": span["revision"]}
        for article in corpus.export(stage="any", state="suggested")
        for span in article["spans"]
    ][:number]
    began = time.perf_counter()
    outcome = corpus.decide(seen)
    seconds = time.perf_counter() - began
    return {
        "decisions": len(seen),
        "applied": outcome.applied,
        "left_out": len(outcome.left_out),
        "seconds": round(seconds, 2),
        "asked": DECISION_SECONDS,
    }


def _follow_writers(desk: MeasuredDesk, corpus: Corpus, follower: "_Follower", seconds: float) -> dict[str, Any]:
    articles = [row["id"] for row in corpus.articles(fields="id")][:WRITTEN]
    stop = time.monotonic() + seconds
    with ThreadPoolExecutor(WRITERS) as pool:
        written = sum(pool.map(lambda number: _write(desk, articles[number::WRITERS], stop), range(WRITERS)))
    latest = corpus._http.get("changes/", {"after": "latest", "corpus": corpus.slug})["cursor"]
    _wait_until(lambda: follower.store.cursor() == latest)
    lags = sorted(follower.lags())
    copy = {article["id"]: _comparable(article) for article in follower.store.articles()}
    there = {article["id"]: _comparable(article) for article in corpus.export(**EVERYTHING)}
    return {
        "writers": WRITERS,
        "seconds": seconds,
        "decisions": written,
        "events": len(lags),
        "lag_median_ms": round(1000 * statistics.median(lags), 1),
        "lag_p95_ms": round(1000 * lags[int(0.95 * len(lags))], 1),
        "asked_ms": LAG_MS,
        "articles": len(there),
        "different": sum(copy.get(pk) != there.get(pk) for pk in {*copy, *there}),
        "exact": copy == there,
    }


def _write(desk: MeasuredDesk, articles: Sequence[int], stop: float) -> int:
    """Decide on the spans of these articles, one after another, again and again."""
    count = 0
    with Desk(desk.url, desk.token) as one:
        while True:
            for pk in articles:
                for span in list(one.pages(f"articles/{pk}/spans/", state="suggested,confirmed,rejected"))[:3]:
                    if time.monotonic() > stop:
                        return count
                    state = "rejected" if span["state"] == "confirmed" else "confirmed"
                    body = {"verb": state.removesuffix("ed"), "span": span["id"], "revision": span["revision"]}
                    one.post(f"articles/{pk}/decisions/", {"decisions": [body]})
                    count += 1


def _comparable(article: Any) -> Any:
    names = ("external_id", "title", "language", "stage", "text", "meta")
    spans = [
        tuple(span[name] for name in ("id", "start", "end", "label", "state", "revision")) for span in article["spans"]
    ]
    zones = [(zone["start"], zone["end"], zone["kind"]) for zone in article["zones"]]
    return {name: article[name] for name in names}, sorted(spans), sorted(zones)


@dataclass(frozen=True)
class _Follower:
    """A follower in a process of its own: its copy, and what it noted."""

    store: SQLiteStore
    noted: Path
    requests: Any

    def lags(self) -> list[float]:
        """Seconds from each decision until it was in the copy."""
        return [float(line) for line in self.noted.read_text().splitlines()]


@contextlib.contextmanager
def _following(desk: MeasuredDesk, folder: Path) -> Iterator[_Follower]:
    """A follower whose copy is complete."""
    path, noted = folder / "copy.sqlite", folder / "lags.txt"
    noted.touch()
    requests = _SPAWN.Value("q")
    process = _SPAWN.Process(target=_follow, args=(desk, path, noted, requests), daemon=True)
    process.start()
    store = SQLiteStore(path)
    try:
        _wait_until(lambda: store.cursor() is not None)
        yield _Follower(store, noted, requests)
    finally:
        process.terminate()
        process.join()
        store.close()


def _follow(desk: MeasuredDesk, path: Path, noted: Path, requests: Any) -> None:
    def count(request: object) -> None:
        with requests.get_lock():
            requests.value += 1

    with Desk(desk.url, desk.token) as one, noted.open("w", buffering=1) as lags:
        one._http._http.event_hooks["request"].append(count)
        for event in one.corpus(desk.corpus).follow(SQLiteStore(path)):
            if event["type"] == "span":
                print(time.time() - datetime.fromisoformat(event["at"]).timestamp(), file=lags)


def _idle(follower: _Follower, seconds: float) -> dict[str, Any]:
    before = follower.requests.value
    time.sleep(seconds)
    requests = follower.requests.value - before
    return {
        "seconds": seconds,
        "requests": requests,
        "requests_in_20_s": round(requests * IDLE_SECONDS / seconds, 2),
        "asked": 1,
    }


def _pandas(desk: MeasuredDesk, corpus: Corpus) -> dict[str, Any]:
    from tests.benchmarks.over_http.export import exported

    chosen = {"stage": "any", "state": "suggested,confirmed,rejected"}
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    # The first of each brings libraries in and warms the database.
    exported(desk, query)
    corpus.export(source="nobody", **chosen).to_pandas()
    bare, read = [], []
    for _ in range(ROUNDS):
        heard = exported(desk, query)
        bare.append(heard.lines / heard.seconds)
        began = time.perf_counter()
        frame = corpus.to_pandas(**chosen)
        read.append(len(frame) / (time.perf_counter() - began))
        assert len(frame) == heard.lines
        del frame
    return {
        "articles": heard.lines,
        "megabytes": round(heard.size / 1e6, 1),
        "bare_articles_per_second": round(statistics.median(bare)),
        "pandas_articles_per_second": round(statistics.median(read)),
        "ratio": round(statistics.median(read) / statistics.median(bare), 3),
        "asked": PANDAS_RATIO,
    }


def _wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"not true within {seconds} s: see the desk's output")
        time.sleep(0.02)


if __name__ == "__main__":
    main()
