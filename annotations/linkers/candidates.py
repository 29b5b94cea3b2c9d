"""The entities that a mention may be, best first, with the reasons; and entities that may be one."""

from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz.distance import Indel

from annotations.linkers.linker import Context, entity_name, scores_of
from annotations.linkers.names import PEOPLE, alias_key, keys_to_find, kind_of, lookup_keys, person_words
from annotations.linkers.registry import (
    CONFIRMED,
    REJECTED,
    KnownAlias,
    KnownEntity,
    LinkArticle,
    Mention,
    Registry,
)
from annotations.linkers.within import Group, family, groups_of, same_person

# Reasons, from the kinds of keys.
_REASONS = {
    "=": "same name", "@": "same country", "#": "same words", "~": "similar spelling", "&": "same surname",
    "%": "same surname", ">": "short form", "^": "acronym", "!": "acronym",
}  # fmt: skip


class Candidate(NamedTuple):
    """An entity that a mention may be, with a score from 0 to 1 and short reasons."""

    entity: int
    score: float
    reasons: tuple[str, ...]


class DuplicatePair(NamedTuple):
    """Two entities that may be one, the smaller id first; `evidence` has short reasons, each with a value."""

    first: int
    second: int
    score: float
    evidence: tuple[tuple[str, str], ...]


def rank_candidates(mention: Mention, article: LinkArticle, registry: Registry, limit: int = 3) -> list[Candidate]:
    """The entities that a mention may be. Those that were said not to be it are left out."""
    groups = groups_of(article)
    group = next((one for one in groups if any(m.id == mention.id for m in one.mentions)), None)
    if group is None:
        return []
    decided = article.decided.get(mention.id)
    rejected = set(decided.rejected) if decided else set()
    context = Context(article, groups)
    found: dict[int, tuple[float, set[str]]] = {}
    for score, entity in scores_of(group, registry, rejected):
        found[entity.id] = (score, _reasons(group, entity))
    name = entity_name(group, context)
    for key in dict.fromkeys(key for one in (name, *group.names) for key in keys_to_find(one, group.label)):
        for entity in registry.found(key):
            if entity.id not in rejected and entity.id not in found:
                other_label = family(entity.label) != family(group.label)
                found[entity.id] = (0.3 if other_label else 0.5, {_REASONS[kind_of(key)]})
    rows = [(score, entity, reasons) for entity, (score, reasons) in found.items()]
    rows.sort(key=lambda row: (-row[0], -registry.entities[row[1]].mentions, row[1]))
    return [Candidate(entity, round(score, 3), tuple(sorted(reasons))) for score, entity, reasons in rows[:limit]]


def _reasons(group: Group, entity: KnownEntity) -> set[str]:
    own = {key for name in group.names for key in keys_to_find(name, group.label)}
    theirs = {key for alias in entity.aliases for key in lookup_keys(alias.name, entity.label)}
    kinds = {kind_of(key) for key in own & theirs}
    # What the same name says, its surname and spelling need not say again.
    return {_REASONS[kind] for kind in (kinds & {"=", "@"} or kinds)}


def find_duplicates(registry: Registry, entities: Iterable[int] | None = None) -> list[DuplicatePair]:
    """Entities of the registry that may be one, the most likely first; of `entities`, only pairs with one of them."""
    found: dict[tuple[int, int], DuplicatePair] = {}
    for pk in registry.entities if entities is None else entities:
        entity = registry.entities.get(pk)
        if entity is None:
            continue
        for alias in entity.aliases:
            if alias.state == REJECTED:
                continue
            for key in keys_to_find(alias.name, entity.label):
                for other in registry.found(key):
                    pair = (min(pk, other.id), max(pk, other.id))
                    if other.id == pk or pair in found or registry.are_distinct(*pair):
                        continue
                    if (duplicate := _compared(entity, other)) is not None:
                        found[pair] = duplicate
    return sorted(found.values(), key=lambda one: (-one.score, one.first, one.second))


_WEIGHTS = {"=": 0.8, "@": 0.95, "#": 0.75, "~": 0.6, "^": 0.5, "!": 0.5, "&": 0.35, "%": 0.35, ">": 0.35}
_LEAST = 0.3


def _compared(one: KnownEntity, other: KnownEntity) -> DuplicatePair | None:
    """Two entities with a key in common; None if there is too little to ask a person about."""
    if family(one.label) != family(other.label):
        return None
    people = one.label in PEOPLE
    full = [entity for entity in (one, other) if len(person_words(entity.name)) > 1]
    if people and len(full) == 2 and not same_person(one.name, other.name):
        return None
    evidence: list[tuple[str, str]] = []
    kinds: set[str] = set()
    theirs = {key: alias.name for alias in _used(other) for key in lookup_keys(alias.name, other.label)}
    for alias in _used(one):
        for key in keys_to_find(alias.name, one.label):
            kind, name = kind_of(key), theirs.get(key)
            if name is None or kind in kinds:
                continue
            kinds.add(kind)
            same = alias_key(name) == alias_key(alias.name)
            evidence.append((_REASONS[kind], name if same else f"{alias.name} / {name}"))
    if not kinds:
        return None
    score = max(_WEIGHTS[kind] for kind in kinds)
    score = min(0.99, score + 0.2 * Indel.normalized_similarity(alias_key(one.name), alias_key(other.name)) - 0.1)
    if one.state == other.state == CONFIRMED:
        # Two people's entities are more often two.
        score -= 0.1
    first, second = sorted((one.id, other.id))
    return DuplicatePair(first, second, round(score, 3), tuple(evidence)) if score >= _LEAST else None


def _used(entity: KnownEntity) -> list[KnownAlias]:
    return [alias for alias in entity.aliases if alias.state != REJECTED]
