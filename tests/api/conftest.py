"""The cast of the API's tests. Imports stand inside: this file is read before Django has its settings."""

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Nobody signs in by password here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def corpus(db):
    from tests import factories

    return factories.make_corpus()


@pytest.fixture
def article(corpus):
    """`Zarif met Muallem in Damascus. Zarif left for Tehran.`, with three suggestions."""
    from tests import factories

    article = factories.make_article(corpus, title="Zarif in Damascus", source="SANA", published_on="2018-09-03")
    factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), (21, 29, "GPE"))
    return article


def _member(corpus, role: str, username: str):
    from corpusapp.articles.models import Role
    from tests import factories
    from tests.api.client import Rest

    return Rest(factories.make_member(corpus, Role(role), username))


@pytest.fixture
def reader(corpus):
    return _member(corpus, "reader", "reader")


@pytest.fixture
def editor(corpus):
    return _member(corpus, "editor", "editor")


@pytest.fixture
def manager(corpus):
    return _member(corpus, "manager", "manager")


@pytest.fixture
def stranger(db):
    """The manager of another corpus."""
    from tests import factories

    return _member(factories.make_corpus("other"), "manager", "stranger")
