"""Whether requests cost the same in a corpus of any size: `python -m tests.benchmarks.flat --small 2000 --large 20000`.

A desk of its own runs as `make run` starts it. `make_corpus` fills its corpus with `--small` articles; list, detail,
search, decide and feed are asked for over HTTP; then the same with `--large`. `ratio` is that of the medians; at most
1.5 is asked for, up to 1,000,000 articles.
"""

import argparse
import json
import random
import statistics
from typing import Any

from tests.benchmarks.over_http.clients import Ask, Clients
from tests.benchmarks.over_http.desk import Desk, measured_desk

REQUESTS, MOST, PAGE = 100, 1.5, 50
COMMON_WORD = "talks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=2000)
    parser.add_argument("--large", type=int, default=20_000)
    parser.add_argument("--spans", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with measured_desk() as desk:
        figures = measure(desk, options.small, options.large, options.spans)
    print(json.dumps(figures, indent=None if options.json else 4))


def measure(desk: Desk, small: int, large: int, spans: int) -> dict[str, Any]:
    from tests.benchmarks.over_http.filling import fill

    clients = Clients(desk.url, desk.token, 1)
    fill(desk.corpus, small, spans=spans, seed=1)
    before = _measured(desk, clients)
    fill(desk.corpus, large - small, spans=spans, seed=2)
    after = _measured(desk, clients)
    rows = {
        name: {"small_ms": round(before[name], 2), "large_ms": round(after[name], 2),
               "ratio": round(after[name] / before[name], 2), "asked": MOST}
        for name in before
    }  # fmt: skip
    return {"small": small, "large": large, "spans": spans, **rows}


def _measured(desk: Desk, clients: Clients) -> dict[str, float]:
    """Median milliseconds by kind of request."""
    figures = {}
    for name, asks in _kinds(desk).items():
        clients.hear(asks[:20])
        (heard,) = clients.hear(asks[20:])
        figures[name] = 1000 * statistics.median(heard.seconds)
    return figures


def _kinds(desk: Desk) -> dict[str, list[Ask]]:
    from annotations.review.models import Span
    from corpusapp.articles.models import Article
    from corpusapp.core import keyset

    ids = list(Article.objects.order_by("pk").values_list("pk", flat=True))
    chosen = random.Random(1).choices(ids, k=REQUESTS + 20)
    listed = f"/api/v1/articles/?corpus={desk.corpus}&limit={PAGE}"
    spans = Span.objects.filter(article__in=set(chosen), state="suggested").order_by("?").values_list("pk", "article")
    decided = [
        Ask(f"/api/v1/articles/{article}/decisions/", "POST", {"decisions": [_confirm(pk)]})
        for pk, article in spans[: REQUESTS + 20]
    ]
    feed = f"/api/v1/changes/?corpus={desk.corpus}&limit={PAGE}"
    return {
        "list, first page": _times(listed),
        "list, deep page": _times(f"{listed}&cursor={keyset.encode(ids[len(ids) // 5])}"),
        "detail": [Ask(f"/api/v1/articles/{pk}/") for pk in chosen],
        "search, newest first": _times(f"{listed}&q={COMMON_WORD}"),
        "decide": decided,
        "feed, beginning": _times(feed),
        "feed, end": _times(f"{feed}&after=latest"),
    }


def _confirm(span: int) -> dict[str, Any]:
    return {"verb": "confirm", "span": span, "revision": 1}


def _times(path: str) -> list[Ask]:
    return [Ask(path)] * (REQUESTS + 20)


if __name__ == "__main__":
    main()
