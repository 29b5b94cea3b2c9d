"""The changes of one decision to the links and entities of a corpus, collected under its registry lock.

Rows are read once, changed in memory and written once, with their log.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from annotations.entities import ports
from annotations.entities.models import (
    STANDING,
    Alias,
    AliasKey,
    Distinct,
    Entity,
    EntityChange,
    EntityState,
    Identifier,
    Link,
    LinkChange,
)
from annotations.entities.queries.names import first_word_key
from annotations.linkers.names import clean_name, lookup_keys, script_of
from annotations.review.models import Decision, State, Verb
from annotations.suggesters.words import first_word, surface_of
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Conflict, Invalid, NotFound, RevisionMissing, Stale
from corpusapp.core.locks import Lock, lock


def lock_registry(corpus_id: int) -> None:
    """Wait for all other changes of the corpus's entities and links, until this transaction ends.

    Take it after the locks of articles.
    """
    lock(Lock.REGISTRY, corpus_id)


def require_entities(corpus: Corpus) -> None:
    """Refuse a corpus that links no entities."""
    if not corpus.entities_enabled:
        raise Conflict(
            f"corpus {corpus.slug!r} links no names to entities: a manager can turn this on in its settings",
            field="corpus",
        )


class LinkColumns(NamedTuple):
    """A link's columns at one moment, as the log has them."""

    entity: int
    state: str
    score: float | None
    pipeline: int | None
    revision: int


def link_columns(link: Link) -> LinkColumns:
    return LinkColumns(link.entity_id, link.state, link.score, link.pipeline_id, link.revision)


@dataclass
class _LinkEntry:
    link: Link
    verb: Verb
    implicit: bool
    before: LinkColumns | None


class RegistryChanges:
    """Changes to the registry of a corpus, which must be locked. `write` stores and logs them."""

    def __init__(self, corpus_id: int) -> None:
        self.corpus_id = corpus_id
        self.entities: dict[int, Entity] = {}
        self._links: list[_LinkEntry] = []
        self._changed: dict[int, tuple[Entity, Verb, bool, dict[str, Any] | None]] = {}
        self._created: list[tuple[Entity, Verb]] = []

    # Entities.

    def read(self, ids: Iterable[int]) -> None:
        """Read these entities of the corpus."""
        wanted = [pk for pk in ids if pk not in self.entities and 0 < pk < 2**63]
        rows = Entity.objects.filter(pk__in=wanted, corpus=self.corpus_id).select_related("label") if wanted else ()
        self.entities |= {entity.pk: entity for entity in rows}

    def entity(self, pk: int, *, field: str = "entity") -> Entity:
        """A standing entity. Refuses one that is unknown, merged or removed."""
        self.read([pk])
        entity = self.entities.get(pk)
        if entity is None:
            raise NotFound(f"there is no entity {pk} in this corpus", field=field)
        if entity.state == EntityState.MERGED:
            raise Conflict(
                f"entity {pk} was merged into entity {entity.merged_into_id}: use that one", field=field, current=entity
            )
        if entity.state not in STANDING:
            raise Conflict(f"entity {pk} was removed: create it again", field=field, current=entity)
        return entity

    def at_revision(self, pk: int, revision: int | None, *, field: str = "entity") -> Entity:
        """A standing entity at the revision that the editor saw. Refuses another revision as stale."""
        entity = self.entity(pk, field=field)
        if revision is None:
            raise RevisionMissing(
                f"the revision of entity {pk} is missing: send the one that you saw", field="revision"
            )
        if entity.revision != revision:
            raise Stale(
                f"entity {pk} is at revision {entity.revision}, you saw {revision}: check it, and decide again",
                field="revision",
                current=entity,
            )
        return entity

    def touch(self, entity: Entity, verb: Verb, *, implicit: bool = False) -> Entity:
        """Log a change of the entity: call it before its columns, aliases or identifiers change."""
        if entity.pk not in self._changed and all(entity is not created for created, _ in self._created):
            self._changed[entity.pk] = (entity, verb, implicit, snapshot(entity))
        return entity

    def confirm(self, entity: Entity, verb: Verb) -> None:
        """Make a suggested entity a confirmed one: a person decided on it."""
        if entity.state == EntityState.SUGGESTED:
            self.touch(entity, verb, implicit=True)
            entity.state = EntityState.CONFIRMED

    def create(self, *, name: str, label_id: int, description: str = "", verb: Verb = Verb.CREATE) -> Entity:
        """Create a confirmed entity, with its name as an alias."""
        entity = Entity.objects.create(
            corpus_id=self.corpus_id, name=name, label_id=label_id, description=description, state=EntityState.CONFIRMED
        )
        self.entities[entity.pk] = entity
        self._created.append((entity, verb))
        self.alias(entity, name, origin=Alias.Origin.PERSON)
        return entity

    def alias(
        self, entity: Entity, name: str, *, origin: str = Alias.Origin.MENTION, state: str = State.CONFIRMED,
        language: str = "",
    ) -> Alias:  # fmt: skip
        """The alias of an entity with this name, added if it is new, and confirmed if `state` is."""
        alias, created = Alias.objects.get_or_create(
            entity=entity,
            name=name,
            defaults={
                "corpus_id": self.corpus_id, "language": language, "script": script_of(name), "origin": origin,
                "state": state,
            },
        )  # fmt: skip
        if created:
            add_keys([alias], {entity.pk: entity.label.name})
        elif state == State.CONFIRMED and alias.state != State.CONFIRMED:
            alias.state = State.CONFIRMED
            alias.save(update_fields=["state"])
        return alias

    # Links.

    def change_link(self, link: Link, verb: Verb, *, implicit: bool = False, **columns: Any) -> Link:
        """Set columns of a link and increment its revision."""
        before = link_columns(link)
        for name, value in columns.items():
            setattr(link, name, value)
        link.revision += 1
        self._links.append(_LinkEntry(link, verb, implicit, before))
        return link

    def add_link(self, link: Link, verb: Verb, *, implicit: bool = False) -> Link:
        self._links.append(_LinkEntry(link, verb, implicit, None))
        return link

    def is_empty(self) -> bool:
        return not (self._links or self._changed or self._created)

    def write(self, decision: Decision) -> None:
        """Write the links, the entities with their revisions, and the log of the decision; then notify subscribers."""
        self.write_links(decision)
        for entity, verb, implicit, before in self._changed.values():
            entity.revision += 1
            entity.save(update_fields=["name", "label", "description", "state", "merged_into", "revision"])
            self._log_entity(decision, entity, verb, implicit, before)
        for entity, verb in self._created:
            self._log_entity(decision, entity, verb, False, None)
        ports.notify_changed(decision)

    def write_links(self, decision: Decision) -> None:
        """Write the links alone, with their log."""
        # Rejected first, so that a span never has two.
        changed = [entry.link for entry in self._links if entry.before is not None]
        names = ["entity", "alias", "state", "score", "pipeline", "revision", "start", "end"]
        for rejected in (True, False):
            Link.objects.bulk_update([link for link in changed if (link.state == State.REJECTED) == rejected], names)
        Link.objects.bulk_create([entry.link for entry in self._links if entry.before is None])
        LinkChange.objects.bulk_create([self._link_change(decision, entry) for entry in self._links])
        self._links.clear()

    def _link_change(self, decision: Decision, entry: _LinkEntry) -> LinkChange:
        link = entry.link
        change = LinkChange(
            decision=decision, corpus_id=self.corpus_id, article_id=link.article_id, link_id=link.pk,
            span_id=link.span_id, verb=entry.verb, implicit=entry.implicit,
        )  # fmt: skip
        for side, columns in (("before", entry.before), ("after", link_columns(link))):
            for name, value in columns._asdict().items() if columns else ():
                setattr(change, f"{side}_{name}", value)
        return change

    def _log_entity(
        self, decision: Decision, entity: Entity, verb: Verb, implicit: bool, before: Mapping[str, Any] | None
    ) -> None:
        EntityChange.objects.create(
            decision=decision,
            corpus_id=self.corpus_id,
            entity_id=entity.pk,
            verb=verb,
            implicit=implicit,
            before=before,
            after=snapshot(entity),
        )


