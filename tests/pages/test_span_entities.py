"""Entities on the article page, and in its forms without scripts."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.models import Entity, Link, Unlinked
from annotations.review.models import Decision, State
from annotations.review.shown_values import read_entities, read_span_value, span_value, write_entities
from corpusapp.core.errors import Invalid
from tests import factories
from tests.pages.reading import tags

TEXT = "Fischer met Muallem. Fischer left on Monday. Fischer spoke."


@pytest.fixture
def found(corpus):
    article = factories.make_article(corpus, TEXT)
    factories.suggest(
        article, (0, 7, "PERSON"), (12, 19, "PERSON"), (21, 28, "PERSON"), (37, 43, "DATE"), (45, 52, "PERSON")
    )
    return article


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, username="maryam")


def new(manager, corpus, name, **more):
    return create_entity(user=manager, corpus=corpus, name=name, label="PERSON", **more).entities[0]


def suggest_link(article, start, entity):
    span = article.spans.get(start=start)
    return Link.objects.create(
        corpus=article.corpus, article=article, span=span, entity=entity, state=State.SUGGESTED, score=0.9,
        pipeline=factories.make_pipeline(), week="2024-01-01",
    )  # fmt: skip


def page_of(client, article, **query):
    return client.get(reverse("article", args=[article.corpus.slug, article.pk]), query).content.decode()


def linked(article):
    rows = Link.objects.standing().filter(article=article).order_by("span__start")
    return list(rows.values_list("span__start", "entity__name", "state", "span__state"))


def choose_address(article, start=0):
    return reverse("span-entity", args=[article.corpus.slug, article.pk, article.spans.get(start=start).pk])


def test_links_are_packed_for_scripts_with_each_name_once(editor, found, manager):
    joschka = new(manager, found.corpus, "Joschka Fischer", description="German minister")
    heinz = new(manager, found.corpus, "Heinz Fischer")
    suggest_link(found, 0, joschka)
    suggest_link(found, 45, joschka)
    Unlinked.objects.create(
        span=found.spans.get(start=21), corpus=found.corpus, article=found, key="fischer", reason="ambiguous",
        candidates=[joschka.pk, heinz.pk],
    )  # fmt: skip
    (packed,) = [value["data-links"] for tag, value in tags(page_of(editor, found)) if "data-links" in value]
    assert json.loads(packed) == {
        "entities": [[joschka.pk, "Joschka Fischer", 2, "German minister"]],
        "links": "0:0:s:0.90:1 4:0",
        "unlinked": {"between Joschka Fischer and Heinz Fischer": [2]},
    }


def test_the_selected_span_shows_its_entity_or_why_it_has_none(editor, found, manager):
    joschka, heinz = new(manager, found.corpus, "Joschka Fischer"), new(manager, found.corpus, "Heinz Fischer")
    suggest_link(found, 0, joschka)
    reasons = {21: ("ambiguous", [joschka.pk, heinz.pk]), 12: ("unknown", []), 45: ("generic", [])}
    for start, (reason, candidates) in reasons.items():
        span = found.spans.get(start=start)
        Unlinked.objects.create(
            span=span, corpus=found.corpus, article=found, key="x", reason=reason, candidates=candidates
        )

    def line(start):
        page = page_of(editor, found, span=found.spans.get(start=start).pk)
        shown = re.search(r'<p class="entity-line">(.*?)</p>', page, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", shown[1]).split()) if shown else None

    assert line(0) == "Joschka Fischer ×1 link suggested 0.90 Change the entity"
    assert line(21) == "Not linked: between Joschka Fischer and Heinz Fischer Link the entity"
    assert line(12) == "Not linked Link the entity"
    assert line(45) == "Not linked: a body that each country has Link the entity"
    # What has no entities says nothing of them.
    assert line(37) is None


def test_screen_readers_hear_of_links(editor, found, manager):
    suggest_link(found, 0, new(manager, found.corpus, "Joschka Fischer"))
    page = page_of(editor, found)
    assert 'aria-label="Fischer, PERSON, suggested, link suggested"' in page
    assert 'aria-label="link suggested: Joschka Fischer"' in page


def test_a_corpus_without_entities_sends_nothing_of_them(editor, found, manager):
    address = reverse("article", args=[found.corpus.slug, found.pk])
    query = {"span": found.spans.get(start=0).pk}
    counts, pages = [], []
    suggest_link(found, 0, new(manager, found.corpus, "Joschka Fischer"))
    for enabled in (True, False):
        found.corpus.entities_enabled = enabled
        found.corpus.save(update_fields=["entities_enabled"])
        editor.get(address, query)
        with CaptureQueriesContext(connection) as queries:
            pages.append(editor.get(address, query).content.decode())
        counts.append(len(queries))
    assert counts == [14, 12]
    without = pages[1].replace("link_", "")
    for word in ("entit", "data-link", "link-", "Not linked", "Fischer, PERSON, suggested, link"):
        assert word not in without, word
    assert editor.get(choose_address(found)).status_code == 404


def test_confirming_in_the_list_confirms_the_link_shown(editor, found, manager):
    joschka = new(manager, found.corpus, "Joschka Fischer")
    suggest_link(found, 0, joschka)
    page = page_of(editor, found)
    (value,) = [
        value["value"]
        for tag, value in tags(page)
        if tag == "button" and value.get("name") == "confirm" and "@" in value["value"]
    ]
    editor.post(reverse("article-decide", args=[found.corpus.slug, found.pk]), {"confirm": value})
    assert linked(found) == [(0, "Joschka Fischer", "confirmed", "confirmed")]


def test_moving_and_relabelling_decide_no_link(editor, found, manager):
    suggest_link(found, 0, new(manager, found.corpus, "Joschka Fischer"))
    span = found.spans.get(start=0)
    value = span_value(span.pk, span.revision, 0, 7, "PERSON", Entity.objects.get().pk)
    address = reverse("article-decide", args=[found.corpus.slug, found.pk])
    editor.post(address, {"span": value, "label": "ORG"})
    assert linked(found) == [(0, "Joschka Fischer", "suggested", "confirmed")]


def test_finishing_confirms_the_links_shown_and_says_how_many(editor, found, manager):
    joschka = new(manager, found.corpus, "Joschka Fischer")
    for start in (0, 21, 45):
        suggest_link(found, start, joschka)
    page = page_of(editor, found)
    assert "Confirm 5 spans, 3 links and finish" in page
    values = {value["name"]: value["value"] for tag, value in tags(page) if value.get("name") in ("shown", "entities")}
    # One is linked to somebody else meanwhile: it stays as it is.
    heinz = new(manager, found.corpus, "Heinz Fischer")
    span = found.spans.get(start=45)
    link_spans(user=manager, corpus=found.corpus, choices=[LinkChoice(span.pk, heinz.pk, revision=1)])
    answer = editor.post(
        reverse("article-finish", args=[found.corpus.slug, found.pk]), {**values, "with_shown": "1"}, follow=True
    )
    assert "4 spans, 2 links confirmed" in " ".join(answer.content.decode().split())
    assert [(name, state) for _, name, state, _ in linked(found)] == [
        ("Joschka Fischer", "confirmed"), ("Joschka Fischer", "confirmed"), ("Heinz Fischer", "confirmed"),
    ]  # fmt: skip


def test_confirming_all_shown_says_how_many_links(editor, found, manager):
    joschka = new(manager, found.corpus, "Joschka Fischer")
    suggest_link(found, 0, joschka)
    page = page_of(editor, found)
    values = {value["name"]: value["value"] for tag, value in tags(page) if value.get("name") in ("shown", "entities")}
    answer = editor.post(
        reverse("article-confirm-shown", args=[found.corpus.slug, found.pk]), values, follow=True
    ).content.decode()
    assert "Confirmed 5 spans, 1 link." in answer
    undo = Decision.objects.order_by("-pk").first()
    editor.post(reverse("article-undo", args=[found.corpus.slug, found.pk]), {"decision": undo.pk})
    assert linked(found) == [(0, "Joschka Fischer", "suggested", "suggested")]


def test_all_like_one_are_linked_to_its_entity(editor, found, manager):
    joschka, heinz = new(manager, found.corpus, "Joschka Fischer"), new(manager, found.corpus, "Heinz Fischer")
    suggest_link(found, 0, joschka)
    suggest_link(found, 45, heinz)
    span = found.spans.get(start=0)
    value = span_value(span.pk, span.revision, 0, 7, "PERSON", joschka.pk)
    preview = editor.post(
        reverse("article-decide", args=[found.corpus.slug, found.pk]), {"confirm": value, "alike": "1"}, follow=True
    ).content.decode()
    fields = [(value["name"], value["value"]) for tag, value in tags(preview) if tag == "input" and "name" in value]
    data = {}
    for name, entry in fields:
        data.setdefault(name, []).append(entry)
    assert len(data["match"]) == 2
    editor.post(reverse("article-alike", args=[found.corpus.slug, found.pk]), data)
    assert linked(found) == [(start, "Joschka Fischer", "confirmed", "confirmed") for start in (0, 21, 45)]
    undo = Decision.objects.order_by("-pk").first()
    editor.post(reverse("article-undo", args=[found.corpus.slug, found.pk]), {"decision": undo.pk})
    assert linked(found) == [
        (0, "Joschka Fischer", "suggested", "suggested"), (45, "Heinz Fischer", "suggested", "suggested"),
    ]  # fmt: skip


def test_what_a_person_decided_of_a_link_is_not_carried_over(editor, found, manager):
    joschka, heinz = new(manager, found.corpus, "Joschka Fischer"), new(manager, found.corpus, "Heinz Fischer")
    suggest_link(found, 0, joschka)
    choices = [LinkChoice(found.spans.get(start=21).pk, joschka.pk, verb="unlink")]
    link_spans(user=manager, corpus=found.corpus, choices=choices)
    suggest_link(found, 45, heinz)
    Link.objects.filter(span__start=45).update(state="confirmed")
    span = found.spans.get(start=0)
    value = span_value(span.pk, span.revision, 0, 7, "PERSON", joschka.pk)
    matches = [f"{found.pk}:{found.spans.get(start=start).pk}:1" for start in (21, 45)]
    editor.post(
        reverse("article-alike", args=[found.corpus.slug, found.pk]),
        {"verb": "confirm", "span": value, "match": matches},
    )
    assert linked(found) == [
        (0, "Joschka Fischer", "confirmed", "confirmed"), (45, "Heinz Fischer", "confirmed", "confirmed"),
    ]  # fmt: skip


def test_an_entity_is_chosen_without_scripts(editor, found, manager):
    joschka = new(manager, found.corpus, "Joschka Fischer", description="German minister")
    suggest_link(found, 0, joschka)
    heinz = new(manager, found.corpus, "Heinz Fischer")
    address = choose_address(found)
    page = editor.get(address, {"q": "heinz"}).content.decode()
    radios = [value for tag, value in tags(page) if value.get("type") == "radio"]
    assert [value["value"] for value in radios] == [str(joschka.pk), str(heinz.pk), "none", "new"]
    assert "and the 2 others like it" in " ".join(page.split())
    answer = editor.post(address, {"entity": heinz.pk, "revision": "1", "alike": "on"}, follow=True)
    assert "Linked “Fischer” to Heinz Fischer." in answer.content.decode()
    assert linked(found) == [(start, "Heinz Fischer", "confirmed", "confirmed") for start in (0, 21, 45)]


def test_a_new_entity_without_scripts(editor, found):
    answer = editor.post(
        choose_address(found), {"entity": "new", "name": "Joschka Fischer", "label": "PERSON"}, follow=True
    )
    assert "Linked “Fischer” to Joschka Fischer." in answer.content.decode()
    assert linked(found) == [(0, "Joschka Fischer", "confirmed", "confirmed")]


def test_not_this_entity_without_scripts(editor, found, manager):
    joschka = new(manager, found.corpus, "Joschka Fischer")
    suggest_link(found, 0, joschka)
    editor.post(choose_address(found), {"entity": "none", "now": joschka.pk, "revision": "1"})
    assert linked(found) == []


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({}, 400, "No entity chosen"),
        ({"entity": "x"}, 400, "is not an entity ID"),
        ({"entity": "999999"}, 404, "There is no entity 999999"),
        ({"entity": "new", "name": " "}, 400, "The name is empty"),
        ({"entity": "new", "name": "A", "label": "NONE"}, 404, "no label"),
    ],
)
def test_a_refused_choice_shows_the_form_again(editor, found, values, status, words):
    answer = editor.post(choose_address(found), values)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert linked(found) == [] and not Entity.objects.exists()


def test_readers_and_strangers_choose_no_entities(client, found):
    address = choose_address(found)
    assert client.get(address).status_code == 302
    for role, status in ((None, 404), ("reader", 403)):
        user = factories.make_member(found.corpus, role=role) if role else factories.make_user("stranger")
        client.force_login(user)
        assert client.get(address).status_code == status


def test_form_values_name_entities():
    assert write_entities([(12, 7), (13, 7)]) == "12:7 13:7"
    assert read_entities("12:7 13:7") == {12: 7, 13: 7}
    assert read_span_value("12:3:0:5:PERSON@7")["entity"] == 7
    assert "entity" not in read_span_value("12:3:0:5:PERSON")
    for value in ("12", "12:x", "12:7:1"):
        with pytest.raises(Invalid, match="is not a span and its entity"):
            read_entities(value)


def test_the_heartbeat_tells_of_changed_links(editor, found, manager):
    pulse = reverse("article-pulse", args=[found.corpus.slug, found.pk])
    before = editor.get(pulse).json()["mark"]
    link = suggest_link(found, 0, new(manager, found.corpus, "Joschka Fischer"))
    after = editor.get(pulse).json()["mark"]
    assert before.split("-")[3:] == ["0", "0", "0", "open"]
    assert after.split("-")[3:] == ["1", str(link.entity_id), "1", "open"]
