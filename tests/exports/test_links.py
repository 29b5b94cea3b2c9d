"""Links of spans in exports: whose, in which states, and at what cost."""

import json

import pytest

from annotations.entities.actions.entities import create_entity, identify
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.models import Link
from annotations.exports.queries.records import chosen_records, export_records
from annotations.exports.selection import Selection
from annotations.formats.records import EntityRecord
from annotations.review.models import Span
from tests import factories
from tests.api.client import Rest
from tests.exports.cast import ANY

EVERY_STATE = Selection(states=("confirmed", "suggested", "rejected"), stages=("any",), chrome=True)


@pytest.fixture
def corpus(db):
    return factories.make_corpus()


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus, "Zarif met Assad. Zarif left.")


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


def make_entity(editor, corpus, name, *identifiers):
    (entity,) = create_entity(user=editor, corpus=corpus, name=name, label="PERSON").entities
    if identifiers:
        identify(user=editor, entity=entity, revision=entity.revision, add=identifiers)
    return entity


def link(editor, corpus, *pairs):
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, entity.pk) for span, entity in pairs])


def suggest_link(span, entity):
    """As a linker does."""
    Link.objects.create(
        corpus_id=span.corpus_id, article_id=span.article_id, span=span, entity=entity, state="suggested", score=0.75,
        pipeline=factories.make_pipeline("linker"), week="2026-01-05",
    )  # fmt: skip


def entities(corpus, selection=ANY):
    return {
        (span.start, span.state): span.entity for record in export_records(corpus, selection) for span in record.spans
    }


def test_a_linked_span_has_its_entity_with_identifiers(corpus, article, editor):
    first, second, _ = factories.suggest(article, (0, 5, "PERSON"), (10, 15, "PERSON"), (17, 22, "PERSON"))
    zarif = make_entity(editor, corpus, "Javad Zarif", ("wikidata", "Q1"), ("viaf", "9"), ("viaf", "8"))
    assad = make_entity(editor, corpus, "Assad")
    link(editor, corpus, (first, zarif), (second, assad))
    identifiers = (("viaf", "8"), ("viaf", "9"), ("wikidata", "Q1"))
    expected = EntityRecord(zarif.pk, "Javad Zarif", identifiers, "confirmed", None, 1)
    assert entities(corpus)[0, "confirmed"] == expected
    assert entities(corpus, EVERY_STATE) == {
        (0, "confirmed"): expected,
        (10, "confirmed"): EntityRecord(assad.pk, "Assad", (), "confirmed", None, 1),
        (17, "suggested"): None,
    }
    (record,) = chosen_records([article.pk], [corpus])
    assert record.spans[0].entity == expected


def test_suggested_links_come_with_suggested_spans_alone(corpus, article, editor):
    (decided,) = factories.suggest(article, (0, 5, "PERSON"))
    zarif = make_entity(editor, corpus, "Zarif")
    link(editor, corpus, (decided, zarif))
    waiting, other = factories.suggest(article, (10, 15, "PERSON"), (17, 22, "PERSON"))
    suggest_link(waiting, zarif)
    Span.objects.filter(pk=other.pk).update(state="confirmed", pipeline=None, score=None)
    suggest_link(other, zarif)
    states = {key: entity and entity.state for key, entity in entities(corpus, EVERY_STATE).items()}
    assert states == {(0, "confirmed"): "confirmed", (10, "suggested"): "suggested", (17, "confirmed"): "suggested"}
    assert entities(corpus)[17, "confirmed"] is None
    found = entities(corpus, Selection(states=("suggested",), stages=("any",)))
    assert found[10, "suggested"].score == 0.75


def test_links_of_rejected_spans_and_links_that_were_rejected_stay_out(corpus, article, editor):
    first, second = factories.suggest(article, (0, 5, "PERSON"), (10, 15, "PERSON"))
    zarif, assad = make_entity(editor, corpus, "Zarif"), make_entity(editor, corpus, "Assad")
    link(editor, corpus, (first, zarif), (second, zarif))
    revision = Link.objects.get(span=second).revision
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(second.pk, assad.pk, revision=revision)])
    rest, span = Rest(editor), Span.objects.get(pk=first.pk)
    body = {"decisions": [{"verb": "reject", "span": span.pk, "revision": span.revision}]}
    assert rest.post(f"articles/{article.pk}/decisions/", body).status_code == 201
    found = entities(corpus, EVERY_STATE)
    assert found[0, "rejected"] is None and found[10, "confirmed"].name == "Assad"


def test_a_corpus_without_entities_has_none_and_asks_for_none(corpus, article, editor, django_assert_num_queries):
    (span,) = factories.suggest(article, (0, 5, "PERSON"))
    link(editor, corpus, (span, make_entity(editor, corpus, "Zarif")))
    with django_assert_num_queries(7):
        assert entities(corpus)[0, "confirmed"].name == "Zarif"
    corpus.entities_enabled = False
    corpus.save()
    with django_assert_num_queries(5):
        assert entities(corpus) == {(0, "confirmed"): None}
    response = Rest(editor).get("corpora/desk/export/", stage="any")
    (line,) = b"".join(response.streaming_content).splitlines()
    assert "entity" not in json.loads(line)["spans"][0]


def test_statements_do_not_grow_with_articles(corpus, editor, django_assert_num_queries):
    articles = factories.make_articles(corpus, *[{"text": f"Zarif {n}"} for n in range(30)])
    zarif = make_entity(editor, corpus, "Zarif")
    for article in articles:
        link(editor, corpus, (*factories.suggest(article, (0, 5, "PERSON")), zarif))
    with django_assert_num_queries(7):
        assert len([record for record in export_records(corpus, ANY) if record.spans[0].entity]) == 30
