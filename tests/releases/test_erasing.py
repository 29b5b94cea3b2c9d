"""Releases stay when an article is erased, and are erased with their corpus."""

import pytest
from django.db import DatabaseError, transaction

from annotations.releases import store
from annotations.releases.actions.order import order_release
from annotations.releases.models import Release
from annotations.releases.split import Families
from corpusapp.articles.actions.erase import erase_articles, erase_corpus
from corpusapp.articles.models import Article
from tests import factories
from tests.exports.cast import ANY, make_desk
from tests.releases import cast


@pytest.fixture
def corpus(db):
    return make_desk()


def erase(*articles) -> None:
    ids = [article.pk for article in articles]
    erase_articles(user=factories.make_superuser(), corpus=articles[0].corpus, article_ids=ids)


def test_erasing_an_article_does_not_change_a_release(corpus):
    release = cast.make(corpus)
    lines = cast.lines(release)
    erase(corpus.articles.get(external_id="e-2"))
    release.refresh_from_db()
    assert release.state == "made" and cast.lines(release) == lines
    assert [line["external_id"] for line in cast.lines(cast.make(corpus))] == ["e-1"]


def test_erasing_the_corpus_leaves_only_the_number(corpus, django_capture_on_commit_callbacks):
    user = factories.make_superuser()
    release = cast.make(corpus, name="Zarif", notes="Of Zarif.")
    waiting, _ = order_release(user=user, corpus=corpus, name="Assad", selection=ANY)
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="erased", manifest=None)
    path = store.path_of(release.sha256)
    with django_capture_on_commit_callbacks(execute=True):
        erase_corpus(user=user, corpus=corpus, slug="desk")
    assert not path.exists()
    for each in (release, waiting):
        each.refresh_from_db()
        assert (each.state, each.name, each.notes, each.manifest, each.sha256) == ("erased", "", "", None, "")
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="queued")
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Release.objects.filter(pk=release.pk)._raw_delete("default")


def test_erased_versions_still_link_their_family(corpus):
    first, *_, last = (
        factories.make_article(corpus, f"Report {number}.", external_id="versions") for number in (1, 2, 3)
    )
    erase(Article.objects.get(previous=first))
    parts = Families(corpus)
    assert parts._find(last.pk) == parts._find(first.pk) == first.pk
    erase(first)
    assert Families(corpus)._find(last.pk) == last.pk
    assert len(cast.lines(cast.make(corpus))) == 3
