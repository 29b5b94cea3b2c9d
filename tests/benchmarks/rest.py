"""The REST API over HTTP beside its peers, bare views and COPY: `python -m tests.benchmarks.rest --json`.

A desk of its own runs as `make run` starts it, rate limits on; clients are processes of their own on the same machine.
`peers` has the rows of the comparison: ours, the peers' figures (measured with 1,000 articles of 40 spans over HTTP on
two cores), how far we are ahead of the better one, and how far we should be. `bare` has the same requests beside a bare
view of the same statements (see over_http/bare.py), which takes turns with the real one. Run it on a quiet machine.
"""

import argparse
import json
import random
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

from tests.benchmarks.economy.client import Client
from tests.benchmarks.over_http.clients import Ask, Clients, rate
from tests.benchmarks.over_http.desk import Desk, measured_desk

ARTICLES, SPANS, WORDS = 1000, 40, 500
REQUESTS, CLIENTS, ROUNDS, PAGE = 200, 8, 3, 50
# name: doccano 1.8.4, Label Studio 1.23, factor, whether more is better.
PEERS = {
    "import with spans, articles/s": (119, 356, 3, True),
    "article with spans, ms median": (16, 38, 3, False),
    "create one span, ms median": (10.8, 57, 2.5, False),
    "list of 50, first page, ms": (134, 108, 5, False),
    "list of 50, deep page, ms": (134, 108, 5, False),
    "8 readers, requests/s": (146, 51, 3, True),
    "8 writers, writes/s, no errors": (179, 23, 3, True),
    "export of all, s": (3.7, 2.5, 4, False),
    "search for a common word, ms": (247, 203, 5, False),
    "slowest write while 1,000 articles import, s": (2.8, 3.9, 5, False),
}
# Requests before the clock starts: three kinds, two processes of the server.
_WARMING = 30
LEAST_OF_BARE = {"read": 0.5, "write": 0.6}
COMMON_WORD = "talks"
_WORD = re.compile(r"\b[a-z]{4,}\b")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--spans", type=int, default=SPANS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each client and kind (200)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with measured_desk() as desk:
        figures = Measuring(desk, options.articles, options.spans, options.requests).all()
    print(json.dumps(figures) if options.json else _told(figures))


