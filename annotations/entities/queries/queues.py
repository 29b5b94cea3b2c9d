"""The queues of entities: pairs that may be one, and names without an entity, each by the mentions that it saves."""

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from annotations.entities.models import Entity, PossibleDuplicate, Unlinked
from annotations.entities.queries.duplicates import standing_pairs
from annotations.review.models import Span, State
from corpusapp.articles.models import Corpus
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound

# Items are counted up to this many.
COUNTED = 1000
# Spans of a name that one answer links.
MOST_SPANS = 1000
_UNKNOWN = (Unlinked.Reason.UNKNOWN, Unlinked.Reason.GENERIC)
NAMES: dict[str, tuple[str, ...]] = {"unlinked": _UNKNOWN, "ambiguous": (Unlinked.Reason.AMBIGUOUS,)}


class QueueCounts(NamedTuple):
    """Pairs that may be one, and names without an entity: unknown or generic ones, and ambiguous ones."""

    duplicates: int
    unlinked: int
    ambiguous: int


class UnlinkedName(NamedTuple):
    """Mentions with one name and no entity, and why; `candidates` are entities between which it may be."""

    key: str
    mentions: int
    reason: str
    candidates: list[int]


def queue_counts(corpus: Corpus) -> QueueCounts:
    """One query. Each number is at most COUNTED + 1, which stands for more than COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"corpus": corpus.pk, "most": COUNTED + 1})
        return QueueCounts(*cursor.fetchone())


def next_pair(corpus: Corpus) -> PossibleDuplicate | None:
    """The pair that saves most mentions; of those that were put off, the one put off first, when no other is left."""
    pairs = standing_pairs(corpus)
    first = pairs.filter(postponed_at=None).order_by("-saves", "-pk").first()
    return first or pairs.filter(postponed_at__isnull=False).order_by("postponed_at", "pk").first()


def unlinked_names(corpus: Corpus, queue: str, *, cursor: str = "", size: int = 1) -> keyset.Page[UnlinkedName]:
    """The names of a queue of NAMES, the most frequent first. The cursor of a page leads behind its last name."""
    mentions, key = keyset.decode(cursor, int, str) if cursor else (None, "")
    values = {"corpus": corpus.pk, "reasons": list(NAMES[queue]), "limit": size + 1, "mentions": mentions, "key": key}
    with connection.cursor() as database:
        database.execute(_NAMES, values)
        rows = [UnlinkedName(*row) for row in database.fetchall()]
    more = keyset.encode(rows[size - 1].mentions, rows[size - 1].key) if len(rows) > size else None
    return keyset.Page(rows[:size], more)


def cursor_behind(name: UnlinkedName) -> str:
    return keyset.encode(name.mentions, name.key)


def get_name(corpus: Corpus, queue: str, key: str) -> UnlinkedName:
    """The name with this key. Raises `NotFound` if all of its mentions have an entity by now."""
    with connection.cursor() as database:
        database.execute(_NAME, {"corpus": corpus.pk, "reasons": list(NAMES[queue]), "key": key})
        row = database.fetchone()
    if row is None:
        raise NotFound(f"no mention of {key[:80]!r} waits for an entity: they may be decided already")
    return UnlinkedName(*row)


def spans_of_name(corpus: Corpus, queue: str, key: str, limit: int = MOST_SPANS) -> list[Span]:
    """The spans of a name, newest articles first, in their order there."""
    unlinked = Unlinked.objects.filter(corpus=corpus, key=key, reason__in=NAMES[queue])
    spans = Span.objects.filter(pk__in=unlinked.values("span")).exclude(state=State.REJECTED)
    spans = spans.filter(article__withdrawn_at=None).select_related("label", "pipeline")
    return list(spans.order_by("-article", "start")[:limit])


def entities_in_order(corpus: Corpus, ids: Collection[int]) -> list[Entity]:
    """The standing ones of these entities, in this order."""
    rows = Entity.objects.standing().filter(corpus=corpus, pk__in=ids).select_related("label")
    found = {entity.pk: entity for entity in rows} if ids else {}
    return [found[pk] for pk in ids if pk in found]


_COUNTS = """
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM entities_possibleduplicate WHERE corpus_id = %(corpus)s LIMIT %(most)s) pairs),
        (SELECT count(*) FROM (
            SELECT DISTINCT key FROM entities_unlinked WHERE corpus_id = %(corpus)s AND reason <> 'ambiguous'
            LIMIT %(most)s) names),
        (SELECT count(*) FROM (
            SELECT DISTINCT key FROM entities_unlinked WHERE corpus_id = %(corpus)s AND reason = 'ambiguous'
            LIMIT %(most)s) names)
"""
_GROUPS = """
    SELECT key, count(*)::int AS mentions, min(reason) AS reason, max(candidates) AS candidates
    FROM entities_unlinked WHERE corpus_id = %(corpus)s AND reason = ANY (%(reasons)s::text[])
"""
_NAMES = f"""
    SELECT key, mentions, reason, candidates FROM ({_GROUPS} GROUP BY key) names
    WHERE %(mentions)s::int IS NULL OR (-mentions, key) > (-%(mentions)s::int, %(key)s::text)
    ORDER BY mentions DESC, key LIMIT %(limit)s
"""
_NAME = f"{_GROUPS} AND key = %(key)s GROUP BY key"
