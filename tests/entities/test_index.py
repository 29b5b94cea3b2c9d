"""The list of entities: filters, orders, pages and refusals."""

import pytest

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.merge import merge_entities
from annotations.entities.queries.index import EntityFilter, list_and_count, list_entities
from corpusapp.core.errors import Invalid
from tests.factories import make_corpus, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def create(corpus):
    editor = make_member(corpus)

    def make(name, label="PERSON", **more):
        return create_entity(user=editor, corpus=corpus, name=name, label=label, **more).entities[0]

    make.editor = editor
    return make


def _names(corpus, order="name", **filters):
    return [entity.name for entity in list_entities(corpus, EntityFilter(**filters), order).rows]


def test_filters_by_label_identifier_and_search(corpus, create):
    create("Damascus", "GPE", identifiers=[("wikidata", "Q3766")])
    create("Walid Muallem", identifiers=[("viaf", "1")])
    create("Muallem")
    assert _names(corpus) == ["Damascus", "Muallem", "Walid Muallem"]
    assert _names(corpus, label="GPE") == ["Damascus"] and _names(corpus, label="NONE") == []
    assert _names(corpus, scheme="wikidata") == _names(corpus, scheme="wikidata", identifier="Q3766") == ["Damascus"]
    assert _names(corpus, scheme="wikidata", identifier="Q1") == []
    assert _names(corpus, search="muallem") == ["Muallem", "Walid Muallem"]
    assert list_and_count(corpus, EntityFilter(search="muallem"))[1] == 2
    assert _names(make_corpus("other")) == []


@pytest.mark.parametrize("order", ["name", "-mentions", "-id"])
def test_pages_by_key_list_each_entity_once(corpus, create, order):
    made = [create(name).pk for name in ("B", "A", "C", "A")]
    seen, cursor = [], ""
    while cursor is not None:
        page = list_entities(corpus, EntityFilter(), order, cursor=cursor, size=1)
        seen += [entity.pk for entity in page.rows]
        cursor = page.next_cursor
    assert sorted(seen) == made
    assert seen == ([made[1], made[3], made[0], made[2]] if order == "name" else made[::-1])


def test_a_merged_entity_is_listed_only_by_its_state(corpus, create):
    one, other = create("Zarif"), create("Javad Zarif")
    merge_entities(user=create.editor, source=one, target=other, source_revision=1, target_revision=1)
    assert _names(corpus) == ["Javad Zarif"]
    assert _names(corpus, states=["merged"]) == _names(corpus, states=["merged"], search="zarif") == ["Zarif"]
    assert _names(corpus, states=["merged", "confirmed"]) == ["Javad Zarif", "Zarif"]


@pytest.mark.parametrize(
    ("filters", "order", "field"),
    [
        ({"search": " "}, "name", "search"), ({"search": "a\0"}, "name", "search"),
        ({"label": "\ud800"}, "name", "label"),
        ({"states": ["new"]}, "name", "state"), ({"identifier": "Q1"}, "name", "scheme"), ({}, "mentions", "order"),
    ],
)  # fmt: skip
def test_unknown_filters_and_orders_are_refused(corpus, filters, order, field):
    with pytest.raises(Invalid) as refused:
        list_entities(corpus, EntityFilter(**filters), order)
    assert refused.value.field == field