def snapshot(entity: Entity) -> dict[str, Any]:
    """The entity as the log has it."""
    return snapshots([entity])[entity.pk]


def snapshots(entities: Sequence[Entity]) -> dict[int, dict[str, Any]]:
    """The entities as the log has them, by id."""
    found: dict[int, dict[str, Any]] = {
        entity.pk: {
            "name": entity.name,
            "label": entity.label_id,
            "description": entity.description,
            "state": entity.state,
            "merged_into": entity.merged_into_id,
            "identifiers": [],
            "aliases": [],
            "distinct": [],
            "revision": entity.revision,
        }
        for entity in entities
    }
    if not found:
        return found
    for pk, *pair in (
        Identifier.objects.filter(entity__in=found)
        .order_by("scheme", "value")
        .values_list("entity_id", "scheme", "value")
    ):
        found[pk]["identifiers"].append(pair)
    aliases = Alias.objects.filter(entity__in=found).order_by("name")
    for pk, *alias in aliases.values_list("entity_id", "name", "language", "script", "origin", "state"):
        found[pk]["aliases"].append(alias)
    for one, other in Distinct.objects.filter(Q(first__in=found) | Q(second__in=found)).values_list("first", "second"):
        for pk, different in ((one, other), (other, one)):
            if pk in found:
                found[pk]["distinct"].append(different)
    for row in found.values():
        row["distinct"].sort()
    return found


def distinct_from(entity_id: int) -> list[int]:
    """The entities that a person said are not this one."""
    pairs = Distinct.objects.filter(Q(first=entity_id) | Q(second=entity_id)).values_list("first_id", "second_id")
    return sorted(first + second - entity_id for first, second in pairs)


def identifiers(entity: Entity) -> Sequence[tuple[str, str]]:
    return list(Identifier.objects.filter(entity=entity).order_by("scheme", "value").values_list("scheme", "value"))


def add_keys(aliases: Collection[Alias], labels: Mapping[int, str]) -> None:
    """Store the keys of new aliases. `labels` are the names of the labels of their entities."""
    AliasKey.objects.bulk_create(
        [
            AliasKey(corpus_id=alias.corpus_id, key=key, alias=alias)
            for alias in aliases
            for key in keys_of(alias.name, labels[alias.entity_id])
        ],
        ignore_conflicts=True,
    )


def keys_of(name: str, label: str) -> list[str]:
    """The keys of an alias: those of the linker, and the one by which suggesters find names in texts."""
    return list(dict.fromkeys([*lookup_keys(name, label), first_word_key(first_word(surface_of(name)))]))


def checked_name(name: str, *, field: str = "name") -> str:
    """The name on one line. Refuses an empty or too long one, and control characters."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Invalid("the name is empty: give one", field=field)
    if len(cleaned) > 300:
        raise Invalid(f"the name has {len(cleaned)} characters: the limit is 300", field=field)
    if any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in cleaned):
        raise Invalid("the name has a control character: remove it", field=field)
    return cleaned


def surface_name(surface: str) -> str:
    """The alias that a mention with this surface uses."""
    return clean_name(surface) or surface.strip()[:300]
