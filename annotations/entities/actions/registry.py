"""The changes of one decision to the links and entities of a corpus, collected under its registry lock.

Rows are read once, changed in memory and written once, with their log.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef

from annotations.entities import ports
from annotations.entities.actions.link_rows import LinkColumns, delete_links, link_columns, update_links
from annotations.entities.actions.snapshots import snapshot, snapshots
from annotations.entities.models import (
    MAX_DESCRIPTION,
    MAX_NAME,
    STANDING,
    Alias,
    AliasKey,
    Entity,
    EntityChange,
    EntityState,
    Link,
    LinkChange,
)
from annotations.entities.queries.names import first_word_key
from annotations.linkers.names import clean_name, lookup_keys, script_of
from annotations.review.models import Decision, Label, State, Verb
from annotations.suggesters.words import first_word, surface_of
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Conflict, Invalid, NotFound, RevisionMissing, Stale
from corpusapp.core.locks import Lock, lock
from corpusapp.text.wellformed import fault, hidden


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


@dataclass
class _LinkEntry:
    """The change of a link; `before` is None for a new one, and `gone` true for one that is deleted."""

    link: Link
    verb: Verb
    implicit: bool
    before: LinkColumns | None
    former_alias: int | None = None
    gone: bool = False


@dataclass
class _EntityEntry:
    """The change of an entity; `before` is None for a new one. Side effects alone do not revise it."""

    entity: Entity
    verb: Verb
    implicit: bool
    revised: bool
    before: dict[str, Any] | None


class RegistryChanges:
    """Changes to the registry of a corpus, which must be locked. `write` stores and logs them, once for a decision."""

    def __init__(self, corpus_id: int) -> None:
        self.corpus_id = corpus_id
        self.entities: dict[int, Entity] = {}
        self._links: list[_LinkEntry] = []
        self._entries: dict[int, _EntityEntry] = {}
        self._logged = False
        # Aliases that links lost, without a change that is logged.
        self._lost: set[int | None] = set()

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
            newest = EntityChange.objects.filter(entity_id=pk).order_by("-id").select_related("decision__user").first()
            decision = newest.decision if newest else None
            raise Stale(
                f"entity {pk} is at revision {entity.revision}, you saw {revision}"
                f"{f'; {decision.user} changed it' if decision else ''}: check it, and decide again",
                field="revision",
                current=entity,
                by=str(decision.user) if decision else "",
                at=decision.created_at if decision else None,
            )
        return entity

    def touch(self, entity: Entity, verb: Verb, *, implicit: bool = False) -> Entity:
        """Log a change of the entity, and revise it: call it before its columns, aliases or identifiers change."""
        entry = self._entry(entity, verb, implicit)
        if entry.before is not None and not entry.revised:
            entry.verb, entry.implicit, entry.revised = verb, implicit, True
        return entity

    def touch_all(self, entities: Sequence[Entity], verb: Verb) -> None:
        """`touch` for many entities that were not touched yet, in a few queries."""
        before = snapshots(entities)
        self._entries |= {one.pk: _EntityEntry(one, verb, False, True, before[one.pk]) for one in entities}

    def note(self, entity: Entity, verb: Verb) -> None:
        """Log a side effect on the entity, such as a new alias of a mention. Its revision stays.

        So who edits the entity is not refused because somebody linked a span to it.
        """
        self._entry(entity, verb, True)

    def _entry(self, entity: Entity, verb: Verb, implicit: bool) -> _EntityEntry:
        if entity.pk not in self._entries:
            self._entries[entity.pk] = _EntityEntry(entity, verb, implicit, False, snapshot(entity))
        return self._entries[entity.pk]

    def confirm(self, entity: Entity, verb: Verb) -> None:
        """Make a suggested entity, and its name, confirmed ones: a person decided on it."""
        if entity.state == EntityState.SUGGESTED:
            self.note(entity, verb)
            entity.state = EntityState.CONFIRMED
            self.alias(entity, entity.name, verb)

    def create(self, *, name: str, label_id: int, description: str = "", verb: Verb = Verb.CREATE) -> Entity:
        """Create a confirmed entity, with its name as an alias."""
        entity = Entity.objects.create(
            corpus_id=self.corpus_id, name=name, label_id=label_id, description=description, state=EntityState.CONFIRMED
        )
        self.entities[entity.pk] = entity
        self._entries[entity.pk] = _EntityEntry(entity, verb, False, False, None)
        self.alias(entity, name, verb, origin=Alias.Origin.PERSON)
        return entity

    def alias(
        self,
        entity: Entity,
        name: str,
        verb: Verb = Verb.ALIAS,
        *,
        origin: str = Alias.Origin.MENTION,
        language: str = "",
    ) -> Alias:
        """The confirmed alias of an entity with this name: added, or confirmed, if need be."""
        alias = Alias.objects.filter(entity=entity, name=name).first()
        if alias is None:
            self.note(entity, verb)
            alias = Alias.objects.create(
                corpus_id=self.corpus_id, entity=entity, name=name, language=language, script=script_of(name),
                origin=origin, state=State.CONFIRMED,
            )  # fmt: skip
            add_keys([alias], {entity.pk: label_name(entity.label)})
        elif alias.state != State.CONFIRMED or (origin != Alias.Origin.MENTION == alias.origin):
            self.note(entity, verb)
            alias.state = State.CONFIRMED
            alias.origin = alias.origin if origin == Alias.Origin.MENTION else origin
            alias.language = language or alias.language
            alias.save(update_fields=["state", "origin", "language"])
        return alias

    # Links.

    def change_link(self, link: Link, verb: Verb, *, implicit: bool = False, **columns: Any) -> Link:
        """Set columns of a link and increment its revision."""
        entry = _LinkEntry(link, verb, implicit, link_columns(link), link.alias_id)
        for name, value in columns.items():
            setattr(link, name, value)
        link.revision += 1
        self._links.append(entry)
        return link

    def add_link(self, link: Link, verb: Verb, *, implicit: bool = False) -> Link:
        self._links.append(_LinkEntry(link, verb, implicit, None))
        return link

    def remove_link(self, link: Link, verb: Verb, *, implicit: bool = False) -> None:
        """Delete a link: nothing is said of its span and entity any more."""
        self._links.append(_LinkEntry(link, verb, implicit, link_columns(link), link.alias_id, gone=True))

    def rename_link(self, link: Link, alias: Alias | None) -> None:
        """Give a link another alias of its entity at once. It is no change of the link: the words are the span's."""
        self._lost.add(link.alias_id)
        Link.objects.filter(pk=link.pk).update(alias=alias)

    def is_empty(self) -> bool:
        return not (self._links or self._entries)

    def write(self, decision: Decision) -> None:
        """Write the links, the entities with their revisions, and the log of the decision; then notify subscribers."""
        self.write_links(decision)
        known = [entry for entry in self._entries.values() if entry.before is not None]
        for entry in known:
            entry.entity.revision += entry.revised
        columns = ["name", "label", "description", "state", "merged_into", "revision"]
        Entity.objects.bulk_update([entry.entity for entry in known], columns, batch_size=500)
        renew_keys([entry.entity for entry in known if entry.before and entry.before["label"] != entry.entity.label_id])
        after = snapshots([entry.entity for entry in self._entries.values()])
        changed = [entry for pk, entry in self._entries.items() if entry.revised or entry.before != after[pk]]
        EntityChange.objects.bulk_create(
            [
                EntityChange(
                    decision=decision, corpus_id=self.corpus_id, entity_id=entry.entity.pk, verb=entry.verb,
                    implicit=entry.implicit, before=entry.before, after=after[entry.entity.pk],
                )
                for entry in changed
            ],
            batch_size=1000,
        )  # fmt: skip
        self._entries.clear()
        if changed or self._logged:
            ports.notify_changed(decision)

    def write_links(self, decision: Decision) -> None:
        """Write the links alone, with their log. Aliases that they leave without a confirmed mention go."""
        self._logged |= bool(self._links)
        delete_links([entry.link.pk for entry in self._links if entry.gone])
        changed = [entry.link for entry in self._links if entry.before is not None and not entry.gone]
        # Rejected first, so that a span never has two.
        for rejected in (True, False):
            update_links([link for link in changed if (link.state == State.REJECTED) == rejected])
        Link.objects.bulk_create([entry.link for entry in self._links if entry.before is None], batch_size=1000)
        LinkChange.objects.bulk_create([self._link_change(decision, entry) for entry in self._links], batch_size=1000)
        self._drop_unused_names(Verb(decision.verb))
        self._links.clear()

    def _link_change(self, decision: Decision, entry: _LinkEntry) -> LinkChange:
        link = entry.link
        change = LinkChange(
            decision=decision, corpus_id=self.corpus_id, article_id=link.article_id, link_id=link.pk,
            span_id=link.span_id, verb=entry.verb, implicit=entry.implicit,
        )  # fmt: skip
        for side, columns in (("before", entry.before), ("after", None if entry.gone else link_columns(link))):
            for name, value in columns._asdict().items() if columns else ():
                setattr(change, f"{side}_{name}", value)
        return change

    def _drop_unused_names(self, verb: Verb) -> None:
        """Take back the aliases that only mentions gave, where none of these is confirmed any more."""
        confirmed = (entry for entry in self._links if entry.before and entry.before.state == State.CONFIRMED)
        lost = (self._lost | {entry.former_alias for entry in confirmed}) - {None}
        self._lost.clear()
        if not lost:
            return
        used = Link.objects.filter(alias=OuterRef("pk"), state=State.CONFIRMED)
        unused = Alias.objects.filter(pk__in=lost, origin=Alias.Origin.MENTION, state=State.CONFIRMED)
        for alias in unused.exclude(Exists(used)).exclude(name=F("entity__name")):
            self.read([alias.entity_id])
            self.note(self.entities[alias.entity_id], verb)
            forget_alias(alias)


