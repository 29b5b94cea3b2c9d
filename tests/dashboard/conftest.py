"""An article with four suggestions, and an editor."""

import pytest


@pytest.fixture
def article(db):
    from tests import factories

    article = factories.make_article(factories.make_corpus(name="The desk"), title="Zarif in Damascus")
    factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), (21, 29, "GPE"), (47, 52, "GPE"), score=0.9)
    return article


@pytest.fixture
def editor(article):
    from corpusapp.articles.models import Role
    from tests import factories

    return factories.make_member(article.corpus, Role.EDITOR, "nora")
