"""Reads of links: which entity each span is linked to."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Concat, Left

from annotations.entities.models import Entity, Identifier, Link, LinkChange, Unlinked
from annotations.formats.records import EntityRecord
from annotations.review.models import Decision, State
from annotations.review.ports import ShownLink, ShownLinks
from corpusapp.core.prepared import Prepared, Read

SHOWN = (State.SUGGESTED, State.CONFIRMED)
# Entities that a stream remembers: its memory does not grow with the corpus.
_MOST_KEPT = 50_000


class LinkStream:
    """Reads the links of many articles, chunk after chunk. Each entity is read once, with its identifiers."""

    def __init__(self, states: Collection[str] = SHOWN) -> None:
        self._states = [str(state) for state in states]
        self._entities: dict[int, tuple[str, tuple[tuple[str, str], ...]]] = {}

    def read(self, article_ids: Sequence[int]) -> dict[int, EntityRecord]:
        """As `links_of`. One statement, and one more if there are entities that were not read before."""
        with connection.cursor() as cursor:
            cursor.execute(_LINKS, {"articles": list(article_ids), "states": self._states})
            rows = cursor.fetchall()
            unknown = list({row[1] for row in rows} - self._entities.keys())
            if unknown:
                if len(self._entities) > _MOST_KEPT:
                    self._entities.clear()
                    unknown = list({row[1] for row in rows})
                cursor.execute(_ENTITIES, {"ids": unknown})
                for pk, name, *pairs in cursor.fetchall():
                    self._entities[pk] = name, tuple(zip(*pairs, strict=True))
        return {
            span: EntityRecord(entity, *self._entities[entity], state, score, revision)
            for span, entity, state, score, revision in rows
        }


class LinkReader:
    """What the links of articles are read by, with other reads. See `annotations.review.ports.LinkReader`."""

    def read(self, article_ids: Sequence[int]) -> Read:
        return _OF_ARTICLES.of(ids=list(article_ids))

    def of_spans(self, span_ids: Sequence[int]) -> dict[int, EntityRecord]:
        return self.records(_OF_SPANS.all(ids=list(span_ids))) if span_ids else {}

    def linked(self, *, entity: int | None = None, state: str = "") -> QuerySet[Link]:
        links = Link.objects.standing().filter(corpus__entities_enabled=True).order_by()
        links = links.filter(entity=entity) if entity is not None else links
        return links.filter(state=state) if state else links

    def records(self, rows: Iterable[tuple[Any, ...]]) -> dict[int, EntityRecord]:
        return {
            span: EntityRecord(entity, name, tuple(_pair(one) for one in identifiers), state, score, revision)
            for span, entity, name, state, score, revision, identifiers in rows
        }

    def page_reads(self, article_id: int) -> list[Read]:
        return [_SHOWN.of(article=article_id), _UNLINKED.of(article=article_id)]

    def shown(self, rows: Sequence[Iterable[tuple[Any, ...]]]) -> ShownLinks:
        links, unlinked = rows
        return ShownLinks(
            {span: ShownLink(*link) for span, *link in links},
            {span: _in_words(reason, names) for span, reason, names in unlinked},
        )

    def mark(self, article_id: int) -> str:
        totals = Link.objects.standing().filter(article=article_id).order_by()
        found = totals.aggregate(count=Count("pk"), entities=Sum("entity"), revisions=Sum("revision"))
        return "-".join(str(found[name] or 0) for name in ("count", "entities", "revisions"))

    def changes(self) -> QuerySet[LinkChange]:
        names = {
            f"{side}_name": Subquery(Entity.objects.filter(pk=OuterRef(f"{side}_entity")).values("name"))
            for side in ("before", "after")
        }
        return LinkChange.objects.annotate(**names).order_by("id")

    def confirmed_by(self, decision: Decision) -> int:
        return LinkChange.objects.filter(decision=decision, after_state=State.CONFIRMED).count()


def _in_words(reason: str, names: Sequence[str]) -> str:
    """Why a span has no entity; empty if nothing is known of it."""
    if reason == Unlinked.Reason.AMBIGUOUS and len(names) > 1:
        return f"between {', '.join(names[:-1])} and {names[-1]}"
    return str(Unlinked.Reason(reason).label) if reason != Unlinked.Reason.UNKNOWN else ""


def _pair(identifier: str) -> tuple[str, str]:
    """Scheme and value, neither of which has a space."""
    scheme, _, value = identifier.partition(" ")
    return scheme, value


def _rows(links: "QuerySet[Link]") -> "QuerySet[Link, tuple[Any, ...]]":
    identifiers = Identifier.objects.filter(entity=OuterRef("entity")).order_by("scheme", "value")
    return (
        links.order_by()
        .annotate(identified=ArraySubquery(identifiers.values_list(Concat("scheme", Value(" "), "value"), flat=True)))
        .values_list("span", "entity", "entity__name", "state", "score", "revision", "identified")
    )


def _shown(article: int) -> "QuerySet[Link, tuple[Any, ...]]":
    links = Link.objects.standing().filter(article=article).order_by()
    described = Left("entity__description", _DESCRIPTION)
    return links.annotate(described=described).values_list(
        "span", "entity", "entity__name", "described", "entity__mentions", "state", "score", "revision"
    )


def _unlinked(article: int) -> "QuerySet[Unlinked, tuple[Any, ...]]":
    candidates = Entity.objects.filter(pk__any_of=OuterRef("candidates")).order_by("-mentions", "pk")
    names = ArraySubquery(candidates.values_list("name", flat=True)[:_CANDIDATES])
    return (
        Unlinked.objects.filter(article=article).order_by().annotate(names=names).values_list("span", "reason", "names")
    )


# How much of a description, in characters, and how many candidates the page of an article shows.
_DESCRIPTION = 80
_CANDIDATES = 4
_SHOWN, _UNLINKED = Prepared(_shown, article=int), Prepared(_unlinked, article=int)
_OF_ARTICLES = Prepared(lambda ids: _rows(Link.objects.standing().filter(article__any_of=ids)), ids=list)
_OF_SPANS = Prepared(
    lambda ids: _rows(Link.objects.standing().filter(span__any_of=ids, corpus__entities_enabled=True)), ids=list
)
# Raw SQL: exports read millions of links, and identifiers as arrays.
_LINKS = """
    SELECT l.span_id, l.entity_id, l.state, l.score, l.revision FROM entities_link l
    WHERE l.article_id = ANY(%(articles)s::bigint[]) AND l.live AND l.state = ANY(%(states)s) AND l.state <> 'rejected'
"""
_ENTITIES = """
    SELECT e.id, e.name, coalesce(i.schemes, '{}'), coalesce(i.values, '{}')
    FROM entities_entity e LEFT JOIN LATERAL (
        SELECT array_agg(scheme ORDER BY scheme, value) AS schemes, array_agg(value ORDER BY scheme, value) AS values
        FROM entities_identifier WHERE entity_id = e.id
    ) i ON true
    WHERE e.id = ANY(%(ids)s::bigint[])
"""
