"""Every event is in the feed once, for users who can see it, and a client can keep a copy."""

from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Event, Waiting
from annotations.feed.queries import read_after
from corpusapp.articles.actions.withdraw import restore_articles, withdraw_articles
from tests import factories
from tests.api.client import Rest, refusal
from tests.feed.copying import Follower, held, held_labels

pytestmark = pytest.mark.django_db


def events(client: Rest, **query) -> list[dict]:
    return client.get("changes/", limit=1000, **query).json()["results"]


def kinds(found: list[dict]) -> list[str]:
    return [event["type"] for event in found]


def latest(client: Rest) -> str:
    return client.get("changes/", after="latest").json()["cursor"] or events(client)[-1]["cursor"]


def after_this(client: Rest) -> str:
    """A cursor after all events so far."""
    client.get("changes/")
    return client.get("changes/", after="latest").json()["cursor"]


def test_an_article_has_its_zones_and_then_its_spans(corpus, reader):
    cursor = after_this(reader)
    article = factories.make_article(
        corpus, title="Zarif", external_id="a1", spans=[[0, 5, "PERSON"]], zones=[[0, 5, "title"]]
    )
    added, span = events(reader, after=cursor)
    assert added["type"] == "article.added" and added["article"] == article.pk and added["user"] == "root"
    assert added["about"]["external_id"] == "a1" and added["about"]["length"] == article.length
    assert [(zone["start"], zone["end"], zone["kind"]) for zone in added["zones"]] == [(0, 5, "title")]
    assert span["type"] == "span" and span["verb"] == "import"
    assert span["span"] | {"id": 0} == {
        "id": 0, "start": 0, "end": 5, "label": "PERSON", "text": "Zarif", "state": "confirmed", "revision": 1,
        "label_id": corpus.labels.get(name="PERSON").pk,
    }  # fmt: skip


def test_another_text_under_one_external_id_is_a_new_version(corpus, reader):
    first = factories.make_article(corpus, external_id="a1")
    cursor = after_this(reader)
    second = factories.make_article(corpus, "Another text.", external_id="a1")
    (event,) = events(reader, after=cursor)
    assert (event["type"], event["article"], event["about"]["previous"]) == ("article.version", second.pk, first.pk)


def test_decisions_undo_and_stages_are_events(article, reader, editor):
    cursor = after_this(reader)
    span = editor.get(f"articles/{article.pk}/spans/").json()["results"][0]
    result = editor.patch(f"spans/{span['id']}/", {"revision": 1, "label": "ORG"})
    assert result.status_code == 200
    decision = events(reader, after=cursor)[-1]["decision"]
    assert editor.post(f"decisions/{decision}/undo/", {}).status_code == 201
    assert editor.post(f"articles/{article.pk}/finish/", {}).status_code == 200
    found = events(reader, after=cursor)
    stages = [event["stage"] for event in found if event["type"] == "article.stage"]
    spans = [(event["verb"], event["span"]["state"]) for event in found if event["type"] == "span"]
    assert stages == ["in_review", "done"]
    assert spans == [("relabel", "confirmed"), ("relabel", "rejected"), ("undo", "suggested"), ("undo", "gone")]
    assert {event["user"] for event in found} == {"editor"}


def test_suggestions_change_the_stage_and_are_not_events(corpus, reader):
    article = factories.make_article(corpus)
    cursor = after_this(reader)
    factories.suggest(article, (0, 5, "PERSON"))
    (event,) = events(reader, after=cursor)
    assert (event["type"], event["stage"], event["user"]) == ("article.stage", "suggested", None)


def test_a_change_of_zones_sends_all_zones(article, reader, editor):
    cursor = after_this(reader)
    zone = editor.post(f"articles/{article.pk}/zones/", {"start": 0, "end": 5, "kind": "title"}).json()
    editor.delete(f"zones/{zone['id']}/")
    marked, unmarked = (event for event in events(reader, after=cursor) if event["type"] == "article.zones")
    assert marked["zones"] == [zone] and unmarked["zones"] == []


def test_new_and_changed_labels_are_events(corpus, reader, manager):
    assert kinds(events(reader)) == ["label"] * 18
    cursor = after_this(reader)
    label = manager.post("corpora/desk/labels/", {"name": "WEAPON"}).json()
    manager.patch(f"labels/{label['id']}/", {"definition": "Arms."})
    made, changed = events(reader, after=cursor)
    assert made["label"] == label and changed["label"]["definition"] == "Arms."


def test_withdrawn_articles_are_tombstones_and_restored_ones_are_sent_again(article, reader, editor):
    span = editor.get(f"articles/{article.pk}/spans/").json()["results"][0]
    editor.patch(f"spans/{span['id']}/", {"revision": 1, "state": "confirmed"})
    before = events(reader)
    manage = {"user": factories.make_superuser(), "corpus": article.corpus, "article_ids": [article.pk]}
    withdraw_articles(**manage)
    hidden = events(reader)
    assert [event["cursor"] for event in hidden[: len(before)]] == [event["cursor"] for event in before]
    assert hidden[-1]["type"] == "article.withdrawn" and hidden[-1]["article"] == article.pk
    assert "Zarif" not in str(hidden) and all(event["withheld"] for event in hidden[18:-1])
    client = Follower(reader)
    client.follow()
    assert client.articles == {}
    restore_articles(**manage)
    client.follow()
    assert client.articles == held("desk") and client.articles[article.pk]["spans"]


