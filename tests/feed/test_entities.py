"""Entities and links in the feed: every decided change, in its order, so that a copy of them is exact."""

import contextlib
import random

import pytest
from django.db import connection

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias, edit_entity, identify
from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.actions.merge import mark_distinct, merge_entities
from annotations.entities.actions.split import split_entity
from annotations.entities.models import Entity, Link
from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Event, Kind, Webhook
from annotations.feed.queries import read_after
from annotations.review.actions.undo import undo
from annotations.review.models import Decision, Span
from corpusapp.articles.actions.erase import erase_articles
from corpusapp.articles.actions.withdraw import (
    restore_articles,
    restore_corpus,
    withdraw_articles,
    withdraw_corpus,
)
from corpusapp.core.errors import Refusal
from tests import factories
from tests.api.client import Rest
from tests.feed.copying import Follower, comparable, held, held_entities
from tests.feed.test_changes import after_this, events

pytestmark = pytest.mark.django_db
TEXT = "Zarif met Assad, and Zarif met Muallem of Syria in Ankara."
PLACES = [
    (0, 5, "PERSON"),
    (10, 15, "PERSON"),
    (21, 26, "PERSON"),
    (31, 38, "PERSON"),
    (42, 47, "GPE"),
    (51, 57, "GPE"),
]

_VERBS = [*["link", "undo"] * 3, "new", "unlink", "merge", "split", "distinct", "edit", "span", "hide"]


@pytest.fixture
def spans(corpus):
    return factories.suggest(factories.make_article(corpus, TEXT), *PLACES)


def make(user, corpus, name, **more):
    return create_entity(user=user, corpus=corpus, name=name, label="PERSON", **more).entities[0]


def link(user, corpus, *pairs, **more):
    return link_spans(user=user, corpus=corpus, choices=[LinkChoice(s.pk, e.pk, **more) for s, e in pairs])


@pytest.fixture
def user(corpus):
    return factories.make_member(corpus, username="anna")


def told(found, kind):
    return [event[kind] | {"verb": event["verb"]} for event in found if event["type"] == kind]


def test_an_entity_is_told_whole_with_each_change(corpus, user, reader):
    cursor = after_this(reader)
    one = make(user, corpus, "Javad Zarif", description="Minister")
    identify(user=user, entity=one, revision=1, add=[("wikidata", "Q1"), ("viaf", "3"), ("viaf", "2")])
    add_alias(user=user, entity=one, revision=2, name="محمد جواد ظریف", language="fa")
    edit_entity(user=user, entity=one, revision=3, label="NORP")
    found = events(reader, after=cursor)
    assert [event["type"] for event in found] == ["entity"] * 4
    assert {(event["user"], event["article"], event["corpus"]) for event in found} == {("anna", None, "desk")}
    assert found[-1]["decision"] == Decision.objects.latest("pk").pk
    label = corpus.labels.get(name="NORP")
    assert told(found, "entity")[-1] | {"aliases": [], "verb": ""} == {
        "id": one.pk, "name": "Javad Zarif", "label": "NORP", "label_id": label.pk, "description": "Minister",
        "state": "confirmed", "merged_into": None, "identifiers": {"viaf": ["2", "3"], "wikidata": ["Q1"]},
        "aliases": [], "revision": 4, "verb": "",
    }  # fmt: skip
    assert {"name": "محمد جواد ظریف", "language": "fa", "script": "Arab", "origin": "person"} in found[-1]["entity"][
        "aliases"
    ]


def test_links_are_told_after_their_spans_and_entities_and_undo_takes_them_back(corpus, user, reader, spans):
    zarif = make(user, corpus, "Zarif")
    cursor = after_this(reader)
    decision = link(user, corpus, (spans[0], zarif)).decision
    found = events(reader, after=cursor)
    assert [event["type"] for event in found] == ["article.stage", "span", "link"]
    pk = Link.objects.get(span=spans[0]).pk
    assert found[-1]["link"] == {
        "id": pk, "span": spans[0].pk, "entity": zarif.pk, "state": "confirmed", "revision": 1,
    }  # fmt: skip
    assert (found[-1]["decision"], found[-1]["verb"], found[-1]["article"]) == (
        decision.pk,
        "link",
        spans[0].article_id,
    )
    undo(user=user, decision=decision)
    assert told(events(reader, after=found[-1]["cursor"]), "link") == [
        {"id": pk, "span": spans[0].pk, "entity": zarif.pk, "state": "gone", "verb": "undo"}
    ]


