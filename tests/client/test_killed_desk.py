"""A desk that is killed and started again beneath its clients: nothing is lost, and nothing comes twice."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from corpusapp.client import SQLiteStore
from corpusapp.client import adding as sending
from tests.client.articles import adding, articles
from tests.client.following import copy_of, export_of
from tests.processes import wait_until

pytestmark = pytest.mark.slow


def test_a_desk_is_killed_beneath_an_import(desk, corpus, monkeypatch):
    monkeypatch.setattr(sending, "_SMALL_ARTICLES", 10)
    monkeypatch.setattr(sending, "_CHUNK_ARTICLES", 200)
    with ThreadPoolExecutor() as pool:
        adding_all = pool.submit(lambda: corpus.add(articles(2000), suggest=False))
        wait_until(lambda: next(iter(corpus.articles(limit=1)), None) is not None)
        desk.restart()
        report = adding_all.result(timeout=300)
    assert report.is_complete and report.added + report.duplicates == 2000
    assert sorted(row["external_id"] for row in corpus.articles(fields="external_id")) == sorted(
        article["external_id"] for article in articles(2000)
    )


def test_a_desk_is_killed_beneath_decisions(desk, corpus, monkeypatch):
    monkeypatch.setattr("corpusapp.client.deciding.CHUNK", 20)
    corpus.add(articles(400, spans=False), suggest=False)
    begun = threading.Event()

    def decisions():
        for number in range(400):
            if number == 100:
                begun.set()
            yield adding(number)

    with ThreadPoolExecutor() as pool:
        deciding = pool.submit(lambda: corpus.decide(decisions()))
        assert begun.wait(60)
        desk.restart()
        outcome = deciding.result(timeout=300)
    assert (outcome.applied, outcome.left_out) == (400, [])
    spans = list(corpus.spans(state="confirmed"))
    assert len(spans) == len({span["article"] for span in spans}) == 400


def test_a_desk_is_killed_beneath_an_export(desk, corpus, tmp_path):
    corpus.add(articles(1500), suggest=False)
    lines = iter(corpus.export(stage="any"))
    found = [next(lines)["external_id"]]
    desk.restart()
    found += [line["external_id"] for line in lines]
    assert found == [article["external_id"] for article in articles(1500)]
    with ThreadPoolExecutor() as pool:
        saving = pool.submit(lambda: corpus.export("conll", stage="any").save(tmp_path / "a.conll"))
        time.sleep(0.5)
        desk.restart()
        assert saving.result(timeout=300).exists()


def test_a_desk_is_killed_beneath_a_follower(desk, corpus, tmp_path):
    corpus.add(articles(100), suggest=False)
    path = tmp_path / "copy.sqlite"
    seen = []

    def follow():
        for event in desk.client().corpus(corpus.slug).follow(SQLiteStore(path), wait=5):
            seen.append(event["cursor"])

    threading.Thread(target=follow, daemon=True).start()
    store = SQLiteStore(path)
    wait_until(lambda: store.cursor() is not None)
    corpus.decide(adding(number) for number in range(50))
    wait_until(lambda: len(seen) >= 50)
    desk.restart()
    corpus.decide(adding(number) for number in range(50, 100))
    corpus.add(articles(20, begin=100), suggest=False)
    wait_until(lambda: copy_of(store) == export_of(corpus), seconds=120)
    assert len(seen) == len(set(seen))
