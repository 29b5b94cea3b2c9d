"""A withdrawn corpus is absent at every door but those that restore or erase it, and comes back whole."""

import pytest
from django.test import Client
from django.urls import reverse

from annotations.feed.actions.deliver import deliver_due
from annotations.feed.models import Event
from annotations.review.models import Span
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import User
from corpusapp.articles.actions.withdraw import restore_corpus, withdraw_articles, withdraw_corpus
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.errors import NotAllowed, NotFound
from tests import factories
from tests.api.client import Rest, refusal
from tests.api.test_matrix import FOR_ALL, ROLES, TABLE, _answer, _clients, ids
from tests.feed.copying import Follower, held, held_labels

__all__ = ["ids"]
pytestmark = pytest.mark.django_db
# What its managers may still do.
LEFT = {
    ("POST", "v1/corpora/{slug}/withdraw/"): 409,
    ("POST", "v1/corpora/{slug}/restore/"): 200,
    ("GET", "v1/corpora/{slug}/erase/"): 200,
    ("POST", "v1/corpora/{slug}/erase/"): 200,
}


def hide(corpus) -> None:
    withdraw_corpus(user=factories.make_superuser(), corpus=corpus)


def show(corpus) -> None:
    restore_corpus(user=factories.make_superuser(), corpus=corpus)


def test_hidden_at_every_door(ids, corpus):
    here = _clients(corpus, "here")
    hide(corpus)
    wrong = []
    for (verb, path), (body, _) in TABLE.items():
        left = LEFT.get((verb, path), 404)
        got = tuple(_answer(here[role], verb, path, body, ids)[0] for role in ROLES)
        if got != (404, 404, left):
            wrong.append(f"{verb} {path}: {got}")
    for (verb, path), (body, statuses) in FOR_ALL.items():
        for role, usual in zip(ROLES, statuses, strict=True):
            status, content = _answer(here[role], verb, path, body, ids)
            if any(word in content for word in ("Zarif", "Damascus", "PERSON")) or status != usual:
                wrong.append(f"{verb} {path} by {role}: {content[:300]}")
    assert not wrong, "\n".join(wrong)


def test_hidden_in_the_browser(article, corpus, ids):
    """From superusers too; the list of corpora has the form that restores it."""
    browser, pages = Client(), ["corpus", "article-list", "dashboard", "concordance", "comments", "releases", "export"]
    browser.force_login(factories.make_superuser())
    addresses = [reverse(name, args=["desk"]) for name in pages] + [reverse("article", args=["desk", article.pk])]
    assert {browser.get(address).status_code for address in addresses} == {200}
    assert browser.post(reverse("corpus-withdraw", args=["desk"]))["Location"] == reverse("home")
    assert {browser.get(address).status_code for address in addresses} == {404}
    home = browser.get(reverse("home")).content.decode()
    assert reverse("corpus-restore", args=["desk"]) in home and reverse("corpus", args=["desk"]) + '"' not in home
    browser.force_login(factories.make_member(corpus, "editor"))
    assert "Withdrawn" not in browser.get(reverse("home")).content.decode()
    assert browser.post(reverse("corpus-restore", args=["desk"])).status_code == 404
    browser.force_login(ids["keeper"])
    assert browser.post(reverse("corpus-restore", args=["desk"]))["Location"] == reverse("corpus", args=["desk"])
    assert {browser.get(address).status_code for address in addresses} == {200}


def test_managers_alone_withdraw_and_restore(corpus, manager, editor, stranger):
    refusal(editor.post("corpora/desk/withdraw/"), 403)
    refusal(stranger.post("corpora/desk/withdraw/"), 404)
    refusal(Rest().post("corpora/desk/withdraw/"), 401)
    refusal(manager.post("corpora/desk/restore/"), 409)
    assert manager.get("corpora/", withdrawn=1).json()["results"] == []
    assert manager.post("corpora/desk/withdraw/").json() == {"corpus": "desk", "withdrawn": True}
    refusal(manager.post("corpora/desk/withdraw/"), 409)
    assert manager.get("corpora/").json()["results"] == editor.get("corpora/", withdrawn=1).json()["results"] == []
    assert [record["slug"] for record in manager.get("corpora/", withdrawn=1).json()["results"]] == ["desk"]
    for client in (editor, stranger):
        refusal(client.post("corpora/desk/restore/"), 404)
    narrow = Rest()
    key = create_token(user=User.objects.get(username="manager"), scope="annotate")[1]
    narrow._headers = {"Authorization": f"Bearer {key}"}
    refusal(narrow.post("corpora/desk/restore/"), 404)
    assert narrow.get("corpora/", withdrawn=1).json()["results"] == []
    assert manager.post("corpora/desk/restore/").json() == {"corpus": "desk", "withdrawn": False}
    refusal(narrow.post("corpora/desk/withdraw/"), 403)
    with pytest.raises(NotAllowed):
        withdraw_corpus(user=User.objects.get(username="editor"), corpus=corpus)
    with pytest.raises(NotFound):
        withdraw_corpus(user=User.objects.get(username="stranger"), corpus=corpus)


