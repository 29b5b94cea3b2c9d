"""The tabs of a corpus, and what is offered to managers alone."""

from django.test import Client
from django.urls import get_resolver, resolve, reverse

from corpusapp.articles.models import Role
from corpusapp.dashboard.navigation import tabs
from tests import factories


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


def test_settings_and_members_are_offered_to_managers(db):
    corpus = factories.make_corpus("sample", name="Sample")
    factories.make_article(corpus)
    manager, editor = factories.make_member(corpus, Role.MANAGER), factories.make_member(corpus)
    settings, members = (reverse(name, args=["sample"]) for name in ("corpus-settings", "corpus-members"))
    for address, name, args in (
        (settings, "corpus", ["sample"]),
        (members, "corpus", ["sample"]),
        (members, "home", []),
    ):
        assert address in page(manager, name, *args), address
        assert address not in page(editor, name, *args), address


def test_a_new_corpus_is_made_on_its_page(db):
    corpus = factories.make_corpus()
    assert reverse("corpus-new") in page(factories.make_superuser(), "home")
    assert reverse("corpus-new") not in page(factories.make_member(corpus, Role.MANAGER), "home")
