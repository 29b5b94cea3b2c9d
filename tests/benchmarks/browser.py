"""Opens articles in a real browser and presses keys: `python -m tests.benchmarks.browser --json`.

`open_ms` is from the start of the navigation to the workbench's readiness or the first paint, whichever is later:
`cold` with an empty cache, `warm` when the same browser opens the article again. `bare_ms` is the same for a page of
one line, opened in turn with them: what the browser and the machine take by themselves at that moment. `of_bare` is how
many times that the article takes, by the medians. `elements` is how many the opened page has. `key_ms` is from a
keypress to the frame after it. `server_ms` is the page's own time, through Django's test client, and `server_cpu_ms`
what of it was computing here, the database's share left out. `compressed_bytes` adds up the page, its scripts and its
styles, each by gzip. Times on a busy machine are noisy.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import time

from tests import database
from tests.benchmarks.serving import chromium, desk, session_of

SIZES = {"ordinary": (500, 60), "long": (20_000, 3_000)}
OPENINGS, KEYS, SERVED = 9, 100, 15
# The refusal of an address that there is not: plain words of one line.
BARE = "/api/v1/nothing/"
PRESSED = ("a", "x", "a", "1", "a", "2", "x", "a", "]", "Control+z")
WATCH = """() => {
    window.times = [];
    addEventListener("keydown", event => {
        if (["Control", "Shift", "Alt"].includes(event.key)) return;
        const began = event.timeStamp;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.times.push(performance.now() - began);
            port2.postMessage(0);
        });
    }, { capture: true });
}"""
WORKBENCH = 'performance.getEntriesByName("workbench")[0].startTime'
PAINTED = """() => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
    const paints = performance.getEntriesByName("first-contentful-paint").map(entry => entry.startTime);
    done(Math.max(READY, ...paints));
})))"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    try:
        figures = measure()
    finally:
        if run is not None:
            run.end()
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=4))


def measure() -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    from tests import factories

    user = factories.make_superuser()
    paths = _articles()
    try:
        with desk() as address, chromium() as browser:
            return {name: _figures(browser, address, session_of(user), user, path) for name, path in paths.items()}
    finally:
        connections.close_all()


def _articles() -> dict[str, str]:
    """An article of each size, in paragraphs as papers print them."""
    from django.urls import reverse

    from annotations.suggestions.actions.fill_corpus import synthetic_articles
    from corpusapp.articles.models import Article
    from tests import factories

    paths = {}
    corpus = factories.make_corpus(f"browser-{random.randrange(10**9)}")
    for name, (words, spans) in SIZES.items():
        made = next(synthetic_articles(1, spans=spans, words=words, seed=2))
        article: Article = factories.make_article(corpus, made.text, title=made.title)
        factories.suggest(article, *made.spans, score=0.7)
        paths[name] = reverse("article", args=[corpus.slug, article.pk])
    return paths


def _figures(browser: object, address: str, cookie: dict, user: object, path: str) -> dict[str, object]:
    sizes: dict[str, int] = {}
    opened: dict[str, list[float]] = {"cold": [], "warm": [], "bare": []}
    for number in range(OPENINGS):
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
        context.add_cookies([{**cookie, "url": address}])
        page = context.new_page()
        opened["bare"].append(_opened(page, BARE, "body", "0"))
        if not number:
            page.on("response", lambda answer: _weigh(sizes, answer))
        for kind in ("cold", "warm"):
            page.goto("about:blank")
            opened[kind].append(_opened(page, path, "html.keys #selected-span", WORKBENCH))
        elements = page.evaluate("document.querySelectorAll('*').length")
        if number < OPENINGS - 1:
            context.close()
    return {
        **_served(user, path),
        "open_ms": {kind: _spread(opened[kind]) for kind in ("cold", "warm")},
        "bare_ms": _spread(opened["bare"]),
        "of_bare": {kind: _times(opened[kind], opened["bare"]) for kind in ("cold", "warm")},
        "elements": elements,
        "key_ms": _spread(_keys(page)),
        "compressed_bytes": sum(sizes.values()),
        "files": len(sizes),
    }


def _times(some: list[float], others: list[float]) -> float:
    return round(statistics.median(some) / statistics.median(others), 2)


def _opened(page: object, path: str, present: str, ready: str) -> float:
    """Milliseconds until what is `ready` and the first paint are both there."""
    page.goto(path)
    page.wait_for_selector(present, state="attached")
    return page.evaluate(PAINTED.replace("READY", ready))


def _weigh(sizes: dict[str, int], answer: object) -> None:
    if answer.url.startswith("http") and answer.request.resource_type in ("document", "script", "stylesheet"):
        sizes[answer.url] = len(gzip.compress(answer.body()))


def _keys(page: object) -> list[float]:
    page.evaluate(WATCH)
    page.keyboard.press("Tab")
    for number in range(KEYS):
        page.keyboard.press(PRESSED[number % len(PRESSED)])
    page.wait_for_timeout(300)
    return page.evaluate("window.times")[1:]


def _served(user: object, path: str) -> dict[str, dict[str, float]]:
    from django.test import Client

    client, times, computing = Client(), [], []
    client.force_login(user)
    for _ in range(SERVED):
        began, cpu = time.perf_counter(), time.process_time()
        assert client.get(path).status_code == 200
        times.append(1000 * (time.perf_counter() - began))
        computing.append(1000 * (time.process_time() - cpu))
    return {"server_ms": _spread(times), "server_cpu_ms": _spread(computing)}


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"median": round(statistics.median(times), 1), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1)}


if __name__ == "__main__":
    main()
