"""What the registry costs at any size, and what linking costs: `python -m tests.benchmarks.entities [--json]`.

In this process, with a database of its own. `make_corpus` fills a corpus of a hundredth of `--entities` and
`--mentions`, then one with all of them; pages, lists and candidates for a span are asked for in each: `large_ms` is the
median time of the server, at most 50 is asked for, and `ratio` at most 1.5. `linking` is the processor time of linking
the same articles as are suggested for, divided by that of suggesting: at most 0.15 is asked for. `relinking` are
milliseconds an article in the large corpus. With `--gold GOLD.jsonl`, suggesting is measured on its texts.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import database
from tests.benchmarks.learning import _import, _seconds
from tests.benchmarks.propagation import texts

REQUESTS, WARM, SPANS, RELINKED = 60, 10, 40, 500
MOST_MS, MOST_RATIO, MOST_SHARE = 50, 1.5, 0.15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--mentions", type=int, default=2_000_000)
    parser.add_argument("--gold", metavar="GOLD.jsonl", help="articles that are suggested for and linked")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    assert run is not None
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        call_command("migrate", interactive=False, verbosity=0)
        figures = {"linking": _share(options.gold), **_sizes(options.entities, options.mentions)}
        print(json.dumps(figures, indent=None if options.json else 4))
    finally:
        connections.close_all()
        run.end()


def _share(gold: str | None) -> dict[str, float]:
    """The processor time of suggesting for articles and of linking them, all of it twice."""
    from annotations.entities.actions.link_articles import link_marked
    from annotations.entities.models import Link, PendingLink
    from annotations.suggestions.actions.learn import learn_from_decisions
    from annotations.suggestions.actions.process_run import process_run
    from annotations.suggestions.models import Run
    from annotations.suggestions.pipelines.readers import reader_of

    lines = Path(gold).read_text().splitlines() if gold else []
    records = [{"text": json.loads(line)["text"]} for line in lines] or [{"text": text} for text in texts(1000, 3, 10)]
    warm = _import("warm", records[:5], suggest=True)
    reader_of(warm.pk)
    process_run(run=Run.objects.get(corpus=warm))
    link_marked(corpus=warm)
    corpus = _import("fresh", records, suggest=True)
    run = Run.objects.get(corpus=corpus)
    suggesting = _seconds(lambda: (process_run(run=run), learn_from_decisions(corpus=corpus)))

    def link() -> None:
        while PendingLink.objects.filter(corpus=corpus).exists():
            link_marked(corpus=corpus)

    linking = _seconds(link)
    links = Link.objects.filter(corpus=corpus).count()
    share = round(linking / suggesting, 3)
    return {"suggesting_seconds": suggesting, "linking_seconds": linking, "links": links, "share": share,
            "asked": MOST_SHARE}  # fmt: skip


def _sizes(entities: int, mentions: int) -> dict[str, Any]:
    small = _filled("small", entities // 100, mentions // 100)
    before = _measured(small)
    began = time.monotonic()
    large = _filled("large", entities, mentions)
    filled = time.monotonic() - began
    after = _measured(large)
    rows = {
        name: {"small_ms": round(before[name], 2), "large_ms": round(after[name], 2),
               "ratio": round(after[name] / before[name], 2), "asked_ms": MOST_MS, "asked_ratio": MOST_RATIO}
        for name in before
    }  # fmt: skip
    relinking = {name: round(_relinked(corpus), 2) for name, corpus in (("small", small), ("large", large))}
    return {"entities": entities, "mentions": mentions, "filled_in_seconds": round(filled), **rows,
            "relinking_ms_an_article": relinking}  # fmt: skip


def _filled(slug: str, entities: int, mentions: int) -> Any:
    from django.core.management import call_command
    from django.db import connection

    from corpusapp.articles.models import Corpus

    options = {"articles": max(1, mentions // SPANS), "spans": SPANS, "words": 250, "entities": entities}
    with open(os.devnull, "w") as nothing:
        call_command("make_corpus", slug, stdout=nothing, stderr=nothing, **options)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Corpus.objects.get(slug=slug)


def _measured(corpus: Any) -> dict[str, float]:
    """Median milliseconds by kind of request."""
    from django.test import Client

    from annotations.entities.models import Entity, Link
    from tests.factories import make_superuser

    client = Client(headers={"host": "localhost"})
    client.force_login(make_superuser())
    chance = random.Random(1)
    first = list(Entity.objects.filter(corpus=corpus).order_by("-mentions").values_list("pk", "name")[:20])
    every = list(Entity.objects.filter(corpus=corpus, mentions__gt=0).values_list("pk", "name"))
    some = [*first, *chance.choices(every, k=REQUESTS)]
    spans = chance.choices(Link.objects.filter(corpus=corpus).values_list("span", flat=True)[:100_000], k=REQUESTS)
    pages, rest = f"/corpora/{corpus.slug}/entities/", f"/api/v1/corpora/{corpus.slug}"
    kinds = {
        "index": [pages] * REQUESTS,
        "index, searched": [f"{pages}?q={name.split()[-1]}" for _, name in some],
        "index, one label": [f"{pages}?label=PERSON"] * REQUESTS,
        "page of a frequent entity": [f"{pages}{pk}/" for pk, _ in first] * 3,
        "page of any entity": [f"{pages}{pk}/" for pk, _ in some[20:]],
        "candidates for a span": [f"/api/v1/spans/{pk}/candidates/" for pk in spans],
        "list over REST": [f"{rest}/entities/"] * REQUESTS,
        "unlinked names": [f"{rest}/unlinked/"] * REQUESTS,
        "ambiguous names": [f"{pages}ambiguous/"] * REQUESTS,
        "possible duplicates": [f"{pages}duplicates/"] * REQUESTS,
    }
    return {name: statistics.median([_milliseconds(client, path) for path in paths][WARM:]) for name, paths in
            kinds.items()}  # fmt: skip


def _milliseconds(client: Any, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    took = 1000 * (time.perf_counter() - began)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return took


def _relinked(corpus: Any) -> float:
    from annotations.entities.actions.link_articles import link_marked
    from annotations.entities.actions.pending_links import mark_articles
    from annotations.entities.models import PendingLink
    from corpusapp.articles.models import Article

    ids = list(Article.objects.filter(corpus=corpus).order_by("-pk").values_list("pk", flat=True)[:RELINKED])
    PendingLink.objects.all().delete()
    mark_articles(corpus_id=corpus.pk, article_ids=ids)

    def link() -> None:
        while PendingLink.objects.exists():
            link_marked(corpus=corpus)

    return 1000 * _time(link) / len(ids)


def _time(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
