"""What the database itself refuses, whatever the code does."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.models import Entity, EntityChange, Link, LinkChange
from annotations.review.models import Label
from tests import factories

pytestmark = pytest.mark.django_db


def make(slug):
    corpus = factories.make_corpus(slug)
    article = factories.make_article(corpus)
    first, second = factories.suggest(article, (0, 5, "PERSON"), (44, 50, "GPE"))
    choices = [LinkChoice(span.pk, new=NewEntity(name, "PERSON")) for span, name in ((first, "A"), (second, "B"))]
    link_spans(user=factories.make_superuser(), corpus=corpus, choices=choices)
    return corpus, *Entity.objects.filter(corpus=corpus).order_by("pk"), Link.objects.get(span=first)


@pytest.fixture
def here():
    return make("here")


@pytest.fixture
def there():
    return make("there")


def refused(statement, *values, constraint=""):
    with pytest.raises((IntegrityError, DatabaseError)) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert constraint in str(error.value), error.value


def test_a_link_across_corpora(here, there):
    _, _, _, link = here
    _, foreign, _, of_there = there
    refused("UPDATE entities_link SET entity_id = %s WHERE id = %s", foreign.pk, link.pk, constraint="link_entity")
    moved = "UPDATE entities_link SET span_id = %s WHERE id = %s"
    refused(moved, of_there.span_id, link.pk, constraint="not in its article")
    refused("UPDATE entities_link SET corpus_id = %s WHERE id = %s", foreign.corpus_id, link.pk)


def test_an_entity_with_a_label_alias_or_target_of_another_corpus(here, there):
    _, entity, _, _ = here
    _, foreign, _, _ = there
    label = Label.objects.filter(corpus=foreign.corpus).first()
    refused("UPDATE entities_entity SET label_id = %s WHERE id = %s", label.pk, entity.pk, constraint="entity_label")
    merged = "UPDATE entities_entity SET state = 'merged', merged_into_id = %s WHERE id = %s"
    refused(merged, foreign.pk, entity.pk, constraint="entity_merged_in_same_corpus")
    refused(merged, entity.pk, entity.pk, constraint="entity_not_merged_into_itself")
    refused("UPDATE entities_alias SET entity_id = %s WHERE entity_id = %s", foreign.pk, entity.pk)
    identifier = "INSERT INTO entities_identifier (corpus_id, entity_id, scheme, value) VALUES (%s, %s, 'x', 'y')"
    refused(identifier, entity.corpus_id, foreign.pk, constraint="identifier_of_same_corpus")
    pair = "INSERT INTO entities_possibleduplicate (corpus_id, first_id, second_id, score, evidence, saves) VALUES (%s, %s, %s, 1, '[]', 0)"
    refused(pair, entity.corpus_id, entity.pk, foreign.pk, constraint="duplicate_second_of_same_corpus")


def test_states_without_what_they_need(here):
    _, entity, _, link = here
    for column, value in (("state", "merged"), ("state", "suggested"), ("state", "x"), ("name", "")):
        refused(f"UPDATE entities_entity SET {column} = %s WHERE id = %s", value, entity.pk, constraint="entity_")
    for column, value in (("state", "suggested"), ("state", "x"), ("score", 2), ("span_id", None)):
        refused(f"UPDATE entities_link SET {column} = %s WHERE id = %s", value, link.pk, constraint="link_")


def test_a_second_link_of_a_span(here):
    _, _, other, link = here
    copied = (
        "INSERT INTO entities_link (corpus_id, article_id, span_id, entity_id, state, week) "
        "SELECT corpus_id, article_id, span_id, %s, 'confirmed', week FROM entities_link WHERE id = %s"
    )
    refused(copied, other.pk, link.pk, constraint="link_one_per_span")
    refused(copied, link.entity_id, link.pk, constraint="link_once_per_span_and_entity")


@pytest.mark.parametrize("model", [EntityChange, LinkChange])
def test_the_log_is_only_added_to(here, model):
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET verb = 'link'", f"DELETE FROM {table}"):
        refused(statement, constraint="only added to")
