"""The cast of the concordance's tests. Imports stand inside: this file is read before Django has its settings."""

import pytest

TEXTS = (
    "Envoy Zarif met Muallem in Damascus. Later Zarif left.",
    "A Zarif Foundation opened. zarif is a word here.",
    "Damascus hosted Zarif on Monday.",
)


@pytest.fixture
def corpus(db):
    from tests import factories

    return factories.make_corpus(name="The desk")


@pytest.fixture
def articles(corpus):
    """Zarif in three articles: as a PERSON, in a longer name, with a wrong label, and without a span."""
    from tests import factories

    first, second, third = (
        factories.make_article(corpus, text, title=f"Report {n}", source="SANA" if n < 2 else "IRNA",
                               published_on=f"2018-09-0{3 - n}")
        for n, text in enumerate(TEXTS)
    )  # fmt: skip
    factories.suggest(first, (6, 11, "PERSON"), (27, 35, "GPE"), score=0.9)
    factories.suggest(second, (2, 18, "ORG"), score=0.4)
    factories.suggest(third, (0, 8, "GPE"), (16, 21, "ORG"), score=0.6)
    return [first, second, third]


@pytest.fixture
def visitors(corpus):
    """A browser for each kind of person."""
    from django.test import Client

    from corpusapp.articles.models import Role
    from tests import factories

    people = {"nobody": Client(), "stranger": Client()}
    people["stranger"].force_login(factories.make_member(factories.make_corpus("elsewhere"), Role.MANAGER, "stranger"))
    for role in ("reader", "editor", "manager"):
        people[role] = Client()
        people[role].force_login(factories.make_member(corpus, Role(role), role))
    return people


@pytest.fixture
def editor(visitors):
    return visitors["editor"]
