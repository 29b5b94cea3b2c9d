"""The counts of names in a corpus: what an article adds, and how counts change."""

from collections import Counter
from collections.abc import Iterator, Mapping

from django.db import connection

from annotations.suggesters.name_statistics import LearningRecord, Shares
from annotations.suggesters.words import first_word
from annotations.suggestions.models import NameCount
from corpusapp.core.locks import Lock, lock

# (kind, surface, context, label)
CountKey = tuple[str, str, str, str]
# Longer ones are not names, and are not counted.
MAX_SURFACE, MAX_WORD, MAX_LABEL = 200, 100, 64
# Counts below this are rounding errors of a sum that is zero.
_EPSILON = 1e-6


def lock_learning(corpus_id: int) -> None:
    """Lock learning in a corpus until the transaction ends, so that no article is counted twice."""
    lock(Lock.LEARNING, corpus_id)


def seen_counts(seen: Mapping[str, Shares]) -> Counter[CountKey]:
    """The counts that a reading adds."""
    return _counter((NameCount.Kind.SEEN, surface, "", shares) for surface, shares in seen.items())


def learning_record_counts(learning_record: LearningRecord | None) -> Counter[CountKey]:
    """The counts that the decisions on an article add."""
    if learning_record is None:
        return Counter()
    found = _counter(
        (NameCount.Kind.DECIDED, surface, "", shares) for surface, shares in learning_record.surfaces.items()
    )
    found.update(
        _counter(
            (NameCount.Kind.IN_CONTEXT, surface, context, shares)
            for (surface, context), shares in learning_record.contexts.items()
        )
    )
    return found


def _counter(rows: Iterator[tuple[str, str, str, Shares]]) -> Counter[CountKey]:
    found: Counter[CountKey] = Counter()
    for kind, surface, context, shares in rows:
        if len(surface) <= MAX_SURFACE and len(context) <= MAX_WORD:
            for label, share in shares.items():
                if len(label) <= MAX_LABEL:
                    found[str(kind), surface, context, label] += share  # type: ignore[assignment]
    return found


def change_counts(corpus_id: int, changes: Mapping[CountKey, float]) -> None:
    """Add the changes to the stored counts, sorted by key, so that two workers cannot deadlock."""
    rows = sorted((key, change) for key, change in changes.items() if abs(change) > _EPSILON)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO suggestions_namecount AS known
                (corpus_id, kind, first_word, surface, context, label, articles)
            SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::float8[])
            ON CONFLICT (corpus_id, kind, surface, context, label)
            DO UPDATE SET articles = known.articles + excluded.articles
            """,
            [corpus_id, *_columns(rows)],
        )
        cursor.execute(
            "DELETE FROM suggestions_namecount WHERE corpus_id = %s AND surface = ANY(%s) AND articles < %s",
            [corpus_id, sorted({key[1] for key, change in rows if change < 0}), _EPSILON],
        )


def _columns(rows: list[tuple[CountKey, float]]) -> list[list[str] | list[float]]:
    kinds, surfaces, contexts, labels = (list(column) for column in zip(*(key for key, _ in rows), strict=True))
    firsts = [first_word(surface)[:MAX_WORD] for surface in surfaces]
    return [kinds, firsts, surfaces, contexts, labels, [change for _, change in rows]]
