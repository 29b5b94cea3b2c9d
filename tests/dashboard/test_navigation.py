"""The tabs of a corpus: pages that a project may lack, and pages for managers alone."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, path, resolve, reverse

from corpusapp.articles.models import Role
from corpusapp.dashboard.navigation import tabs
from corpusapp.urls import urlpatterns as site
from tests import factories


def blank(request, slug=""):
    return HttpResponse()


# First, so that they come before pages of the same name.
urlpatterns = [
    path("corpora/new-one/", blank, name="corpus-new"),
    path("corpora/<slug:slug>/set-up/", blank, name="corpus-settings"),
    path("corpora/<slug:slug>/people/", blank, name="corpus-members"),
    *site,
]
handler400, handler403, handler404, handler500 = (
    f"corpusapp.core.pages.errors.{name}" for name in ("bad_request", "forbidden", "not_found", "server_error")
)


def page(user, name, *args):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=args)).content.decode()


def test_every_page_of_a_corpus_belongs_to_one_tab(db):
    """Forms that only redirect are no pages."""
    without = {"article-next", "corpus-withdraw", "corpus-restore"}
    checked = 0
    for name, entry in get_resolver().reverse_dict.items():
        if isinstance(name, str) and "slug" in (entry[0][0][1]) and name not in without:
            values = {"slug": "desk", "name": "PERSON"}
            args = {argument: values.get(argument, 1) for argument in entry[0][0][1]}
            current = [tab.title for tab in tabs(resolve(reverse(name, kwargs=args))) if tab.current]
            assert len(current) == 1 or name.startswith("corpus-"), name
            checked += 1
    assert checked > 50


@pytest.mark.urls(__name__)
def test_settings_and_members_are_offered_to_managers_where_there_are_such_pages(db):
    corpus = factories.make_corpus("sample", name="Sample")
    factories.make_article(corpus)
    manager, editor = factories.make_member(corpus, Role.MANAGER), factories.make_member(corpus)
    for address, name in (("/corpora/sample/set-up/", "corpus"), ("/corpora/sample/people/", "corpus")):
        assert address in page(manager, name, "sample"), address
        assert address not in page(editor, name, "sample"), address
    assert "/corpora/sample/people/" in page(manager, "home")
    assert "/corpora/sample/people/" not in page(editor, "home")


@pytest.mark.urls(__name__)
def test_a_new_corpus_is_made_on_its_page(db):
    html = page(factories.make_superuser(), "home")
    assert "/corpora/new-one/" in html and reverse("admin:articles_corpus_add") not in html
