"""COPY, list and detail on a synthetic corpus: `python -m tests.benchmarks.desk --articles 10000 --json`.

Runs on a database of its own, in one process; the pages are asked for through Django's test client, so that the figures
are the server's alone. Times are noisy: quote the medians, and compare within one run.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable

from tests import database

LISTS, REPEATS = 50, 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--spans", type=int, default=40)
    parser.add_argument("--words", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    try:
        figures = measure(options.articles, options.spans, options.words)
    finally:
        if run is not None:
            run.end()
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=4))


def measure(articles: int, spans: int, words: int) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    try:
        call_command("migrate", verbosity=0)
        from tests import factories

        user = factories.make_superuser()
        figures = {"articles": articles, "spans": articles * spans, "copy": _copy(articles, spans, words)}
        client = Client()
        client.force_login(user)
        for name, path in _paths().items():
            figures[name] = _milliseconds(lambda path=path: client.get(path))
        return figures
    finally:
        connections.close_all()


def _copy(articles: int, spans: int, words: int) -> dict[str, float]:
    """Rows a second of filling a corpus, beside a bare COPY of as many rows of numbers into a table without keys."""
    from annotations.suggestions.actions.fill_corpus import fill_corpus, synthetic_articles
    from tests import factories

    corpus = factories.make_corpus("bench")
    made = list(synthetic_articles(articles, spans=spans, words=words, seed=1))
    began = time.perf_counter()
    fill_corpus(corpus=corpus, articles=made)
    seconds = time.perf_counter() - began
    bare = _bare_copy(articles * spans)
    return {
        "articles_per_second": round(articles / seconds, 1),
        "spans_per_second": round(articles * spans / seconds, 1),
        "bare_rows_per_second": round(bare, 1),
        "ratio_to_bare": round(articles * spans / seconds / bare, 3),
    }


def _bare_copy(rows: int) -> float:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bare (a bigint, b bigint, c integer, d integer, e bigint) ON COMMIT DROP"
        )
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for number in range(rows):
                copy.write_row((1, number, 10, 20, 3))
        return rows / (time.perf_counter() - began)


def _paths() -> dict[str, str]:
    from corpusapp.articles.models import Article

    pk = Article.objects.order_by("pk")[Article.objects.count() // 2].pk
    deep = Article.objects.order_by("pk")[LISTS].pk
    from corpusapp.core import keyset

    return {
        "list_page_ms": "/corpora/bench/articles/",
        "list_rest_ms": f"/api/v1/articles/?corpus=bench&limit={LISTS}",
        "list_rest_deep_ms": f"/api/v1/articles/?corpus=bench&limit={LISTS}&cursor={keyset.encode(deep)}",
        "search_rest_ms": "/api/v1/articles/?corpus=bench&q=Damascus",
        "detail_page_ms": f"/corpora/bench/articles/{pk}/",
        "detail_rest_ms": f"/api/v1/articles/{pk}/",
    }


def _milliseconds(ask: Callable[[], object]) -> dict[str, float]:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        answer = ask()
        assert answer.status_code == 200, (answer.status_code, answer.content[:500])
        times.append(1000 * (time.perf_counter() - began))
    return {"median": round(statistics.median(times), 2), "p95": round(sorted(times)[int(0.95 * REPEATS)], 2)}


if __name__ == "__main__":
    main()
