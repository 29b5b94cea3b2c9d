"""Store which entities may be one, as the linker found among those that it looked at."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from annotations.entities.actions.registry import lock_registry
from annotations.entities.queries.linker_input import load_registry
from annotations.linkers.candidates import DuplicatePair, find_duplicates
from annotations.linkers.names import keys_to_find
from corpusapp.core.prepared import planning_cursor

# Pairs of an entity that are stored; a common surname is in very many.
MOST_PAIRS = 3


def write_duplicates(
    *,
    corpus_id: int,
    pairs: Sequence[DuplicatePair],
    compared: Collection[int],
    among: Collection[int],
    new: Mapping[int, int],
) -> None:
    """Make `pairs` the possible duplicates of the entities that were `compared` with those `among` which they are.

    The registry must be locked. `new` are the ids of new entities by those that the linker gave them. Of each entity,
    the MOST_PAIRS best pairs are stored. Pairs that a person said are different, and those of which one was merged or
    removed, are left out. What a person put off stays so.
    """
    found, best = set(), {}
    number: Counter[int] = Counter()
    for pair in pairs:
        first, second = sorted((new.get(pair.first, pair.first), new.get(pair.second, pair.second)))
        if 0 < first < second:
            found.add((first, second))
            if min(number[first], number[second]) < MOST_PAIRS:
                number.update((first, second))
                best[first, second] = (first, second, round(pair.score, 4), json.dumps(list(pair.evidence)))
    ids, others = ([new.get(pk, pk) for pk in some] for some in (compared, among))
    with planning_cursor() as cursor:
        cursor.execute(_STANDING, {"ids": ids, "others": others})
        gone = [pk for pk, first, second in cursor.fetchall() if (first, second) not in found]
        if gone:
            cursor.execute(_REMOVE, {"gone": gone})
        if best:
            columns = {f"column{at}": list(column) for at, column in enumerate(zip(*best.values(), strict=True))}
            cursor.execute(_STORE, columns | {"corpus": corpus_id})


def count_savings(ids: Collection[int]) -> None:
    """Bring up to date how many mentions the possible duplicates of these entities would bring together."""
    with planning_cursor() as cursor:
        cursor.execute(_SAVINGS, {"ids": list(ids)})


def compare_entities(*, corpus_id: int, ids: Sequence[int]) -> None:
    """Find the possible duplicates of these entities."""
    if not ids:
        return
    with planning_cursor() as cursor:
        cursor.execute(_NAMES, {"ids": list(ids)})
        keys = {key for name, label in cursor.fetchall() for key in keys_to_find(name, label)}
    registry = load_registry(corpus_id, keys, ids)
    pairs = find_duplicates(registry, ids)
    lock_registry(corpus_id)
    write_duplicates(corpus_id=corpus_id, pairs=pairs, compared=ids, among=list(registry.entities), new={})


_NAMES = """
    SELECT a.name, coalesce(label.suggester_names[1], label.name)
    FROM entities_alias a JOIN entities_entity e ON e.id = a.entity_id JOIN review_label label ON label.id = e.label_id
    WHERE a.entity_id = ANY (%(ids)b::bigint[]) AND a.state <> 'rejected'
"""
_STANDING = """
    SELECT id, first_id, second_id FROM entities_possibleduplicate
    WHERE first_id = ANY (%(ids)b::bigint[]) AND second_id = ANY (%(others)b::bigint[])
    UNION ALL
    SELECT id, first_id, second_id FROM entities_possibleduplicate
    WHERE second_id = ANY (%(ids)b::bigint[]) AND first_id = ANY (%(others)b::bigint[])
"""
_REMOVE = "DELETE FROM entities_possibleduplicate WHERE id = ANY (%(gone)b::bigint[])"
_SAVINGS = """
    UPDATE entities_possibleduplicate d SET saves = least(one.mentions, other.mentions)
    FROM entities_entity one, entities_entity other
    WHERE d.id = ANY (ARRAY(
        SELECT id FROM entities_possibleduplicate WHERE first_id = ANY (%(ids)b::bigint[])
        UNION ALL
        SELECT id FROM entities_possibleduplicate WHERE second_id = ANY (%(ids)b::bigint[])
    )) AND one.id = d.first_id AND other.id = d.second_id AND d.saves <> least(one.mentions, other.mentions)
"""
_STORE = """
    INSERT INTO entities_possibleduplicate AS d (corpus_id, first_id, second_id, score, evidence, saves)
    SELECT one.corpus_id, one.id, other.id, w.score, w.evidence::jsonb, least(one.mentions, other.mentions)
    FROM unnest(%(column0)b::bigint[], %(column1)b::bigint[], %(column2)b::float8[], %(column3)b::text[])
        AS w (first, second, score, evidence)
    -- OFFSET 0: looked up by id, also before the server knows how large the table is.
    CROSS JOIN LATERAL (
        SELECT id, corpus_id, mentions FROM entities_entity
        WHERE id = w.first AND corpus_id = %(corpus)s AND state IN ('suggested', 'confirmed') OFFSET 0
    ) one CROSS JOIN LATERAL (
        SELECT id, mentions FROM entities_entity
        WHERE id = w.second AND corpus_id = %(corpus)s AND state IN ('suggested', 'confirmed') OFFSET 0
    ) other
    WHERE NOT EXISTS (SELECT FROM entities_distinct said WHERE said.first_id = one.id AND said.second_id = other.id)
    ON CONFLICT (first_id, second_id) DO UPDATE
    SET score = excluded.score, evidence = excluded.evidence, saves = excluded.saves
    WHERE (d.score, d.evidence, d.saves) IS DISTINCT FROM (excluded.score, excluded.evidence, excluded.saves)
"""
