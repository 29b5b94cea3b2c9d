"""Add to and take from the counts of names in a corpus."""

from collections import Counter
from collections.abc import Iterator, Mapping

from django.db import connection

from annotations.suggesters.name_statistics import LearningRecord, Shares
from annotations.suggesters.words import first_word
from annotations.suggestions.models import NameCount
from corpusapp.core.locks import Lock, lock

# (kind, surface, context, label)
Key = tuple[str, str, str, str]
# Longer ones are no names; they are never looked for.
LONGEST_SURFACE, LONGEST_WORD, LONGEST_LABEL = 200, 100, 64
# What is left of a count that was taken back whole.
_NOTHING = 1e-6


def hold_learning(corpus_id: int) -> None:
    """One at a time, until the transaction ends: two that learn from one article at once would count it twice."""
    lock(Lock.LEARNING, corpus_id)


def seen_counts(seen: Mapping[str, Shares]) -> Counter[Key]:
    """What a reading adds."""
    return _counter((NameCount.Kind.SEEN, surface, "", shares) for surface, shares in seen.items())


def learning_record_counts(learning_record: LearningRecord | None) -> Counter[Key]:
    """What an article's decisions add."""
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


def _counter(rows: Iterator[tuple[str, str, str, Shares]]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for kind, surface, context, shares in rows:
        if len(surface) <= LONGEST_SURFACE and len(context) <= LONGEST_WORD:
            for label, share in shares.items():
                if len(label) <= LONGEST_LABEL:
                    found[str(kind), surface, context, label] += share  # type: ignore[assignment]
    return found


def change_counts(corpus_id: int, changes: Mapping[Key, float]) -> None:
    """Add the changes, in the order of their keys, so that two workers never wait for each other in a ring."""
    rows = sorted((key, change) for key, change in changes.items() if abs(change) > _NOTHING)
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
            [corpus_id, sorted({key[1] for key, change in rows if change < 0}), _NOTHING],
        )


def _columns(rows: list[tuple[Key, float]]) -> list[list[str] | list[float]]:
    kinds, surfaces, contexts, labels = (list(column) for column in zip(*(key for key, _ in rows), strict=True))
    firsts = [first_word(surface)[:LONGEST_WORD] for surface in surfaces]
    return [kinds, firsts, surfaces, contexts, labels, [change for _, change in rows]]
