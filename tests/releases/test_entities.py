"""The file of the entities of a release: its lines, its hash, its differences, and its end."""

import csv
import gzip
import hashlib
import io
import json

import pytest

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias, edit_entity, identify
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.actions.merge import merge_entities
from annotations.entities.models import Entity
from annotations.releases import store
from annotations.releases.actions.order import erase_release
from annotations.releases.queries.comparison import changed_entities, compare
from annotations.releases.queries.files import check_release
from annotations.review.models import Span
from tests import factories
from tests.api.client import Rest, refusal
from tests.releases import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    corpus = factories.make_corpus()
    factories.make_article(
        corpus, "Zarif met Assad and Assad.", spans=[[0, 5, "PERSON"], [10, 15, "PERSON"], [20, 25, "PERSON"]]
    )
    return corpus


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


def make(editor, corpus, name, **more):
    return create_entity(user=editor, corpus=corpus, name=name, label="PERSON", **more).entities[0]


def now(entity):
    return Entity.objects.get(pk=entity.pk)


@pytest.fixture
def people(corpus, editor):
    """Assad with all that is known of him, Zarif, and one who was merged into him."""
    assad = make(editor, corpus, "Bashar al-Assad", description="President, =1+1")
    identify(user=editor, entity=assad, revision=1, add=[("wikidata", "Q44329"), ("viaf", "2"), ("viaf", "1")])
    add_alias(user=editor, entity=assad, revision=2, name="بشار الأسد", language="ar")
    add_alias(user=editor, entity=assad, revision=3, name="Dropped")
    drop_alias(user=editor, entity=assad, revision=4, name="Dropped")
    zarif, other = make(editor, corpus, "Zarif"), make(editor, corpus, "Javad Zarif")
    spans = list(Span.objects.order_by("start"))
    pairs = zip(spans, [other, assad, assad], strict=True)
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, entity.pk) for span, entity in pairs])
    merge_entities(
        user=editor, source=other, target=zarif,
        source_revision=now(other).revision, target_revision=now(zarif).revision,
    )  # fmt: skip
    return assad, zarif, other


def test_a_release_has_its_entities(corpus, editor, people):
    assad, zarif, other = people
    release = cast.make(corpus)
    about = release.manifest["entities"]
    assert (about["file"], about["entities"], about["linked"], about["spans"]) == (
        "desk-r1.entities.jsonl.gz", 3, 2, 3,
    )  # fmt: skip
    response = Rest(editor).get("corpora/desk/releases/1/entities/")
    data = b"".join(response.streaming_content)
    assert hashlib.sha256(data).hexdigest() == about["sha256"] == release.manifest["files"][about["file"]]["sha256"]
    assert response["Content-Disposition"] == 'attachment; filename="desk-r1.entities.jsonl.gz"'
    first, second, merged = map(json.loads, gzip.decompress(data).splitlines())
    assert first | {"aliases": []} == {
        "id": assad.pk, "name": "Bashar al-Assad", "label": "PERSON", "description": "President, =1+1",
        "identifiers": {"viaf": ["1", "2"], "wikidata": ["Q44329"]}, "aliases": [], "mentions": 2,
        "state": "confirmed", "merged_into": None,
    }  # fmt: skip
    names = {alias["name"]: (alias["language"], alias["script"], alias["origin"]) for alias in first["aliases"]}
    assert names["بشار الأسد"] == ("ar", "Arab", "person") and names["Assad"][2] == "mention" and "Dropped" not in names
    assert (second["id"], second["mentions"], merged["state"]) == (zarif.pk, 1, "merged")
    assert (merged["id"], merged["merged_into"], merged["mentions"]) == (other.pk, zarif.pk, 0)
    assert {span["entity"]["id"] for span in cast.lines(release)[0]["spans"]} == {assad.pk, zarif.pk}


def test_the_same_corpus_gives_the_same_bytes(corpus, people):
    first, second = cast.make(corpus), cast.make(corpus)
    assert first.manifest["entities"]["sha256"] == second.manifest["entities"]["sha256"]
    assert compare(first, second).as_json()["entities"] == {"added": 0, "changed": 0, "removed": 0}


def test_a_corpus_without_entities_has_no_such_file(corpus, editor, people):
    corpus.entities_enabled = False
    corpus.save()
    release = cast.make(corpus)
    assert "entities" not in release.manifest and len(release.manifest["files"]) == 1
    refusal(Rest(editor).get("corpora/desk/releases/1/entities/"), 404)
    refusal(Rest(editor).get("corpora/desk/entities/export/"), 409)


def test_a_comparison_tells_entities_and_links_that_changed(corpus, editor, people):
    assad, zarif, _ = people
    first = cast.make(corpus)
    edit_entity(user=editor, entity=assad, revision=now(assad).revision, description="")
    added = make(editor, corpus, "Hafez al-Assad")
    span = Span.objects.order_by("start")[1]
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, added.pk, revision=1)])
    second = cast.make(corpus)
    found = compare(first, second).as_json()
    assert found["entities"] == {"added": 1, "changed": 1, "removed": 0}
    assert found["links"] == {"added": 0, "changed": 1, "removed": 0}
    assert found["spans"] == {"added": 0, "changed": 1, "removed": 0}
    assert [(pk, change) for pk, change, _, _ in changed_entities(first, second)] == [
        (assad.pk, "changed"), (added.pk, "added"),
    ]  # fmt: skip
    over_rest = Rest(editor).get("corpora/desk/releases/1/compare/2/").json()
    assert (over_rest["entities"], over_rest["links"]) == (found["entities"], found["links"])
    assert zarif.pk not in {pk for pk, *_ in changed_entities(first, second)}


def test_the_file_is_checked_and_goes_with_the_last_release_that_names_it(corpus, editor, people, settings):
    first = cast.make(corpus)
    make(editor, corpus, "Somebody")
    second, third = cast.make(corpus), cast.make(corpus)
    shared, own = second.manifest["entities"]["sha256"], first.manifest["entities"]["sha256"]
    assert shared == third.manifest["entities"]["sha256"] and shared != own and first.sha256 == second.sha256
    root = factories.make_superuser()
    path = store.path_of(own)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")
    assert check_release(first).state == "altered" and check_release(second).state == "whole"
    refusal(Rest(editor).get("corpora/desk/releases/1/entities/"), 409)
    for release, gone in ((second, False), (third, True)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("django.db.transaction.on_commit", lambda action, **_: action())
            erase_release(user=root, release=release)
        assert store.path_of(shared).exists() is not gone
    assert store.path_of(first.sha256).exists()
    refusal(Rest(editor).get("corpora/desk/releases/2/entities/"), 410)


def test_the_entities_of_a_corpus_as_lines_and_as_a_table(corpus, editor, people):
    rest = Rest(editor)
    response = rest.get("corpora/desk/entities/export/")
    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert [(line["name"], line["mentions"]) for line in lines] == [
        ("Bashar al-Assad", 2), ("Zarif", 1), ("Javad Zarif", 0),
    ]  # fmt: skip
    response = rest.get("corpora/desk/entities/export/", format="csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert rows[0]["identifiers"] == "viaf:1\nviaf:2\nwikidata:Q44329"
    assert rows[0]["aliases"].splitlines() == sorted(["Assad", "بشار الأسد"])
    assert rows[2]["merged_into"] == rows[1]["id"]
    refusal(rest.get("corpora/desk/entities/export/", format="xml"), 400, "format")
