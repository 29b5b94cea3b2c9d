"""Import a list of entities: new ones are created, known ones gain what the list adds to them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotations.entities.actions.entities import checked_description, checked_identifier
from annotations.entities.actions.registry import (
    add_keys,
    checked_name,
    lock_registry,
    require_entities,
)
from annotations.entities.actions.results import once
from annotations.entities.actions.snapshots import snapshots
from annotations.entities.models import STANDING, Alias, AliasKey, Entity, EntityChange, EntityState, Identifier
from annotations.entities.ports import notify_changed
from annotations.linkers.lists import EntityList, Entry
from annotations.linkers.names import lookup_keys, script_of
from annotations.review.actions.decisions import require_all
from annotations.review.actions.recording import record_all
from annotations.review.models import Decision, Label, State, Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, Refusal
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Of one entity. Decisions keep what an entity was before and after.
MAX_ALIASES, MAX_IDENTIFIERS = 500, 50
_PAIRS_AT_ONCE = 5000


@dataclass
class Row:
    """An entry and what becomes of it: an entity is created if `entity` is None, or else gains the rest."""

    entry: Entry
    label: Label | None = None
    entity: Entity | None = None
    aliases: list[tuple[str, str]] = field(default_factory=list)
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    description: str = ""
    revived: bool = False

    @property
    def key(self) -> str:
        """The key that spellings of its name have, in lists of lookup keys the first."""
        return lookup_keys(self.entry.name, self.label.name if self.label else "")[0]

    @property
    def changes(self) -> bool:
        return self.entity is None or bool(self.aliases or self.identifiers or self.description or self.revived)


@dataclass
class ListImport:
    """The outcome of an import, or of its preview. Without changes there is no decision.

    `left_out` has dicts of line, item, field and reason. `unchanged` is None if an earlier request was repeated.
    """

    added: int = 0
    updated: int = 0
    unchanged: int | None = 0
    left_out: Sequence[dict[str, Any]] = ()
    decision: Decision | None = None
    repeated: bool = False
    rows: Sequence[Row] = ()


class _NothingToDo(Exception):
    def __init__(self, outcome: ListImport) -> None:
        self.outcome = outcome


def import_list(
    *,
    user: "User",
    corpus: Corpus,
    listed: EntityList,
    label: str = "",
    all_or_none: bool = True,
    preview: bool = False,
    client_key: str | None = None,
) -> ListImport:
    """Import the entities of a list as one decision, which is undone as one. With `preview`, only say what it would do.

    An entry is the known entity that has one of its identifiers; or else the only one with its name and label that has
    no other identifier of the same schemes; or else new. What is known is not overwritten: an entity gains aliases,
    identifiers, and a description if it has none. So importing a list again changes nothing. `label` is that of entries
    without one.

    Refuses: `LeftOut` (with `all_or_none`, if any entry cannot be taken), `Invalid` (label), `Conflict` (the corpus has
    no entities), `NotAllowed`. A repeated `client_key` returns the first decision.
    """
    require(user, corpus, Role.MANAGER)
    require_entities(corpus)
    labels = {row.name: row for row in Label.objects.shown().filter(corpus=corpus)}
    if label and label not in labels:
        raise Invalid(
            f"corpus {corpus.slug!r} has no label {label[:80]!r}: use one of {', '.join(sorted(labels))}", field="label"
        )
    request = digest("import list", corpus.pk, label, all_or_none, list(listed.entries), list(listed.faults))
    outcome = ListImport()

    def run() -> Decision:
        nonlocal outcome
        lock_registry(corpus.pk)
        outcome = _plan(corpus, listed, labels, label)
        if all_or_none and not preview:
            require_all(outcome.left_out, len(listed.entries) + len(listed.faults), field="file")
        if preview or not (outcome.added or outcome.updated):
            raise _NothingToDo(outcome)
        decision = record_all(
            user, corpus.pk, Verb.CREATE, [], client_key=client_key, request_sha256=request, left_out=outcome.left_out
        )
        _write(decision, [row for row in outcome.rows if row.changes])
        return decision

    try:
        result = once(user, client_key, request, run)
    except _NothingToDo as nothing:
        return nothing.outcome
    outcome.decision, outcome.repeated = result.decision, result.repeated
    if result.repeated:
        changes = EntityChange.objects.filter(decision=result.decision)
        outcome.added = changes.filter(before__isnull=True).count()
        outcome.updated = changes.count() - outcome.added
        outcome.unchanged, outcome.left_out = None, result.left_out
    return outcome


# What becomes of each entry.


def _plan(corpus: Corpus, listed: EntityList, labels: Mapping[str, Label], default: str) -> ListImport:
    left_out = [_left_out(fault.line, fault.subject, fault.field, fault.reason) for fault in listed.faults]
    rows: list[Row] = []
    for entry in listed.entries:
        try:
            rows.append(_checked(entry, labels, default))
        except Refusal as refusal:
            left_out.append(_left_out(entry.line, entry.subject or entry.name, refusal.field, refusal.detail))
    planned = []
    known = _Known(corpus, rows)
    for row in rows:
        try:
            known.match(row)
        except Refusal as refusal:
            left_out.append(_left_out(row.entry.line, row.entry.subject or row.entry.name, "", refusal.detail))
        else:
            planned.append(row)
    added = sum(row.entity is None for row in planned)
    updated = sum(row.changes for row in planned) - added
    left_out.sort(key=lambda one: one["line"] or 0)
    return ListImport(added, updated, len(planned) - added - updated, left_out, rows=planned)


def _left_out(line: int | None, item: str, field: str, reason: str) -> dict[str, Any]:
    return {"line": line, "item": item[:100], "field": field, "reason": reason}


def _checked(entry: Entry, labels: Mapping[str, Label], default: str) -> Row:
    """The entry with values that can be stored. Refuses the first that cannot."""
    name = checked_name(entry.name)
    if len(entry.aliases) > MAX_ALIASES:
        raise Invalid(f"it has {len(entry.aliases)} aliases: the limit is {MAX_ALIASES}", field="aliases")
    if len(entry.identifiers) > MAX_IDENTIFIERS:
        raise Invalid(
            f"it has {len(entry.identifiers)} identifiers: the limit is {MAX_IDENTIFIERS}", field="identifiers"
        )
    aliases = {checked_name(alias, field="aliases"): language for alias, language in reversed(entry.aliases)}
    identifiers = [checked_identifier(*pair) for pair in entry.identifiers]
    description = checked_description(entry.description)
    label = labels.get(entry.label) or labels.get(entry.label.upper())
    # The classes of RDF are not the names of labels.
    if label is None and (not entry.label or entry.line is None):
        label = labels.get(default)
    if label is None and entry.label:
        raise Invalid(f"there is no label {entry.label[:80]!r}: use one of {', '.join(sorted(labels))}", field="label")
    if label is None:
        raise Invalid("it has no label: choose one for the entities without", field="label")
    entry = entry._replace(
        name=name, description=description, identifiers=tuple(identifiers), aliases=tuple(reversed(aliases.items()))
    )
    return Row(entry, label)


class _Known:
    """What the corpus, and the entries before, have of the entries of a list."""

    def __init__(self, corpus: Corpus, rows: Sequence[Row]) -> None:
        self._by_identifier = _identified(corpus, {pair for row in rows for pair in row.entry.identifiers})
        self._by_name = _named(corpus, {row.key for row in rows})
        found = {*self._by_identifier.values(), *(pk for pks in self._by_name.values() for pk in pks)}
        self._entities = Entity.objects.select_related("label").in_bulk(found)
        self._aliases: defaultdict[int, set[str]] = defaultdict(set)
        self._identifiers: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
        for pk, name in Alias.objects.filter(entity__in=found).values_list("entity_id", "name"):
            self._aliases[pk].add(name)
        for pk, *pair in Identifier.objects.filter(entity__in=found).values_list("entity_id", "scheme", "value"):
            self._identifiers[pk].add((pair[0], pair[1]))
        # Where in the list an identifier, a name or an entity was met first.
        self._first_line: dict[Any, str] = {}
        self._taken: dict[int, str] = {}

    def match(self, row: Row) -> None:
        """Say which entity it is, and what that gains. Refuses an entry that is there before, or is two entities."""
        entry = row.entry
        self._refuse_repeated(row)
        entities = {self._by_identifier[pair] for pair in entry.identifiers if pair in self._by_identifier}
        if len(entities) > 1:
            numbers = ", ".join(map(str, sorted(entities)))
            raise Conflict(f"its identifiers are those of the entities {numbers}: merge these, or correct the entry")
        row.entity = self._entities[entities.pop()] if entities else self._named_so(row)
        if row.entity is None:
            row.aliases, row.identifiers, row.description = (
                list(entry.aliases),
                list(entry.identifiers),
                entry.description,
            )
            return
        pk = row.entity.pk
        if pk in self._taken:
            raise Conflict(f"it is entity {pk}, as {self._taken[pk]} is: keep one of them, with all that is known")
        self._taken[pk] = _place(entry)
        names = dict([(entry.name, ""), *entry.aliases])
        row.aliases = [pair for pair in names.items() if pair[0] not in self._aliases[pk]]
        row.identifiers = [pair for pair in entry.identifiers if pair not in self._identifiers[pk]]
        row.description = entry.description if not row.entity.description else ""
        row.revived = row.entity.state != EntityState.CONFIRMED

    def _refuse_repeated(self, row: Row) -> None:
        entry, label = row.entry, row.label
        keys: list[Any] = list(entry.identifiers) or [(row.key, label and label.pk, None)]
        if first := next((self._first_line[key] for key in keys if key in self._first_line), None):
            what = "has an identifier" if entry.identifiers else "has the name and label"
            raise Conflict(f"it {what} of {first}: keep one of them, with all that is known")
        self._first_line |= dict.fromkeys(keys, _place(entry))

    def _named_so(self, row: Row) -> Entity | None:
        schemes = {scheme for scheme, _ in row.entry.identifiers}
        assert row.label is not None
        found = [
            self._entities[pk]
            for pk in self._by_name.get(row.key, ())
            if self._entities[pk].label_id == row.label.pk
            and pk not in self._taken
            and not schemes & {scheme for scheme, _ in self._identifiers[pk]}
        ]
        if len(found) > 1 and not schemes:
            numbers = ", ".join(str(entity.pk) for entity in found[:5])
            raise Conflict(f"the entities {numbers} have this name: give it an identifier that one of them has")
        return found[0] if len(found) == 1 else None


def _place(entry: Entry) -> str:
    return f"line {entry.line}" if entry.line else entry.subject or entry.name


def _identified(corpus: Corpus, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The entities that have these identifiers; also removed ones, which keep theirs."""
    by_scheme: defaultdict[str, list[str]] = defaultdict(list)
    for scheme, value in pairs:
        by_scheme[scheme].append(value)
    found: dict[tuple[str, str], int] = {}
    for scheme, values in by_scheme.items():
        for start in range(0, len(values), _PAIRS_AT_ONCE):
            rows = Identifier.objects.filter(
                corpus=corpus, scheme=scheme, value__in=values[start : start + _PAIRS_AT_ONCE]
            )
            found |= {(scheme, value): pk for value, pk in rows.values_list("value", "entity_id")}
    return found


