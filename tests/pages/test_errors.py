"""Sign-in, and the pages of errors."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories


def test_sign_in_leads_back_to_where_one_was(article, client):
    page = reverse("article", args=[article.corpus.slug, article.pk])
    factories.make_member(article.corpus, username="zaid")
    asked = client.get(page)
    assert asked["Location"] == f"{reverse('sign-in')}?next={page}"
    answer = client.post(asked["Location"], {"username": "zaid", "password": factories.PASSWORD, "next": page})
    assert answer["Location"] == page


def test_sign_in_refuses_and_keeps_the_name(db, client):
    factories.make_user("zaid")
    page = client.post(reverse("sign-in"), {"username": "zaid", "password": "wrong"}).content.decode()
    assert "Wrong username or password" in page
    assert 'value="zaid"' in page


def test_sign_in_never_leads_to_another_site(db, client):
    factories.make_user("zaid")
    data = {"username": "zaid", "password": factories.PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post(reverse("sign-in"), data)["Location"] == "/"


def test_sign_out_is_a_form(editor):
    assert editor.get(reverse("sign-out")).status_code == 405
    assert editor.post(reverse("sign-out"))["Location"] == reverse("sign-in")
    assert editor.get("/").status_code == 302


def test_change_password(db, client):
    client.force_login(factories.make_user("zaid"))
    new = "another long password"
    data = {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new}
    short = client.post(reverse("password-change"), {**data, "new_password1": "short", "new_password2": "short"})
    assert "too short" in short.content.decode()
    assert client.post(reverse("password-change"), data)["Location"] == reverse("password-changed")


@pytest.mark.parametrize("address", ["/nowhere/", "/corpora/none/", f"/corpora/desk/articles/{10**20}/", "/%ff"])
def test_not_found_is_a_page(corpus, editor, address):
    answer = editor.get(address)
    assert answer.status_code == 404
    assert "Not found" in answer.content.decode()


def test_a_refusal_is_escaped(corpus, visitors):
    answer = visitors["reader"].get("/corpora/no-such-corpus/")
    assert "no corpus &#x27;no-such-corpus&#x27;" in answer.content.decode()


def test_a_form_without_the_sessions_mark_is_refused_kindly(article):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.make_member(article.corpus))
    answer = strict.post(reverse("article-finish", args=[article.corpus.slug, article.pk]))
    assert answer.status_code == 403
    assert "Form expired" in answer.content.decode()
    assert article.reviews.get().stage == "suggested"


def test_a_fault_of_ours_is_a_page(editor, monkeypatch):
    def broken(*_):
        raise RuntimeError("a secret")

    monkeypatch.setattr("corpusapp.dashboard.views.home_of", broken)
    editor.raise_request_exception = False
    answer = editor.get("/")
    assert answer.status_code == 500
    assert "Server error" in answer.content.decode()
    assert "a secret" not in answer.content.decode()


def test_too_many_files_are_a_page(corpus, visitors, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    answer = visitors["manager"].post(reverse("import", args=[corpus.slug]), {"a": 1, "b": 2, "c": 3})
    assert answer.status_code == 400
    assert "Bad request" in answer.content.decode()


def test_the_icon_that_browsers_ask_for(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200
