"""Articles that are flagged, skipped or parked."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from annotations.review.models import MAIN_LAYER, Review, SetAside, SetAsideKind
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import counted_with_another
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
    rows = rows.select_related("user", "corpus", "article__source")
    rows = rows.defer("corpus__guidelines", "article__search_vector", "article__metadata")
    return keyset.newest_first(rows, cursor=cursor, size=size)


def set_aside_in(word: str, user_id: int | None) -> QuerySet[SetAside]:
    """The flags, skips or parks, as a word of `KINDS` says, of an outer article: parks of all, others of the user."""
    found = SetAside.objects.filter(kind=KINDS[word], article=OuterRef("pk"))
    return found if word == SetAsideKind.PARK.label else found.filter(user=user_id)


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
    rows = SetAside.objects.select_related("article", "corpus").filter(pk=int(number), user=user)
    return rows.filter(article__withdrawn_at=None, corpus__in=Corpus.objects.visible_to(user)).first()
