"""Full-text search: how the vector is made, and how it is asked.

Names are found by `simple` ("WHO" and "IT" are stop words in `english`), words by the article's language beside it.
"""

import re
from collections.abc import Sequence

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Cast

from corpusapp.articles.models import Article
from corpusapp.text.scripts import UNSPACED

# A tsvector holds 1 MB. This many characters cannot fill it in any script, and nothing is refused for its length.
INDEXED_CHARACTERS = 100_000
RANKED_HITS = 1000
MAX_QUERY = 500

# PostgreSQL's own snowball configurations by ISO 639-1 code; others are searched by `simple` alone.
_CONFIGURATIONS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "en": "english",
    "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "ga": "irish", "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# The parser joins what these stand between or before: "Reuters/AFP" is a file, "said.Gaza" a host, "-16" a number, and
# an invisible character or a circled letter part of a word.
_INVISIBLE = "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_JOINING = f"{_INVISIBLE}\u24b6-\u24e9\U0001f130-\U0001f189"
_APART = f"!-/:-@\\[-`{{-~{_JOINING}"
# What holds such a character, and words of Latin letters beside Han or Thai, are indexed word by word too.
_JOINED = f"\\S*(?:[./@_~][^[:space:]]|&|[-+][[:digit:]]|[{_JOINING}{UNSPACED}])\\S*"
# The parser skips what looks like a tag with all that a script holds; here it is text, so its brackets become spaces.
# Most texts hold no bracket and are short: they are read as they are. What `configuration` would repeat is left out.
_PLAIN = f"""
    SELECT translate(title, '<>', '  ') AS title, body, (
        SELECT to_tsvector('simple', string_agg(regexp_replace(joined[1], '[{_APART}{UNSPACED}]+', ' ', 'g'), ' '))
        FROM regexp_matches(body, '{_JOINED}', 'g') AS found (joined)
    ) AS apart
    FROM (
        SELECT CASE WHEN octet_length(text) > {INDEXED_CHARACTERS} OR strpos(text, '<') > 0 OR strpos(text, '>') > 0
        THEN translate(left(text, {INDEXED_CHARACTERS}), '<>', '  ') ELSE text END AS body
        OFFSET 0
    ) AS bounded
    OFFSET 0
"""
# Over a row with the columns title, text and configuration. OFFSET 0 has what is plain worked out once.
VECTOR_SQL = f"""(
    SELECT CASE configuration WHEN 'simple'
        THEN setweight(to_tsvector('simple', plain.title), 'A') || to_tsvector('simple', plain.body)
        ELSE setweight(
            to_tsvector('simple', plain.title) || to_tsvector(configuration::regconfig, plain.title), 'A'
        ) || to_tsvector('simple', plain.body) || to_tsvector(configuration::regconfig, plain.body) END
        || coalesce(plain.apart, '')
    FROM ({_PLAIN}) AS plain
)"""
_EDGES = re.compile(f"[\\s{_APART}]+")


def words_of(surface: str) -> list[str]:
    """The parts of a surface that the vector of every text with this surface holds by themselves."""
    return [word for word in _EDGES.split(surface) if word]


def lexemes_of(words: Sequence[str]) -> list[list[str]]:
    """What the vector of a text with nothing but this word holds, for each of the words: one query."""
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(words)])
        return [row[0] for row in cursor.fetchall()]


_LEXEMES = f"""
    SELECT tsvector_to_array({VECTOR_SQL})
    FROM (
        SELECT word AS text, '' AS title, 'simple' AS configuration
        FROM unnest(%s::text[]) WITH ORDINALITY AS word (word, n) ORDER BY n
    ) AS asked
"""


def configuration_of(language: str) -> str:
    """The text-search configuration for an ISO 639-1 code, `simple` where PostgreSQL 15 has none."""
    return _CONFIGURATIONS.get(language.split("-")[0].lower(), "simple")


def matching(articles: QuerySet[Article], query: str, language: str) -> QuerySet[Article]:
    """Those of `articles` that match a query in web search syntax ("quoted", -not, or)."""
    return articles.filter(search_vector=_query(query, language))


def ranked(articles: QuerySet[Article], query: str, language: str) -> QuerySet[Article]:
    """The newest 1,000 matches with their `rank`; order by it to show the best first."""
    newest = matching(articles, query, language).order_by("-id").values("id")[:RANKED_HITS]
    rank = SearchRank(F("search_vector"), _query(query, language), normalization=Value(1))
    # In double precision, so that a cursor that went through JSON compares equal to its row.
    return Article.objects.filter(id__in=newest).annotate(rank=Cast(rank, FloatField()))


def _query(query: str, language: str) -> SearchQuery:
    names = SearchQuery(query, config="simple", search_type="websearch")
    configuration = configuration_of(language)
    if configuration == "simple":
        return names
    return names | SearchQuery(query, config=configuration, search_type="websearch")
