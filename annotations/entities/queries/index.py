"""The list of entities of a corpus: filtered, searched in any spelling, and paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from annotations.entities.models import STANDING, Entity, EntityQuerySet, EntityState, Identifier
from annotations.entities.queries.search import search_entities
from annotations.review.models import Label
from corpusapp.articles.models import Corpus
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault

ORDERS = ("-mentions", "name", "-id")
# A search finds so many entities, and counts go no further.
FOUND, COUNTED = 500, 10_000


@dataclass(frozen=True)
class EntityFilter:
    """Filters of the list; all apply together. An entity's `identifier` is looked up in its `scheme`.

    `search` finds names in any spelling. Without `states`, entities are listed that are neither merged nor removed.
    """

    search: str = ""
    label: str = ""
    states: Sequence[str] = STANDING
    scheme: str = ""
    identifier: str = ""
    ids: Sequence[int] = ()

    def check(self) -> None:
        """Refuse filters that no list has."""
        for name in ("search", "label", "scheme", "identifier"):
            if reason := fault(getattr(self, name)):
                raise Invalid(f"{name} {reason}", field=name)
        if self.search and not self.search.strip():
            raise Invalid("the search is empty: enter a name", field="search")
        if unknown := [state for state in self.states if state not in EntityState.values]:
            raise Invalid(f"{unknown[0][:40]!r} is not a state: use {', '.join(EntityState.values)}", field="state")
        if self.identifier and not self.scheme:
            raise Invalid("name the scheme of the identifier as well, such as wikidata", field="scheme")


def list_entities(
    corpus: Corpus, filters: EntityFilter, order: str = ORDERS[0], cursor: str = "", size: int = 50
) -> keyset.Page[Entity]:
    """A page of entities with all that lists show of them. The caller has checked who may see the corpus."""
    return _page(filtered(corpus, filters), order, cursor, size)


def list_and_count(
    corpus: Corpus, filters: EntityFilter, order: str = ORDERS[0], cursor: str = "", size: int = 50
) -> tuple[keyset.Page[Entity], int]:
    """A page as `list_entities`, and the number of entities that the filters let through, counted up to COUNTED."""
    rows = filtered(corpus, filters)
    return _page(rows, order, cursor, size), rows.order_by()[:COUNTED].count()


def _page(rows: EntityQuerySet, order: str, cursor: str, size: int) -> keyset.Page[Entity]:
    if order not in ORDERS:
        raise Invalid(f"{order[:40]!r} is not an order: use one of {', '.join(ORDERS)}", field="order")
    rows = rows.select_related("corpus", "label", "pipeline").prefetch_related("identifiers")
    if order == "-id":
        return keyset.newest_first(rows, cursor=cursor, size=size)
    by_name = order == "name"
    column, pk, beyond = ("name", "pk", "gt") if by_name else ("mentions", "-pk", "lt")
    if cursor:
        key, last = keyset.decode(cursor, str if by_name else int, int)
        # The first condition is the one that the index is read by.
        rows = rows.filter(**{f"{column}__{beyond}e": key}).filter(~Q(**{column: key}) | Q(**{f"pk__{beyond}": last}))
    found = list(rows.order_by(order, pk)[: size + 1])
    more = keyset.encode(getattr(found[size - 1], column), found[size - 1].pk) if len(found) > size else None
    return keyset.Page(found[:size], more)


def filtered(corpus: Corpus, filters: EntityFilter) -> EntityQuerySet:
    """The entities that the filters let through. Refuses filters that no list has."""
    filters.check()
    rows, states = Entity.objects.filter(corpus=corpus), set(filters.states)
    # Indexes are of standing entities: where these are asked for, or some of them, the condition is theirs.
    if states <= set(STANDING):
        rows = rows.standing()
    if states != set(STANDING):
        rows = rows.filter(state__in=states)
    if filters.label:
        rows = rows.filter(label=Label.objects.filter(corpus=corpus, name=filters.label).values("pk")[:1])
    if filters.scheme:
        known = Identifier.objects.filter(corpus=corpus, scheme=filters.scheme)
        known = known.filter(value=filters.identifier) if filters.identifier else known
        rows = rows.filter(Exists(known.filter(entity=OuterRef("pk"))))
    if filters.ids:
        rows = rows.filter(pk__in=list(filters.ids))
    if filters.search:
        named = Q(pk__in=search_entities(corpus, filters.search, FOUND))
        if not states <= set(STANDING):
            # Names of merged and removed entities are no aliases any more.
            named |= ~Q(state__in=STANDING) & Q(name__icontains=filters.search.strip())
        rows = rows.filter(named)
    return rows
