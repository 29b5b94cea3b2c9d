"""Store the links of imported spans, as part of the decisions of their importer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from annotations.entities import ports
from annotations.entities.actions.entities import checked_identifier
from annotations.entities.actions.registry import add_keys, label_name, lock_registry, snapshots, surface_name
from annotations.entities.models import (
    Alias,
    Entity,
    EntityChange,
    EntityState,
    Identifier,
    Link,
    LinkChange,
)
from annotations.entities.queries.weeks import article_weeks
from annotations.linkers.names import script_of
from annotations.review.models import MAIN_LAYER, Decision, Label, Span, State, Verb
from corpusapp.articles.models import ImportBatch
from corpusapp.articles.ports import Imported
from corpusapp.core.errors import Refusal
from corpusapp.intake.draft import EntityDraft

_BATCH = 2000


class _Mention(NamedTuple):
    """An imported span that names an entity."""

    article: int
    start: int
    end: int
    label: str
    words: str
    key: str


@dataclass
class _Wanted:
    """An entity of the file: found or created, or None if several may be meant.

    `decision` is that of its first span; `twin` another key with one of its identifiers.
    """

    draft: EntityDraft
    label: Label
    decision: int
    entity: Entity | None = None
    created: bool = False
    twin: "_Wanted | None" = None
    identifiers: list[tuple[str, str]] = field(default_factory=list)


def import_links(*, batch: ImportBatch, articles: Sequence[Imported]) -> None:
    """Link the confirmed spans of new articles whose drafts name entities, where the corpus links entities.

    An entity is found by its identifiers, else by its exact name and label, else created. Two keys in `articles` are
    never one entity by name alone. Where several entities have the name, the span stays without a link.
    """
    linked = [row for row in articles if any(span.entity is not None for span in row.draft.spans)]
    if not linked or not batch.corpus.entities_enabled:
        return
    labels = {
        label.name: label for label in Label.objects.filter(corpus=batch.corpus_id).exclude(family=Label.Family.NUMBERS)
    }
    article_ids = [row.article_id for row in linked]
    decisions = dict(
        Decision.objects.filter(corpus=batch.corpus_id, article__in=article_ids, verb=Verb.IMPORT).values_list(
            "article_id", "pk"
        )
    )
    lock_registry(batch.corpus_id)
    mentions, wanted = _wanted(linked, labels, decisions)
    if not wanted:
        return
    known = _find(batch.corpus_id, list(wanted.values()))
    before = snapshots(known)
    _create(batch.corpus_id, [one for one in wanted.values() if one.created])
    for one in wanted.values():
        one.entity = one.twin.entity if one.twin is not None else one.entity
    _confirm(known)
    aliases = _aliases(batch.corpus_id, wanted, mentions)
    links = _links(batch.corpus_id, mentions, wanted, aliases)
    _log(batch.corpus_id, decisions, links, wanted, before)
    ports.notify_imported(batch.corpus_id, sorted({decisions[link.article_id] for link in links}))


def _wanted(
    rows: Iterable[Imported], labels: Mapping[str, Label], decisions: Mapping[int, int]
) -> tuple[list[_Mention], dict[str, _Wanted]]:
    mentions: list[_Mention] = []
    wanted: dict[str, _Wanted] = {}
    for row in rows:
        for start, end, label, state, _, entity in row.draft.spans:
            if entity is None or state != State.CONFIRMED or label not in labels:
                continue
            words = row.draft.text[start:end]
            mentions.append(_Mention(row.article_id, start, end, label, words, entity.key))
            if entity.key not in wanted:
                wanted[entity.key] = _Wanted(entity, labels[label], decisions[row.article_id])
            pairs = wanted[entity.key].identifiers
            pairs += [pair for pair in entity.identifiers if pair not in pairs and _is_valid(pair)]
    return mentions, wanted


def _is_valid(pair: tuple[str, str]) -> bool:
    try:
        checked_identifier(*pair)
    except Refusal:
        return False
    return True


def _find(corpus_id: int, wanted: Sequence[_Wanted]) -> list[Entity]:
    """Say which entities they are, or that they are to be created; returns the known ones."""
    identified = _identified(corpus_id, {pair for one in wanted for pair in one.identifiers})
    standing = Entity.objects.standing().filter(corpus=corpus_id).select_related("label")
    by_id = standing.in_bulk(set(identified.values()))
    named: defaultdict[tuple[str, int], list[Entity]] = defaultdict(list)
    for entity in standing.filter(name__in={one.draft.name for one in wanted}).order_by("pk"):
        named[entity.name, entity.label_id].append(entity)
    by_name = []
    for one in wanted:
        found = [by_id[identified[pair]] for pair in one.identifiers if identified.get(pair) in by_id]
        if found:
            one.entity = found[0]
        else:
            by_name.append(one)
    claimed: dict[tuple[str, str], _Wanted] = {}
    taken = {one.entity.pk for one in wanted if one.entity is not None}
    for one in by_name:
        one.twin = next((claimed[pair] for pair in one.identifiers if pair in claimed), None)
        if one.twin is not None:
            continue
        alike = [entity for entity in named[one.draft.name, one.label.pk] if entity.pk not in taken]
        # Another identifier says that it is another thing with this name.
        if one.identifiers or not alike:
            one.created = True
            # Those of removed entities stay theirs.
            one.identifiers = [pair for pair in one.identifiers if pair not in identified]
            claimed |= dict.fromkeys(one.identifiers, one)
        elif len(alike) == 1:
            one.entity = alike[0]
            taken.add(alike[0].pk)
    return list({one.entity.pk: one.entity for one in wanted if one.entity is not None}.values())


def _identified(corpus_id: int, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    schemes, values = zip(*pairs, strict=True) if (pairs := list(pairs)) else ((), ())
    with connection.cursor() as cursor:
        cursor.execute(_IDENTIFIED, {"corpus": corpus_id, "schemes": list(schemes), "values": list(values)})
        return {(scheme, value): entity for scheme, value, entity in cursor.fetchall()}


def _create(corpus_id: int, wanted: Sequence[_Wanted]) -> None:
    rows = [
        Entity(corpus_id=corpus_id, name=one.draft.name, label=one.label, state=EntityState.CONFIRMED) for one in wanted
    ]
    for one, entity in zip(wanted, Entity.objects.bulk_create(rows, batch_size=_BATCH), strict=True):
        one.entity = entity
    identifiers = [
        Identifier(corpus_id=corpus_id, entity=one.entity, scheme=scheme, value=value)
        for one in wanted
        for scheme, value in one.identifiers
    ]
    Identifier.objects.bulk_create(identifiers, batch_size=_BATCH)


def _confirm(known: Sequence[Entity]) -> None:
    suggested = [entity for entity in known if entity.state == EntityState.SUGGESTED]
    for entity in suggested:
        entity.state = EntityState.CONFIRMED
    Entity.objects.bulk_update(suggested, ["state"], batch_size=_BATCH)


def _aliases(
    corpus_id: int, wanted: Mapping[str, _Wanted], mentions: Iterable[_Mention]
) -> dict[tuple[int, str], Alias]:
    """The aliases that the mentions use, and the names of new entities; those that are missing are created."""
    origins: dict[tuple[int, str], str] = {}
    for one in wanted.values():
        if one.created and one.entity is not None:
            origins[one.entity.pk, one.draft.name] = Alias.Origin.IMPORT
    for mention in mentions:
        if (entity := wanted[mention.key].entity) is not None:
            origins.setdefault((entity.pk, surface_name(mention.words)), Alias.Origin.MENTION)
    owners, names = {pk for pk, _ in origins}, {name for _, name in origins}
    rows = Alias.objects.filter(entity__in=owners, name__in=names)
    found = {key: row for row in rows if (key := (row.entity_id, row.name)) in origins}
    # As in `RegistryChanges.alias`: whoever uses a name confirms it.
    unconfirmed = [row.pk for row in found.values() if row.state != State.CONFIRMED]
    Alias.objects.filter(pk__in=unconfirmed).update(state=State.CONFIRMED)
    new = [
        Alias(
            corpus_id=corpus_id, entity_id=pk, name=name, script=script_of(name), origin=origin, state=State.CONFIRMED
        )
        for (pk, name), origin in origins.items()
        if (pk, name) not in found
    ]  # fmt: skip
    labels = {one.entity.pk: label_name(one.entity.label) for one in wanted.values() if one.entity is not None}
    created = Alias.objects.bulk_create(new, batch_size=_BATCH)
    add_keys(created, labels)
    return found | {(row.entity_id, row.name): row for row in created}


def _links(
    corpus_id: int,
    mentions: Sequence[_Mention],
    wanted: Mapping[str, _Wanted],
    aliases: Mapping[tuple[int, str], Alias],
) -> list[Link]:
    article_ids = sorted({mention.article for mention in mentions})
    spans = Span.objects.filter(article__in=article_ids, layer=MAIN_LAYER, state=State.CONFIRMED).order_by()
    ids = {tuple(place): pk for pk, *place in spans.values_list("pk", "article_id", "start", "end", "label__name")}
    weeks = article_weeks(article_ids)
    rows = [
        Link(
            corpus_id=corpus_id, article_id=mention.article, span_id=pk, entity=entity, state=State.CONFIRMED,
            alias=aliases[entity.pk, surface_name(mention.words)], week=weeks[mention.article],
        )
        for mention in mentions
        if (entity := wanted[mention.key].entity) is not None and (pk := ids.get(mention[:4])) is not None
    ]  # fmt: skip
    return Link.objects.bulk_create(rows, batch_size=_BATCH)


def _log(
    corpus_id: int,
    decisions: Mapping[int, int],
    links: Iterable[Link],
    wanted: Mapping[str, _Wanted],
    before: Mapping[int, dict[str, object]],
) -> None:
    changed = {one.entity.pk: one for one in wanted.values() if one.entity is not None and one.twin is None}
    after = snapshots([one.entity for one in changed.values() if one.entity is not None])
    EntityChange.objects.bulk_create(
        [
            EntityChange(
                decision_id=one.decision, corpus_id=corpus_id, entity_id=pk, verb=Verb.IMPORT,
                implicit=not one.created, before=before.get(pk), after=after[pk],
            )
            for pk, one in sorted(changed.items())
            if before.get(pk) != after[pk]
        ],
        batch_size=_BATCH,
    )  # fmt: skip
    LinkChange.objects.bulk_create(
        [
            LinkChange(
                decision_id=decisions[link.article_id], corpus_id=corpus_id, article_id=link.article_id,
                link_id=link.pk, span_id=link.span_id, verb=Verb.IMPORT, after_entity=link.entity_id,
                after_state=link.state, after_revision=1,
            )
            for link in links
        ],
        batch_size=_BATCH,
    )  # fmt: skip


# Pairs of two columns.
_IDENTIFIED = """
    SELECT i.scheme, i.value, i.entity_id
    FROM unnest(%(schemes)s::text[], %(values)s::text[]) AS wanted (scheme, value)
    JOIN entities_identifier i ON i.corpus_id = %(corpus)s AND i.scheme = wanted.scheme AND i.value = wanted.value
"""