def test_its_slug_stays_taken_and_it_can_be_erased(corpus, manager):
    hide(corpus)
    root = Rest(factories.make_superuser())
    refusal(root.post("corpora/", {"slug": "desk"}), 409, "slug")
    assert manager.post("corpora/desk/erase/", {"slug": "desk"}).status_code == 200
    for path in ("restore/", "withdraw/", "erase/"):
        refusal(manager.post(f"corpora/desk/{path}", {"slug": "desk"} if path == "erase/" else None), 404)
    assert manager.get("corpora/", withdrawn=1).json()["results"] == []


def test_a_client_of_the_feed_forgets_it_and_gets_it_back_whole(article, corpus, manager, reader):
    other = factories.make_article(corpus, "Assad met Putin in Sochi.", zones=[[0, 5, "title"]])
    hidden = factories.make_article(corpus, "Nobody sees this.")
    spans = manager.get(f"articles/{article.pk}/spans/").json()["results"]
    manager.patch(f"spans/{spans[0]['id']}/", {"revision": 1, "state": "confirmed"})
    root = factories.make_superuser()
    withdraw_articles(user=root, corpus=corpus, article_ids=[hidden.pk])
    follower, late = Follower(reader), Follower(reader)
    follower.follow()
    copy, labels = held("desk"), held_labels("desk")
    assert follower.articles == copy and follower.labels == labels
    manager.patch(f"spans/{spans[1]['id']}/", {"revision": 1, "state": "rejected"})
    hide(corpus)
    for client in (follower, late):
        client.follow()
        assert client.articles == {} and client.labels == {}
    events = reader.get("changes/", limit=1000).json()["results"]
    assert events[-1]["type"] == "corpus.withdrawn" and events[-1]["corpus"] == "desk"
    assert not any(word in str(events) for word in ("Zarif", "Muallem", "PERSON", "Sochi"))
    show(corpus)
    newest = Follower(reader, corpus="desk")
    for client in (follower, late, newest):
        client.follow()
        assert client.articles == held("desk") and client.labels == labels
        assert set(client.articles) == {article.pk, other.pk}
    manager.post(f"articles/{other.pk}/spans/", {"start": 0, "end": 5, "label": "PERSON"})
    follower.follow()
    assert follower.articles == held("desk")


def test_strangers_hear_nothing_of_it(article, corpus, stranger):
    hide(corpus)
    assert {event["corpus"] for event in stranger.get("changes/", limit=1000).json()["results"]} == {"other"}
    refusal(stranger.get("changes/", corpus="desk"), 404)
    show(corpus)
    assert {event["corpus"] for event in stranger.get("changes/", limit=1000).json()["results"]} == {"other"}


def test_who_listens_is_told(article, corpus, manager, monkeypatch):
    from annotations.feed.actions import deliver
    from annotations.feed.webhook_client import Answer

    sent = []
    monkeypatch.setattr(deliver, "post", lambda url, body, secret: sent.append(body) or Answer(200, "", 1))
    manager.post("corpora/desk/webhooks/", {"url": "https://1.1.1.1/"})
    hide(corpus)
    assert deliver_due(corpus_id=corpus.pk) == 1
    assert b"corpus.withdrawn" in sent[-1] and b"Zarif" not in sent[-1]
    show(corpus)
    deliver_due(corpus_id=corpus.pk)
    assert b"corpus.restored" in sent[-1] and b"article.restored" in sent[-1]


def test_what_it_holds_is_as_it_was(article, corpus, ids):
    before = (list(Article.objects.order_by("pk").values()), list(Span.objects.order_by("pk").values()))
    hide(corpus)
    show(corpus)
    assert (list(Article.objects.order_by("pk").values()), list(Span.objects.order_by("pk").values())) == before
    assert Corpus.objects.get(pk=corpus.pk).withdrawn_at is None
    assert not Event.objects.filter(kind="article.withdrawn").exists()
