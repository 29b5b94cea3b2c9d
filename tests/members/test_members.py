"""The members of a corpus: added, given another role and removed by its managers, one of whom always stays."""

import pytest
from django.test import Client
from django.urls import reverse

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from corpusapp.articles.models import Membership, Role
from tests import factories
from tests.api.client import Rest, refusal


@pytest.fixture
def corpus(db):
    """With `noor` as its only manager."""
    corpus = factories.make_corpus()
    Membership.objects.all().delete()
    for name, role in {"noor": Role.MANAGER, "emma": Role.EDITOR}.items():
        Membership.objects.create(corpus=corpus, user=factories.make_user(name), role=role)
    return corpus


@pytest.fixture
def noor(corpus):
    client = Client()
    client.force_login(factories.User.objects.get(username="noor"))
    return client


def at(name="corpus-members", *args):
    return reverse(name, args=["desk", *args])


def roles():
    return dict(Membership.objects.values_list("user__username", "role"))


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_manager_adds_a_person_by_username(noor):
    factories.make_user("anna")
    assert noor.post(at(), {"username": "anna", "role": "reader"}).status_code == 302
    assert roles()["anna"] == "reader"
    unknown = noor.post(at(), {"username": "nobody-here", "role": "reader"})
    assert unknown.status_code == 404 and "or invite the person by a link" in text(unknown)
    assert noor.post(at(), {"username": "anna", "role": "owner"}).status_code == 400
    assert set(roles()) == {"noor", "emma", "anna"}


def test_a_manager_changes_a_role_and_removes_a_member(noor):
    assert noor.post(at("member-role", "emma"), {"role": "reader"}).status_code == 302
    assert roles()["emma"] == "reader"
    assert noor.post(at("member-role", "emma"), {"role": "queen"}).status_code == 400
    assert noor.post(at("member-role", "nobody"), {"role": "reader"}).status_code == 404
    assert noor.post(at("member-remove", "emma")).status_code == 302
    assert roles() == {"noor": "manager"}
    assert noor.post(at("member-remove", "emma")).status_code == 404


def test_the_last_manager_stays(noor, corpus):
    for name, values in (("member-role", {"role": "editor"}), ("member-remove", {})):
        answer = noor.post(at(name, "noor"), values)
        assert answer.status_code == 409 and "only manager of Desk is noor" in text(answer)
    root = Rest(factories.make_superuser())
    refusal(root.send("PUT", "corpora/desk/members/noor/", {"role": "reader"}), 409, "role")
    refusal(root.send("DELETE", "corpora/desk/members/noor/", None), 409, "role")
    # One who cannot sign in manages nothing.
    Membership.objects.create(corpus=corpus, user=factories.make_user("away", is_active=False), role=Role.MANAGER)
    assert noor.post(at("member-remove", "noor")).status_code == 409
    noor.post(at("member-role", "emma"), {"role": "manager"})
    gone = noor.post(at("member-remove", "noor"))
    assert (gone.status_code, gone["Location"]) == (302, reverse("home"))
    assert roles() == {"emma": "manager", "away": "manager"}


def test_a_manager_who_becomes_an_editor_is_sent_to_the_corpus(noor):
    noor.post(at("member-role", "emma"), {"role": "manager"})
    answer = noor.post(at("member-role", "noor"), {"role": "editor"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("corpus", args=["desk"]))
    assert noor.get(at()).status_code == 403


def test_the_page_says_when_each_member_decided_last(noor, corpus, django_assert_max_num_queries):
    article = factories.make_article(corpus)
    factories.suggest(article, (0, 5, "PERSON"))
    span = article.spans.get()
    emma = factories.User.objects.get(username="emma")
    decision = decide(user=emma, article=article, choices=[Choice("confirm", span.pk, span.revision)])
    assert decision
    with django_assert_max_num_queries(10):
        page = text(noor.get(at()))
    assert page.count('<td data-head="Last decision">none</td>') == 1


def test_only_managers_change_members(corpus):
    factories.make_user("anna")
    for who, status in {"emma": 403, "anna": 404}.items():
        client = Client()
        client.force_login(factories.User.objects.get(username=who))
        assert client.get(at()).status_code == status
        assert client.post(at(), {"username": "anna", "role": "manager"}).status_code == status
        assert client.post(at("member-role", "emma"), {"role": "manager"}).status_code == status
        assert client.post(at("member-remove", "noor")).status_code == status
        assert client.post(at("corpus-invite"), {"role": "manager", "days": "7"}).status_code == status
    assert roles() == {"noor": "manager", "emma": "editor"}
