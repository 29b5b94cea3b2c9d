"""Labels over REST: their keys and examples, renaming, hiding, merging and its undo."""

import pytest

from annotations.review.models import Label, Span
from corpusapp.articles.models import Role
from tests import factories
from tests.api.client import Rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return Rest(factories.make_member(corpus, Role.MANAGER))


def address(corpus, name, verb=""):
    return f"labels/{Label.objects.get(corpus=corpus, name=name).pk}/{verb}"


def test_key_and_examples(corpus, manager):
    at = address(corpus, "PERSON")
    changed = manager.patch(at, {"key": "w", "examples": "+ Assad\n- Mr"}).json()
    assert (changed["key"], changed["examples"], changed["hidden"]) == ("w", "+ Assad\n- Mr", False)
    assert manager.patch(at, {"definition": "Names."}).json()["key"] == "w"
    assert manager.patch(at, {"key": "a"}).status_code == 400
    assert manager.patch(address(corpus, "ORG"), {"key": "w"}).status_code == 409
    assert manager.patch(at, {"examples": "Assad"}).status_code == 400


def test_rename_and_hide(corpus, manager):
    pk = Label.objects.get(corpus=corpus, name="PERSON").pk
    assert manager.post(f"labels/{pk}/rename/", {"name": "PER"}).json()["name"] == "PER"
    assert manager.post(f"labels/{pk}/rename/", {"name": "ORG"}).status_code == 409
    assert manager.post(f"labels/{pk}/hide/", {}).json()["hidden"] is True
    assert manager.post(f"labels/{pk}/hide/", {}).status_code == 409
    article = factories.make_article(corpus)
    refused = manager.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "PER"})
    assert (refused.status_code, "is hidden" in refused.json()["detail"]) == (400, True)
    assert manager.post(f"labels/{pk}/show/", {}).json()["hidden"] is False
    assert manager.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "PER"}).status_code == 201


def test_a_merge_and_its_undo(corpus, manager):
    article = factories.make_article(corpus)
    manager.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "NORP"})
    into = Label.objects.get(corpus=corpus, name="GPE")
    merged = manager.post(address(corpus, "NORP", "merge/"), {"into": into.pk}).json()
    assert (merged["label"]["hidden"], merged["label"]["merged_into"]) == (True, into.pk)
    assert Span.objects.get(state="confirmed").label == into
    assert manager.post(f"decisions/{merged['decision']}/undo/", {}).status_code == 201
    assert Span.objects.get().label.name == "NORP"
    assert manager.get(address(corpus, "NORP")).json()["hidden"] is False
    assert manager.post(address(corpus, "NORP", "merge/"), {"into": 10**9}).status_code == 404
    other = Label.objects.get(corpus=factories.make_corpus("other"), name="GPE")
    assert manager.post(address(corpus, "NORP", "merge/"), {"into": other.pk}).status_code == 404