def test_what_a_linker_proposes_is_no_event_until_somebody_decides(corpus, user, reader, spans):
    pipeline = factories.make_pipeline("linker")
    zarif = Entity.objects.create(
        corpus=corpus, name="Zarif", label=corpus.labels.get(name="PERSON"), state="suggested", pipeline=pipeline
    )
    Link.objects.create(
        corpus=corpus, article=spans[0].article, span=spans[0], entity=zarif, state="suggested", score=0.5,
        pipeline=pipeline, week="2026-01-05",
    )  # fmt: skip
    cursor = after_this(reader)
    assert events(reader, after=cursor) == []
    decision = link(user, corpus, (spans[0], zarif), revision=1).decision
    found = events(reader, after=cursor)
    assert [(one["state"], one["revision"]) for one in told(found, "entity")] == [("confirmed", 1)]
    assert [(one["state"], one["revision"]) for one in told(found, "link")] == [("confirmed", 2)]
    cursor = found[-1]["cursor"]
    undo(user=user, decision=decision)
    found = events(reader, after=cursor)
    assert {one["state"] for one in [*told(found, "entity"), *told(found, "link")]} == {"suggested"}
    client = Follower(reader)
    client.follow()
    assert client.entities == {} and client.articles == held("desk")


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_a_merge_is_one_row_for_all_its_links(corpus, user, reader, limit):
    pairs = []
    one, other = make(user, corpus, "Zarif"), make(user, corpus, "Javad Zarif")
    for article in factories.make_articles(corpus, *[{"text": f"Zarif {n}"} for n in range(5)]):
        pairs += [(span, other) for span in factories.suggest(article, (0, 5, "PERSON"))]
    link(user, corpus, *pairs)
    number_events()
    rows, cursor = Event.objects.count(), after_this(reader)
    client = Follower(reader, limit=limit)
    client.follow()
    decision = merge_entities(
        user=user, source=other, target=one, source_revision=_revision(other), target_revision=_revision(one)
    ).decision
    found = events(reader, after=cursor)
    assert Event.objects.count() == rows + 3
    assert [event["type"] for event in found] == ["entity", "entity", *["link"] * 5]
    assert {event["entity"]["id"]: event["entity"]["merged_into"] for event in found[:2]} == {
        one.pk: None,
        other.pk: one.pk,
    }
    assert [event["article"] for event in found[2:]] == [span.article_id for span, _ in pairs]
    client.follow()
    assert client.articles == held("desk") and comparable(client.entities) == held_entities("desk")
    assert client.cursors[-7:] == [event["cursor"] for event in found]
    for place, event in enumerate(found[:-1]):
        assert events(reader, after=event["cursor"]) == found[place + 1 :]
    undo(user=user, decision=decision)
    client.follow()
    assert client.articles == held("desk") and comparable(client.entities) == held_entities("desk")


def _revision(entity):
    return Entity.objects.get(pk=entity.pk).revision


def test_a_link_of_a_withdrawn_article_is_withheld_and_comes_again(corpus, user, reader, spans):
    link(user, corpus, (spans[0], make(user, corpus, "Zarif")), (spans[1], make(user, corpus, "Assad")))
    zarif = Entity.objects.get(name="Zarif")
    link_spans(user=user, corpus=corpus, choices=[LinkChoice(spans[3].pk, zarif.pk, verb="unlink")])
    manage = {"user": factories.make_superuser(), "corpus": corpus, "article_ids": [spans[0].article_id]}
    withdraw_articles(**manage)
    hidden = [event for event in events(reader) if event["type"] == "link"]
    assert len(hidden) == 3 and all(event["withheld"] and "link" not in event for event in hidden)
    client = Follower(reader)
    client.follow()
    assert client.articles == {} and len(client.entities) == 2
    restore_articles(**manage)
    client.follow()
    assert client.articles == held("desk")
    assert len(client.articles[spans[0].article_id]["links"]) == 3
    withdraw_articles(**manage)
    erase_articles(**manage)
    client.follow()
    assert client.articles == {} and comparable(client.entities) == held_entities("desk")


def test_a_corpus_comes_again_with_its_entities(corpus, user, reader, spans):
    link(user, corpus, (spans[0], make(user, corpus, "Zarif")))
    client, root = Follower(reader), factories.make_superuser()
    client.follow()
    withdraw_corpus(user=root, corpus=corpus)
    client.follow()
    assert client.entities == {} and client.articles == {}
    corpus.refresh_from_db()
    restore_corpus(user=root, corpus=corpus)
    client.follow()
    assert comparable(client.entities) == held_entities("desk") and client.articles == held("desk")
    assert client.entities and client.articles[spans[0].article_id]["links"]


def test_filters_by_type_and_label(corpus, user, reader, spans):
    person, place = make(user, corpus, "Zarif"), make(user, corpus, "Ankara")
    edit_entity(user=user, entity=place, revision=1, label="GPE")
    link(user, corpus, (spans[0], person), (spans[5], place))
    assert {event["type"] for event in events(reader, type="entity,link")} == {"entity", "link"}
    names = [event["entity"]["name"] for event in events(reader, type="entity", label="GPE")]
    # What became a place is told to who follows places, and to who follows people.
    assert names == ["Ankara"]
    assert len(events(reader, type="entity", label="PERSON")) == 3
    assert [event["link"]["entity"] for event in events(reader, type="link", label="GPE")] == [place.pk]
    assert events(reader, type="link", label="ORG") == []


