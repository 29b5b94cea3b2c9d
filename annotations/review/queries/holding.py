"""Which articles hold a surface: by the index of the full-text search those that may, by their texts those that do.

The index only leaves out articles that cannot hold it. It is asked for all words rather than their phrase, because a
vector forgets positions in long texts. It ends after so many characters, so longer texts are always looked at. Where it
has no words for what is sought (an emoji, a single character of a script without spaces), all texts are.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Stage
from corpusapp.articles.models import Article
from corpusapp.articles.search import INDEXED_CHARACTERS, lexemes_of, words_of


def that_may_hold(articles: QuerySet[Article], corpus_id: int, words: str) -> QuerySet[Article]:
    """Those of `articles` of a corpus that may hold the words."""
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


def holding(corpus_id: int, surfaces: Iterable[str]) -> list[int]:
    """The ids of the corpus's open articles in whose texts one of the surfaces stands, whatever its white space."""
    surfaces = list(surfaces)
    if not surfaces:
        return []
    with connection.cursor() as cursor:
        asked = {"corpus": corpus_id, "surfaces": surfaces, "queries": _tsqueries(surfaces)}
        cursor.execute(_HOLDING, asked | {"layer": MAIN_LAYER, "done": Stage.DONE})
        return [row[0] for row in cursor.fetchall()]


# Three ways to be a candidate, each by an index of its own: asked together, none would use one.
_HOLDING = rf"""
    WITH named AS MATERIALIZED (
        SELECT surface, query::tsquery FROM unnest(%(surfaces)s::text[], %(queries)s::text[]) AS t (surface, query)
    ), candidate AS (
        SELECT a.id, named.surface FROM named JOIN articles_article a
            ON a.search_vector @@ named.query AND a.corpus_id = %(corpus)s
        UNION
        SELECT a.id, named.surface FROM named CROSS JOIN articles_article a
        WHERE a.corpus_id = %(corpus)s AND a.length > {INDEXED_CHARACTERS}
        UNION
        SELECT a.id, named.surface FROM named JOIN articles_article a
            ON a.corpus_id = %(corpus)s AND named.query IS NULL
    )
    SELECT DISTINCT a.id
    FROM candidate JOIN articles_article a ON a.id = candidate.id AND a.withdrawn_at IS NULL
    JOIN review_review review ON review.article_id = a.id AND review.layer = %(layer)s
        AND review.stage <> %(done)s
    WHERE strpos(a.text, candidate.surface) > 0 OR strpos(candidate.surface, ' ') > 0
        AND strpos(regexp_replace(a.text, '[\s\u001c-\u001f\u0085\u00a0\u2007\u202f]+', ' ', 'g'),
            candidate.surface) > 0
"""


def _sought(words: str, prefix: bool = False) -> SearchQuery | None:
    """The words for the index; None where it cannot tell."""
    (query,) = _tsqueries([words], prefix)
    return None if query is None else SearchQuery(query, config="simple", search_type="raw")


def _tsqueries(surfaces: Sequence[str], prefix: bool = False) -> list[str | None]:
    """For each surface a query of all of its words, as PostgreSQL writes it; None where the index cannot tell."""
    parts = [words_of(surface) for surface in surfaces]
    lexemes = iter(lexemes_of([word for words in parts for word in words]))
    return [_tsquery(list(islice(lexemes, len(words))), prefix) for words in parts]


def _tsquery(words: list[list[str]], prefix: bool) -> str | None:
    """All lexemes of all words; with `prefix`, those of the last may go on."""
    terms = [_quoted(lexeme) for word in words[:-1] for lexeme in word]
    terms += [_quoted(lexeme) + (":*" if prefix else "") for word in words[-1:] for lexeme in word]
    return " & ".join(terms) or None


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
