"""Comparison of releases."""

import json

import pytest

from annotations.releases.queries import comparison
from annotations.releases.queries.comparison import compare, differences
from annotations.review.actions.stages import finish
from annotations.review.models import Decision, Label, Span
from corpusapp.articles.actions.corpora import edit_corpus
from corpusapp.articles.models import Article
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports.cast import ALL, make_desk
from tests.releases import cast


@pytest.fixture
def corpus(db):
    return make_desk()


@pytest.fixture
def root(db):
    return Rest(factories.make_superuser())


def change_it(corpus, root) -> None:
    """An article added, one removed, one retitled; a span relabelled, one rejected, one added."""
    first = Article.objects.get(external_id="e-1")
    zarif, muallem, _ = Span.objects.filter(article=first, state="confirmed").order_by("start")
    assert root.patch(f"spans/{zarif.pk}/", {"revision": 1, "label": "ORG"}).status_code == 200
    assert root.patch(f"spans/{muallem.pk}/", {"revision": 1, "state": "rejected"}).status_code == 200
    assert root.post(f"articles/{first.pk}/spans/", {"start": 10, "end": 16, "label": "DATE"}).status_code == 201
    Article.objects.filter(pk=first.pk).update(title="The visit")
    Article.objects.filter(external_id="e-2").update(withdrawn_at="2026-01-01T00:00:00Z")
    factories.make_article(corpus, "Assad stayed.", external_id="e-3", spans=[[0, 5, "PERSON"]])


def test_what_was_added_changed_and_removed(corpus, root):
    cast.make(corpus)
    change_it(corpus, root)
    Label.objects.filter(corpus=corpus, name="LAW").update(definition="Other.")
    edit_corpus(
        user=factories.make_superuser(), corpus=corpus, name="Desk", guidelines="New.", language="en",
        nesting_allowed=False,
    )  # fmt: skip
    cast.make(corpus)
    found = root.get("corpora/desk/releases/1/compare/2/").json()
    assert (found["before"], found["after"]) == (1, 2)
    assert found["articles"] == {"added": 1, "changed": 1, "removed": 1}
    # Removed: the rejected span, and that of the removed article.
    assert found["spans"] == {"added": 2, "changed": 1, "removed": 2}
    assert found["labels"]["PERSON"] == {"added": 1, "changed": 0, "removed": 2}
    assert found["labels"]["ORG"] == {"added": 0, "changed": 1, "removed": 0}
    assert found["label_set"] == [{"name": "LAW", "change": "changed"}] and found["guidelines"] is True
    changed, removed, added = found["examples"]
    assert [one["change"] for one in (changed, removed, added)] == ["changed", "removed", "added"]
    assert changed["fields"] == {"title": {"before": "Visit", "after": "The visit"}}
    (relabelled,) = [span for span in changed["spans"] if span["change"] == "changed"]
    assert (relabelled["before"]["label"], relabelled["after"]["label"]) == ("PERSON", "ORG")
    lines = b"".join(root.get(found["lines"]).streaming_content).splitlines()
    assert [json.loads(line) for line in lines] == found["examples"]
    # In the other direction.
    back = root.get("corpora/desk/releases/2/compare/1/").json()
    assert back["spans"] == {"added": 2, "changed": 1, "removed": 2}
    assert [one["change"] for one in back["examples"]] == ["changed", "added", "removed"]


def test_nothing_changed(corpus, root):
    first, second = cast.make(corpus), cast.make(corpus)
    assert compare(first, second).as_json()["articles"] == {"added": 0, "changed": 0, "removed": 0}
    # An undone decision changes the revision, but not the data.
    span = Span.objects.filter(state="confirmed").first()
    root.patch(f"spans/{span.pk}/", {"revision": span.revision, "state": "rejected"})
    assert root.post(f"decisions/{Decision.objects.latest('pk').pk}/undo/", {}).status_code == 201
    third = cast.make(corpus)
    assert third.sha256 != first.sha256 and list(differences(first, third)) == []


def test_finishing_an_article_is_a_change(corpus):
    first = cast.make(corpus)
    finish(user=factories.make_superuser(), article=Article.objects.get(external_id="e-2"))
    (difference,) = differences(first, cast.make(corpus))
    assert (difference.article["external_id"], difference.fields) == ("e-2", {"stage": ("new", "done")})


def test_a_repeated_suggestion_is_not_a_change(corpus):
    article = Article.objects.get(external_id="e-2")
    factories.suggest(article, (14, 20, "GPE"), score=0.5)
    first = cast.make(corpus, selection=ALL)
    factories.suggest(article)
    factories.suggest(article, (14, 20, "GPE"), (25, 29, "GPE"), score=0.5)
    second = cast.make(corpus, selection=ALL)
    (difference,) = differences(first, second)
    assert [(change, new["text"]) for change, _, new in difference.spans] == [("added", "Doha")]


def test_an_article_that_changed_its_part(corpus):
    first = cast.make(corpus, shares={"train": 100, "dev": 0, "test": 0})
    second = cast.make(corpus, shares={"train": 0, "dev": 0, "test": 100})
    tally = compare(first, second)
    assert tally.moved == 2 and tally.examples[0].fields == {"split": ("train", "test")}


def test_only_the_first_differences_are_listed(corpus, monkeypatch):
    monkeypatch.setattr(comparison, "EXAMPLES", 1)
    first = cast.make(corpus, shares={"train": 100, "dev": 0, "test": 0})
    tally = compare(first, cast.make(corpus, shares={"train": 0, "dev": 0, "test": 100}))
    assert (tally.articles["changed"], len(tally.examples)) == (2, 1)


def test_unfinished_releases_cannot_be_compared(corpus, root):
    release = cast.make(corpus)
    beside = factories.make_corpus("beside")
    factories.make_article(beside)
    cast.make(beside)
    cast.make(beside)
    refusal(root.get("corpora/desk/releases/1/compare/2/"), 404)
    assert root.post("corpora/desk/releases/", {"filter": {"stage": ["any"]}}).status_code == 202
    refusal(root.get("corpora/desk/releases/1/compare/2/"), 409, "state")
    refusal(root.get("corpora/desk/releases/2/compare/1/lines/"), 409, "state")
    assert release.number == 1
