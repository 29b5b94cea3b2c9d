"""Copies that are kept up to date by the feed."""

import contextlib
import itertools
import sqlite3
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.client import DeskError, SQLiteStore
from tests.client.articles import adding, articles
from tests.client.following import copy_of, export_of
from tests.processes import wait_until


def test_a_copy_begins_with_an_export_and_takes_over_what_happens(corpus, tmp_path):
    corpus.add(articles(20), suggest=False)
    corpus.decide([adding(0, "ORG")])
    store = SQLiteStore(tmp_path / "copy.sqlite")
    corpus.catch_up(store)
    assert copy_of(store) == export_of(corpus) and len(copy_of(store)) == 20
    corpus.add([*articles(5, begin=20), {"text": "Another text.", "external_id": "a-3"}], suggest=False)
    corpus.add([{**articles(1, spans=False)[0], "title": "Renewed", "source": "SANA"}], upsert=True, suggest=False)
    outcome = corpus.decide(adding(number) for number in range(4, 25))
    corpus.finish(external_ids=["a-6", "a-20"])
    (first, second) = [row["id"] for row in corpus.articles(external_id=["a-4", "a-5"], fields="id")]
    article = corpus.article(first)
    corpus._http.post(f"articles/{first}/zones/", {"start": 0, "end": 5, "kind": "title"})
    corpus._http.post(f"decisions/{outcome.decisions[0]}/undo/", {})
    corpus._http.post(f"articles/{second}/withdraw/", {})
    label = next(one for one in corpus.labels() if one["name"] == "ORG")
    corpus._http.post(f"labels/{label['id']}/rename/", {"name": "COMPANY"})
    assert corpus.catch_up(store) > 40
    assert copy_of(store) == export_of(corpus) and second not in copy_of(store)
    assert {one["name"] for one in store.labels()} == {one["name"] for one in corpus.labels()}
    corpus._http.post(f"articles/{second}/restore/", {})
    corpus.catch_up(store)
    assert copy_of(store) == export_of(corpus) and copy_of(store)[first][0]["text"] == article["text"]
    assert corpus.catch_up(store) == 0


def test_a_name_that_goes_from_one_label_to_another_is_not_mixed_up(corpus, tmp_path):
    corpus.add(articles(4), suggest=False)
    store = SQLiteStore(tmp_path / "copy.sqlite")
    corpus.catch_up(store)
    corpus.decide([adding(0, "ORG"), adding(1, "GPE")])
    ids = {label["name"]: label["id"] for label in corpus.labels()}
    # Events of spans tell the present name of their label; the events of the labels come after them.
    for name, renamed in (("GPE", "PLACE"), ("ORG", "GPE"), ("PLACE", "ORG")):
        corpus._http.post(f"labels/{ids[name]}/rename/", {"name": renamed})
        ids[renamed] = ids.pop(name)
    corpus.catch_up(store)
    assert copy_of(store) == export_of(corpus)


def test_a_cursor_that_the_desk_does_not_know_begins_anew(corpus, tmp_path):
    corpus.add(articles(3), suggest=False)
    path = tmp_path / "copy.sqlite"
    store = SQLiteStore(path)
    corpus.catch_up(store)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE copy SET value = '0f2f6c0e-7b0b-4f0e-9a55-6f8f0f1b6c1d'")
        other.execute("DELETE FROM articles")
    assert corpus.catch_up(store) == 0
    assert copy_of(store) == export_of(corpus) and len(copy_of(store)) == 3


def test_a_follower_is_told_at_once(corpus, tmp_path):
    corpus.add(articles(1, spans=False), suggest=False)
    path, seen = tmp_path / "copy.sqlite", []

    def follow():
        store = SQLiteStore(path)
        # Until the desk of the tests stops.
        with contextlib.suppress(DeskError):
            for event in corpus.follow(store, wait=30):
                seen.append((event["type"], len(copy_of(store))))

    threading.Thread(target=follow, daemon=True).start()
    wait_until(lambda: path.exists() and SQLiteStore(path).cursor() is not None)
    corpus.decide([adding(0)])
    # Its article is in review from then on.
    wait_until(lambda: seen == [("span", 1)] or len(seen) == 2, seconds=20)
    assert ("span", 1) in seen


