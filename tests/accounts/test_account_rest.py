"""The user's own account over REST: details, tokens, shortcuts and password."""

import pytest
from django.test import Client

from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import RateCount, Token
from tests import factories
from tests.accounts.test_scopes import client
from tests.api.client import Rest, kind_of, refusal

NEW = "another long password"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def desk(rows_of_the_module):
    return factories.make_corpus()


@pytest.fixture(scope="module")
def user(desk):
    return factories.make_member(desk, "editor", "zohreh")


NARROW = [{"scope": "read"}, {"scope": "annotate"}, {"scope": "manage", "corpus": "desk"}]


def limited_client(user, desk, values) -> Rest:
    return client(user, **{**values, **({"corpus": desk} if "corpus" in values else {})})


def test_the_account_of_the_token(user, desk):
    found = client(user, scope="read", corpus=desk, name="nightly").get("account/").json()
    assert (found["user"], found["is_superuser"]) == ("zohreh", False)
    assert (found["token"]["scope"], found["token"]["corpus"], found["token"]["name"]) == ("read", "desk", "nightly")
    browser = Client()
    browser.force_login(user)
    assert browser.get("/api/v1/account/").json()["token"] is None


def test_tokens_are_created_listed_and_revoked(user):
    rest = client(user)
    body = {"name": "nightly", "scope": "read", "corpus": "desk", "days": 30}
    answer = rest.post("account/tokens/", body)
    made = answer.json()
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    assert (made["scope"], made["corpus"], made["name"]) == ("read", "desk", "nightly") and made["expires_at"]
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert Client().get("/api/v1/corpora/", headers=headers).status_code == 200
    listed = rest.get("account/tokens/").json()["results"]
    assert {"nightly", ""} == {token["name"] for token in listed} and "key" not in listed[0]
    assert rest.delete(f"account/tokens/{made['id']}/").status_code == 204
    assert Client().get("/api/v1/corpora/", headers=headers).status_code == 401
    refusal(rest.delete(f"account/tokens/{made['id']}/"), 404)


@pytest.mark.parametrize("values", NARROW)
def test_a_limited_token_cannot_access_the_account(user, desk, values):
    rest, other = limited_client(user, desk, values), create_token(user=user)[0]
    before = Token.objects.count()
    refusal(rest.get("account/tokens/"), 403)
    for scope in Token.Scope.values:
        refusal(rest.post("account/tokens/", {"scope": scope, "corpus": "desk"}), 403)
    refusal(rest.delete(f"account/tokens/{other.pk}/"), 403)
    refusal(rest.send("PUT", "account/keys/", {"confirm": "z"}), 403)
    refusal(rest.send("PUT", "account/password/", {"current": factories.PASSWORD, "new": NEW}), 403)
    assert Token.objects.filter(revoked_at=None).count() == before


def test_a_token_revokes_itself(user, desk):
    rest = client(user, scope="read", corpus=desk)
    own = rest.get("account/").json()["token"]["id"]
    assert rest.delete(f"account/tokens/{own}/").status_code == 204
    refusal(rest.get("account/"), 401)


def test_a_token_expires_no_later_than_its_creator(user):
    rest = client(user, days=10)
    assert rest.post("account/tokens/", {"scope": "manage", "days": 9}).status_code == 201
    for days in ({}, {"days": None}, {"days": 11}):
        refusal(rest.post("account/tokens/", {"scope": "read", **days}), 403, "days")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scope"),
        ({"scope": "all"}, "scope"),
        ({"scope": "read", "days": 0}, "days"),
        ({"scope": "read", "x": 1}, None),
    ],
)
def test_invalid_tokens_are_refused(user, body, field):
    refusal(client(user).post("account/tokens/", body), 400, field)


def test_a_token_for_an_invisible_corpus_is_refused(user):
    factories.make_corpus("other")
    rest = client(user)
    for slug in ("other", "nosuch"):
        refusal(rest.post("account/tokens/", {"scope": "read", "corpus": slug}), 404)


def test_tokens_of_other_users_are_neither_seen_nor_revoked(user, desk):
    foreign = create_token(user=factories.make_member(desk))[0]
    rest = client(user)
    assert foreign.pk not in [token["id"] for token in rest.get("account/tokens/").json()["results"]]
    refusal(rest.delete(f"account/tokens/{foreign.pk}/"), 404)
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_shortcuts_are_changed_as_on_their_page(user):
    rest = client(user)
    stored = {row["name"]: row["key"] for row in rest.send("PUT", "account/keys/", {"confirm": "z"}).json()["keys"]}
    assert stored["confirm"] == "z" and stored["reject"] == "x"
    browser = Client()
    browser.force_login(user)
    assert 'name="confirm" value="z"' in browser.get("/account/keys/").content.decode()
    refusal(rest.send("PUT", "account/keys/", {"reject": "z", "confirm": "z"}), 400, "reject")
    refusal(rest.send("PUT", "account/keys/", {"confirm": "7"}), 400, "confirm")
    refusal(rest.send("PUT", "account/keys/", {"nonesuch": "z"}), 400)
    assert rest.get("account/keys/").json()["keys"][0] | {"does": ""} == {
        "name": "confirm", "key": "z", "usual": "a", "does": "",
    }  # fmt: skip
    assert rest.send("PUT", "account/keys/", {}).json()["keys"][0]["key"] == "a"


def test_the_password_is_changed_with_the_current_one(user):
    rest = client(user)
    refusal(rest.send("PUT", "account/password/", {"current": "wrong", "new": NEW}), 400, "current")
    refusal(rest.send("PUT", "account/password/", {"current": factories.PASSWORD, "new": "short"}), 400, "new")
    refusal(rest.send("PUT", "account/password/", {"new": NEW}), 400, "current")
    assert rest.send("PUT", "account/password/", {"current": factories.PASSWORD, "new": NEW}).status_code == 204
    assert not Client().login(username="zohreh", password=factories.PASSWORD)
    assert Client().login(username="zohreh", password=NEW)
    assert rest.get("account/").status_code == 200


def test_a_new_password_ends_the_other_sessions(user):
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(user)
    body = {"current": factories.PASSWORD, "new": NEW}
    assert here.put("/api/v1/account/password/", body, "application/json").status_code == 204
    assert here.get("/api/v1/account/").status_code == 200
    refusal(there.get("/api/v1/account/"), 401)


def test_wrong_passwords_are_counted_with_those_of_the_sign_in_page(user, settings):
    settings.SIGN_IN_ATTEMPTS = 3
    rest, browser = client(user), Client()
    browser.force_login(user)
    assert Client().post("/sign-in/", {"username": "zohreh", "password": "wrong"}).status_code == 200
    refusal(rest.send("PUT", "account/password/", {"current": "wrong", "new": NEW}), 400, "current")
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert browser.post("/account/password/", form).status_code == 400
    answer = rest.send("PUT", "account/password/", {"current": factories.PASSWORD, "new": NEW})
    refusal(answer, 429)
    assert kind_of(answer) == "too-often" and 1 <= int(answer["Retry-After"]) <= 900
    answer = browser.post("/account/password/", {**form, "old_password": factories.PASSWORD})
    assert answer.status_code == 429 and answer["Retry-After"] and "Too many" in answer.content.decode()
    RateCount.objects.update(ends_at="2018-09-03T00:00:00Z")
    assert rest.send("PUT", "account/password/", {"current": factories.PASSWORD, "new": NEW}).status_code == 204
