"""Full-text search: the search vector of an article, and queries.

PostgreSQL only gets plain words: separators, invisible characters and forms of letters are normalised before, by
`corpusapp.text.folding`, in texts and in queries. Folded words are matched by the configuration `simple` ("WHO" and
"IT" are stop words in `english`), inflected forms by that of the article's language.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from unicodedata import category

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Cast

from corpusapp.articles.models import Article
from corpusapp.core.errors import Invalid
from corpusapp.core.prepared import planning_cursor
from corpusapp.text.folding import INVISIBLE, folded, joined_and_parted, plain, with_bigrams, without_unspaced
from corpusapp.text.scripts import is_unspaced
from corpusapp.text.wellformed import fault

# A tsvector is limited to 1 MB, which so many characters cannot exceed in any script.
INDEXED_CHARACTERS = 100_000
# Limits in bytes for folded and for plain words; only ligatures and rare letters reach them.
_FOLDED_BYTES, _PLAIN_BYTES = 700_000, 330_000
RANKED_HITS = 1000
MAX_QUERY = 500

# PostgreSQL's snowball configurations by ISO 639-1 code; other languages only use `simple`.
_CONFIGURATIONS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "en": "english",
    "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "ga": "irish", "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_TURKISH = str.maketrans({"I": "ı", "İ": "i"})

# SQL for the vector of a row with the column `configuration` and SEARCHED_COLUMNS, the values of `searched`.
SEARCHED_COLUMNS = "folded_title text, folded_text text, plain_title text, plain_text text"
VECTOR_SQL = """(
    SELECT CASE configuration WHEN 'simple'
        THEN setweight(to_tsvector('simple', folded_title), 'A') || to_tsvector('simple', folded_text)
        ELSE setweight(
            to_tsvector('simple', folded_title)
                || to_tsvector(configuration::regconfig, coalesce(plain_title, folded_title)), 'A'
        ) || to_tsvector('simple', folded_text)
            || to_tsvector(configuration::regconfig, coalesce(plain_text, folded_text)) END
)"""


def configuration_of(language: str) -> str:
    """The text-search configuration for an ISO 639-1 code, `simple` if PostgreSQL 15 has none."""
    return _CONFIGURATIONS.get(language.split("-")[0].lower(), "simple")


def searched(title: str, text: str, configuration: str) -> tuple[str, str, str | None, str | None]:
    """The words of an article for its vector, as SEARCHED_COLUMNS; None if plain words equal folded ones."""
    (folded_title, plain_title), (folded_text, plain_text) = (
        _searched(piece, configuration) for piece in (title, text[:INDEXED_CHARACTERS])
    )
    return folded_title, folded_text, plain_title, plain_text


def vectors(articles: Sequence[tuple[str, str, str]]) -> list[str]:
    """The search vectors of (title, text, language), in the form that PostgreSQL reads. Reads no table."""
    configurations = [configuration_of(language) for _, _, language in articles]
    words = [searched(title, text, name) for (title, text, _), name in zip(articles, configurations, strict=True)]
    with planning_cursor() as cursor:
        cursor.execute(_VECTORS, [configurations, *map(list, zip(*words, strict=True))])
        return [row[0] for row in cursor.fetchall()]


_VECTORS = f"""
    SELECT {VECTOR_SQL}::text
    FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[]) WITH ORDINALITY
        AS given (configuration, folded_title, folded_text, plain_title, plain_text, n) ORDER BY n
"""


def _searched(text: str, configuration: str) -> tuple[str, str | None]:
    if text.isascii():
        return plain(text), None
    words = plain(text)
    if words.isascii() and not INVISIBLE.search(text):
        return words, None
    compared = _cut(with_bigrams(folded(plain(joined_and_parted(text)))), _FOLDED_BYTES)
    if configuration == "simple":
        return compared, None
    return compared, _cut(_for_stemmer(words, configuration), _PLAIN_BYTES)


def _for_stemmer(words: str, configuration: str) -> str:
    return without_unspaced(words.translate(_TURKISH) if configuration == "turkish" else words)


def _cut(words: str, size: int) -> str:
    return words if 4 * len(words) <= size else words.encode()[:size].decode(errors="ignore")


def check_query(query: str) -> None:
    """Refuse an invalid or too long query."""
    if reason := fault(query):
        raise Invalid(f"the search {reason}", field="q")
    if len(query) > MAX_QUERY:
        raise Invalid(f"the search has {len(query)} characters: the limit is {MAX_QUERY}", field="q")


def matching(articles: QuerySet[Article], query: str, language: str) -> QuerySet[Article]:
    """Those of `articles` that match a query in web search syntax ("quoted", -not, or)."""
    check_query(query)
    search_query = _query(query, language)
    return articles.filter(search_vector=search_query) if search_query else articles.none()


def ranked(articles: QuerySet[Article], query: str, language: str) -> QuerySet[Article]:
    """The newest 1,000 matches with their `rank`; order by it to show the best first."""
    newest = matching(articles, query, language).order_by("-id").values("id")[:RANKED_HITS]
    rank = SearchRank(F("search_vector"), _query(query, language) or Value(""), normalization=Value(1))
    # In double precision, so that a value in a JSON cursor is equal to the one in the row.
    return Article.objects.filter(id__in=newest).annotate(rank=Cast(rank, FloatField()))


def words_of(surface: str) -> list[str]:
    """The words that the vector of every text with this surface contains, for `lexemes_of`.

    Words are split at invisible characters; scripts without spaces become bigrams. A single character of these is not a
    lexeme, nor is a mark without its letter: both are left out.
    """
    words = with_bigrams(folded(plain(INVISIBLE.sub(" ", surface))), last=False).split()
    return [word for word in words if not _is_single(word) and category(word[0])[0] != "M"]


def lexemes_of(words: Sequence[str]) -> list[list[str]]:
    """The lexemes of each of these words, by one query."""
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LEXEMES, [list(words)])
        return [row[0] for row in cursor.fetchall()]


_LEXEMES = """
    SELECT tsvector_to_array(to_tsvector('simple', word))
    FROM unnest(%s::text[]) WITH ORDINALITY AS asked (word, n) ORDER BY n
