"""A token has its user's permissions, within its scope and corpus, until it expires or is revoked."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import Token
from corpusapp.articles.actions.corpora import set_member
from corpusapp.core.errors import Invalid
from tests import factories
from tests.api.client import Rest, refusal

pytestmark = pytest.mark.django_db


def client(user, **options) -> Rest:
    rest = Rest()
    rest._headers = {"Authorization": f"Bearer {create_token(user=user, **options)[1]}"}
    return rest


@pytest.fixture
def scene():
    corpus, other = factories.make_corpus(), factories.make_corpus("other")
    article = factories.make_article(corpus)
    (span,) = factories.suggest(article, (0, 5, "PERSON"))
    manager = factories.make_member(corpus, "manager", "manager")
    set_member(user=factories.make_superuser(), corpus=other, member=manager, role="manager")
    return article, span, manager, other


def test_scope_read(scene):
    article, span, manager, _ = scene
    rest = client(manager, scope="read")
    for path in ("corpora/", f"articles/{article.pk}/", "changes/", "corpora/desk/export/"):
        assert rest.get(path).status_code == 200
    assert "scope" in refusal(rest.patch(f"spans/{span.pk}/", {"revision": 1, "state": "confirmed"}), 403)["detail"]
    refusal(rest.post("corpora/desk/labels/", {"name": "PORT"}), 403)
    refusal(rest.post("articles/?corpus=desk", {"text": "New."}), 403)


def test_scope_annotate(scene):
    article, span, manager, _ = scene
    rest = client(manager, scope="annotate")
    assert rest.patch(f"spans/{span.pk}/", {"revision": 1, "state": "confirmed"}).status_code == 200
    assert rest.post(f"articles/{article.pk}/finish/").status_code == 200
    assert "scope" in refusal(rest.post("corpora/desk/labels/", {"name": "PORT"}), 403)["detail"]
    refusal(rest.post("articles/?corpus=desk", {"text": "New."}), 403)


def test_scope_manage(scene):
    rest = client(scene[2], scope="manage")
    assert rest.post("corpora/desk/labels/", {"name": "PORT"}).status_code == 201
    assert rest.post("articles/?corpus=desk&suggest=0", {"text": "New."}).status_code == 201


def test_a_scope_gives_no_permission_that_the_user_lacks(scene):
    article, span, _, _ = scene
    reader = factories.make_member(article.corpus, "reader")
    rest = client(reader, scope="manage")
    detail = refusal(rest.patch(f"spans/{span.pk}/", {"revision": 1, "state": "confirmed"}), 403)["detail"]
    assert "your role" in detail


@pytest.mark.parametrize("who", ["manager", "root"])
def test_a_token_for_one_corpus(scene, who):
    article, _, manager, other = scene
    user = manager if who == "manager" else factories.make_superuser()
    rest = client(user, corpus=other)
    assert [corpus["slug"] for corpus in rest.get("corpora/").json()["results"]] == ["other"]
    for path in ("corpora/desk/", f"articles/{article.pk}/", "articles/?corpus=desk", "corpora/desk/export/"):
        refusal(rest.get(path), 404)
    assert rest.get("articles/").json()["results"] == []
    assert {event["corpus"] for event in rest.get("changes/").json()["results"]} == {"other"}
    refusal(rest.post("corpora/desk/labels/", {"name": "PORT"}), 404)
    assert rest.post("corpora/other/labels/", {"name": "PORT"}).status_code == 201


def test_expired_and_revoked_tokens_are_refused(scene):
    user = scene[2]
    rest = client(user, days=1)
    assert rest.get("corpora/").status_code == 200
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "expired" in refusal(rest.get("corpora/"), 401)["detail"]


@pytest.mark.parametrize("wrong", [{"scope": "all"}, {"days": 0}, {"days": 4000}, {"name": "x" * 101}])
def test_invalid_tokens_are_refused(scene, wrong):
    with pytest.raises(Invalid):
        create_token(user=scene[2], **wrong)


def test_the_account_page_creates_lists_and_revokes_tokens(scene):
    user, browser = scene[2], Client()
    assert browser.get("/account/").status_code == 302
    browser.force_login(user)
    answer = browser.post("/account/", {"name": "nightly", "scope": "read", "corpus": "desk", "days": "30"})
    token = Token.objects.get(name="nightly")
    key = answer.context["key"]
    assert key in answer.content.decode() and "no-store" in answer["Cache-Control"]
    assert (token.scope, token.corpus.slug, token.user) == ("read", "desk", user) and token.expires_at
    headers = {"Authorization": f"Bearer {key}"}
    assert Client().get("/api/v1/corpora/", headers=headers).status_code == 200
    page = browser.get("/account/").content.decode()
    assert "nightly" in page and key not in page
    assert browser.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/corpora/", headers=headers).status_code == 401
    assert list(browser.get("/account/").context["tokens"]) == []


def test_the_account_page_refuses_invalid_tokens(scene):
    browser = Client()
    browser.force_login(factories.make_member(scene[3], "reader"))
    answer = browser.post("/account/", {"scope": "read", "corpus": "desk", "days": "30"})
    assert answer.status_code == 400 and not Token.objects.exists()
    foreign, _ = create_token(user=scene[2])
    assert browser.post(f"/account/tokens/{foreign.pk}/revoke/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.revoked_at is None
