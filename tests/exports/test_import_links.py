"""Links that come in with spans: which entities they are, and that they are decisions of the importer."""

import io
import json

import pytest

from annotations.entities.actions.entities import create_entity, identify
from annotations.entities.models import Alias, Entity, EntityChange, Identifier, Link, LinkChange
from annotations.exports.actions.import_project import import_project
from annotations.exports.queries.records import export_records
from annotations.exports.selection import Selection
from annotations.formats.registry import formats
from annotations.review.models import Decision
from corpusapp.articles.models import ImportProblem
from corpusapp.core.errors import Invalid
from corpusapp.intake.draft import Unfit, draft_from_record
from tests import factories
from tests.feed.copying import Follower, comparable, held, held_entities

ALL = Selection(states=("confirmed", "suggested", "rejected"), stages=("any",), chrome=True)
WITH_LINKS = ["jsonl", "jsonl-tokens", "docbin", "doccano", "label-studio", "brat", "web-annotation", "cas-xmi"]


@pytest.fixture
def corpus(db):
    return factories.make_corpus()


def article(text, *spans):
    entities = [{"start": s, "end": e, "label": label, "entity": entity} for s, e, label, entity in spans]
    return {"text": text, "spans": entities}


def bring_in(corpus, *records):
    return factories.make_articles(corpus, *records)


def linked(corpus):
    return [
        (span.start, span.entity and span.entity.name)
        for record in export_records(corpus, ALL)
        for span in record.spans
    ]


@pytest.mark.parametrize("name", WITH_LINKS)
def test_out_by_each_format_and_in_again(corpus, name):
    zarif = {"id": 7, "name": "Javad Zarif", "identifiers": {"wikidata": ["Q1"], "viaf": ["2"]}}
    fischers = [{"id": 8, "name": "Fischer"}, {"id": 9, "name": "Fischer"}]
    bring_in(
        corpus,
        article("Zarif met Fischer.", (0, 5, "PERSON", zarif), (10, 17, "PERSON", fischers[0])),
        article("Fischer met Zarif.", (0, 7, "PERSON", fischers[1]), (12, 17, "PERSON", zarif)),
    )
    assert Entity.objects.filter(corpus=corpus).count() == 3
    out = io.BytesIO()
    assert formats.get(name).write(export_records(corpus, ALL), out).whole
    out.seek(0)
    imported = import_project(user=factories.make_superuser(), slug="again", source=out, name="file", format=name)
    again = imported.batch.corpus
    assert linked(again) == linked(corpus) and len(linked(again)) == 4
    assert Entity.objects.filter(corpus=again).count() == 3
    found = Entity.objects.get(corpus=again, name="Javad Zarif")
    assert list(found.identifiers.values_list("scheme", "value")) == [("viaf", "2"), ("wikidata", "Q1")]
    assert {(one.mentions, one.confirmed) for one in Entity.objects.filter(corpus=again)} == {(2, 2), (1, 1)}


def test_an_entity_is_found_by_identifier_then_by_name_and_label(corpus):
    editor = factories.make_member(corpus)
    (known,) = create_entity(user=editor, corpus=corpus, name="M. J. Zarif", label="PERSON").entities
    identify(user=editor, entity=known, revision=1, add=[("wikidata", "Q1")])
    (named,) = create_entity(user=editor, corpus=corpus, name="Ankara", label="GPE").entities
    bring_in(
        corpus,
        article(
            "Zarif flew to Ankara with Ankara.",
            (0, 5, "PERSON", {"id": 1, "name": "Zarif", "identifiers": {"wikidata": "Q1", "viaf": ["5"]}}),
            (14, 20, "GPE", {"id": 2, "name": "Ankara"}),
            (26, 32, "ORG", {"id": 3, "name": "Ankara"}),
        ),
    )
    assert list(Link.objects.order_by("pk").values_list("entity__name", "entity__label__name")) == [
        ("M. J. Zarif", "PERSON"), ("Ankara", "GPE"), ("Ankara", "ORG"),
    ]  # fmt: skip
    assert Link.objects.order_by("pk").values_list("entity", flat=True)[1] == named.pk
    # What is known of an entity stays as it is.
    assert Identifier.objects.filter(entity=known).count() == 1
    assert Alias.objects.get(entity=known, name="Zarif").mentions == 1


def test_the_same_name_with_another_identifier_is_another(corpus):
    first = {"name": "Springfield", "identifiers": {"wikidata": ["Q1"]}}
    second = {"name": "Springfield", "identifiers": {"wikidata": ["Q2"]}}
    bring_in(corpus, article("Springfield", (0, 11, "GPE", first)))
    bring_in(corpus, article("Springfield again", (0, 11, "GPE", second)))
    assert Entity.objects.filter(corpus=corpus).count() == 2
    # Without an identifier, which of the two is meant cannot be told.
    bring_in(corpus, article("Springfield, Springfield", (0, 11, "GPE", {"name": "Springfield"})))
    assert Link.objects.count() == 2


def test_keys_with_a_common_identifier_are_one_entity(corpus):
    entities = [{"id": n, "name": f"Zarif {n}", "identifiers": {"wikidata": ["Q1"]}} for n in (1, 2)]
    bring_in(corpus, article("Zarif left Zarif.", (0, 5, "PERSON", entities[0]), (11, 16, "PERSON", entities[1])))
    assert [(entity.name, entity.mentions) for entity in Entity.objects.all()] == [("Zarif 1", 2)]


