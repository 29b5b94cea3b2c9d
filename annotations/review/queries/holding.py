"""Which articles may hold some words, by the index of the full-text search; whether they do, their texts say."""

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet

from corpusapp.articles.models import Article
from corpusapp.articles.search import INDEXED_CHARACTERS
from corpusapp.text.scripts import is_unspaced

_PLAIN = {ord("<"): " ", ord(">"): " "}


def that_may_hold(articles: QuerySet[Article], corpus_id: int, words: str) -> QuerySet[Article]:
    """Those of `articles` of a corpus that may hold the words.

    All words rather than their phrase: a vector forgets positions in long texts. It ends after so many characters, so
    longer texts are always looked at. Where it has no words for what is sought (an emoji), or takes words that stand
    without spaces for one, all texts are.
    """
    if (sought := _sought(words)) is None:
        return articles
    beyond = articles.filter(length__gt=INDEXED_CHARACTERS).values("pk")
    within = Article.objects.filter(corpus=corpus_id, search_vector=sought).values("pk")
    return articles.filter(pk__in=within.union(beyond))


def newest_that_may_hold(articles: QuerySet[Article], words: str, limit: int, *, prefix: bool = False) -> list[int]:
    """The ids of the `limit` newest of them, newest first; with `prefix`, a longer word may stand in place of the last.

    Two queries with a limit each: of frequent words the newest are found without a look at all that hold them.
    """
    newest = articles.order_by("-pk").values_list("pk", flat=True)
    if (sought := _sought(words, prefix)) is None:
        return list(newest[:limit])
    within, beyond = newest.filter(search_vector=sought), newest.filter(length__gt=INDEXED_CHARACTERS)
    return sorted({*within[:limit], *beyond[:limit]}, reverse=True)[:limit]


def _sought(words: str, prefix: bool = False) -> SearchQuery | None:
    """The words for the index; None where it cannot tell."""
    query = _tsquery(words.translate(_PLAIN))
    if is_unspaced(words) or not query:
        return None
    return SearchQuery(f"{query}:*" if prefix else query, config="simple", search_type="raw")


def _tsquery(words: str) -> str:
    """The words as PostgreSQL's parser takes them, each quoted, with & between; empty where it finds none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT plainto_tsquery('simple', %s)::text", [words])
        return cursor.fetchone()[0]
