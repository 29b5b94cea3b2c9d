"""The home page and a corpus's overview: progress, where to go on, what is new."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from annotations.review.models import Comment, SetAside, Stage
from annotations.review.queries import stage_counts
from annotations.review.queries.counts import span_counts
from annotations.review.queries.resume import Offer, article_to_continue, article_to_start
from annotations.review.queries.set_aside import list_set_aside, parked_counts, with_parked
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.core.charts import Segment, segmented_bar

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_Kept = TypeVar("_Kept")

NEWS = timedelta(days=7)
# The slug of the corpus that `load_sample` creates.
SAMPLE = "sample"
_LISTED = 5
# Counting all spans or decisions of a corpus with more articles takes long enough to be noticed.
_LARGE, _KEPT_SECONDS = 20_000, 300
_SEGMENTS = (
    (Stage.DONE, "done"), (Stage.IN_REVIEW, "in review"), (Stage.SUGGESTED, "suggested"), ("parked", "parked"),
    (Stage.NEW, "new"),
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """A corpus on the home page. `suggested` articles wait for an editor; `imported` and `commented` are new."""

    corpus: Corpus
    articles: int
    bar: Sequence[Segment]
    suggested: int
    imported: int
    commented: int
    edits: bool
    manages: bool


@dataclass(frozen=True)
class Home:
    cards: Sequence[Card]
    offer: Offer | None
    comments: Sequence[Comment]
    # The newest of what the user flagged, skipped or parked.
    aside: Sequence[SetAside]
    first_run: bool

    @property
    def managed(self) -> list[Corpus]:
        return [card.corpus for card in self.cards if card.manages]


def progress_bar(stages: Mapping[str, int]) -> list[Segment]:
    return segmented_bar([(name, title, stages.get(name, 0)) for name, title in _SEGMENTS])


def home_of(user: "User") -> Home:
    """What the home page shows: a fixed number of queries, whatever the number of corpora."""
    corpora = list(Corpus.objects.visible_to(user))
    since = timezone.now() - NEWS
    stages, imported, commented = stage_counts(corpora), _imported(corpora, since), _comments(user, corpora, since)
    parked = parked_counts(corpora)
    counted = dict(commented.order_by().values_list("corpus").annotate(n=Count("id")))
    edited, managed = (set(Corpus.objects.visible_to(user, role)) for role in (Role.EDITOR, Role.MANAGER))
    cards = []
    for corpus in corpora:
        found = stages.get(corpus.pk, {})
        cards.append(
            Card(
                corpus,
                sum(found.values()),
                progress_bar(with_parked(found, parked.get(corpus.pk, {}))),
                found.get(Stage.SUGGESTED, 0),
                imported.get(corpus.pk, 0),
                counted.get(corpus.pk, 0),
                corpus in edited,
                corpus in managed,
            )
        )
    comments = commented.filter(resolved_at=None).select_related("user", "article", "corpus")
    newest = comments.defer("article__search_vector", "article__metadata").order_by("-id")[:_LISTED]
    beyond_the_sample = [card for card in cards if card.articles and card.corpus.slug != SAMPLE]
    aside = list_set_aside(user, size=_LISTED).rows
    return Home(cards, _offer(user, cards), list(newest), aside, first_run=not beyond_the_sample)


def _offer(user: "User", cards: Sequence[Card]) -> Offer | None:
    edited = [card for card in cards if card.edits]
    if offer := article_to_continue(user, [card.corpus for card in edited]):
        return offer
    waiting = (article_to_start(user, card.corpus) for card in edited if card.suggested)
    return next(filter(None, waiting), None)


def _imported(corpora: Sequence[Corpus], since: datetime) -> dict[int, int]:
    batches = ImportBatch.objects.filter(corpus__in=corpora, started_at__gte=since, added__gt=0).order_by()
    return dict(batches.values_list("corpus").annotate(n=Sum("added")))


def _comments(user: "User", corpora: Sequence[Corpus], since: datetime) -> QuerySet[Comment]:
    """The comments of others since then."""
    recent = Comment.objects.filter(corpus__in=corpora, created_at__gte=since, article__withdrawn_at=None)
    return recent.exclude(user=user)


def span_counts_of(corpus: Corpus, articles: int) -> dict[int, dict[str, int]]:
    """Counts of spans by label and state. For a large corpus they may be some minutes old."""
    return kept_if_large(f"span-counts-{corpus.pk}", articles, lambda: span_counts(corpus))


def kept_if_large(key: str, articles: int, compute: Callable[[], _Kept]) -> _Kept:
    """What `compute` returns; of a corpus with many articles it is kept for some minutes, by this process."""
    if articles < _LARGE:
        return compute()
    kept: _Kept | None = cache.get(key)
    if kept is None:
        cache.set(key, kept := compute(), _KEPT_SECONDS)
    return kept
