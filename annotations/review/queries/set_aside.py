"""Articles that are flagged, skipped or parked."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from annotations.review.models import MAIN_LAYER, Review, SetAside, SetAsideKind
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import counted_with_another, with_headlines
from corpusapp.core import keyset
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

PAGE_SIZE = 50
# The words of filters, and the kinds that they mean.
KINDS = {kind.label: kind for kind in SetAsideKind}

# For any article: what the user set aside, and all parks.
OF_ARTICLE = Prepared(
    lambda article, user: (
        SetAside.objects.filter(Q(kind=SetAsideKind.PARK) | Q(user=user), article=article)
        .select_related("user")
        .order_by("kind", "id")
    ),
    article=int,
    user=int,
)


def of_article(user: "User", article: Article) -> list[SetAside]:
    """The user's flag, skip and park of the article, and the parks of others."""
    return OF_ARTICLE.all(article=article.pk, user=user.pk)


def list_set_aside(user: "User", kind: str = "", *, cursor: str = "", size: int = PAGE_SIZE) -> keyset.Page[SetAside]:
    """A page of what the user set aside in all corpora, newest first, with articles. `kind` is one of `KINDS` or ""."""
    rows = SetAside.objects.filter(user=user, corpus__in=Corpus.objects.visible_to(user), article__withdrawn_at=None)
    if kind:
        rows = rows.filter(kind=KINDS[kind])
    rows = rows.select_related("user", "corpus").defer("corpus__guidelines")
    rows = rows.prefetch_related(Prefetch("article", with_headlines(Article.objects.select_related("source"))))
    return keyset.newest_first(rows, cursor=cursor, size=size)


def set_aside_in(word: str, user_id: int | None) -> QuerySet[SetAside]:
    """The flags, skips or parks, as a word of `KINDS` says, of an outer article: parks of all, others of the user."""
    found = SetAside.objects.filter(kind=KINDS[word], article=OuterRef("pk"))
    return found if word == SetAsideKind.PARK.label else found.filter(user=user_id)


def not_parked(reviews: QuerySet[Review]) -> QuerySet[Review]:
    """The reviews whose articles nobody has parked."""
    parked = SetAside.objects.filter(kind=SetAsideKind.PARK, corpus=OuterRef("corpus"), article=OuterRef("article"))
    return reviews.exclude(Exists(parked))


def skipped_by(user: "User") -> Exists:
    """Whether the user has skipped the article of a review."""
    return Exists(SetAside.objects.filter(user=user, kind=SetAsideKind.SKIP, article=OuterRef("article")))


def parked_counts(corpora: Sequence[Corpus] | QuerySet[Corpus]) -> dict[int, dict[str, int]]:
    """Counts of parked articles by corpus and stage, as `stage_counts` counts all articles."""
    parked = SetAside.objects.filter(corpus__in=corpora, kind=SetAsideKind.PARK, article__withdrawn_at=None)
    parked = parked.exclude(article__in=counted_with_another(corpora))
    stage = Review.objects.filter(article=OuterRef("article"), layer=MAIN_LAYER).values("stage")
    rows = parked.values_list("corpus", Subquery(stage)).annotate(n=Count("article", distinct=True))
    counts: dict[int, dict[str, int]] = {}
    for corpus_id, name, number in rows.order_by():
        counts.setdefault(corpus_id, {})[name] = number
    return counts


def with_parked(stages: Mapping[str, int], parked: Mapping[str, int]) -> dict[str, int]:
    """The counts of a corpus by stage, with its parked articles counted apart, as `parked`."""
    apart = {stage: number - parked.get(stage, 0) for stage, number in stages.items()}
    return apart | {SetAsideKind.PARK.label: sum(parked.values())}


def set_aside_to_announce(user: "User", number: str) -> SetAside | None:
    """The user's flag, skip or park with this id, with its article and corpus; None if it was taken back."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    rows = SetAside.objects.filter(pk=int(number), user=user, article__withdrawn_at=None)
    rows = rows.filter(corpus__in=Corpus.objects.visible_to(user)).select_related("corpus")
    return rows.prefetch_related(Prefetch("article", with_headlines(Article.objects.all()))).first()
