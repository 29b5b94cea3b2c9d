"""Who asks: a token in the header, or the browser's session, which also needs its CSRF token to write."""

import pytest
from django.test import Client

from corpusapp.accounts.actions.tokens import create_token, revoke_token
from corpusapp.accounts.models import Token
from tests import factories
from tests.api.client import refusal


@pytest.fixture
def user(db):
    return factories.make_user("zohreh")


def _get(authorization: str):
    return Client().get("/api/v1/corpora/", headers={"Authorization": authorization})


@pytest.mark.parametrize("keyword", ["Bearer", "bearer", "Token"])
def test_a_token_signs_in_and_its_use_is_noted(user, keyword):
    token, key = create_token(user=user)
    assert _get(f"{keyword} {key}").status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_a_token_that_opens_nothing(user):
    token, key = create_token(user=user)
    for bad in (key + "x", key[:-1], key.removeprefix("cap_"), "cap_é", "x" * 5000):
        response = _get(f"Bearer {bad}")
        refusal(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")
    refusal(_get("Bearer"), 401)
    refusal(_get(f"Bearer {key} {key}"), 401)
    refusal(_get(f"Basic {key}"), 401)
    revoke_token(user=user, token=token)
    refusal(_get(f"Bearer {key}"), 401)


def test_an_inactive_users_token_opens_nothing(user):
    _, key = create_token(user=user)
    user.is_active = False
    user.save()
    refusal(_get(f"Bearer {key}"), 401)


def test_the_key_is_stored_nowhere(user):
    _, key = create_token(user=user)
    token = Token.objects.get()
    assert key not in str(token.__dict__) and len(bytes(token.digest)) == 32


def test_a_session_reads_and_writes_with_its_csrf_token(article):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(factories.make_member(article.corpus))
    path, new = f"/api/v1/articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"}
    assert browser.get(path).status_code == 200
    refusal(browser.post(path, new, "application/json"), 403)
    secret = "a" * 32
    browser.cookies["csrftoken"] = secret
    assert browser.post(path, new, "application/json", headers={"X-CSRFToken": secret}).status_code == 201


def test_a_token_needs_no_csrf_token(article):
    _, key = create_token(user=factories.make_member(article.corpus))
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {key}"})
    path = f"/api/v1/articles/{article.pk}/spans/"
    assert client.post(path, {"start": 31, "end": 36, "label": "PERSON"}, "application/json").status_code == 201
