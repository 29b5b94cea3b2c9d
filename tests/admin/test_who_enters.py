"""Every page for users of every role: own rows are shown, others are 404, and outsiders are refused."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from annotations.entities.models import Alias, Entity, EntityChange, Link, LinkChange
from annotations.feed.models import Delivery, Webhook
from annotations.review.models import Change, Comment, Decision, Label, Review, SetAside, Span
from annotations.suggestions.models import Pipeline, Run, RunItem, TrainedModel
from corpusapp.accounts.models import Token, User
from corpusapp.articles.models import (
    Article,
    CopyGroup,
    Corpus,
    ImportBatch,
    ImportProblem,
    Membership,
    Original,
    Source,
    Zone,
)
from corpusapp.articles.permissions import manages_any
from tests import factories
from tests.admin.addresses import page

SCOPED = (Corpus, Membership, Source, Article, Zone, Original, CopyGroup, ImportBatch, ImportProblem, Label, Span,
          Review, Comment, SetAside, Decision, Change, Entity, Alias, Link, EntityChange, LinkChange, Run, RunItem, TrainedModel, Webhook, Delivery)  # fmt: skip
GLOBAL = (User, Token, LogEntry, Pipeline)
ADDED_BY_MANAGERS = (Membership, Zone, Label, Webhook)
OUTSIDERS = ("stranger", "reader", "editor")


def test_every_model_has_a_page():
    assert set(admin.site._registry) == {*SCOPED, *GLOBAL}


def test_anonymous_users_are_redirected_to_sign_in(cast):
    response = cast.client("nobody").get(reverse("admin:index"))
    assert response.status_code == 302
    assert reverse("admin:login") in response.url


@pytest.mark.parametrize("name", OUTSIDERS)
def test_outsiders_are_refused_everywhere(cast, name):
    client = cast.client(name)
    addresses = [reverse("admin:index"), reverse("admin:login"), reverse("admin:jsi18n")]
    addresses += [page(model, "changelist") for model in (*SCOPED, *GLOBAL)]
    addresses += [page(model, "change", cast.rows[model].pk) for model in SCOPED]
    addresses += [page(model, "history", cast.rows[model].pk) for model in SCOPED]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 403)


def test_an_outsider_can_sign_out(cast):
    assert cast.client("reader").post(reverse("admin:logout")).status_code in (200, 302)


def test_an_inactive_manager_is_refused(cast):
    client = cast.client("manager")
    assert client.get(reverse("admin:index")).status_code == 200
    User.objects.filter(username="harriet").update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("name", ["manager", "superuser"])
@pytest.mark.parametrize("model", SCOPED)
def test_own_rows_have_all_their_pages(cast, model, name):
    client, pk = cast.client(name), cast.rows[model].pk
    for address in (page(model, "changelist"), page(model, "change", pk), page(model, "history", pk)):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("model", SCOPED)
def test_a_manager_cannot_see_rows_of_other_corpora(cast, model):
    client, pk = cast.client("manager"), cast.others[model].pk
    listed = client.get(page(model, "changelist"))
    assert cast.there.name not in listed.text
    assert [row.pk for row in listed.context["cl"].result_list if row.pk == pk] == []
    for name in ("change", "history", "delete"):
        assert client.get(page(model, name, pk)).status_code in (403, 404), name
    assert client.get(page(model, "change", pk)).status_code == 404
    assert client.get(page(model, "change", 10**20)).status_code == 404
    assert cast.client("superuser").get(page(model, "change", pk)).status_code == 200


@pytest.mark.parametrize("model", GLOBAL)
def test_rows_without_a_corpus_are_for_superusers(cast, model):
    assert cast.client("manager").get(page(model, "changelist")).status_code == 403
    assert cast.client("superuser").get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", [*SCOPED, *GLOBAL])
def test_only_models_with_an_action_have_a_page_to_add(cast, model):
    expected = 200 if model in ADDED_BY_MANAGERS else 403
    assert cast.client("manager").get(page(model, "add")).status_code == expected
    for_superusers = 200 if model in (*ADDED_BY_MANAGERS, Corpus, User) else 403
    assert cast.client("superuser").get(page(model, "add")).status_code == for_superusers


def test_the_index_lists_own_actions_on_rows_of_managed_corpora(cast):
    client = cast.client("manager")
    label = cast.rows[Label]
    values = {"definition": "Firms", "family": label.family, "position": 3}
    assert client.post(page(Label, "change", label.pk), values).status_code == 302
    assert page(Label, "change", label.pk) in client.get(reverse("admin:index")).text
    LogEntry.objects.update(object_id=str(cast.others[Label].pk), object_repr="Of the others")
    assert "Of the others" not in client.get(reverse("admin:index")).text


@pytest.mark.parametrize("name", ["manager", "superuser"])
def test_the_view_on_site_shortcut_reveals_nothing(cast, name):
    for rows in (cast.rows, cast.others):
        address = reverse("admin:view_on_site", args=[1, rows[Article].pk])
        assert cast.client(name).get(address).status_code == 404


def test_a_superuser_can_enter_without_any_corpus(db, client):
    superuser = factories.make_superuser()
    client.force_login(superuser)
    assert manages_any(superuser)
    assert not manages_any(factories.make_user("somebody"))
    assert client.get(reverse("admin:index")).status_code == 200
