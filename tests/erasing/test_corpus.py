"""An erased corpus leaves its slug, its labels' names and the log."""

import pytest

from annotations.exports.actions.order import order_export
from annotations.exports.selection import Selection
from annotations.suggestions.models import TrainedModel
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from tests import factories
from tests.api.client import Rest, refusal
from tests.erasing.world import WORDS, holders_of
from tests.feed.copying import Follower

pytestmark = pytest.mark.django_db


def test_nothing_is_left_but_that_it_was(story, corpus, manager, reader, django_capture_on_commit_callbacks):
    about = dict.fromkeys(PUBLICATION_FIELDS, "Of Xylokastro.")
    Corpus.objects.filter(pk=corpus.pk).update(name="Xylokastro desk", guidelines="Mark every Xylokastro.", **about)
    manager.post("corpora/desk/labels/", {"name": "PORT", "definition": "Such as Vrachati."})
    order_export(user=factories.make_superuser(), corpus=corpus, format="parquet", selection=Selection())
    client = Follower(reader)
    client.follow()
    assert client.articles and client.labels
    asked = manager.get("corpora/desk/erase/").json()
    assert {"what": "articles", "count": 1} in asked["goes"]
    refusal(manager.post("corpora/desk/erase/", {"slug": "other"}), 400, "slug")
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.post("corpora/desk/erase/", {"slug": "desk"}).json() == {"articles": 1}
    assert {table for word in WORDS for table in holders_of(word)} == set()
    assert ImportBatch.objects.first().files == []
    for path in ("corpora/desk/", "corpora/desk/labels/", f"articles/{story.pk}/"):
        refusal(manager.get(path), 404)
    client.follow()
    assert client.articles == {} and client.labels == {}
    alone = Follower(reader, corpus="desk")
    alone.follow()
    assert alone.articles == {} and alone.labels == {}


def test_strangers_hear_nothing_of_it(story, manager, stranger):
    manager.post("corpora/desk/erase/", {"slug": "desk"})
    assert {event["corpus"] for event in stranger.get("changes/", limit=1000).json()["results"]} == {"other"}
    refusal(stranger.get("changes/", corpus="desk"), 404)


def test_managers_alone(story, editor, stranger):
    for client, status in ((editor, 403), (stranger, 404), (Rest(), 401)):
        refusal(client.get("corpora/desk/erase/"), status)
        refusal(client.post("corpora/desk/erase/", {"slug": "desk"}), status)
    assert Corpus.objects.get(slug="desk").erased_at is None


def test_not_while_a_model_is_trained_on_it(story, corpus, manager):
    TrainedModel.objects.create(corpus=corpus, base="hand", state="training")
    refusal(manager.post("corpora/desk/erase/", {"slug": "desk"}), 409)
    assert story.text in {article.text for article in corpus.articles.all()}


def test_its_slug_stays_taken(story, manager):
    manager.post("corpora/desk/erase/", {"slug": "desk"})
    with pytest.raises(Exception, match="choose another slug"):
        factories.make_corpus("desk")