def test_a_file_of_another_version_is_refused(tmp_path):
    path = tmp_path / "copy.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(ValueError, match="another version"):
        SQLiteStore(path)


def test_an_export_that_fails_leaves_the_copy_as_it_was(tmp_path):
    store = SQLiteStore(tmp_path / "copy.sqlite")
    store.replace("a", [_label(1, "PERSON")], [_line(1)])

    def broken():
        yield _line(2)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.replace("b", [], broken())
    assert (store.cursor(), list(copy_of(store)), len(store.labels())) == ("a", [1], 1)


def _line(pk: int) -> Any:
    about = {"id": pk, "external_id": f"a-{pk}", "title": "", "language": "en", "stage": "done", "meta": {}}
    return {**about, "text": "Zarif arrived.", "spans": [], "zones": []}


def _label(pk: int, name: str) -> Any:
    return {"id": pk, "name": name, "definition": "", "family": "other", "position": pk}


ARTICLES, SPANS, LABELS = st.integers(1, 3), st.integers(1, 4), st.sampled_from(["PERSON", "ORG", "GPE"])
ZONES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["title", "chrome"])), max_size=2)


KINDS = [
    "article.added", "article.version", "article.restored", "article.withdrawn", "article.erased", "article.stage",
    "article.metadata", "article.zones", "span", "span", "span", "label", "corpus.withdrawn",
]  # fmt: skip


@st.composite
def events(draw: Any) -> list[Any]:
    """Events as a desk might send them, also of articles and spans that are not there."""
    found = []
    for number in range(draw(st.integers(0, 30))):
        kind = draw(st.sampled_from(KINDS))
        event = {"type": kind, "cursor": str(number), "article": draw(ARTICLES), "corpus": "desk"}
        if draw(st.booleans()) and draw(st.booleans()):
            event["withheld"] = True
        elif kind in ("article.added", "article.version", "article.restored", "article.metadata"):
            event["about"] = {"external_id": "", "title": draw(st.sampled_from("ab")), "language": "en"}
            event["zones"] = [{"start": at, "end": at + 1, "kind": kind} for at, kind in draw(ZONES)]
        elif kind == "article.zones":
            event["zones"] = [{"start": at, "end": at + 1, "kind": kind} for at, kind in draw(ZONES)]
        elif kind == "article.stage":
            event["stage"] = draw(st.sampled_from(["in_review", "done"]))
        elif kind == "label":
            event["label"] = _label(draw(st.integers(1, 3)), draw(LABELS))
        elif kind == "span":
            state = draw(st.sampled_from(["confirmed", "rejected", "suggested", "gone"]))
            named = {"label": draw(LABELS), "label_id": draw(st.integers(1, 3))}
            whole = {"start": 0, "end": 5, **named, "text": "Zarif", "revision": number}
            event["span"] = {"id": draw(SPANS), "state": state, **(whole if state != "gone" else {})}
        found.append(event)
    return found


@given(events(), st.lists(st.integers(1, 7), min_size=1))
def test_any_events_in_pages_of_any_size_give_the_same_copy(found, sizes):
    whole, paged = SQLiteStore(":memory:"), SQLiteStore(":memory:")
    contents = {pk: {"text": f"Text {pk}.", "meta": {"source": "SANA"}} for pk in range(1, 4)}
    whole.apply(found, "end", contents)
    left, size = list(found), itertools.cycle(sizes)
    while left:
        page = [left.pop(0) for _ in range(min(next(size), len(left)))]
        missing = paged.without_text([event["article"] for event in page])
        # As a desk answers: metadata of each, and the texts that are asked for.
        given = {
            pk: {name: value for name, value in one.items() if name == "meta" or pk in missing}
            for pk, one in contents.items()
        }
        paged.apply(page, page[-1]["cursor"], given)
        assert paged.cursor() == page[-1]["cursor"]
    assert copy_of(paged) == copy_of(whole) and paged.labels() == whole.labels()
    # Events that are sent again, as after a crash before the cursor was stored, change nothing.
    again = SQLiteStore(":memory:")
    for _ in range(2):
        again.apply(found, "end", contents)
    if all(event["type"] not in ("label",) for event in found):
        assert copy_of(again) == copy_of(whole)
    for store in (whole, paged, again):
        store.close()
