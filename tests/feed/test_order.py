"""No event appears before a cursor that was given out, however transactions overlap."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Event
from annotations.review.actions.labels import add_label
from corpusapp.articles.actions.withdraw import restore_articles, withdraw_articles
from tests import factories
from tests.api.client import Rest
from tests.feed.copying import Follower, held, held_labels

ROUNDS = 12


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_events_are_ordered_by_commit(transactional_db):
    corpus = factories.make_corpus()
    reader = Follower(Rest(factories.make_member(corpus, "reader")))
    root = factories.make_superuser()
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            add_label(user=root, corpus=corpus, name="SLOW")
            written.set()
            assert go_on.wait(60)

    thread = in_thread(slow)
    assert written.wait(60)
    add_label(user=root, corpus=corpus, name="QUICK")
    reader.follow()
    before = list(reader.cursors)
    assert ("desk", "QUICK") in reader.labels and ("desk", "SLOW") not in reader.labels
    go_on.set()
    thread.join()
    reader.follow()
    assert reader.labels == held_labels("desk")
    assert reader.cursors[: len(before)] == before and len(reader.cursors) == len(before) + 1


def test_a_client_has_an_exact_copy_under_concurrent_writers(transactional_db):
    corpora = [factories.make_corpus("desk"), factories.make_corpus("other")]
    articles = [factories.make_article(corpus, f"Zarif met Muallem, {n}. " * 3) for corpus in corpora for n in range(3)]
    for article in articles:
        factories.suggest(
            article, *[(23 * n + start, 23 * n + start + 5, "PERSON") for n in range(2) for start in (0, 10)]
        )
    root = factories.make_superuser()
    client, narrow = Follower(Rest(root), limit=7), Follower(Rest(root), limit=50, corpus="desk")
    done = threading.Event()

    def write(number: int) -> None:
        rng, rest = random.Random(number), Rest(root)
        for round_ in range(ROUNDS):
            _one_of(rng, rest, root, rng.choice(articles), f"{number}-{round_}")

    def guarded(number: int) -> None:
        try:
            write(number)
        finally:
            connection.close()

    def number_on() -> None:
        while not done.is_set():
            number_events()

    numbering = [in_thread(number_on) for _ in range(2)]
    try:
        with ThreadPoolExecutor(5) as pool:
            writers = [pool.submit(guarded, number) for number in range(5)]
            while not all(writer.done() for writer in writers):
                client.step()
                narrow.step()
            for writer in writers:
                writer.result()
    finally:
        done.set()
        for thread in numbering:
            thread.join()
    for follower, slugs in ((client, ("desk", "other")), (narrow, ("desk",))):
        follower.follow()
        assert follower.articles == held(*slugs)
        assert follower.labels == held_labels(*slugs)
        given = Event.objects.filter(corpus__slug__in=slugs).order_by("position").values_list("key", flat=True)
        assert follower.cursors == [str(key) for key in given], "an event came behind a cursor, or twice"
    positions = list(Event.objects.values_list("position", flat=True))
    assert positions == list(range(1, len(positions) + 1))


def _one_of(rng: random.Random, rest: Rest, root, article, name: str) -> None:
    """A random write. A conflict with another writer is fine."""
    kind = rng.choice(["decide", "decide", "decide", "undo", "zone", "label", "import", "stage", "hide", "suggest"])
    if kind == "decide":
        spans = rest.get(f"articles/{article.pk}/spans/", state="suggested,confirmed,rejected")
        for span in rng.sample(spans.json()["results"], 2) if spans.status_code == 200 else ():
            verb = rng.choice(["confirm", "reject", "relabel"])
            body = {"verb": verb, "span": span["id"], "revision": span["revision"]}
            body |= {"label": rng.choice(["ORG", "GPE"])} if verb == "relabel" else {}
            rest.post(f"articles/{article.pk}/decisions/", {"decisions": [body]})
    elif kind == "undo":
        log = rest.get(f"articles/{article.pk}/decisions/")
        results = log.json()["results"] if log.status_code == 200 else []
        if results:
            rest.post(f"decisions/{rng.choice(results)['id']}/undo/", {})
    elif kind == "zone":
        start = rng.randrange(20)
        rest.post(f"articles/{article.pk}/zones/", {"start": start, "end": start + 3, "kind": "caption"})
    elif kind == "label":
        rest.post(f"corpora/{article.corpus.slug}/labels/", {"name": f"L{name}"})
    elif kind == "import":
        body = [{"text": f"Zarif, {name}.{n}", "spans": [[0, 5, "PERSON"]]} for n in range(3)]
        rest.post(f"articles/?corpus={article.corpus.slug}&suggest=0", body)
    elif kind == "stage":
        rest.post(f"articles/{article.pk}/{rng.choice(['finish', 'reopen'])}/")
    elif kind == "hide":
        withdraw_articles(user=root, corpus=article.corpus, article_ids=[article.pk])
        restore_articles(user=root, corpus=article.corpus, article_ids=[article.pk])
    else:
        factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), (rng.randrange(18), 20, "GPE"))