def _named(corpus: Corpus, keys: Collection[str]) -> dict[str, list[int]]:
    """The standing entities by the keys of their names."""
    wanted, found = list(keys), defaultdict[str, set[int]](set)
    for start in range(0, len(wanted), _PAIRS_AT_ONCE):
        rows = AliasKey.objects.filter(corpus=corpus, key__in=wanted[start : start + _PAIRS_AT_ONCE])
        rows = rows.filter(alias__entity__state__in=STANDING).exclude(alias__state=State.REJECTED)
        for key, pk in rows.values_list("key", "alias__entity_id"):
            found[key].add(pk)
    return {key: sorted(pks) for key, pks in found.items()}


# Writing. In bulk, since a list has thousands of entities.


@transaction.atomic
def _write(decision: Decision, rows: Sequence[Row]) -> None:
    known = [row.entity for row in rows if row.entity is not None]
    before = snapshots(known)
    new = [row for row in rows if row.entity is None]
    for row, entity in zip(new, Entity.objects.bulk_create(_new_entity(decision, row) for row in new), strict=True):
        row.entity = entity
        row.aliases = list(dict([(row.entry.name, ""), *row.aliases]).items())
    for entity in known:
        entity.revision += 1
    for row in rows:
        assert row.entity is not None
        row.entity.description = row.description or row.entity.description
        row.entity.state = EntityState.CONFIRMED
    Entity.objects.bulk_update(known, ["description", "state", "revision"], batch_size=1000)
    _write_names(decision.corpus_id, rows)
    entities = [row.entity for row in rows if row.entity is not None]
    after = snapshots(entities)
    EntityChange.objects.bulk_create(
        [
            EntityChange(
                decision=decision, corpus_id=decision.corpus_id, entity_id=entity.pk, verb=Verb.CREATE,
                before=before.get(entity.pk), after=after[entity.pk],
            )
            for entity in entities
        ],
        batch_size=1000,
    )  # fmt: skip
    notify_changed(decision)


def _new_entity(decision: Decision, row: Row) -> Entity:
    return Entity(
        corpus_id=decision.corpus_id, name=row.entry.name, label=row.label, description=row.description,
        state=EntityState.CONFIRMED,
    )  # fmt: skip


def _write_names(corpus_id: int, rows: Sequence[Row]) -> None:
    aliases = [
        Alias(
            corpus_id=corpus_id, entity=row.entity, name=name, language=language, script=script_of(name),
            origin=Alias.Origin.IMPORT, state=State.CONFIRMED,
        )
        for row in rows
        for name, language in row.aliases
    ]  # fmt: skip
    labels = {row.entity.pk: row.entity.label.name for row in rows if row.entity is not None}
    add_keys(Alias.objects.bulk_create(aliases, batch_size=2000), labels)
    identifiers = [
        Identifier(corpus_id=corpus_id, entity=row.entity, scheme=scheme, value=value)
        for row in rows
        for scheme, value in row.identifiers
    ]
    Identifier.objects.bulk_create(identifiers, batch_size=2000)