"""


@dataclass
class _Group:
    """The part of a query between two `or`: phrases that must occur in the text, and phrases that must not."""

    wanted: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


_TERM = re.compile(r'(-*)(?:"([^"]*)"?|([^\s"]+))')


def _groups(query: str) -> Iterator[_Group]:
    """Parse web search syntax. Terms without letters and digits are ignored."""
    group = _Group()
    for hyphens, quoted, word in _TERM.findall(query):
        if word.casefold() == "or" and not hyphens:
            yield group
            group = _Group()
        elif phrase := plain(quoted or word).strip():
            (group.excluded if hyphens else group.wanted).append(phrase)
    yield group


def wanted_words(query: str) -> list[str]:
    """The plain words of a query in web search syntax, without excluded ones."""
    return [word for group in _groups(query) for phrase in group.wanted for word in phrase.split()]


def _query(query: str, language: str) -> SearchQuery | None:
    """The query of PostgreSQL; None if it is empty."""
    configuration = configuration_of(language)
    groups = [group for group in _groups(query) if group.wanted or group.excluded]
    return _any([_of_group(group, configuration) for group in groups]) if groups else None


def _of_group(group: _Group, configuration: str) -> SearchQuery:
    parts = [_any(_alternatives(group.wanted, configuration, " "))] if group.wanted else []
    parts += _single_characters(group.wanted)
    if group.excluded:
        excluded = _alternatives(group.excluded, configuration, " or ")
        parts += [~query for query in (*excluded, *_single_characters(group.excluded))]
    return _all(parts)


def _single_characters(phrases: Sequence[str]) -> list[SearchQuery]:
    """Queries for single characters of scripts without spaces: each is the prefix of a bigram, or ends a run."""
    words = (word for phrase in phrases for word in with_bigrams(folded(phrase), last=False).split())
    return [_beginning(word) for word in words if _is_single(word)]


def _is_single(word: str) -> bool:
    return len(word) == 1 and is_unspaced(word)


def _alternatives(phrases: Sequence[str], configuration: str, between: str) -> list[SearchQuery]:
    """The phrases as folded words, or inflected in the language: as written, and folded."""
    compared = _quoted([folded(phrase) for phrase in phrases], between)
    variants = [(compared, "simple")]
    if configuration != "simple":
        variants.append((compared, configuration))
        written = _quoted([_turkish(phrase, configuration) for phrase in phrases], between)
        if written != compared:
            variants.append((written, configuration))
    return [SearchQuery(words, config=name, search_type="websearch") for words, name in variants]


def _turkish(phrase: str, configuration: str) -> str:
    return phrase.translate(_TURKISH) if configuration == "turkish" else phrase


def _quoted(phrases: Sequence[str], between: str) -> str:
    """The phrases in web search syntax. Bigrams need not be adjacent: vectors of long texts lose positions."""
    return between.join(_phrase(phrase) for phrase in phrases)


def _phrase(phrase: str) -> str:
    bigrams = with_bigrams(phrase, last=False)
    if bigrams == phrase:
        return f'"{phrase}"'
    return " ".join(f'"{word}"' for word in bigrams.split() if not _is_single(word))


def _beginning(word: str) -> SearchQuery:
    return SearchQuery(f"'{word}':*", config="simple", search_type="raw")


def _all(queries: Sequence[SearchQuery]) -> SearchQuery:
    return _combined(queries, lambda first, second: first & second)


def _any(queries: Sequence[SearchQuery]) -> SearchQuery:
    return _combined(queries, lambda first, second: first | second)


def _combined(
    queries: Sequence[SearchQuery], combine: Callable[[SearchQuery, SearchQuery], SearchQuery]
) -> SearchQuery:
    """Combine queries in halves: combined one by one, a hundred of them would be nested a hundred deep."""
    if len(queries) == 1:
        return queries[0]
    middle = len(queries) // 2
    return combine(_combined(queries[:middle], combine), _combined(queries[middle:], combine))
