"""The article under a corpus's address, for the pages beside its own."""

from django.http import HttpRequest

from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import get_article
from corpusapp.core.errors import NotFound


def article_at(request: HttpRequest, slug: str, pk: int, role: Role = Role.READER) -> Article:
    article = get_article(request.user, pk, role)
    if article.corpus.slug != slug:
        raise NotFound(f"there is no article {pk} in {slug!r} that you can see")
    return article