def test_webhooks_get_links_in_parts(corpus, user, reader, manager, spans):
    Webhook.objects.create(corpus=corpus, url="https://example.org/", secret="s", user=user)
    link(user, corpus, *((span, make(user, corpus, f"Name {n}")) for n, span in enumerate(spans)))
    number_events()
    position, sent = 0, []
    while (page := read_after(corpora={corpus.pk: corpus.slug}, position=position, size=2)).events:
        sent, position = [*sent, *page.events], page.position
    assert [event["cursor"] for event in sent] == [event["cursor"] for event in events(reader)]
    assert sum(event["type"] == Kind.LINK for event in sent) == len(spans)


def test_decisions_on_spans_alone_ask_nothing_more(corpus, user, reader, spans):
    with connection.execute_wrapper(_refuse_registry):
        body = {"decisions": [{"verb": "confirm", "span": spans[0].pk, "revision": spans[0].revision}]}
        assert Rest(user).post(f"articles/{spans[0].article_id}/decisions/", body).status_code == 201


def _refuse_registry(execute, sql, *arguments):
    assert "entities_entitychange" not in sql or "feed_waiting" not in sql
    return execute(sql, *arguments)


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_is_exact_after_random_verbs(corpus, user, reader, seed):
    rng = random.Random(seed)
    articles = factories.make_articles(corpus, *[{"text": f"{TEXT} {n}", "external_id": f"{n}"} for n in range(3)])
    for article in articles:
        factories.suggest(article, *PLACES)
    client, root = Follower(reader, limit=rng.choice([1, 3, 50, 1000])), factories.make_superuser()
    for _ in range(40):
        with contextlib.suppress(Refusal):
            _random_verb(rng, corpus, user, root)
        if rng.random() < 0.3:
            client.follow()
    client.follow()
    assert client.articles == held("desk")
    assert comparable(client.entities) == held_entities("desk")


def _random_verb(rng, corpus, user, root) -> None:
    spans = list(Span.objects.filter(corpus=corpus).order_by("pk"))
    entities = list(Entity.objects.filter(corpus=corpus).order_by("pk"))
    verb = rng.choice(_VERBS)
    if verb == "new" or len(entities) < 2:
        new = NewEntity(f"Name {len(entities)}", rng.choice(["PERSON", "GPE"]))
        link_spans(user=user, corpus=corpus, choices=[LinkChoice(s.pk, new=new) for s in rng.sample(spans, 2)])
        return
    one, other = rng.sample(entities, 2)
    if verb in ("link", "unlink"):
        chosen = rng.sample(spans, rng.randint(1, 4))
        known = dict(Link.objects.filter(span__in=chosen, state="confirmed").values_list("span", "revision"))
        choices = [LinkChoice(span.pk, one.pk, verb=verb, revision=known.get(span.pk)) for span in chosen]
        link_spans(user=user, corpus=corpus, choices=choices)
    elif verb == "merge":
        merge_entities(
            user=user, source=one, target=other, source_revision=one.revision, target_revision=other.revision
        )
    elif verb == "split":
        mentions = list(Link.objects.standing().filter(entity=one).values_list("pk", "revision"))
        moved = dict(rng.sample(mentions, min(len(mentions), 2)))
        split_entity(user=user, entity=one, revision=one.revision, links=moved, name=f"{one.name} II")
    elif verb == "distinct":
        mark_distinct(user=user, first=one, second=other)
    elif verb == "edit":
        _random_edit(rng, user, one)
    elif verb == "undo":
        undo(user=user, decision=rng.choice(list(Decision.objects.filter(corpus=corpus).order_by("-pk")[:6])))
    elif verb == "span":
        span = rng.choice(spans)
        body = {"verb": rng.choice(["confirm", "reject", "relabel"]), "span": span.pk, "revision": span.revision}
        body |= {"label": rng.choice(["ORG", "GPE"])} if body["verb"] == "relabel" else {}
        Rest(user).post(f"articles/{span.article_id}/decisions/", {"decisions": [body]})
    else:
        article = rng.choice(spans).article
        manage = {"user": root, "corpus": corpus, "article_ids": [article.pk]}
        (restore_articles if article.withdrawn_at else withdraw_articles)(**manage)


def _random_edit(rng, user, entity) -> None:
    common = {"user": user, "entity": entity, "revision": entity.revision}
    kind = rng.choice(["identify", "alias", "drop", "rename"])
    if kind == "identify":
        identify(**common, add=[("wikidata", f"Q{rng.randint(1, 5)}")])
    elif kind == "alias":
        add_alias(**common, name=rng.choice(["Zarif", "Minister", "وزیر"]), language="fa")
    elif kind == "drop":
        drop_alias(**common, name=rng.choice(["Zarif", "Minister", "وزیر"]))
    else:
        edit_entity(**common, name=rng.choice(["Assad", "Zarif"]), description=rng.choice(["", "x"]))
