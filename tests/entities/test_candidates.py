"""The candidates for a span, and the search for entities in any spelling."""

import pytest

from annotations.entities.actions.entities import create_entity, drop_alias
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.models import Entity
from annotations.entities.queries.candidates import candidates_for
from annotations.entities.queries.search import search_entities
from annotations.review.models import Label
from annotations.review.queries.lookups import get_span
from corpusapp.core.errors import NotFound
from tests.factories import make_article, make_corpus, make_member, make_user, suggest

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def editor(corpus):
    return make_member(corpus)


@pytest.fixture
def span(corpus, editor):
    (made,) = suggest(make_article(corpus, "The bridge at Drelnik is closed."), (14, 21, "GPE"))
    return get_span(editor, made.pk)


def create(editor, corpus, name="Drelnik", mentions=0, label="GPE", **more):
    made = create_entity(user=editor, corpus=corpus, name=name, label=label, **more).entities[0]
    Entity.objects.filter(pk=made.pk).update(mentions=mentions)
    return made


def found(corpus, words, **more):
    return [Entity.objects.get(pk=pk).name for pk in search_entities(corpus, words, **more)]


def test_candidates_have_the_name_of_the_span(corpus, editor, span):
    drelnik = create(editor, corpus, description="a town on the coast", mentions=7)
    create(editor, corpus, "Orvany")
    (candidate,) = candidates_for(editor, span)
    assert candidate[:6] == (drelnik.pk, "Drelnik", "GPE", "a town on the coast", 7, "confirmed")
    assert candidate.reasons


def test_at_most_three_are_offered(corpus, editor, span):
    for mentions in range(5):
        create(editor, corpus, mentions=mentions)
    assert [one.mentions for one in candidates_for(editor, span)] == [4, 3, 2]


def test_what_the_span_is_linked_to_is_first(corpus, editor, span):
    create(editor, corpus, mentions=9)
    other = create(editor, corpus, "Orvany")
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, other.pk)])
    assert candidates_for(editor, span)[0].entity == other.pk


def test_what_a_person_said_it_is_not_is_left_out(corpus, editor, span):
    wrong = create(editor, corpus)
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, wrong.pk, verb="unlink")])
    assert candidates_for(editor, span) == []


def test_strangers_and_corpora_without_entities_get_none(corpus, editor, span):
    create(editor, corpus)
    with pytest.raises(NotFound):
        candidates_for(make_user("stranger"), span)
    corpus.entities_enabled = span.article.corpus.entities_enabled = False
    corpus.save()
    assert candidates_for(editor, span) == []


def test_a_name_is_found_in_any_case_and_by_its_beginning_and_middle(corpus, editor):
    create(editor, corpus, "Marta Kovalenko", label="PERSON")
    for words in ("marta kovalenko", "MARTA KOVALENKO", "Marta K", "ovalen", "  Marta   Kovalenko "):
        assert found(corpus, words) == ["Marta Kovalenko"], words
    for words in ("", "  ", "Petra", "%", "&", "=", "/", "_arta", "\0"):
        assert found(corpus, words) == [], words


def test_the_same_name_comes_before_names_that_begin_so(corpus, editor):
    create(editor, corpus, "Drelnik Harbour", mentions=50)
    create(editor, corpus, "Drelnik", mentions=1)
    create(editor, corpus, "North Drelnik", mentions=90)
    assert found(corpus, "drelnik") == ["Drelnik", "Drelnik Harbour", "North Drelnik"]
    assert found(corpus, "drelnik", limit=2) == ["Drelnik", "Drelnik Harbour"]


def test_search_keeps_to_labels_and_to_the_corpus(corpus, editor):
    create(editor, corpus, "Drelnik")
    create(editor, corpus, "Drelnik", label="ORG")
    elsewhere = make_corpus("elsewhere")
    create(make_member(elsewhere, username="other"), elsewhere, "Drelnik")
    orgs = [Label.objects.get(corpus=corpus, name="ORG").pk]
    assert len(found(corpus, "Drelnik")) == 2
    assert [Entity.objects.get(pk=pk).label_id for pk in search_entities(corpus, "Drelnik", labels=orgs)] == orgs


def test_dropped_aliases_do_not_find_their_entity(corpus, editor):
    made = create(editor, corpus, "Drelnik", aliases=["Old Town"])
    assert found(corpus, "old town") == ["Drelnik"]
    drop_alias(user=editor, entity=made, revision=made.revision, name="Old Town")
    assert found(corpus, "old town") == []
