"""The articles whose suggested links a decision on links and entities may change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotations.entities.models import Entity, EntityChange, PendingLink
from annotations.linkers.names import KINDS, clean_name, kind_of, lookup_keys
from annotations.review.models.label import suggester_name
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Corpus
from corpusapp.core.prepared import planning_cursor

# Articles that one decision marks, the newest first, entities that are compared with others, and keys and links that
# are looked at.
MOST_ARTICLES, MOST_ENTITIES, _MOST_KEYS, _MOST_LINKS = 2000, 1000, 500, 1000

# The kinds of keys that are names: as they are, surnames, short forms and acronyms. And those of other spellings.
_NAMES, _SPELLINGS = "=&>^", "@~"


def pending_links(corpus: Corpus) -> int:
    """The number of articles and decisions of a corpus whose links are not up to date; 0 if it links no entities."""
    return PendingLink.objects.filter(corpus=corpus).count() if corpus.entities_enabled else 0


def affected_articles(corpus_id: int, decision_id: int) -> list[int]:
    """The newest articles that have, unlinked or with a suggested link, a name that the decision is about."""
    unlinked, linked = _keys_of_links(decision_id)
    linked |= _keys_of_entities(decision_id)
    with planning_cursor() as cursor:
        values: dict[str, Any] = {"corpus": corpus_id, "decision": decision_id, "number": MOST_ARTICLES}
        names, keys = _names_of(unlinked | linked), _keys_with_names(linked)
        values |= {"unlinked": sorted(names)[:_MOST_KEYS], "linked": sorted(keys)[:_MOST_KEYS]}
        cursor.execute(_AFFECTED, values)
        return [row[0] for row in cursor.fetchall()]


def changed_entities(corpus_id: int, decision_ids: Sequence[int]) -> list[int]:
    """The entities that these decisions changed and that stand, at most MOST_ENTITIES of them."""
    changes = EntityChange.objects.filter(decision__in=decision_ids).values("entity_id")
    entities = Entity.objects.standing().filter(corpus=corpus_id, pk__in=changes)
    return list(entities.order_by("-mentions", "-pk").values_list("pk", flat=True)[:MOST_ENTITIES])


def _names_of(keys: set[str]) -> set[str]:
    """The normalised names that mentions with these keys may have: the name, a surname, a short form, an acronym."""
    return {key[1:] if key[0] in KINDS else key for key in keys if kind_of(key) in _NAMES}


def _keys_with_names(keys: set[str]) -> set[str]:
    """The keys of the aliases by which mentions with these keys are linked."""
    return _names_of(keys) | {key for key in keys if kind_of(key) in _SPELLINGS}


def _keys_of_links(decision_id: int) -> tuple[set[str], set[str]]:
    """The keys of the names of changed links: of those that were only confirmed, and of all others.

    A confirmed link may help to tell who an unlinked name is. One that was suggested to be another entity, or is none,
    is news for the suggested links with this name as well.
    """
    only_confirmed: set[str] = set()
    changed: set[str] = set()
    with planning_cursor() as cursor:
        cursor.execute(_CHANGED_SPANS, {"decision": decision_id, "number": _MOST_LINKS})
        spans = cursor.fetchall()
    surfaces = surfaces_at(span[:3] for span in spans) if spans else {}
    for article, start, end, label, confirmed in spans:
        keys = lookup_keys(clean_name(surfaces[article, start, end]), label)
        (only_confirmed if confirmed else changed).update(keys)
    return only_confirmed, changed


def _keys_of_entities(decision_id: int) -> set[str]:
    """The keys of names that entities got or lost, and those that entities which were said to differ share."""
    changes = list(EntityChange.objects.filter(decision=decision_id).values_list("entity_id", "before", "after"))
    labels = dict(
        Entity.objects.filter(pk__in=[pk for pk, *_ in changes])
        .annotate(known=suggester_name("label__"))
        .values_list("pk", "known")
    )
    keys: set[str] = set()
    parted: set[tuple[int, int]] = set()
    for pk, before, after in changes:
        names = _names(before) ^ _names(after)
        if before and after and before["label"] != after["label"]:
            names |= _names(before) | _names(after)
        keys |= {key for name, _ in names for key in lookup_keys(name, labels.get(pk, ""))}
        parted |= {(pk, other) for other in _distinct(before) ^ _distinct(after)}
    return keys | _shared_keys(parted)


def _names(side: Mapping[str, Any] | None) -> set[tuple[str, bool]]:
    """The aliases of an entity, and whether a person dropped them."""
    return {(row[0], row[-1] == "rejected") for row in side["aliases"]} if side else set()


def _distinct(side: Mapping[str, Any] | None) -> set[int]:
    return set(side["distinct"]) if side else set()


def _shared_keys(pairs: Iterable[tuple[int, int]]) -> set[str]:
    pairs = list(pairs)
    if not pairs:
        return set()
    with planning_cursor() as cursor:
        cursor.execute(_SHARED_KEYS, {"first": [pair[0] for pair in pairs], "second": [pair[1] for pair in pairs]})
        return {row[0] for row in cursor.fetchall()}


# A merge moves very many links: what matters of it is the names that an entity gets.
_CHANGED_SPANS = """
    SELECT s.article_id, s.start, s."end", coalesce(label.suggester_names[1], label.name), c.confirmed
    FROM (
        SELECT span_id, bool_and(
                   before_state = 'suggested' AND after_state = 'confirmed' AND before_entity = after_entity IS TRUE
               ) AS confirmed
        FROM entities_linkchange WHERE decision_id = %(decision)s AND verb <> 'merge'
        GROUP BY span_id LIMIT %(number)s
    ) c JOIN review_span s ON s.id = c.span_id JOIN review_label label ON label.id = s.label_id
"""
_SHARED_KEYS = """
    SELECT DISTINCT one.key FROM unnest(%(first)b::bigint[], %(second)b::bigint[]) AS pair (first, second)
    JOIN entities_alias a ON a.entity_id = pair.first JOIN entities_aliaskey one ON one.alias_id = a.id
    JOIN entities_alias b ON b.entity_id = pair.second JOIN entities_aliaskey other ON other.alias_id = b.id
    WHERE one.key = other.key
"""
_AFFECTED = """
    SELECT article_id FROM (
        (
            SELECT article_id FROM entities_unlinked
            WHERE corpus_id = %(corpus)s::bigint AND key = ANY (%(unlinked)b::text[])
            ORDER BY article_id DESC LIMIT %(number)s
        ) UNION (
            SELECT l.article_id FROM entities_aliaskey k JOIN entities_link l ON l.alias_id = k.alias_id
            WHERE k.corpus_id = %(corpus)s::bigint AND k.key = ANY (%(linked)b::text[]) AND l.state = 'suggested'
            ORDER BY l.article_id DESC LIMIT %(number)s
        ) UNION (
            SELECT article_id FROM entities_linkchange WHERE decision_id = %(decision)s AND verb <> 'merge'
            LIMIT %(number)s
        )
    ) found ORDER BY article_id DESC LIMIT %(number)s
"""
