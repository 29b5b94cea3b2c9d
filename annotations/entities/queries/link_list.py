"""The lists of links and of distinct pairs of a corpus, paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.entities.models import Distinct, Link
from annotations.review.models import State
from corpusapp.articles.models import Corpus
from corpusapp.core import keyset


@dataclass(frozen=True)
class LinkFilter:
    """Filters of the list of links; all apply together. `entity`, `article` and `span` are ids."""

    states: Sequence[str] = (State.SUGGESTED, State.CONFIRMED)
    entity: int | None = None
    article: int | None = None
    span: int | None = None


def list_links(corpus: Corpus, filters: LinkFilter, *, cursor: str = "", size: int = 50) -> keyset.Page[Link]:
    """A page of links with their entities, newest first, without those of rejected spans and withdrawn articles."""
    rows = Link.objects.filter(corpus=corpus, live=True, state__in=filters.states, article__withdrawn_at=None)
    for name in ("entity", "article", "span"):
        if (wanted := getattr(filters, name)) is not None:
            rows = rows.filter(**{name: wanted})
    return keyset.newest_first(rows.select_related("entity__label", "pipeline"), cursor=cursor, size=size)


def list_distinct(corpus: Corpus, *, cursor: str = "", size: int = 50) -> keyset.Page[Distinct]:
    """A page of the pairs that people said are different, newest first."""
    pairs = Distinct.objects.filter(corpus=corpus).select_related("first__label", "second__label", "decision__user")
    return keyset.newest_first(pairs, cursor=cursor, size=size)
