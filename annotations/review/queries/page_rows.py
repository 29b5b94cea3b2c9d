"""What a page of the list shows of its articles: three reads, composed once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import Case, Count, Expression, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Greatest, Left, Lower, StrIndex, Substr
from django.db.models.lookups import GreaterThan

from annotations.review.models import MAIN_LAYER, Review, Span, State
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import sizes_of_groups
from corpusapp.articles.search import INDEXED_CHARACTERS, configuration_of
from corpusapp.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Around the words that a search found, in a snippet: characters that are cut out of the text itself beforehand.
HIT_START, HIT_END = "\ue000", "\ue001"
_OPENING = 400


@dataclass
class ArticleRow:
    """One line of a list. `snippet` marks hits by HIT_START and HIT_END; `copies` counts other near copies.

    `expected_actions` is what deciding will probably take, `uncertainty` lies between 0 and 1.
    """

    article: Article
    stage: str
    editor: "User | None"
    suggested: int = 0
    confirmed: int = 0
    snippet: str = ""
    copies: int = 0
    expected_actions: float | None = None
    uncertainty: float | None = None


def page_rows(
    articles: Sequence[int], corpora: Iterable[Corpus], query: str = "", language: str = "en"
) -> list[ArticleRow]:
    """The rows of these articles of `corpora`, in this order. With a search, snippets show what it found."""
    ids = list(articles)
    if not ids:
        return []
    found = _searched(ids, query, configuration_of(language)) if query else _SHOWN.all(ids=ids)
    reviews, by_id = {review.article_id: review for review in found}, {corpus.pk: corpus for corpus in corpora}
    for review in found:
        review.article.corpus = by_id[review.corpus_id]
    counts = {(article, state): n for article, state, n in _COUNTS.all(ids=ids)}
    groups = {review.article.copy_group_id for review in found} - {None}
    sizes = sizes_of_groups(groups) if groups else {}
    return [_row(reviews[pk], counts, sizes) for pk in ids if pk in reviews]


def _searched(ids: list[int], query: str, configuration: str) -> list[Review]:
    word = query.strip().lower()
    return _found(configuration).all(ids=ids, query=query, word=word if word.isalnum() else "")


def _row(review: Review, counts: dict[tuple[int, str], int], sizes: dict[int, int]) -> ArticleRow:
    article = review.article
    article.opening = review.opening
    return ArticleRow(
        article=article,
        stage=review.stage,
        editor=review.editor,
        expected_actions=review.expected_actions,
        uncertainty=review.uncertainty,
        suggested=counts.get((article.pk, State.SUGGESTED), 0),
        confirmed=counts.get((article.pk, State.CONFIRMED), 0),
        snippet=getattr(review, "snippet", review.opening),
        copies=max(0, sizes.get(article.copy_group_id, 1) - 1),
    )


_NOT_SHOWN = (
    "text", "search_vector", "metadata", "dateline", "published_evidence", "text_sha256", "content_sha256",
    "url_sha256", "batch", "previous", "created_at", "withdrawn_at", "erased_at",
)  # fmt: skip


def _shown(ids: list[int]) -> QuerySet[Review]:
    """The articles without their texts, with an `opening`."""
    rows = Review.objects.filter(article_id__any_of=ids, layer=MAIN_LAYER).order_by()
    rows = rows.select_related("article__source", "editor")
    rows = rows.defer("started_at", "done_at", *(f"article__{name}" for name in _NOT_SHOWN))
    return rows.annotate(opening=Left("article__text", _OPENING))


_SHOWN = Prepared(_shown, ids=list)
_COUNTS = Prepared(
    lambda ids: (
        Span.objects.standing()
        .filter(article_id__any_of=ids)
        .order_by()
        .values_list("article", "state")
        .annotate(n=Count("id"))
    ),
    ids=list,
)


@cache
def _found(configuration: str) -> "Prepared[Review]":
    """Of a search in a language of this configuration: with a `snippet`. `word` is the search where it is one word."""
    return Prepared(
        lambda ids, query, word: _shown(ids).annotate(snippet=_headline(query, word, configuration)),
        ids=list,
        query=str,
        word=str,
    )


# ts_headline leaves out what looks like a tag, but a text that is HTML is to be seen: `<` stands aside meanwhile.
_ASIDE = "\ue002"


# Of a word whose first mention is found as it was written, no more is read than what stands around that: parsing whole
# texts would take most of a search. A fragment of a headline is shorter than what is left before it.
_BEFORE, _AROUND = 300, 1000


def _headline(query: str, word: str, configuration: str) -> Func:
    text = _around(Left("article__text", INDEXED_CHARACTERS), word)
    headline = SearchHeadline(
        _translate(text, "<" + HIT_START + HIT_END + _ASIDE, _ASIDE),
        SearchQuery(query, config=configuration, search_type="websearch")
        | SearchQuery(query, config="simple", search_type="websearch"),
        config=configuration,
        start_sel=HIT_START,
        stop_sel=HIT_END,
        max_words=45,
        min_words=20,
        max_fragments=2,
        fragment_delimiter=" … ",
    )
    return _translate(headline, _ASIDE, "<")


def _translate(text: Expression, characters: str, others: str) -> Func:
    """Each of `characters` becomes the one of `others` at its place, or goes where there is none."""
    return Func(text, Value(characters), Value(others), function="translate", output_field=TextField())


def _around(text: Expression, word: str) -> Case:
    """What stands around the first mention of a word; all of the text where it has none, or the word is empty."""
    place = StrIndex(Lower(text), Cast(Value(word), TextField()))
    return Case(
        When(GreaterThan(place, Value(1)), then=Substr(text, Greatest(place - _BEFORE, Value(1)), _AROUND)),
        default=text,
    )
