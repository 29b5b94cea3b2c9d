"""The registry as a reconciliation service: candidates for names, suggestions, and properties of entities."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz import fuzz

from annotations.entities.models import Alias, Entity, EntityState, Identifier
from annotations.entities.queries.search import search_entities
from annotations.linkers.identifiers import ADDRESSES
from annotations.linkers.names import alias_key
from annotations.linkers.reconciliation import Extension, Query
from annotations.review.models import Label, State
from corpusapp.articles.models import Corpus

# Properties that each entity has, beside its identifiers by scheme.
PROPERTIES = {
    "description": "Description",
    "label": "Label",
    "aliases": "Aliases",
    "mentions": "Mentions",
    "uri": "Same as",
}
# A score from which a name is the entity's.
_SAME = 98.0
_NAME, _ALIASES = "name", "aliases"


class _Facts(NamedTuple):
    """Entities with the names and identifiers that they have."""

    entities: Mapping[int, Entity]
    aliases: Mapping[int, Sequence[str]]
    identifiers: Mapping[int, Sequence[tuple[str, str]]]


def reconcile(corpus: Corpus, queries: Mapping[str, Query]) -> dict[str, Any]:
    """The result batch of these queries, by key."""
    labels = {label.name: label.pk for label in entity_labels(corpus)}
    found = {key: _found(corpus, query, labels) for key, query in queries.items()}
    facts = _facts({pk for pks in found.values() for pk in pks})
    return {key: {"result": _ranked(query, found[key], facts)} for key, query in queries.items()}


def _found(corpus: Corpus, query: Query, labels: Mapping[str, int]) -> list[int]:
    """Ids of entities that may be meant: those with one of the identifiers, then those with such a name."""
    chosen = [labels[name] for name in query.types if name in labels]
    if query.types and not chosen:
        return []
    pairs = [pair for pair in query.properties if pair[0] not in PROPERTIES and pair[0] != _NAME]
    found = [pk for pair in pairs[:5] if (pk := _identified(corpus, *pair, chosen)) is not None]
    for words in [query.words, *(value for pid, value in query.properties if pid in (_NAME, _ALIASES))][:4]:
        # The best by name are not those with the most mentions, so more are compared than are asked for.
        found += search_entities(corpus, words, 2 * query.limit, labels=chosen) if words else []
    return list(dict.fromkeys(found))


def _identified(corpus: Corpus, scheme: str, value: str, labels: Collection[int]) -> int | None:
    rows = Identifier.objects.filter(corpus=corpus, scheme=scheme[:60], value=value[:300])
    rows = rows.exclude(entity__state=EntityState.REMOVED)
    if labels:
        rows = rows.filter(entity__label__in=labels)
    return rows.values_list("entity_id", flat=True).first()


def _facts(ids: Collection[int]) -> _Facts:
    aliases: defaultdict[int, list[str]] = defaultdict(list)
    identifiers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    if ids:
        rows = Alias.objects.filter(entity__in=ids).exclude(state=State.REJECTED).order_by("-mentions", "name")
        for pk, name in rows.values_list("entity_id", "name"):
            aliases[pk].append(name)
        pairs = Identifier.objects.filter(entity__in=ids).order_by("scheme", "value")
        for pk, scheme, value in pairs.values_list("entity_id", "scheme", "value"):
            identifiers[pk].append((scheme, value))
    return _Facts(Entity.objects.select_related("label").in_bulk(ids), aliases, identifiers)


def _ranked(query: Query, ids: Sequence[int], facts: _Facts) -> list[dict[str, Any]]:
    rows = [_result(query, facts.entities[pk], facts) for pk in ids if pk in facts.entities]
    rows.sort(key=lambda row: -row["score"])
    same = [row for row in rows if row["score"] >= _SAME]
    certain = [row for row in rows if row.pop("identified")] or same
    if len(certain) == 1:
        certain[0]["match"] = True
    return rows[: query.limit]


def _result(query: Query, entity: Entity, facts: _Facts) -> dict[str, Any]:
    wanted = [pair for pair in query.properties if pair[0] not in PROPERTIES and pair[0] != _NAME]
    identified = any(pair in facts.identifiers.get(entity.pk, ()) for pair in wanted)
    words = [query.words, *(value for pid, value in query.properties if pid in (_NAME, _ALIASES))]
    name = max((_likeness(one, facts.aliases.get(entity.pk, ())) for one in words if one), default=0.0)
    return {
        "id": str(entity.pk),
        "name": entity.name,
        "description": entity.description,
        "type": [_type(entity.label)],
        "score": 100.0 if identified else round(name, 2),
        "match": False,
        "identified": identified,
        "features": [{"id": _NAME, "value": round(name, 2)}, {"id": "identifier", "value": identified}],
    }


def _likeness(words: str, names: Iterable[str]) -> float:
    """How like one of the names the words are, from 0 to 100: 100 for the name itself, 98 for its spellings."""
    key, best = alias_key(words), 0.0
    for name in names:
        if name.casefold() == words.casefold():
            return 100.0
        other = alias_key(name)
        best = max(best, _SAME if other == key else 0.95 * fuzz.token_sort_ratio(other, key))
    return best


def _type(label: Label) -> dict[str, str]:
    return {"id": label.name, "name": label.name}


def entity_labels(corpus: Corpus) -> list[Label]:
    """The labels whose spans are linked to entities."""
    return list(Label.objects.shown().filter(corpus=corpus).exclude(family="numbers"))


def schemes(corpus: Corpus) -> list[str]:
    rows = Identifier.objects.filter(corpus=corpus).order_by("scheme")
    return list(rows.values_list("scheme", flat=True).distinct()[:200])


# Suggestions while somebody types.


def suggest_entities(corpus: Corpus, prefix: str, limit: int) -> list[dict[str, Any]]:
    """Entities by name, or by their id."""
    found = search_entities(corpus, prefix, limit)
    if prefix.isascii() and prefix.isdigit() and len(prefix) < 19:
        found = [int(prefix), *found]
    rows = Entity.objects.standing().filter(corpus=corpus).select_related("label").in_bulk(list(dict.fromkeys(found)))
    return [
        {"id": str(pk), "name": rows[pk].name, "description": rows[pk].description, "notable": [_type(rows[pk].label)]}
        for pk in dict.fromkeys(found)
        if pk in rows
    ][:limit]


def suggest_types(corpus: Corpus, prefix: str) -> list[dict[str, Any]]:
    return [
        {"id": label.name, "name": label.name, "description": label.definition}
        for label in entity_labels(corpus)
        if prefix.casefold() in f"{label.name} {label.definition}".casefold()
    ]


def properties_of(corpus: Corpus) -> dict[str, str]:
    """Properties by id, with their names."""
    return PROPERTIES | {scheme: f"Identifier: {scheme}" for scheme in schemes(corpus) if scheme not in PROPERTIES}


def suggest_properties(corpus: Corpus, prefix: str) -> list[dict[str, Any]]:
    named = properties_of(corpus).items()
    return [{"id": pid, "name": name} for pid, name in named if prefix.casefold() in f"{pid} {name}".casefold()]


# Properties.


def extend(corpus: Corpus, request: Extension) -> dict[str, Any]:
    """The values of properties of entities. A merged entity has those of the one it was merged into."""
    ids = {one: int(one) for one in request.ids if one.isascii() and one.isdigit() and len(one) < 19}
    entities = Entity.objects.filter(corpus=corpus).in_bulk(list(ids.values()))
    now = {pk: entity.merged_into_id or pk for pk, entity in entities.items() if entity.state != EntityState.REMOVED}
    facts = _facts(set(now.values()))
    names = properties_of(corpus)
    rows = {
        one: {pid: _cells(pid, now.get(ids.get(one, 0)), facts) for pid in request.properties} for one in request.ids
    }
    return {"meta": [{"id": pid, "name": names.get(pid, pid)} for pid in request.properties], "rows": rows}


def _cells(pid: str, pk: int | None, facts: _Facts) -> list[dict[str, Any]]:
    if pk is None or pk not in facts.entities:
        return []
    entity, pairs = facts.entities[pk], facts.identifiers.get(pk, ())
    if pid == "mentions":
        return [{"int": entity.mentions}]
    texts = {
        "description": [entity.description],
        "label": [entity.label.name],
        _ALIASES: [name for name in facts.aliases.get(pk, ()) if name != entity.name],
        "uri": [ADDRESSES[scheme].format(value) for scheme, value in pairs if scheme in ADDRESSES],
    }
    texts["uri"] += [value for scheme, value in pairs if scheme == "uri"]
    return [{"str": text} for text in texts.get(pid, [value for scheme, value in pairs if scheme == pid]) if text]