def forget_alias(alias: Alias) -> None:
    """Delete an alias that no person stands for; where the linker uses it, it becomes a suggested one."""
    if alias.mentions:
        alias.state = State.SUGGESTED
        alias.save(update_fields=["state"])
    else:
        alias.delete()


def label_name(label: Label) -> str:
    """The name by which suggesters and the linker know a label."""
    return label.suggester_names[0] if label.suggester_names else label.name


def renew_keys(entities: Sequence[Entity]) -> None:
    """Store the lookup keys of all aliases of these entities anew, such as after a change of their labels."""
    if entities:
        aliases = list(Alias.objects.filter(entity__in=entities))
        AliasKey.objects.filter(alias__in=aliases).delete()
        add_keys(aliases, {entity.pk: label_name(entity.label) for entity in entities})


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
    """The name on one line. Refuses an empty or too long one, and characters that hide what it says."""
    cleaned = " ".join(name.translate(_INVISIBLE).split())
    if not cleaned:
        raise Invalid("the name is empty: give one", field=field)
    if len(cleaned) > MAX_NAME:
        raise Invalid(f"the name has {len(cleaned)} characters: the limit is {MAX_NAME}", field=field)
    return _readable(cleaned, "the name", field)


def checked_description(text: str, *, field: str = "description") -> str:
    """The description. Refuses a too long one, and characters that hide what it says."""
    cleaned = text.translate(_INVISIBLE).replace("\r\n", "\n").strip()
    if len(cleaned) > MAX_DESCRIPTION:
        raise Invalid(f"the description has {len(cleaned)} characters: the limit is {MAX_DESCRIPTION}", field=field)
    _readable(cleaned.replace("\n", " ").replace("\t", " "), "the description", field)
    return cleaned


def surface_name(surface: str) -> str:
    """The alias that a mention with this surface uses; empty if it has no letters."""
    return (clean_name(surface) or surface.strip())[:MAX_NAME]


def _readable(text: str, what: str, field: str) -> str:
    if reason := fault(text) or hidden(text):
        raise Invalid(f"{what} {reason}", field=field)
    return text


# Soft hyphens and the like, which come with text that is copied from pages.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
