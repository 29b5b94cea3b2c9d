"""Reads of an entity's page: names, mentions in context, weeks, articles, and with whom it appears. All are bounded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from annotations.entities.models import Alias, Distinct, Entity, EntityChange, EntityWeek, Link, PossibleDuplicate
from annotations.review.models import State
from annotations.review.queries.matches import CONTEXT, context
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Article
from corpusapp.articles.queries import with_headlines
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from annotations.review.models import Span

PAGE_SIZE = 25
SHOWN = (State.SUGGESTED, State.CONFIRMED)
# Rows of the lists of the page.
ALIASES, ARTICLES, COMPANIONS, OTHERS, HISTORY = 60, 10, 12, 12, 20
# The articles of an entity are counted up to this many, and companions are counted in this many of the newest.
COUNTED_ARTICLES, LOOKED_ARTICLES = 1000, 200
# Weeks that are read for the page of an entity, and for the trends of several.
_WEEKS, TREND_WEEKS = 1040, 156


@dataclass(frozen=True)
class MentionFilter:
    """Filters of the mentions of an entity. `alias` is the name that they use; days are taken with their weeks."""

    states: Sequence[str] = SHOWN
    alias: str = ""
    published_from: date | None = None
    published_to: date | None = None


@dataclass(frozen=True)
class MentionInContext:
    """A span with its article, in its context; and its link, if it is one of an entity."""

    span: "Span"
    article: Article
    left: str
    text: str
    right: str
    link: Link | None = None


class Companion(NamedTuple):
    """An entity that appears in the same articles, in how many of those that were looked at."""

    id: int
    name: str
    label: str
    articles: int
    mentions: int


class Trends(NamedTuple):
    """Mentions of entities by (entity, part), in equal parts of the time from the first week to the last."""

    first: date | None
    last: date | None
    mentions: dict[tuple[int, int], int]


class ArticleWith(NamedTuple):
    article: Article
    mentions: int


def mentions_of(
    entity: Entity, filters: MentionFilter, *, cursor: str = "", size: int = PAGE_SIZE
) -> keyset.Page[MentionInContext]:
    """A page of the mentions of an entity in context, newest articles first: three queries."""
    links = _filtered(entity, filters)
    if cursor:
        article, pk = keyset.decode(cursor, int, int)
        links = links.filter(article__lte=article).filter(Q(article__lt=article) | Q(pk__lt=pk))
    rows = list(links.order_by("-article", "-pk")[: size + 1])
    more = keyset.encode(rows[size - 1].article_id, rows[size - 1].pk) if len(rows) > size else None
    links_by_span = {link.span_id: link for link in rows[:size]}
    spans = [link.span for link in rows[:size] if link.span]
    spans.sort(key=lambda span: (-span.article_id, span.start))
    return keyset.Page(in_context(spans, links_by_span), more)


def _filtered(entity: Entity, filters: MentionFilter) -> "QuerySet[Link]":
    if unknown := [state for state in filters.states if state not in State.values]:
        raise Invalid(f"{unknown[0][:40]!r} is not a state: use {', '.join(State.values)}", field="state")
    links = Link.objects.filter(entity=entity, article__withdrawn_at=None, state__in=filters.states)
    if State.REJECTED not in filters.states:
        links = links.standing()
    if filters.alias:
        links = links.filter(alias__name=filters.alias, alias__entity=entity)
    if filters.published_from:
        links = links.filter(week__gte=_monday(filters.published_from))
    if filters.published_to:
        links = links.filter(week__lte=filters.published_to)
    return links.filter(span__isnull=False).select_related("span__label", "span__pipeline")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def in_context(spans: "Sequence[Span]", links: Mapping[int | None, Link] | None = None) -> list[MentionInContext]:
    """These spans in their contexts, in their order: two queries. Those of withdrawn articles are left out."""
    articles = articles_of({span.article_id for span in spans})
    # One more, to see whether a word continues.
    places = {span.pk: (span.article_id, max(0, span.start - CONTEXT - 1), span.end + CONTEXT + 1) for span in spans}
    windows = surfaces_at(places.values()) if spans else {}
    rows = []
    for span in spans:
        if (article := articles.get(span.article_id)) is None:
            continue
        window, first = windows[places[span.pk]], places[span.pk][1]
        start, end = span.start - first, span.end - first
        left, right = context(window, start, end)
        rows.append(MentionInContext(span, article, left, window[start:end], right, (links or {}).get(span.pk)))
    return rows


def articles_of(ids: Collection[int]) -> dict[int, Article]:
    """Articles that are not withdrawn with what their headlines and dates need, by id."""
    rows = with_headlines(Article.objects.filter(pk__in=ids, withdrawn_at=None).select_related("source", "corpus"))
    return {article.pk: article for article in rows} if ids else {}


def aliases_of(entity: Entity, limit: int = ALIASES) -> list[Alias]:
    """The names of an entity that are not dropped, the most used first."""
    return list(Alias.objects.filter(entity=entity).exclude(state=State.REJECTED).order_by("-mentions", "name")[:limit])


def weeks_of(entity_ids: Collection[int]) -> dict[int, list[tuple[date, int]]]:
    """Of each entity, the weeks with mentions and how many these are, the newest first."""
    found: dict[int, list[tuple[date, int]]] = {pk: [] for pk in entity_ids}
    rows = EntityWeek.objects.filter(entity__in=entity_ids, mentions__gt=0).order_by("-week")
    for pk, week, mentions in rows.values_list("entity", "week", "mentions")[: _WEEKS * max(1, len(entity_ids))]:
        found[pk].append((week, mentions))
    return found


def trends_of(entity_ids: Sequence[int], parts: int, weeks: int = TREND_WEEKS) -> Trends:
    """The mentions of some entities in the weeks up to the newest in which any of them is mentioned."""
    with connection.cursor() as cursor:
        cursor.execute(_TRENDS, {"entities": list(entity_ids), "parts": parts, "weeks": weeks})
        rows = cursor.fetchall()
    first, last = rows[0][3:] if rows else (None, None)
    return Trends(first, last, {(pk, part): number for pk, part, number, *_ in rows})


def newest_articles(entity: Entity, limit: int = ARTICLES) -> list[ArticleWith]:
    """The newest articles with an entity, and how often it is mentioned in each: two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_ARTICLES, {"entity": entity.pk, "limit": limit})
        counts = dict(cursor.fetchall())
    articles = articles_of(counts)
    return [ArticleWith(articles[pk], number) for pk, number in counts.items() if pk in articles]