def test_they_are_decisions_of_the_importer_and_events(corpus):
    client = Follower(factories_rest(corpus))
    rows = bring_in(
        corpus,
        article("Zarif left.", (0, 5, "PERSON", {"name": "Zarif"})),
        article("Zarif came. Assad.", (0, 5, "PERSON", {"name": "Zarif"}), (12, 17, "PERSON", {"name": "Assad"})),
    )
    decisions = Decision.objects.filter(verb="import").order_by("pk")
    assert [decision.article_id for decision in decisions] == [row.pk for row in rows]
    assert {decision.user.username for decision in decisions} == {"root"}
    assert list(LinkChange.objects.order_by("pk").values_list("decision", "verb", "after_state", "after_revision")) == [
        (decisions[0].pk, "import", "confirmed", 1), *[(decisions[1].pk, "import", "confirmed", 1)] * 2,
    ]  # fmt: skip
    assert set(EntityChange.objects.values_list("verb", "before")) == {("import", None)}
    client.follow()
    assert client.articles == held("desk") and comparable(client.entities) == held_entities("desk")
    assert len(client.entities) == 2


def factories_rest(corpus):
    from tests.api.client import Rest

    return Rest(factories.make_member(corpus, "reader"))


def test_suggested_entities_are_confirmed_and_merged_ones_say_where_they_went(corpus):
    pipeline = factories.make_pipeline("linker")
    Entity.objects.create(
        corpus=corpus, name="Zarif", label=corpus.labels.get(name="PERSON"), state="suggested", pipeline=pipeline
    )
    bring_in(corpus, article("Zarif left.", (0, 5, "PERSON", {"name": "Zarif"})))
    assert list(Entity.objects.values_list("state", "revision")) == [("confirmed", 1)]


def test_what_is_not_decided_brings_no_link(corpus):
    entity = {"name": "Zarif"}
    spans = [
        {"start": 0, "end": 5, "label": "PERSON", "state": state, "entity": entity}
        for state in ("suggested", "rejected")
    ]
    bring_in(corpus, {"text": "Zarif left.", "spans": spans[:1]}, {"text": "Zarif came.", "spans": spans[1:]})
    bring_in(corpus, article("Zarif is here.", (0, 5, "PERSON", {**entity, "state": "suggested"})))
    bring_in(corpus, article("On Monday.", (3, 9, "DATE", {"name": "Monday"})))
    assert not Link.objects.exists() and not Entity.objects.exists()


def test_a_corpus_without_entities_takes_the_spans_alone(corpus):
    corpus.entities_enabled = False
    corpus.save()
    bring_in(corpus, article("Zarif left.", (0, 5, "PERSON", {"name": "Zarif"})))
    assert not Entity.objects.exists()
    assert linked(corpus) == [(0, None)]


def test_all_or_none_with_the_articles(corpus, monkeypatch):
    def fail(**values):
        raise Invalid("not now")

    monkeypatch.setattr("annotations.entities.subscribers.import_links", fail)
    with pytest.raises(Invalid):
        factories.make_article(corpus, "Zarif left.", spans=[[0, 5, "PERSON"]])
    assert not Entity.objects.exists() and not corpus.articles.exists()


@pytest.mark.parametrize(
    ("entity", "field", "reason"),
    [
        ("Zarif", "entity", "an object"),
        ({"id": 3}, "entity.name", "needs a name"),
        ({"name": " "}, "entity.name", "needs a name"),
        ({"name": "x" * 301}, "entity.name", "301 characters"),
        ({"name": "a\x07b"}, "entity.name", "control character"),
        ({"name": "Zarif", "identifiers": ["Q1"]}, "entity.identifiers", "an object of schemes"),
        ({"name": "Zarif", "identifiers": {"wikidata": [1]}}, "entity.identifiers", "all of them texts"),
    ],
)
def test_what_is_wrong_with_an_entity_is_said(entity, field, reason):
    with pytest.raises(Unfit, match=reason) as refused:
        draft_from_record(article("Zarif left.", (0, 5, "PERSON", entity)))
    assert refused.value.field == f"spans[0].{field}"


def test_entities_of_other_tools_that_do_not_fit_are_noted(corpus):
    line = article("Zarif left. Assad.", (0, 5, "PERSON", {"name": "x" * 301}), (12, 17, "PERSON", {"name": "Assad"}))
    source = io.BytesIO(json.dumps(line).encode())
    imported = import_project(
        user=factories.make_superuser(), slug="desk", source=source, name="a.jsonl", format="jsonl"
    )
    assert linked(corpus) == [(0, None), (12, "Assad")]
    (note,) = ImportProblem.objects.filter(batch=imported.batch)
    assert "1 to 300 characters" in note.reason


def test_hostile_identifiers_are_left_out(corpus):
    pairs = {"wikidata": ["Q1", "Q1 <script>"], "x" * 61: ["1"], "own": ["y" * 10_000]}
    bring_in(corpus, article("Zarif left.", (0, 5, "PERSON", {"name": "Zarif", "identifiers": pairs})))
    assert list(Identifier.objects.values_list("scheme", "value")) == [("wikidata", "Q1")]
