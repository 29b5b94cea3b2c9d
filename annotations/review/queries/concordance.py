"""Every mention of some words across a corpus, each in its context: what is sought, and the page that shows it.

With words, mentions are places in texts, and each is shown as the spans that hold it; where none does, as a free place.
Without words they are all spans that fit.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat

from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Label, Review, Stage, State
from annotations.review.queries.matches import context
from annotations.review.queries.mentions import MOST_IN_ARTICLE, Mention, Seeker, Words, mentions_in, spans_that_fit
from corpusapp.articles.models import Article, Corpus, Source
from corpusapp.articles.search import check_query
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault

PAGE_SIZE, MAX_PAGE = 50, 500
# Mentions are counted, and sorted by date or context, in so many articles; pages of the newest first go on beyond them.
LOOKED_ARTICLES = 1000
# No more articles are looked at for counts once so many mentions were found.
COUNTED_MENTIONS = 10_000
GROUPS = 40
FREE = "none"
STATES = (*State.values, FREE)
ORDERS = ("newest", "date", "left", "right", "score")
_FIRST = {"newest": int, "date": int, "score": float}
_CHUNKS = (40, 160, 500)
_COUNTED_AT_ONCE = 200


@dataclass(frozen=True)
class Asked:
    """What a concordance is narrowed to; `surface` to mentions of exactly this form, `source` is a name."""

    query: str = ""
    mode: str = Words.WORDS
    surface: str = ""
    label: str = ""
    states: Sequence[str] = (State.SUGGESTED, State.CONFIRMED, FREE)
    score_from: float | None = None
    score_to: float | None = None
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    order: str = "newest"


@dataclass(frozen=True)
class Row:
    """A mention with its article. `open` says whether it can be decided on here."""

    mention: Mention
    article: Article
    label: Label | None
    left: str
    text: str
    right: str
    open: bool


@dataclass
class Concordance:
    """A page of it. Counts come with the first page, and are of the `looked` newest articles alone where `cut`."""

    rows: Sequence[Row] = ()
    next_cursor: str | None = None
    groups: Sequence[tuple[str, int]] = ()
    forms: int = 0
    total: int | None = None
    articles: int = 0
    looked: int = 0
    cut: bool = False


def concordance(corpus: Corpus, asked: Asked, *, cursor: str = "", size: int = PAGE_SIZE) -> Concordance:
    """A page of mentions. The caller has checked who may see the corpus."""
    check(asked)
    labels = {label.pk: label for label in Label.objects.filter(corpus=corpus)}
    seeker = Seeker(corpus.pk, asked, _articles(corpus, asked), _label_id(labels.values(), asked.label))
    if not asked.query:
        return _spans(seeker, labels, cursor, size)
    if asked.order == "newest" and cursor:
        return _further(seeker, labels, cursor, size)
    return _counted(seeker, labels, cursor, size)


def check(asked: Asked) -> None:
    """Refuse what cannot be sought, or not in this order."""
    for name in ("surface", "source", "label"):
        if reason := fault(getattr(asked, name)):
            raise Invalid(f"{name} {reason}", field=name)
    check_query(asked.query)
    if asked.query and not asked.query.strip():
        raise Invalid("the search is empty: enter a name or words", field="q")
    for name, value, known in (("mode", asked.mode, Words.values), ("order", asked.order, ORDERS)):
        if value not in known:
            raise Invalid(f"{name} must be one of {', '.join(known)}, not {value[:40]!r}", field=name)
    if unknown := [state for state in asked.states if state not in STATES]:
        raise Invalid(f"{unknown[0][:40]!r} is not a state: use {', '.join(STATES)}", field="state")
    for name in ("score_from", "score_to"):
        score = getattr(asked, name)
        if score is not None and not 0 <= score <= 1:
            raise Invalid("a score is between 0 and 1", field=name)
    if not asked.query and (asked.order != "newest" or asked.surface):
        raise Invalid("order and form need a search: enter a name or words", field="q")


def _articles(corpus: Corpus, asked: Asked) -> QuerySet[Article]:
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None)
    if asked.source:
        articles = articles.filter(source__in=Source.objects.filter(corpus=corpus, name=asked.source))
    if asked.published_from:
        articles = articles.filter(published_on__gte=asked.published_from)
    if asked.published_to:
        articles = articles.filter(published_on__lte=asked.published_to)
    return articles


def _label_id(labels: Iterable[Label], name: str) -> int | None:
    """The id of the label that is asked for; 0, which none has, where the corpus does not know it."""
    return next((label.pk for label in labels if label.name == name), 0) if name else None


def _counted(seeker: Seeker, labels: dict[int, Label], cursor: str, size: int) -> Concordance:
    """The first page, or any in the order of contexts: all mentions in the newest articles are found and counted."""
    ids = seeker.candidates(LOOKED_ARTICLES + 1)
    found: list[Mention] = []
    looked = 0
    for chunk in _chunks(ids[:LOOKED_ARTICLES]):
        found += mentions_in(seeker, chunk)
        looked += len(chunk)
        if len(found) > COUNTED_MENTIONS:
            break
    cut = looked < len(ids) or len(found) >= MOST_IN_ARTICLE
    forms = Counter(mention.surface for mention in found)
    if seeker.asked.surface:
        found = [mention for mention in found if mention.surface == seeker.asked.surface]
    found.sort(key=lambda mention: mention.key)
    if cursor:
        key = _key(cursor, seeker)
        after = [mention for mention in found if mention.key > key]
    else:
        after = found
    shown = after[:size]
    more = len(after) > size or (cut and seeker.asked.order == "newest")
    return Concordance(
        rows=_rows(shown, labels),
        next_cursor=keyset.encode(*shown[-1].key) if more and shown else None,
        groups=forms.most_common(GROUPS),
        forms=len(forms),
        total=len(found),
        articles=len({mention.article for mention in found}),
        looked=looked,
        cut=cut,
    )


def _further(seeker: Seeker, labels: dict[int, Label], cursor: str, size: int) -> Concordance:
    """A further page of the newest first: articles are looked at until it is full."""
    key = _key(cursor, seeker)
    found: list[Mention] = []
    newest: int | None = -key[1]
    for limit in chain(_CHUNKS, repeat(_CHUNKS[-1])):
        ids = seeker.candidates(limit, newest)
        fresh = [mention for mention in mentions_in(seeker, ids) if mention.key > key]
        if seeker.asked.surface:
            fresh = [mention for mention in fresh if mention.surface == seeker.asked.surface]
        found += sorted(fresh, key=lambda mention: mention.key)
        if len(found) > size or len(ids) < limit:
            break
        newest = ids[-1] - 1
    shown = found[:size]
    return Concordance(_rows(shown, labels), keyset.encode(*shown[-1].key) if len(found) > size else None)


def _spans(seeker: Seeker, labels: dict[int, Label], cursor: str, size: int) -> Concordance:
    found = spans_that_fit(seeker, _key(cursor, seeker) if cursor else None, size + 1)
    shown = found[:size]
    return Concordance(_rows(shown, labels), keyset.encode(*shown[-1].key) if len(found) > size else None)


def _key(cursor: str, seeker: Seeker) -> tuple:
    return keyset.decode(cursor, _FIRST.get(seeker.asked.order, str), int, int, int, int)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _COUNTED_AT_ONCE] for at in range(0, len(ids), _COUNTED_AT_ONCE))


def _rows(found: Sequence[Mention], labels: dict[int, Label]) -> list[Row]:
    """The mentions with their contexts and what is shown of their articles: two queries."""
    ids = {mention.article for mention in found}
    rows = Article.objects.select_related("source", "corpus").defer("search_vector", "metadata")
    articles = rows.in_bulk(ids)
    done = set(
        Review.objects.filter(article__in=ids, layer=MAIN_LAYER, stage=Stage.DONE).values_list("article", flat=True)
    )
    lines = []
    for mention in found:
        if article := articles.get(mention.article):
            left, right = context(article.text, mention.start, mention.end)
            decidable = article.pk not in done and (mention.span is not None or mention.free)
            text = article.text[mention.start : mention.end]
            lines.append(Row(mention, article, labels.get(mention.label or 0), left, text, right, decidable))
    return lines
