"""The cast of the pages' tests. Imports stand inside: this file is read before Django has its settings."""

import pytest

ROLES = ("reader", "editor", "manager")


@pytest.fixture
def corpus(db):
    from tests import factories

    return factories.make_corpus(name="The desk", guidelines="Titles stay out.")


@pytest.fixture
def article(corpus):
    """`Zarif met Muallem in Damascus. Zarif left for Tehran.`, with three suggestions."""
    from tests import factories

    article = factories.make_article(corpus, title="Zarif in Damascus", source="SANA", published_on="2018-09-03")
    factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), (21, 29, "GPE"), score=0.9)
    return article


@pytest.fixture
def visitors(corpus):
    """A browser for each kind of person: nobody is signed out, the stranger is a member of nothing."""
    from django.test import Client

    from corpusapp.articles.models import Role
    from tests import factories

    people = {"nobody": Client(), "stranger": Client()}
    people["stranger"].force_login(factories.make_user("stranger"))
    for role in ROLES:
        people[role] = Client()
        people[role].force_login(factories.make_member(corpus, Role(role), role))
    return people


@pytest.fixture
def editor(visitors):
    return visitors["editor"]
