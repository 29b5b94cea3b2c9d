"""Links that invite people to a corpus: created and revoked by managers, used once, and refused with what to do."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from corpusapp.accounts.actions.tokens import digest_of
from corpusapp.accounts.models import User
from corpusapp.articles.actions.corpora import set_member
from corpusapp.articles.actions.erase import erase_corpus
from corpusapp.articles.actions.invitations import invite
from corpusapp.articles.actions.withdraw import withdraw_corpus
from corpusapp.articles.models import Invitation, Membership, Role
from tests import factories
from tests.api.client import Rest, refusal

ACCOUNT = {"username": "anna", "password": "a harbour at dawn", "repeated": "a harbour at dawn", "email": ""}


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The desk")


@pytest.fixture
def noor(corpus):
    return factories.make_member(corpus, Role.MANAGER, "noor")


@pytest.fixture
def link(corpus, noor):
    """The address of an invitation as editor."""
    return at(invite(user=noor, corpus=corpus, role="editor")[1])


def at(token):
    return reverse("invitation", args=[token])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def role_of(username):
    return Membership.objects.filter(user__username=username).values_list("role", flat=True).first()


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_manager_creates_a_link_that_is_shown_once(noor, corpus):
    client, page = signed_in(noor), reverse("corpus-members", args=["desk"])
    answer = client.post(reverse("corpus-invite", args=["desk"]), {"role": "editor", "days": "3", "note": "Anna K."})
    (link,) = re.findall(r"http://testserver/invitations/[\w-]+/", answer.content.decode())
    found = Invitation.objects.get()
    token = link.split("/")[-2]
    assert answer.status_code == 201 and bytes(found.digest) == digest_of(token)
    assert "no-store" in answer["Cache-Control"]
    assert timedelta(days=2) < found.expires_at - timezone.now() < timedelta(days=3)
    again = text(client.get(page))
    assert token not in again and "Anna K." in again and "open until" in again


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"role": "editor", "days": "31"}, "30"),
        ({"role": "editor", "days": "0"}, "1"),
        ({"role": "owner", "days": "7"}, "Select a valid choice"),
        ({"role": "editor", "days": "7", "note": "x" * 201}, "200"),
    ],
)
def test_an_invitation_that_is_not_valid_is_refused(noor, corpus, values, words):
    answer = signed_in(noor).post(reverse("corpus-invite", args=["desk"]), values)
    assert answer.status_code == 400 and words in text(answer) and not Invitation.objects.exists()


def test_somebody_without_an_account_creates_one_and_is_signed_in(link):
    client = Client()
    page = client.get(link)
    assert "Sign in to accept" in text(page) and "Create an account" in text(page)
    assert page["Referrer-Policy"] == "strict-origin" and "no-store" in page["Cache-Control"]
    answer = client.post(link, ACCOUNT | {"email": "anna@example.org"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("corpus", args=["desk"])
    assert "You are editor of The desk now." in text(answer) and role_of("anna") == "editor"
    anna = User.objects.get(username="anna")
    assert (anna.email, anna.is_superuser, anna.is_staff) == ("anna@example.org", False, False)
    found = Invitation.objects.with_sender().get()
    assert (found.used_by, found.state) == (anna, "used")
    # The link leads the one who used it to the corpus, and nobody else.
    assert client.get(link)["Location"] == reverse("corpus", args=["desk"])
    late = Client().post(link, ACCOUNT | {"username": "second"})
    assert late.status_code == 410 and "used already" in text(late) and not User.objects.filter(username="second")


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"password": "short", "repeated": "short"}, 400, "too short"),
        ({"repeated": "another one, this"}, 400, "differ"),
        ({"username": "noor"}, 409, "already exists"),
        ({"username": "a b"}, 400, "valid username"),
        ({"email": "no address"}, 400, "valid email"),
    ],
)
def test_an_account_that_is_not_valid_uses_nothing_up(link, wrong, status, words):
    before = User.objects.count()
    answer = Client().post(link, ACCOUNT | wrong)
    assert answer.status_code == status and words in text(answer)
    assert User.objects.count() == before and Invitation.objects.with_sender().get().state == "open"


def test_somebody_with_an_account_joins(link):
    client = signed_in(factories.make_user("anna"))
    assert "Join The desk as editor" in text(client.get(link)) and role_of("anna") is None
    assert client.post(link)["Location"] == reverse("corpus", args=["desk"])
    assert role_of("anna") == "editor"


def test_a_link_raises_a_role_and_never_lowers_one(corpus, noor, link):
    reader, manager = factories.make_member(corpus, Role.READER, "rita"), factories.make_member(corpus, Role.MANAGER)
    page = signed_in(manager).get(link)
    assert "already manager here" in text(page) and "as editor</button>" not in text(page)
    answer = signed_in(manager).post(link)
    assert answer.status_code == 409 and "stays open" in text(answer)
    assert (role_of(manager.username), Invitation.objects.with_sender().get().state) == ("manager", "open")
    signed_in(reader).post(link)
    assert role_of("rita") == "editor"


def test_a_link_that_expired_was_revoked_or_lost_its_sender_is_refused(corpus, noor):
    client = signed_in(factories.make_user("anna"))
    links = {}
    for name in ("expired", "revoked", "void"):
        sender = factories.make_member(corpus, Role.MANAGER, f"sender-{name}")
        links[name] = invite(user=sender, corpus=corpus, role="editor")
    Invitation.objects.filter(pk=links["expired"][0].pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    revoked = signed_in(noor).post(reverse("invitation-revoke", args=["desk", links["revoked"][0].pk]))
    assert revoked.status_code == 302
    sender = User.objects.get(username="sender-void")
    set_member(user=noor, corpus=corpus, member=sender, role=Role.EDITOR)
    words = {"expired": "expired on", "revoked": "was revoked", "void": "its sender left"}
    for name, (invitation, token) in links.items():
        for answer in (client.get(at(token)), client.post(at(token)), Client().post(at(token), ACCOUNT)):
            assert answer.status_code == 410 and words[name] in text(answer) and "ask" in text(answer)
        assert Invitation.objects.with_sender().get(pk=invitation.pk).state == name
    assert role_of("anna") is None
    page = text(signed_in(noor).get(reverse("corpus-members", args=["desk"])))
    assert "revoked" in page and "expired" in page and "void" in page and "Revoke</button>" not in page


def test_what_is_used_or_revoked_cannot_be_revoked(corpus, noor, link):
    signed_in(factories.make_user("anna")).post(link)
    client, pk = signed_in(noor), Invitation.objects.get().pk
    assert client.post(reverse("invitation-revoke", args=["desk", pk])).status_code == 409
    invitation, _ = invite(user=noor, corpus=corpus, role="reader")
    revoke = reverse("invitation-revoke", args=["desk", invitation.pk])
    assert [client.post(revoke).status_code for _ in range(2)] == [302, 409]
    other = factories.make_corpus("elsewhere")
    stranger = signed_in(factories.make_member(other, Role.MANAGER))
    assert stranger.post(reverse("invitation-revoke", args=["elsewhere", invitation.pk])).status_code == 404


def test_an_invitation_to_a_withdrawn_corpus_waits(corpus, noor, link):
    withdraw_corpus(user=noor, corpus=corpus)
    answer = Client().get(link)
    assert answer.status_code == 410 and "withdrawn" in text(answer) and "The desk" not in text(answer)
    erase_corpus(user=noor, corpus=corpus, slug="desk")
    assert not Invitation.objects.exists() and Client().get(link).status_code == 404


def test_unknown_links_are_counted_as_wrong_passwords(link, settings):
    settings.SIGN_IN_ATTEMPTS = 1
    client = Client()
    assert [client.get(at("wrong")).status_code for _ in range(2)] == [404, 429]
    assert client.get(link).status_code == 200
    taken = ACCOUNT | {"username": "noor"}
    assert client.post(link, taken).status_code == 409
    refused = client.post(link, ACCOUNT)
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0
    assert not User.objects.filter(username="anna").exists()
    # Five links from one address, as five usernames.
    assert [client.get(at(f"wrong-{number}")).status_code for number in range(4)] == [404, 404, 404, 429]


def test_signing_in_leads_back_to_the_link(link):
    factories.make_user("anna")
    client = Client()
    (way,) = re.findall(r'href="(/sign-in/\?next=[^"]+)"', client.get(link).content.decode())
    answer = client.post(way, {"username": "anna", "password": factories.PASSWORD, "next": link})
    assert answer["Location"] == link


def test_over_rest(corpus, noor):
    manager, editor = Rest(noor), Rest(factories.make_member(corpus, Role.EDITOR))
    made = manager.post("corpora/desk/invitations/", {"role": "reader", "note": "Anna"})
    assert made.status_code == 201 and "no-store" in made["Cache-Control"]
    body = made.json()
    assert (body["state"], body["created_by"], body["role"]) == ("open", "noor", "reader")
    link = body["link"].removeprefix("http://testserver")
    assert "link" not in manager.get("corpora/desk/invitations/").json()["results"][0]
    refusal(manager.post("corpora/desk/invitations/", {"role": "reader", "days": 31}), 400, "days")
    refusal(manager.post("corpora/desk/invitations/", {"role": "owner"}), 400, "role")
    refusal(editor.post("corpora/desk/invitations/", {"role": "reader"}), 403)
    refusal(editor.get("corpora/desk/invitations/"), 403)
    assert manager.send("DELETE", f"corpora/desk/invitations/{body['id']}/", None).status_code == 204
    assert Client().get(link).status_code == 410
    refusal(manager.send("DELETE", f"corpora/desk/invitations/{body['id']}/", None), 409)
