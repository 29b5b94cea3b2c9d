"""The next article, presence, label examples, the dashboard and lists of a corpus over REST."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from annotations.review.models import Review
from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Article, CopyGroup
from tests import factories
from tests.accounts.test_scopes import client
from tests.api.client import Rest, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def cast(rows_of_the_module):
    """Two articles of one source. In the first, one suggestion is confirmed, one corrected, one rejected."""
    corpus = factories.make_corpus()
    nora = factories.make_member(corpus, "editor", "nora")
    first = factories.make_article(corpus, title="Zarif in Damascus", source="SANA")
    second = factories.make_article(corpus, "Assad met Zarif.", source="SANA")
    spans = factories.suggest(first, (0, 5, "PERSON"), (10, 17, "ORG"), (21, 29, "GPE"))
    rest = Rest(nora)
    rest.patch(f"spans/{spans[0].pk}/", {"revision": 1, "state": "confirmed"})
    rest.patch(f"spans/{spans[1].pk}/", {"revision": 1, "label": "PERSON"})
    rest.patch(f"spans/{spans[2].pk}/", {"revision": 1, "state": "rejected"})
    return corpus, nora, first, second


def test_next_article(cast):
    _, nora, first, second = cast
    rest = Rest(nora)
    assert rest.get("corpora/desk/next/").json() == {"article": second.pk}
    assert rest.get("corpora/desk/next/", after=second.pk).json() == {"article": first.pk}
    assert rest.get("corpora/desk/next/", q="Damascus", order="date").json() == {"article": first.pk}
    assert rest.get("corpora/desk/next/", q="Damascus", after=first.pk).json() == {"article": None}
    refusal(rest.get("corpora/desk/next/", order="length"), 400, "order")
    refusal(rest.get("corpora/desk/next/", after="x"), 400, "after")


def test_presence_is_returned_and_open_articles_are_not_offered(cast):
    corpus, nora, first, second = cast
    path = f"articles/{second.pk}/presence/"
    mine, theirs = Rest(nora), Rest(factories.make_member(corpus, "reader", "reza"))
    assert mine.send("PUT", path, {}).json()["here"] == []
    assert theirs.get(path).json()["here"] == ["nora"] and mine.get(path).json()["here"] == []
    assert theirs.get("corpora/desk/next/").json() == {"article": first.pk}
    assert mine.delete(path).status_code == 204
    assert theirs.get("corpora/desk/next/").json() == {"article": second.pk}
    refusal(mine.send("PUT", path, {"here": True}), 400)
    for verb in ("PUT", "DELETE"):
        assert "scope" in refusal(client(nora, scope="read").send(verb, path), 403)["detail"]


def test_presence_has_a_mark_of_changes_and_what_can_be_undone(cast):
    _, nora, first, _ = cast
    rest, path = Rest(nora), f"articles/{first.pk}/presence/"
    before = rest.get(path).json()
    assert before["last"] and before["undone"] is None
    assert rest.post(f"decisions/{before['last']}/undo/", {}).status_code == 201
    after = rest.get(path).json()
    assert after["mark"] != before["mark"] and after["undone"] and after["last"] != before["last"]


def test_label_has_examples(cast):
    rest = Rest(cast[1])
    labels = {label["name"]: label["id"] for label in rest.get("corpora/desk/labels/").json()["results"]}
    found = rest.get(f"labels/{labels['PERSON']}/examples/").json()
    assert found["spans"] == {"suggested": 0, "confirmed": 2, "rejected": 0}
    shown = [(row["text"], row["start"], row["right"][:4], row["count"]) for row in found["examples"]]
    assert sorted(shown) == [("Muallem", 10, " in ", 1), ("Zarif", 0, " met", 1)]
    assert rest.get(f"labels/{labels['EVENT']}/examples/").json()["examples"] == []


def test_dashboard_numbers(cast):
    corpus, nora, _, second = cast
    run = Run.objects.create(corpus=corpus, user=nora)
    RunItem.objects.create(run=run, article=second, state="failed", error="the service is away")
    Review.objects.filter(article=second).update(
        stage="in_review", editor=nora, started_at=timezone.now() - timedelta(days=30)
    )
    found = Rest(nora).get("corpora/desk/dashboard/").json()
    assert found["articles"] == 2 and found["stages"]["in_review"] == 2 and found["spans"]["confirmed"] == 2
    assert len(found["weeks"]) == 12 and date.fromisoformat(found["weeks"][-1]).weekday() == 0
    outcomes = {(row["label"], row["outcome"]): row["count"] for row in found["outcomes"]}
    assert outcomes == {("PERSON", "confirmed"): 1, ("ORG", "corrected"): 1, ("GPE", "rejected"): 1}
    assert [(row["editor"], row["spans"], row["finished"]) for row in found["paces"]] == [("nora", 3, 0)]
    assert {(row["label"], row["verb"], row["given"]) for row in found["disagreements"]} == {
        ("ORG", "relabel", "PERSON"), ("GPE", "reject", "GPE"),
    }  # fmt: skip
    (failed,), (idle,) = found["failed"]["articles"], found["idle"]["articles"]
    assert (failed["article"], failed["reason"]) == (second.pk, "the service is away")
    assert (idle["article"], idle["editor"], found["idle"]["days"]) == (second.pk, "nora", 14)


def test_annotation_effort(cast):
    found = Rest(cast[1]).get("corpora/desk/learning/").json()
    assert (found["decided"], found["training"], found["promoted"]) == (3, False, None)
    assert [(week["actions"], week["spans"]) for week in found["weeks"]] == [(3, 2)]


def test_runs_and_their_articles(cast):
    corpus, nora, first, second = cast
    rest = Rest(nora)
    run = Run.objects.create(corpus=corpus, user=nora)
    RunItem.objects.create(run=run, article=first, state="done")
    RunItem.objects.create(run=run, article=second, state="failed", error="the service is away")
    (row,) = rest.get("corpora/desk/runs/", limit=1).json()["results"]
    assert (row["id"], row["user"], row["articles"], row["pending"], row["failed"]) == (run.pk, "nora", 2, 0, 1)
    assert [item["article"] for item in rest.get(f"runs/{run.pk}/articles/").json()["results"]] == [second.pk, first.pk]
    (item,) = rest.get(f"runs/{run.pk}/articles/", state="failed").json()["results"]
    assert (item["article"], item["reason"]) == (second.pk, "the service is away")
    refusal(rest.get(f"runs/{run.pk}/articles/", state="lost"), 400, "state")


def test_sources_imports_and_copies_are_listed(cast):
    corpus, nora, first, second = cast
    rest = Rest(nora)
    assert rest.get("corpora/desk/sources/").json()["results"] == [{"name": "SANA", "articles": 2}]
    batches = rest.get("corpora/desk/batches/", limit=1).json()
    assert [(row["id"], row["added"], row["user"]) for row in batches["results"]] == [(second.batch_id, 1, "root")]
    older = rest._http.get(batches["next"], headers=rest._headers).json()
    assert [row["id"] for row in older["results"]] == [first.batch_id]
    group = CopyGroup.objects.create(corpus=corpus)
    Article.objects.filter(corpus=corpus).update(copy_group=group)
    assert rest.get("corpora/desk/copies/").json()["results"] == [
        {"id": group.pk, "counted_once": False, "articles": 2}
    ]


def test_sources_are_paged_by_name(cast):
    corpus, nora = cast[:2]
    factories.make_article(corpus, "Walid left.", source="Al Jazeera")
    rest = Rest(nora)
    first = rest.get("corpora/desk/sources/", limit=1).json()
    assert [row["name"] for row in first["results"]] == ["Al Jazeera"]
    last = rest._http.get(first["next"], headers=rest._headers).json()
    assert [row["name"] for row in last["results"]] == ["SANA"] and last["next"] is None
    refusal(rest.get("corpora/desk/sources/", cursor="x"), 400, "cursor")


def test_members_see_members(cast):
    reader = Rest(factories.make_member(cast[0], "reader", "reza"))
    assert {"user": "nora", "role": "editor"} in reader.get("corpora/desk/members/").json()["results"]
    refusal(reader.send("PUT", "corpora/desk/members/nora/", {"role": "reader"}), 403)


def test_managers_find_withdrawn_articles(cast):
    corpus, _, first, second = cast
    manager = Rest(factories.make_member(corpus, "manager", "mona"))
    assert manager.get("corpora/desk/withdrawn/").json()["results"] == []
    for article in (first, second):
        assert manager.post(f"articles/{article.pk}/withdraw/").status_code == 200
    listed = manager.get("corpora/desk/withdrawn/").json()["results"]
    assert [(row["article"], row["headline"]) for row in listed] == [
        (second.pk, "Assad met Zarif."), (first.pk, "Zarif in Damascus"),
    ]  # fmt: skip
    assert manager.post(f"articles/{first.pk}/restore/").status_code == 200
    assert manager.post(f"articles/{second.pk}/erase/", {"confirm": True}).status_code == 200
    assert manager.get("corpora/desk/withdrawn/").json()["results"] == []
