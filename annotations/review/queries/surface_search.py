"""Finds the articles that contain a surface: candidates by the full-text index, then by their texts.

The index only rules articles out. It is queried for all words and not for the phrase, because a vector drops positions
in long texts. It covers the first `INDEXED_CHARACTERS`, so longer texts are always candidates. If a surface has no
words in the index (an emoji, a single character of a script without spaces), all articles are.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Stage
from corpusapp.articles.models import Article
from corpusapp.articles.search import INDEXED_CHARACTERS, lexemes_of, words_of


def filter_candidates(articles: QuerySet[Article], corpus_id: int, words: str) -> QuerySet[Article]:
    """Those of `articles` of a corpus that may contain the words."""
    if (query := _search_query(words)) is None:
        return articles
    beyond = articles.filter(length__gt=INDEXED_CHARACTERS).values("pk")
    within = Article.objects.filter(corpus=corpus_id, search_vector=query).values("pk")
    return articles.filter(pk__in=within.union(beyond))


def newest_candidates(articles: QuerySet[Article], words: str, limit: int, *, prefix: bool = False) -> list[int]:
    """The ids of the `limit` newest candidates, newest first. With `prefix`, the last word may be longer.

    Two queries, each with a limit, so that frequent words do not read all articles that contain them.
    """
    newest = articles.order_by("-pk").values_list("pk", flat=True)
    if (query := _search_query(words, prefix)) is None:
        return list(newest[:limit])
    within, beyond = newest.filter(search_vector=query), newest.filter(length__gt=INDEXED_CHARACTERS)
    return sorted({*within[:limit], *beyond[:limit]}, reverse=True)[:limit]


def open_articles_with(
    corpus_id: int,
    surfaces: Sequence[str],
    *,
    table: str = "articles_article",
    found: Sequence[int] = (),
    leaving_out: Sequence[int] = (),
) -> list[int]:
    """The ids of open articles of the corpus that contain one of the surfaces, whatever its white space.

    Only those that `table` has as its key, and without those `found` already. `leaving_out`: for each surface an
    article that does not count, or 0.
    """
    if not surfaces:
        return []
    parameters: dict[str, Any] = {"corpus": corpus_id, "layer": MAIN_LAYER, "done": Stage.DONE, "found": list(found)}
    parameters |= {"surfaces": list(surfaces), "queries": _tsqueries(surfaces)}
    parameters["left_out"] = list(leaving_out) or [0] * len(surfaces)
    key = {"articles_article": "id"}.get(table, "article_id")
    with connection.cursor() as cursor:
        cursor.execute(_ARTICLES_WITH.format(table=table, key=key), parameters)
        return [row[0] for row in cursor.fetchall()]


# Three kinds of candidates, since each uses an index of its own, and an OR of them would use none. Texts come last: to
# decompress them takes the most time.
_ARTICLES_WITH = rf"""
    WITH named AS MATERIALIZED (
        SELECT surface, query::tsquery, left_out
        FROM unnest(%(surfaces)s::text[], %(queries)s::text[], %(left_out)s::bigint[]) AS t (surface, query, left_out)
    ), candidate AS (
        SELECT a.id, named.surface, named.left_out FROM named JOIN articles_article a
            ON a.search_vector @@ named.query AND a.corpus_id = %(corpus)s
        UNION ALL
        SELECT a.id, named.surface, named.left_out FROM named CROSS JOIN articles_article a
        WHERE a.corpus_id = %(corpus)s AND a.length > {INDEXED_CHARACTERS}
        UNION ALL
        SELECT a.id, named.surface, named.left_out FROM named JOIN articles_article a
            ON a.corpus_id = %(corpus)s AND named.query IS NULL
    ), wanted AS MATERIALIZED (
        SELECT candidate.id, candidate.surface
        FROM candidate JOIN review_review review ON review.article_id = candidate.id AND review.layer = %(layer)s
            AND review.stage <> %(done)s
        WHERE candidate.id <> candidate.left_out AND candidate.id <> ALL (%(found)s::bigint[])
            AND EXISTS (SELECT FROM {{table}} WHERE {{table}}.{{key}} = candidate.id)
    )
    SELECT DISTINCT a.id
    FROM wanted JOIN articles_article a ON a.id = wanted.id AND a.withdrawn_at IS NULL
    WHERE strpos(a.text, wanted.surface) > 0 OR strpos(wanted.surface, ' ') > 0
        AND strpos(regexp_replace(a.text, '[\s\u001c-\u001f\u0085\u00a0\u2007\u202f]+', ' ', 'g'),
            wanted.surface) > 0
    ORDER BY a.id
"""


def _search_query(words: str, prefix: bool = False) -> SearchQuery | None:
    """A query of the index for the words; None if it has none of them."""
    (query,) = _tsqueries([words], prefix)
    return None if query is None else SearchQuery(query, config="simple", search_type="raw")


def _tsqueries(surfaces: Sequence[str], prefix: bool = False) -> list[str | None]:
    """For each surface a query of all its words, in the syntax of `tsquery`; None if the index has none of them."""
    parts = [words_of(surface) for surface in surfaces]
    lexemes = iter(lexemes_of([word for words in parts for word in words]))
    return [_tsquery(list(islice(lexemes, len(words))), prefix) for words in parts]


def _tsquery(words: list[list[str]], prefix: bool) -> str | None:
    """All lexemes of all words; with `prefix`, those of the last word match as prefixes."""
    terms = [_quoted(lexeme) for word in words[:-1] for lexeme in word]
    terms += [_quoted(lexeme) + (":*" if prefix else "") for word in words[-1:] for lexeme in word]
    return " & ".join(terms) or None


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
