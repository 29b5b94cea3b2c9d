"""Keep links in step with their spans: who rejects a span has no mention there, who confirms one confirms its link."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db.models import F, Q

from annotations.entities.actions.links import Linking
from annotations.entities.actions.registry import RegistryChanges, lock_registry, surface_name
from annotations.entities.models import STANDING, Alias, Entity, Link
from annotations.review.models import Change, Decision, State, Verb
from annotations.review.ports import ChangedSpan
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.core.prepared import planning_cursor

_RETARGETING = (Verb.MOVE, Verb.RELABEL)


def follow_decision(
    *,
    decision: Decision,
    changes: Sequence[ChangedSpan],
    shown: Mapping[int, int],
    carried: Mapping[int, int],
) -> None:
    """Let the links of spans follow a decision on these, as part of it.

    A moved span is a mention by other words, and a span that becomes another one takes its confirmed link along.
    `shown` are the entities that were shown with spans: their suggested links are confirmed. `carried` are those of
    spans that were decided like another one. What a person decided of a link stays.
    """
    followed = _followed_links(changes, shown)
    wanted = {**carried, **followed}
    moved = any(change.verb == Verb.MOVE for change in changes)
    if not (wanted or shown or moved):
        return
    if shown and decision.article_id is None:
        shown = {span: shown[span] for span in {change.span_id for change in changes} & set(shown)}
    linking = Linking.decided(decision, [*shown, *wanted])
    for span, entity in wanted.items():
        if span in linking.spans and not linking.is_decided(span, entity):
            linking.link(span, entity, implicit=True)
    now = _entities_now(shown.values())
    for span, entity in shown.items():
        if span in linking.spans and entity in now and _is_shown(linking, decision, span, now[entity]):
            linking.link(span, now[entity], implicit=True)
    if moved:
        follow_words(linking.changes, decision)
    linking.changes.write(decision)


def _is_shown(linking: Linking, decision: Decision, span: int, entity: int) -> bool:
    """Whether the span may get the link that was shown: the linker may have taken it back, but proposes no other."""
    current = linking.current(span)
    same = current is None or current.entity_id == entity
    here = decision.article_id in (None, linking.spans[span].article_id)
    return here and same and not linking.is_decided(span, entity) and span not in linking.linked


def _entities_now(ids: Collection[int]) -> dict[int, int]:
    """The entities that stand, by the ids under which they were shown: one may have been merged since."""
    rows = Entity.objects.filter(Q(state__in=STANDING) | Q(merged_into__isnull=False), pk__in=ids) if ids else ()
    return {row.pk: row.merged_into_id or row.pk for row in rows}


def _followed_links(changes: Sequence[ChangedSpan], shown: Mapping[int, int]) -> dict[int, int]:
    """The entities of spans that became another one, by that."""
    pairs = dict(_replaced(changes))
    if not pairs:
        return {}
    links = Link.objects.filter(span__in=list(pairs)).exclude(state=State.REJECTED)
    return {
        pairs[link.span_id or 0]: link.entity_id
        for link in links
        if link.state == State.CONFIRMED or shown.get(pairs[link.span_id or 0]) == link.entity_id
    }


def _replaced(changes: Sequence[ChangedSpan]) -> Iterator[tuple[int, int]]:
    """Spans that a verb rejected as another one has their new range and label; and new rejected ones, without links."""
    for one, other in itertools.pairwise(changes):
        if other.implicit and not one.implicit and one.verb in _RETARGETING and one.article_id == other.article_id:
            yield other.span_id, one.span_id


def follow_words(changes: RegistryChanges, decision: Decision) -> None:
    """Let the links of the spans that a decision moved have the aliases of their words. The registry must be locked."""
    elsewhere = ~Q(before_start=F("after_start")) | ~Q(before_end=F("after_end"))
    moved = (
        Change.objects.filter(elsewhere, decision=decision).exclude(before_revision=None).exclude(after_revision=None)
    )
    links = Link.objects.filter(span__in=moved.values("span_id")).exclude(state=State.REJECTED)
    rows = list(links.select_related("span", "alias"))
    spans = {link.pk: link.span for link in rows if link.span is not None}
    surfaces = surfaces_at((span.article_id, span.start, span.end) for span in spans.values()) if spans else {}
    changes.read(link.entity_id for link in rows)
    for link in rows:
        span = spans[link.pk]
        name = surface_name(surfaces[span.article_id, span.start, span.end])
        if not name or (link.alias is not None and link.alias.name == name):
            continue
        alias: Alias | None
        if link.state == State.CONFIRMED:
            alias = changes.alias(changes.entities[link.entity_id], name, Verb.MOVE)
        else:
            # The linker adds the alias when it links the span anew.
            alias = Alias.objects.filter(entity=link.entity_id, name=name).exclude(state=State.REJECTED).first()
        changes.rename_link(link, alias)


def follow_states(*, corpus_id: int, span_ids: Sequence[int]) -> None:
    """Count the links of these spans as mentions or not, by whether the spans are rejected."""
    with planning_cursor() as cursor:
        cursor.execute(_CHANGED, {"spans": list(span_ids)})
        if cursor.fetchone()[0]:
            lock_registry(corpus_id)
            cursor.execute(_LIVE, {"spans": list(span_ids)})


def set_live(span_ids: Sequence[int]) -> None:
    """As `follow_states`, for a registry that is locked."""
    if span_ids:
        with planning_cursor() as cursor:
            cursor.execute(_LIVE, {"spans": list(span_ids)})


def follow_articles(*, corpus_id: int, article_ids: Sequence[int]) -> None:
    """Count the links of these articles as mentions or not: those of withdrawn ones do not count."""
    lock_registry(corpus_id)
    with planning_cursor() as cursor:
        cursor.execute(_LIVE_OF_ARTICLES, {"articles": list(article_ids)})


def follow_dates(*, corpus_id: int, article_ids: Sequence[int]) -> None:
    """Count the links of these articles in the weeks that the articles are of now."""
    lock_registry(corpus_id)
    with planning_cursor() as cursor:
        cursor.execute(_WEEKS, {"articles": list(article_ids)})


_JOINED = "JOIN review_span s ON s.id = l.span_id JOIN articles_article a ON a.id = l.article_id"
_COUNTS = "(s.state <> 'rejected' AND a.withdrawn_at IS NULL)"
_CHANGED = f"""
    SELECT EXISTS (
        SELECT FROM entities_link l {_JOINED} WHERE l.span_id = ANY (%(spans)s::bigint[]) AND l.live <> {_COUNTS}
    )
"""
_UPDATE = f"""
    UPDATE entities_link l SET live = NOT l.live FROM review_span s, articles_article a
    WHERE s.id = l.span_id AND a.id = l.article_id AND l.live <> {_COUNTS}
"""
_LIVE = f"{_UPDATE} AND l.span_id = ANY (%(spans)s::bigint[])"
_LIVE_OF_ARTICLES = f"{_UPDATE} AND l.article_id = ANY (%(articles)s::bigint[])"
_WEEKS = """
    UPDATE entities_link l SET week = w.week FROM (
        SELECT id, date_trunc('week', coalesce(published_on, (created_at AT TIME ZONE 'UTC')::date)::timestamp)::date
            AS week
        FROM articles_article WHERE id = ANY (%(articles)s::bigint[])
    ) w WHERE l.article_id = w.id AND l.week <> w.week
"""
