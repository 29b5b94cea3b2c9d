"""Which articles a change of what is known concerns."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection

from annotations.suggestions.models import NameCount

# A surface whose editors agree, in at least this many articles and to this share, teaches nothing new by one more.
_ENOUGH, _AGREED = 3, 0.85


def unsettled_surfaces(corpus_id: int, changes: Mapping[tuple[str, str, str, str], float]) -> list[str]:
    """The surfaces for which `changes`, not yet counted, may turn a suggestion; empty changes turn none."""
    turned: dict[str, Counter[str]] = defaultdict(Counter)
    for (kind, surface, _, label), change in changes.items():
        if kind == NameCount.Kind.DECIDED and abs(change) > 1e-6:
            turned[surface][label] += change  # type: ignore[assignment]
    known: dict[str, Counter[str]] = defaultdict(Counter)
    rows = NameCount.objects.filter(corpus=corpus_id, kind=NameCount.Kind.DECIDED, surface__in=list(turned))
    for surface, label, articles in rows.values_list("surface", "label", "articles"):
        known[surface][label] = articles
    return [surface for surface, change in turned.items() if not _agree(known[surface], change)]


def _agree(before: Counter[str], change: Counter[str]) -> bool:
    after = Counter(before)
    after.update(change)
    label, _ = max(after.items(), key=lambda item: item[1])
    totals = before.total(), after.total()
    return min(totals) >= _ENOUGH and min(before[label] / totals[0], after[label] / totals[1]) >= _AGREED


def articles_holding(corpus_id: int, surfaces: Iterable[str]) -> list[int]:
    """Open articles of the corpus with a reading in whose text one of the surfaces stands.

    The full-text index finds the candidates; a text that is longer than what is indexed is always one. Whether a
    surface stands there exactly is then asked of the text itself.
    """
    surfaces = list(surfaces)
    if not surfaces:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, {"corpus": corpus_id, "surfaces": surfaces})
        return [row[0] for row in cursor.fetchall()]


# Three ways to be a candidate, each by an index of its own: asked together, none would use one.
_HOLDING = """
    WITH named AS MATERIALIZED (
        SELECT surface, phraseto_tsquery('simple', surface) AS phrase FROM unnest(%(surfaces)s::text[]) AS t (surface)
    ), candidate AS (
        SELECT a.id, named.surface FROM named JOIN articles_article a
            ON a.search_vector @@ named.phrase AND a.corpus_id = %(corpus)s
        UNION
        SELECT a.id, named.surface FROM named CROSS JOIN articles_article a
        WHERE a.corpus_id = %(corpus)s AND a.length > 100000
        UNION
        SELECT a.id, named.surface FROM named JOIN articles_article a
            ON a.corpus_id = %(corpus)s AND numnode(named.phrase) = 0
    )
    SELECT DISTINCT a.id
    FROM candidate JOIN articles_article a ON a.id = candidate.id AND a.withdrawn_at IS NULL
    JOIN suggestions_articlereading reading ON reading.article_id = a.id
    JOIN review_review review ON review.article_id = a.id AND review.stage <> 'done'
    WHERE strpos(a.text, candidate.surface) > 0
"""