class Measuring:
    """One run; the rows in the order in which they build on one another."""

    def __init__(self, desk: Desk, articles: int, spans: int, requests: int) -> None:
        self._desk, self._articles, self._spans, self._requests = desk, articles, spans, requests
        self._client = Client(desk.url, desk.token, timeout=600)
        self._clients = Clients(desk.url, desk.token, CLIENTS)
        self._figures: dict[str, float] = {}
        self._bare: dict[str, dict[str, float]] = {}

    def all(self) -> dict[str, Any]:
        copied = self._import()
        self._ids = sorted(self._client.ids(self._desk.corpus).values())
        self._places = dict(zip(self._ids, map(self._places_of, self._ids), strict=True))
        self._one_reader()
        self._readers()
        self._lists()
        self._one_writer()
        self._writers()
        self._export()
        self._write_while_importing()
        return {
            "articles": self._articles,
            "spans": self._articles * self._spans,
            "peers": {name: _beside(name, ours) for name, ours in self._figures.items()},
            "bare": self._bare,
            "import_beside_copy": copied,
        }

    def _import(self) -> dict[str, Any]:
        from tests.benchmarks.over_http import copying

        before = copying.filled_tables()
        began = time.perf_counter()
        report = self._post_articles(seed=1)
        seconds = time.perf_counter() - began
        assert report["added"] == self._articles, report
        self._figures["import with spans, articles/s"] = self._articles / seconds
        grown = {
            table: rows - before[table] for table, rows in copying.filled_tables().items() if rows != before[table]
        }
        # Whoever learns from the import would wait for the tables, and they for it.
        self._client.wait_until_idle(self._desk.corpus)
        copied, bare = copying.copied_again([table for table in grown if not before[table]])
        return {
            "rows": sum(grown.values()),
            "tables": grown,
            "rows_per_second": round(sum(grown.values()) / seconds),
            "copy_rows_per_second": round(copied / bare),
            "ratio": round(sum(grown.values()) / seconds / (copied / bare), 3),
            "asked": 0.25,
        }

    def _places_of(self, pk: int) -> Iterator[tuple[int, int]]:
        """Words of an article, each once, that no span marks with this label."""
        article = self._client.get(f"articles/{pk}/")
        marked = {(span["start"], span["end"]) for span in article["spans"]}
        places = [match.span() for match in _WORD.finditer(article["text"], 1000, 2400)]
        return iter([place for place in places if place not in marked])

    def _some(self, number: int, seed: int) -> list[int]:
        return random.Random(seed).choices(self._ids, k=number)

    def _one_reader(self) -> None:
        path = "/api/v1/articles/{}/"
        real, bare, behind = self._in_turn([Ask(path.format(pk)) for pk in self._some(self._requests, 1)])
        self._figures["article with spans, ms median"] = real
        self._note("article with spans, one client", "read", bare / real, behind / real)

    def _in_turn(self, asks: Sequence[Ask], writes: Sequence[Sequence[Ask]] = ()) -> tuple[float, float, float]:
        """Median milliseconds of the real view and of the bare one, before and behind the middleware, by turns."""
        one, two, three = writes or [asks, asks, asks]
        turns = zip(one, _at("/bare", two), _at("/behind", three), strict=False)
        mixed = [ask for turn in turns for ask in turn]
        self._clients.hear(mixed[:_WARMING])
        seconds = self._clients.hear(mixed[_WARMING:])[0].seconds
        real, bare, behind = (1000 * statistics.median(seconds[position::3]) for position in range(3))
        return real, bare, behind

    def _readers(self) -> None:
        def asks(seed: int) -> list[Ask]:
            return [Ask(f"/api/v1/articles/{pk}/") for pk in self._some(self._requests, seed)]

        self._at_once("8 readers, requests/s", "read", asks)

    def _writers(self) -> None:
        self._at_once("8 writers, writes/s, no errors", "write", lambda seed: self._writes(self._requests, seed))

    def _at_once(self, name: str, kind: str, asks: Any) -> None:
        rates: dict[str, list[float]] = {"": [], "/bare": [], "/behind": []}
        for prefix in rates:  # each process of the server keeps what it is to do
            self._rate([_at(prefix, asks(seed)[: _WARMING // 3]) for seed in range(CLIENTS)])
        for turn in range(1, ROUNDS + 1):
            for prefix, found in rates.items():
                found.append(self._rate([_at(prefix, asks(100 * turn + seed)) for seed in range(CLIENTS)]))
        real, bare, behind = (statistics.median(found) for found in rates.values())
        self._figures[name] = real
        self._note(name.partition(",")[0], kind, real / bare, real / behind)

    def _rate(self, lists: Sequence[Sequence[Ask]]) -> float:
        return rate(self._clients.hear(*lists))

    def _writes(self, number: int, seed: int) -> list[Ask]:
        asks = []
        for pk in self._some(number * 2, seed):
            if len(asks) < number and (place := next(self._places[pk], None)):
                body = {"start": place[0], "end": place[1], "label": "EVENT"}
                asks.append(Ask(f"/api/v1/articles/{pk}/spans/", "POST", body))
        return asks

    def _one_writer(self) -> None:
        real, bare, behind = self._in_turn((), [self._writes(self._requests, 10 + number) for number in range(3)])
        self._figures["create one span, ms median"] = real
        self._note("create one span, one client", "write", bare / real, behind / real)

    def _lists(self) -> None:
        first = f"/api/v1/articles/?corpus={self._desk.corpus}&limit={PAGE}"
        deep = first
        for _ in range(max(1, int(0.8 * self._articles / PAGE))):
            deep = self._client.get(deep.removeprefix("/api/v1/"))["next"] or deep
            deep = "/api/v1/" + deep.partition("/api/v1/")[2]
        search = f"{first}&q={COMMON_WORD}"
        named = {
            "list of 50, first page, ms": first,
            "list of 50, deep page, ms": deep,
            "search for a common word, ms": search,
        }
        for name, path in named.items():
            real, bare, behind = self._in_turn([Ask(path)] * (20 + self._requests // 4))
            self._figures[name] = real
            self._note(name.removesuffix(", ms"), "read", bare / real, behind / real)

    def _export(self) -> None:
        from tests.benchmarks.over_http.export import exported

        heard = [exported(self._desk, "state=confirmed&stage=any") for _ in range(ROUNDS)]
        assert all(one.lines == self._articles for one in heard)
        self._figures["export of all, s"] = statistics.median(one.seconds for one in heard)

    def _post_articles(self, seed: int) -> dict[str, Any]:
        """Import articles; a worker imports what is more than a request completes, and is waited for."""
        path = f"articles/?corpus={self._desk.corpus}&suggest=0"
        report = self._client.post(path, records(self._articles, self._spans, seed=seed))
        while report.get("state", "finished") != "finished" or "added" not in report:
            time.sleep(0.05)
            report = self._client.get(f"batches/{report['id']}/")
        return report

    def _write_while_importing(self) -> None:
        self._clients.begin([self._writes(10 * self._requests, 50)])
        self._post_articles(seed=2)
        self._clients.stop()
        (heard,) = self._clients.heard()
        assert len(heard.seconds) > 20, "hardly a write was made meanwhile: take more articles"
        self._figures["slowest write while 1,000 articles import, s"] = max(heard.seconds)

    def _note(self, name: str, kind: str, ratio: float, behind: float) -> None:
        """The ratios to the bare view, without and with the project's middleware before it."""
        self._bare[name] = {
            "ratio": round(ratio, 3), "with_middleware": round(behind, 3), "asked": LEAST_OF_BARE[kind]
        }  # fmt: skip


def records(articles: int, spans: int, *, seed: int) -> list[dict[str, Any]]:
    """Made-up articles as a client sends them, each with so many confirmed spans."""
    from annotations.suggestions.actions.fill_corpus import synthetic_articles

    made = synthetic_articles(articles, spans=spans, words=WORDS, seed=seed)
    return [
        {"external_id": f"{seed}-{number}", "title": one.title, "text": one.text, "spans": [list(s) for s in one.spans]}
        for number, one in enumerate(made)
    ]


def _at(prefix: str, asks: Sequence[Ask]) -> list[Ask]:
    return [Ask(prefix + ask.path, ask.method, ask.body) for ask in asks]


def _beside(name: str, ours: float) -> dict[str, float]:
    doccano, label_studio, factor, more = PEERS[name]
    reached = ours / max(doccano, label_studio) if more else min(doccano, label_studio) / ours
    return {
        "ours": round(ours, 3), "doccano": doccano, "label_studio": label_studio, "factor": round(reached, 2),
        "asked": factor,
    }  # fmt: skip


def _told(figures: dict[str, Any]) -> str:
    lines = [f"{'':46} {'ours':>9} {'doccano':>9} {'Label St.':>9} {'factor':>7} {'asked':>6}"]
    lines += [
        f"{name:46} {row['ours']:9.4g} {row['doccano']:9} {row['label_studio']:9} {row['factor']:7} {row['asked']:6}"
        for name, row in figures["peers"].items()
    ]
    lines.append(f"\n{'beside a bare view':46} {'ratio':>9} {'asked':>9} {'(with middleware)':>18}")
    lines += [
        f"{name:46} {row['ratio']:9} {row['asked']:9} {row['with_middleware']:18}"
        for name, row in figures["bare"].items()
    ]
    return "\n".join([*lines, "", "import beside COPY: " + json.dumps(figures["import_beside_copy"])])


if __name__ == "__main__":
    main()
