"""User accounts over REST, for superusers: created, changed and deactivated, never deleted."""

import pytest
from django.test import Client

from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import User
from tests import factories
from tests.accounts.test_scopes import client
from tests.api.client import Rest, refusal

pytestmark = pytest.mark.django_db
ANNA = {"username": "anna", "first_name": "Anna", "email": "anna@example.org", "password": factories.PASSWORD}


@pytest.fixture
def root():
    return Rest(factories.make_superuser())


def test_an_account_is_created_changed_and_deactivated(root):
    answer = root.post("users/", ANNA)
    made = answer.json()
    assert answer.status_code == 201 and (made["user"], made["is_active"], made["is_superuser"]) == (
        "anna",
        True,
        False,
    )
    assert Client().login(username="anna", password=factories.PASSWORD)
    changed = root.patch("users/anna/", {"last_name": "K.", "is_superuser": True}).json()
    assert (changed["first_name"], changed["last_name"], changed["is_superuser"]) == ("Anna", "K.", True)
    assert root.patch("users/anna/", {"password": "another long password"}).status_code == 200
    assert Client().login(username="anna", password="another long password")
    token = create_token(user=User.objects.get(username="anna"))[0]
    assert [row["id"] for row in root.get("users/anna/tokens/").json()["results"]] == [token.pk]
    assert root.delete(f"users/anna/tokens/{token.pk}/").status_code == 204
    refusal(root.delete(f"users/anna/tokens/{token.pk}/"), 404)
    assert root.patch("users/anna/", {"is_active": False}).json()["is_active"] is False
    assert not Client().login(username="anna", password="another long password")


def test_accounts_are_listed_in_pages(root):
    for name in ("ada", "adele", "bo"):
        factories.make_user(name)
    command_line_user()
    first = root.get("users/", q="AD", limit=1).json()
    assert [row["user"] for row in first["results"]] == ["adele"]
    rest = root._http.get(first["next"], headers=root._headers).json()
    assert [row["user"] for row in rest["results"]] == ["ada"] and rest["next"] is None
    assert {row["user"] for row in root.get("users/").json()["results"]} == {"ada", "adele", "bo", "root"}


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"username": "two words"}, 400, "username"),
        ({"username": "root"}, 409, "username"),
        ({"email": "nowhere"}, 400, "email"),
        ({"password": "short"}, 400, "password"),
        ({"is_active": 1}, 400, "is_active"),
        ({"is_staff": True}, 400, None),
    ],
)
def test_invalid_accounts_are_refused(root, change, status, field):
    refusal(root.post("users/", ANNA | change), status, field)
    assert not User.objects.filter(first_name="Anna").exists()


def test_refused_changes_of_an_account(root):
    command_line_user()
    refusal(root.patch("users/root/", {"is_superuser": False}), 409, "is_superuser")
    refusal(root.patch("users/root/", {"password": "another long password"}), 409, "password")
    refusal(root.patch("users/root/", {"username": "toor"}), 400)
    for name in ("nobody", "command-line"):
        refusal(root.patch(f"users/{name}/", {"first_name": "x"}), 404)


@pytest.mark.parametrize("narrow", [{"scope": "annotate"}, {"scope": "read"}, {"scope": "manage", "corpus": True}])
def test_a_limited_token_of_a_superuser_cannot_manage_accounts(narrow):
    values = narrow | ({"corpus": factories.make_corpus()} if "corpus" in narrow else {})
    rest = client(factories.make_superuser(), **values)
    for verb, path, body in (("GET", "users/", None), ("POST", "users/", ANNA), ("PATCH", "users/root/", {})):
        refusal(rest.send(verb, path, body), 403)
    assert not User.objects.filter(username="anna").exists()
