"""Corpora with their counts, labels and zones, and requests for new suggestions."""

import pytest

from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Corpus, Zone
from tests import factories
from tests.api.client import Rest, refusal


def test_corpus_has_counts_of_its_progress(article, editor):
    span = editor.get(f"articles/{article.pk}/spans/").json()["results"][0]
    editor.patch(f"spans/{span['id']}/", {"revision": 1, "state": "confirmed"})
    corpus = editor.get("corpora/desk/").json()
    assert (corpus["slug"], corpus["articles"]) == ("desk", 1)
    assert corpus["stages"] == {"new": 0, "suggested": 0, "in_review": 1, "done": 0}
    assert corpus["spans"] == {"suggested": 2, "confirmed": 1, "rejected": 0}
    refusal(editor.get("corpora/nosuch/"), 404)


def test_labels_are_listed_at_both_addresses(corpus, reader):
    labels = reader.get("corpora/desk/labels/").json()["results"]
    assert [label["name"] for label in labels][:3] == ["PERSON", "ORG", "GPE"] and len(labels) == 18
    assert reader.get("labels/?corpus=desk").json()["results"] == labels
    assert reader.get(f"labels/{labels[0]['id']}/").json() == labels[0]
    refusal(reader.get("labels/"), 400, "corpus")


def test_managers_add_and_edit_labels(corpus, manager, editor):
    response = manager.post("corpora/desk/labels/", {"name": "WEAPON", "family": "things", "position": 30})
    assert response.status_code == 201
    label = response.json()
    edited = manager.patch(f"labels/{label['id']}/", {"definition": "Named kinds of arms."}).json()
    assert edited == {**label, "definition": "Named kinds of arms."}
    refusal(editor.patch(f"labels/{label['id']}/", {"definition": "x"}), 403)
    refusal(manager.post("labels/?corpus=desk", {"name": "WEAPON"}), 409, "name")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": None}, "name"),
        ({"family": "animals"}, "family"),
        ({"position": -1}, "position"),
        ({"position": 40000}, "position"),
        ({"position": "3"}, "position"),
        ({"colour": "red"}, None),
    ],
)
def test_invalid_label_is_refused(corpus, manager, change, field):
    refusal(manager.post("corpora/desk/labels/", {"name": "WEAPON", **change}), 400, field)


def test_name_of_a_label_cannot_change(corpus, manager):
    label = manager.get("labels/?corpus=desk").json()["results"][0]
    refusal(manager.patch(f"labels/{label['id']}/", {"name": "HUMAN"}), 400)


def test_zones_are_added_and_removed(article, editor):
    new = {"start": 0, "end": 5, "kind": "title"}
    response = editor.post(f"articles/{article.pk}/zones/", new)
    assert (response.status_code, response.json()) == (201, {"id": Zone.objects.get().pk, **new})
    assert refusal(editor.post(f"articles/{article.pk}/zones/", new), 409)["current"] == response.json()
    assert editor.get(f"articles/{article.pk}/zones/").json()["results"] == [response.json()]
    assert editor.delete(f"zones/{response.json()['id']}/").status_code == 204
    refusal(editor.delete(f"zones/{response.json()['id']}/"), 404)


@pytest.mark.parametrize("kind", ["", "headline", None, 3])
def test_zone_of_an_unknown_kind_is_refused(article, editor, kind):
    refusal(editor.post(f"articles/{article.pk}/zones/", {"start": 0, "end": 5, "kind": kind}), 400, "kind")


def test_new_suggestions_can_be_requested(article, corpus, editor):
    other = factories.make_article(corpus, "Another.")
    some = editor.post("corpora/desk/suggest/", {"articles": [other.pk]})
    assert (some.status_code, some.json()["suggestions"]["pending"]) == (202, 1)
    every = editor.post("corpora/desk/suggest/").json()
    assert every["suggestions"]["total"] == 2
    assert editor.get(f"runs/{every['id']}/").json() == every
    assert RunItem.objects.count() == 3


@pytest.mark.parametrize(("articles", "status"), [([], 400), ([10**9], 404), ([10**25], 404), (["1"], 400), (7, 400)])
def test_suggestions_are_refused_for_articles_of_other_corpora(article, editor, articles, status):
    document = refusal(editor.post("corpora/desk/suggest/", {"articles": articles}), status)
    assert document["field"].startswith("articles")
    assert not Run.objects.exists()


def test_import_has_the_progress_of_its_suggestions(corpus, manager):
    report = manager.post("articles/?corpus=desk", [{"text": "One."}, {"text": "Two."}]).json()
    batch = manager.get(f"batches/{report['id']}/").json()
    assert {name: batch[name] for name in report} == report
    assert (batch["origin"], batch["user"], batch["suggestions"]["pending"]) == ("rest", "manager", 2)


def test_a_corpus_is_created_with_a_label_set(db):
    root = Rest(factories.make_superuser())
    refused = root.post("corpora/", {"slug": "wire", "label_set": "wordnet"})
    assert (refused.status_code, refused.json()["field"]) == (400, "label_set")
    assert root.post("corpora/", {"slug": "wire", "label_set": "conll"}).status_code == 201
    assert [label["name"] for label in root.get("labels/?corpus=wire").json()["results"]] == [
        "PER",
        "ORG",
        "LOC",
        "MISC",
    ]


PUBLICATION = {"licence": "CC-BY-4.0", "version": "1.2.0", "citation": "@misc{wire,\n}", "contact": "a@example.org"}


def test_licence_version_citation_and_contact(corpus, manager, reader):
    empty = dict.fromkeys(PUBLICATION, "")
    assert manager.get("corpora/desk/").json().items() >= empty.items()
    changed = manager.patch("corpora/desk/", PUBLICATION).json()
    assert changed.items() >= PUBLICATION.items() and changed["name"] == corpus.name
    assert reader.get("corpora/").json()["results"][0].items() >= PUBLICATION.items()
    # What is left out stays; line ends are those of stored texts; what is empty is no longer stated.
    assert manager.patch("corpora/desk/", {"citation": "a\r\nb\rc", "contact": ""}).json().items() >= {
        **PUBLICATION, "citation": "a\nb\nc", "contact": ""
    }.items()  # fmt: skip
    root = Rest(factories.make_superuser())
    created = root.post("corpora/", {"slug": "wire", **PUBLICATION})
    assert created.status_code == 201 and created.json().items() >= PUBLICATION.items()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("licence", "x" * 501), ("licence", "a\nb"), ("licence", 7), ("licence", None), ("version", "x" * 101),
        ("version", "1\x00"), ("citation", "x" * 10_001), ("citation", "a\x07"), ("citation", "a\ud800"),
        ("citation", "\uffff"), ("contact", "x" * 501), ("contact", "a\tb"), ("contact", ["a"]),
    ],
)  # fmt: skip
def test_what_no_file_could_hold_is_refused(corpus, manager, field, value):
    document = refusal(manager.patch("corpora/desk/", {"name": "Other", field: value}), 400, field)
    assert len(document["detail"]) < 200
    root = Rest(factories.make_superuser())
    refusal(root.post("corpora/", {"slug": "wire", field: value}), 400, field)
    assert [(one.slug, one.name, one.licence) for one in Corpus.objects.all()] == [("desk", corpus.name, "")]
