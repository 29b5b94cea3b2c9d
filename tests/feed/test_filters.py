"""Filters of the feed: each event that they name, in its order, and a bounded look at the others."""

import pytest

from annotations.feed import queries
from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Kind
from annotations.review.models import Decision, Label
from corpusapp.articles.actions.withdraw import withdraw_articles
from tests import factories
from tests.api.client import Rest, refusal
from tests.feed.copying import Follower, held

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(corpus, manager):
    """Events of many kinds: articles with the decided spans of an import, decisions, labels, stages."""
    articles = [
        factories.make_article(
            corpus,
            f"Zarif {number} in Damascus with the WHO.",
            spans=[[0, 5, "PERSON"], [11, 19, "GPE"], [29, 32, "ORG"], [0, 7, "PERSON"]][: number % 4 + 1],
        )
        for number in range(8)
    ]
    for article in articles[:4]:
        span = manager.get(f"articles/{article.pk}/spans/").json()["results"][0]
        assert manager.patch(f"spans/{span['id']}/", {"revision": 1, "label": "NORP"}).status_code == 200
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    added = manager.post(f"articles/{articles[5].pk}/spans/", {"start": 0, "end": 9, "label": "NORP"})
    assert added.status_code == 201, added.content
    assert manager.post(f"decisions/{Decision.objects.latest('pk').pk}/undo/").status_code == 201
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[articles[7].pk])
    number_events()
    return articles


def everything(client: Rest, **query) -> list[dict]:
    """All events, page by page; the cursor moves on with each page."""
    found, cursor, more = [], "", True
    while more:
        page = client.get("changes/", after=cursor, **query).json()
        found += page["results"]
        more = page["more"]
        assert page["cursor"] != cursor or not more
        cursor = page["cursor"]
    assert cursor == client.get("changes/", after="latest").json()["cursor"]
    return found


@pytest.mark.parametrize(("scanned", "limit"), [(1, 1), (2, 3), (7, 2), (7, 1000), (2000, 3)])
def test_types(history, reader, monkeypatch, scanned, limit):
    monkeypatch.setattr(queries, "SCANNED", scanned)
    whole = everything(reader, limit=1000)
    for types in ("span", "article.added,label", "article.withdrawn", "corpus.erased"):
        assert everything(reader, type=types, limit=limit) == [e for e in whole if e["type"] in types.split(",")]


@pytest.mark.parametrize("scanned", [1, 5, 2000])
def test_spans_that_have_or_had_a_label_and_its_own_events(history, reader, monkeypatch, scanned):
    monkeypatch.setattr(queries, "SCANNED", scanned)
    whole = everything(reader)
    found = everything(reader, label="NORP", limit=3)
    others = [event for event in whole if event["type"] not in ("span", "label")]
    assert [event for event in found if event["type"] not in ("span", "label")] == others
    assert {event["label"]["name"] for event in found if event["type"] == "label"} == {"NORP"}
    spans = [event for event in found if event["type"] == "span" and "withheld" not in event]
    assert [event for event in whole if event["cursor"] in {span["cursor"] for span in spans}] == spans
    # Those that became NORP, and the one whose addition was undone, which has no label any more.
    assert {event["span"].get("label", "") for event in spans} == {"NORP", ""}
    assert sum(event["span"]["state"] == "gone" for event in spans) == 1
    # What left PERSON is an event for who follows PERSON.
    persons = everything(reader, label="PERSON", type="span")
    left = [event["span"]["state"] for event in persons if "withheld" not in event]
    assert "rejected" in left and "confirmed" in left
    assert everything(reader, label="PERSON,NORP,GPE,ORG", type="span") == [e for e in whole if e["type"] == "span"]


@pytest.mark.parametrize("scanned", [3, 2000])
def test_a_copy_of_one_label_is_exact(history, reader, manager, monkeypatch, scanned):
    monkeypatch.setattr(queries, "SCANNED", scanned)
    follower = Follower(reader, label="PERSON", limit=2)
    follower.follow()

    def persons(articles):
        spans = {pk: article["spans"].items() for pk, article in articles.items()}
        return {pk: {key: span for key, span in found if span["label"] == "PERSON"} for pk, found in spans.items()}

    assert persons(follower.articles) == persons(held("desk"))
    assert any(persons(follower.articles).values())


def test_several_corpora(history, reader, corpus):
    other, third = factories.make_corpus("other"), factories.make_corpus("third")
    root = Rest(factories.make_superuser())
    for one in (other, third):
        factories.make_article(one, f"Text of {one.slug}.")
    number_events()
    whole = everything(root)
    assert everything(root, corpus="desk,third") == [e for e in whole if e["corpus"] in ("desk", "third")]
    assert everything(root, corpus="third,desk,desk", type="article.added") == [
        event for event in whole if event["corpus"] != "other" and event["type"] == "article.added"
    ]
    refusal(reader.get("changes/", corpus="desk,other"), 404)


def test_what_is_unknown_is_refused(history, reader):
    for name, value in (("type", "spans"), ("type", ","), ("label", "NOWHERE"), ("label", "PERSON,person")):
        document = refusal(reader.get("changes/", **{name: value}), 400, name)
        assert name in document["detail"] or value.rpartition(",")[2] in document["detail"]
    factories.make_corpus("other").labels.create(name="ELSEWHERE")
    refusal(reader.get("changes/", label="ELSEWHERE"), 400, "label")
    refusal(reader.get("changes/", wait="31"), 400, "wait")


def test_a_renamed_label_is_asked_for_by_its_new_name(history, reader, manager):
    cursor = reader.get("changes/", after="latest").json()["cursor"]
    label = Label.objects.get(corpus__slug="desk", name="PERSON")
    assert manager.post(f"labels/{label.pk}/rename/", {"name": "HUMAN"}).status_code == 200
    (event,) = reader.get("changes/", after=cursor, label="HUMAN").json()["results"]
    assert (event["type"], event["label"]["id"]) == ("label", label.pk)
    refusal(reader.get("changes/", after=cursor, label="PERSON"), 400, "label")


def test_every_kind_can_be_asked_for(history, reader):
    assert everything(reader, type=",".join(Kind.values)) == everything(reader)
