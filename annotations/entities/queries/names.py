"""The names that people confirmed, as suggesters look for them in texts."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from annotations.entities.models import STANDING, Alias, EntityChange
from annotations.review.models import State
from annotations.suggesters.words import surface_of
from corpusapp.core.prepared import planning_cursor

# The kind of the key: the linker has none that begins so.
_FIRST_WORD = "/"


class ConfirmedName(NamedTuple):
    """A confirmed alias of an entity that stands, and its label as suggesters know it.

    `mentioned`: it came from a mention that was confirmed, so that it is known from decisions on spans as well.
    """

    surface: str
    label: str
    mentioned: bool


def first_word_key(word: str) -> str:
    """The key of aliases whose first word is this one."""
    return f"{_FIRST_WORD}{word}"[:300]


def confirmed_names(corpus_id: int, first_words: Collection[str]) -> list[ConfirmedName]:
    """The confirmed aliases that begin with one of these words; none if the corpus links no entities."""
    with planning_cursor() as cursor:
        keys = [first_word_key(word) for word in first_words]
        cursor.execute(_CONFIRMED, {"corpus": corpus_id, "keys": keys, "states": list(STANDING)})
        return [ConfirmedName(surface_of(name), label, mentioned) for name, label, mentioned in cursor.fetchall()]


def names_changed_by(decision_id: int) -> set[str]:
    """The surfaces of the confirmed aliases that entities got or lost by a decision, or whose label it changed."""
    changes = EntityChange.objects.filter(decision=decision_id).values_list("before", "after")
    found: set[tuple[str, int]] = set()
    for before, after in changes:
        found ^= _confirmed(before) ^ _confirmed(after)
    return {surface_of(name) for name, _ in found}


def _confirmed(side: dict[str, object] | None) -> set[tuple[str, int]]:
    if side is None or side["state"] not in STANDING:
        return set()
    aliases: Iterable[list[str]] = side["aliases"]  # type: ignore[assignment]
    label: int = side["label"]  # type: ignore[assignment]
    return {(name, label) for name, *_, state in aliases if state == State.CONFIRMED}


# Joined, not `= ANY`, as for the counts of names.
_CONFIRMED = f"""
    SELECT a.name, coalesce(label.suggester_names[1], label.name), a.origin = '{Alias.Origin.MENTION}'
    FROM unnest(%(keys)b::text[]) AS w (key)
    JOIN entities_aliaskey k ON k.corpus_id = %(corpus)s::bigint AND k.key = w.key
    JOIN entities_alias a ON a.id = k.alias_id AND a.state = '{State.CONFIRMED}'
    JOIN entities_entity e ON e.id = a.entity_id AND e.state = ANY (%(states)s::text[])
    JOIN review_label label ON label.id = e.label_id
    JOIN articles_corpus corpus ON corpus.id = k.corpus_id AND corpus.entities_enabled
"""
