"""Pairs of entities that may be one, ordered by the mentions that a merge would bring together."""

from django.db.models import Q, QuerySet

from annotations.entities.models import STANDING, PossibleDuplicate
from corpusapp.articles.models import Corpus
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound


def possible_duplicates(corpus: Corpus, *, cursor: str = "", size: int = 50) -> keyset.Page[PossibleDuplicate]:
    """A page of pairs, those that save most mentions first, and those that were put off last.

    Raises `Invalid` for a cursor of another list.
    """
    put_off, saves, pk = keyset.decode(cursor, int, int, int) if cursor else (0, None, 0)
    rows: list[PossibleDuplicate] = []
    for part in (0, 1):
        if part < put_off or len(rows) > size:
            continue
        pairs = standing_pairs(corpus).filter(postponed_at__isnull=not part)
        if part == put_off and saves is not None:
            pairs = pairs.filter(Q(saves__lt=saves) | Q(saves=saves, pk__lt=pk))
        rows += pairs.order_by("-saves", "-pk")[: size + 1 - len(rows)]
    if len(rows) <= size:
        return keyset.Page(rows, None)
    last = rows[size - 1]
    return keyset.Page(rows[:size], keyset.encode(int(last.postponed_at is not None), last.saves, last.pk))


def get_pair(corpus: Corpus, first: int, second: int) -> PossibleDuplicate:
    """The pair of these two, in any order. Raises `NotFound` for one that is not proposed, or not any more."""
    known = all(0 < pk < 2**63 for pk in (first, second))
    pairs = standing_pairs(corpus).filter(first=min(first, second), second=max(first, second)) if known else ()
    for pair in pairs:
        return pair
    raise NotFound(f"entities {first} and {second} are not proposed as one: they may be decided already")


def standing_pairs(corpus: Corpus) -> "QuerySet[PossibleDuplicate]":
    """The pairs of a corpus with their entities."""
    pairs = PossibleDuplicate.objects.filter(corpus=corpus, first__state__in=STANDING, second__state__in=STANDING)
    return pairs.select_related("first__label", "second__label").order_by()