def test_a_client_can_keep_an_exact_copy(article, reader, editor, manager):
    client = Follower(reader, limit=3)
    client.follow()
    rest = editor.get(f"articles/{article.pk}/spans/").json()["results"]
    editor.patch(f"spans/{rest[0]['id']}/", {"revision": 1, "state": "confirmed"})
    editor.delete(f"spans/{rest[1]['id']}/?revision=1")
    editor.patch(f"spans/{rest[2]['id']}/", {"revision": 1, "start": 21, "end": 28})
    editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"})
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    renamed = {"text": article.text, "external_id": "a-1", "title": "Talks"}
    assert manager.post("articles/?corpus=desk&upsert=1", renamed).json()["title"] == "Talks"
    client.follow()
    assert client.articles == held("desk") and client.labels == held_labels("desk")
    assert len(client.articles[article.pk]["spans"]) == 5


def test_events_of_other_corpora_are_hidden(article, reader, stranger):
    factories.make_article(factories.make_corpus("third"), "Elsewhere.")
    assert {event["corpus"] for event in events(reader)} == {"desk"}
    assert {event["corpus"] for event in events(stranger)} == {"other"}
    refusal(stranger.get("changes/", corpus="desk"), 404)
    refusal(Rest().get("changes/"), 401)
    lone = Rest(factories.make_user("lone"))
    assert lone.get("changes/").json() | {"next": ""} == {"results": [], "cursor": "", "more": False, "next": ""}
    assert lone.get("changes/", after="latest").json()["cursor"] == ""


def test_pages_continue_at_the_cursor(article, reader):
    whole = [event["cursor"] for event in events(reader)]
    client = Follower(reader, limit=4)
    client.follow()
    assert client.cursors == whole and len(set(whole)) == len(whole)
    assert reader.get("changes/", limit=4).json()["more"] is True
    assert reader.get("changes/", after=whole[-1]).json()["more"] is False


def test_invalid_cursors_are_refused(corpus, reader):
    refusal(reader.get("changes/", after="17"), 400, "after")
    refusal(reader.get("changes/", after="0f2f6c0e-7b0b-4f0e-9a55-6f8f0f1b6c1d"), 410, "after")
    refusal(reader.get("changes/", limit="0"), 400, "limit")
    refusal(reader.get("changes/", limit="1001"), 400, "limit")


def test_waiting_events_are_numbered_once(article):
    waiting = Waiting.objects.count()
    assert waiting and number_events() == waiting
    assert number_events() == 0 and Waiting.objects.count() == 0
    assert list(Event.objects.values_list("position", flat=True)) == list(range(1, waiting + 1))


def test_the_spans_of_an_import_are_one_row_and_an_event_each(corpus, reader):
    number_events()
    rows, cursor = Event.objects.count(), after_this(reader)
    spans = [[0, 5, "PERSON"], [10, 17, "PERSON"], {"start": 21, "end": 28, "label": "GPE", "state": "rejected"}]
    article = factories.make_article(corpus, "Zarif met Muallem in Ankara.", spans=spans)
    found = events(reader, after=cursor)
    assert kinds(found) == ["article.added", "span", "span", "span"]
    assert [event["span"]["text"] for event in found[1:]] == ["Zarif", "Muallem", "Ankara."]
    assert {event["article"] for event in found} == {article.pk}
    assert Event.objects.count() == rows + 2
    last = Event.objects.latest("position")
    assert last.events == 3 and last.position == rows + 4


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 1000])
def test_pages_begin_and_end_between_the_spans_of_an_import(corpus, limit):
    other = factories.make_corpus("other")
    for number in range(4):
        factories.make_article(
            other if number % 2 else corpus, f"Zarif met Muallem, {number}.", spans=[[0, 5, "PERSON"], [10, 17, "ORG"]]
        )
    root = Rest(factories.make_superuser())
    for query in ({}, {"corpus": "desk"}):
        whole = events(root, **query)
        cursors = [event["cursor"] for event in whole]
        assert len(set(cursors)) == len(cursors)
        client = Follower(root, limit=limit, **query)
        client.follow()
        assert client.cursors == cursors
        assert root.get("changes/", after="latest", **query).json()["cursor"] == cursors[-1]
        for place in range(len(cursors) - 9, len(cursors)):
            following = root.get("changes/", after=cursors[place], limit=limit, **query).json()
            assert following["results"] == whole[place + 1 : place + 1 + limit]


def test_webhooks_get_the_spans_of_an_import_in_parts(corpus, reader):
    factories.make_article(corpus, spans=[[0, 5, "PERSON"], [10, 17, "PERSON"]])
    number_events()
    position, sent = 0, []
    while True:
        page = read_after(corpora={corpus.pk: corpus.slug}, position=position, size=1)
        sent, position = [*sent, *page.events], page.position
        if not page.events:
            break
    assert [event["cursor"] for event in sent] == [event["cursor"] for event in events(reader)]


def test_a_cursor_past_the_spans_of_an_import_is_refused(corpus, reader):
    factories.make_article(corpus, spans=[[0, 5, "PERSON"], [10, 17, "PERSON"]])
    last = UUID(events(reader)[-1]["cursor"])
    assert events(reader, after=str(UUID(int=last.int - 1)))
    for past in (last.int + 1, last.int - 2):
        refusal(reader.get("changes/", after=str(UUID(int=past))), 410, "after")


@pytest.mark.parametrize("wrong", ["events = 2", "decision_id = 1", "events = 0"])
def test_the_database_refuses_several_events_without_their_decision(corpus, wrong):
    number_events()
    with pytest.raises(IntegrityError, match="event_of_several_names_decision"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE feed_event SET {wrong}")