def count_articles(entity: Entity) -> int:
    """In how many articles it is mentioned; COUNTED_ARTICLES + 1 for more than that."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"entity": entity.pk, "limit": COUNTED_ARTICLES + 1})
        return int(cursor.fetchone()[0])


def companions_of(entity_id: int, *, articles: int = LOOKED_ARTICLES, limit: int = COMPANIONS) -> list[Companion]:
    """The entities that are mentioned in most of the newest articles with this one."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPANIONS, {"entity": entity_id, "articles": articles, "limit": limit})
        return [Companion(*row) for row in cursor.fetchall()]


def possible_duplicates_of(entity: Entity) -> list[Entity]:
    """The entities that may be this one, the most probable first."""
    pairs = PossibleDuplicate.objects.filter(Q(first=entity) | Q(second=entity)).order_by("-score", "-id")
    return [
        pair.second if pair.first_id == entity.pk else pair.first
        for pair in pairs.select_related("first__label", "second__label")[:OTHERS]
    ]


def distinct_from(entity: Entity) -> list[Entity]:
    """The entities that a person said are not this one, the newest first."""
    pairs = Distinct.objects.filter(Q(first=entity) | Q(second=entity)).order_by("-id")
    return [
        pair.second if pair.first_id == entity.pk else pair.first
        for pair in pairs.select_related("first__label", "second__label")[:OTHERS]
    ]


def changes_of(entity: Entity, *, cursor: str = "", size: int = HISTORY) -> keyset.Page[EntityChange]:
    """A page of the changes of an entity with their decisions, newest first."""
    changes = EntityChange.objects.filter(entity_id=entity.pk).select_related("decision__user", "decision__undone_by")
    return keyset.newest_first(changes, cursor=cursor, size=size)


_TRENDS = """
    WITH newest AS MATERIALIZED (
        SELECT max(own.week) AS week FROM unnest(%(entities)s::bigint[]) AS e (id) CROSS JOIN LATERAL (
            SELECT w.week FROM entities_entityweek w WHERE w.entity_id = e.id AND w.mentions > 0
            ORDER BY w.week DESC LIMIT 1
        ) own
    ),
    shown AS MATERIALIZED (
        SELECT entity_id, week, mentions FROM entities_entityweek
        WHERE entity_id = ANY (%(entities)s::bigint[]) AND mentions > 0
          AND week > (SELECT week FROM newest) - 7 * %(weeks)s
    ),
    ends AS (SELECT min(week) AS first, max(week) AS last FROM shown)
    SELECT entity_id, (week - first) * %(parts)s / (last - first + 7) AS part, sum(mentions)::int, first, last
    FROM shown CROSS JOIN ends GROUP BY entity_id, part, first, last
"""
_STANDING = "state <> 'rejected' AND live"
_ARTICLES = f"""
    SELECT article_id, count(*) FROM entities_link WHERE entity_id = %(entity)s AND {_STANDING}
    GROUP BY article_id ORDER BY article_id DESC LIMIT %(limit)s
"""
_COUNT = f"""
    SELECT count(*) FROM (
        SELECT DISTINCT article_id FROM entities_link WHERE entity_id = %(entity)s AND {_STANDING} LIMIT %(limit)s
    ) counted
"""
_COMPANIONS = f"""
    WITH newest AS MATERIALIZED (
        SELECT DISTINCT article_id FROM entities_link WHERE entity_id = %(entity)s AND {_STANDING}
        ORDER BY article_id DESC LIMIT %(articles)s
    ),
    counted AS (
        SELECT l.entity_id, count(DISTINCT l.article_id) AS articles, count(*) AS mentions
        FROM newest JOIN entities_link l ON l.article_id = newest.article_id
        WHERE l.state <> 'rejected' AND l.live AND l.entity_id <> %(entity)s
        GROUP BY l.entity_id ORDER BY 2 DESC, 3 DESC, 1 LIMIT %(limit)s
    )
    SELECT e.id, e.name, label.name, c.articles, c.mentions
    FROM counted c JOIN entities_entity e ON e.id = c.entity_id JOIN review_label label ON label.id = e.label_id
    ORDER BY c.articles DESC, c.mentions DESC, e.id
"""
