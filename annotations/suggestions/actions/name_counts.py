"""The counts of names in a corpus: what an article adds, and how counts change."""

from collections.abc import Mapping

from annotations.suggesters.name_statistics import LearningRecord, Shares
from annotations.suggesters.words import first_word
from annotations.suggestions.models import NameCount
from corpusapp.core.locks import Lock, lock
from corpusapp.core.prepared import planning_cursor

# (kind, surface, context, label)
CountKey = tuple[str, str, str, str]
# Longer ones are not names, and are not counted.
MAX_SURFACE, MAX_WORD, MAX_LABEL = 200, 100, 64
# Counts below this are rounding errors of a sum that is zero.
_EPSILON = 1e-6


def lock_learning(corpus_id: int) -> None:
    """Lock learning in a corpus until the transaction ends, so that no article is counted twice."""
    lock(Lock.LEARNING, corpus_id)


Changes = dict[CountKey, float]


def add_seen(changes: Changes, seen: Mapping[str, Shares], sign: int = 1) -> None:
    """Add to the changes what a reading counts; with `sign` -1, subtract it."""
    for surface, shares in seen.items():
        _add(changes, _SEEN, surface, "", shares, sign)


def add_learning_record(changes: Changes, learning_record: LearningRecord, sign: int = 1) -> None:
    """Add to the changes what the decisions on an article count; with `sign` -1, subtract it."""
    for surface, shares in learning_record.surfaces.items():
        _add(changes, _DECIDED, surface, "", shares, sign)
    for (surface, context), shares in learning_record.contexts.items():
        _add(changes, _IN_CONTEXT, surface, context, shares, sign)


def _add(changes: Changes, kind: str, surface: str, context: str, shares: Shares, sign: int) -> None:
    if len(surface) <= MAX_SURFACE and len(context) <= MAX_WORD:
        for label, share in shares.items():
            if len(label) <= MAX_LABEL:
                key = kind, surface, context, label
                changes[key] = changes.get(key, 0.0) + sign * share


def change_counts(corpus_id: int, changes: Mapping[CountKey, float]) -> None:
    """Add the changes to the stored counts, sorted by key, so that two workers cannot deadlock."""
    rows = sorted((key, change) for key, change in changes.items() if abs(change) > _EPSILON)
    if not rows:
        return
    with planning_cursor() as cursor:
        cursor.execute(_CHANGE, [corpus_id, *_columns(rows)])
        if lowered := sorted({key[1] for key, change in rows if change < 0}):
            cursor.execute(_DELETE_ZEROS, [lowered, corpus_id, _EPSILON])


def _columns(rows: list[tuple[CountKey, float]]) -> list[list[str] | list[float]]:
    kinds, surfaces, contexts, labels = (list(column) for column in zip(*(key for key, _ in rows), strict=True))
    firsts = [first_word(surface)[:MAX_WORD] for surface in surfaces]
    return [kinds, firsts, surfaces, contexts, labels, [change for _, change in rows]]


_SEEN, _DECIDED, _IN_CONTEXT = map(str, (NameCount.Kind.SEEN, NameCount.Kind.DECIDED, NameCount.Kind.IN_CONTEXT))
_CHANGE = """
    INSERT INTO suggestions_namecount AS known (corpus_id, kind, first_word, surface, context, label, articles)
    SELECT %s, * FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::float8[])
    ON CONFLICT (corpus_id, kind, surface, context, label)
    DO UPDATE SET articles = known.articles + excluded.articles
"""
_DELETE_ZEROS = """
    DELETE FROM suggestions_namecount known USING unnest(%b::text[]) AS lowered (surface)
    WHERE known.corpus_id = %s AND known.surface = lowered.surface AND known.articles < %s
"""
