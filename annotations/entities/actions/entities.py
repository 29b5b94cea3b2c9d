"""Create and edit entities, their aliases and identifiers."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from annotations.entities.actions.links import require_label
from annotations.entities.actions.registry import (
    RegistryChanges,
    checked_description,
    checked_name,
    lock_registry,
    require_entities,
)
from annotations.entities.actions.results import EntityResult, once
from annotations.entities.models import MAX_SCHEME, MAX_VALUE, Alias, Entity, Identifier
from annotations.review.actions.recording import record_all
from annotations.review.models import Decision, State, Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.core.idempotency import digest
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

Identifiers = Sequence[tuple[str, str]]


def create_entity(
    *,
    user: "User",
    corpus: Corpus,
    name: str,
    label: str,
    description: str = "",
    identifiers: Identifiers = (),
    aliases: Sequence[str] = (),
    client_key: str | None = None,
) -> EntityResult:
    """Create an entity, confirmed, with its name and `aliases`.

    Refuses: `Invalid` (name, description, identifiers), `NotFound` (label), `Conflict` (an identifier of another
    entity), `NotAllowed`. A repeated `client_key` returns the first decision.
    """
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    name, description = checked_name(name), checked_description(description)
    names = [checked_name(alias, field=f"aliases[{number}]") for number, alias in enumerate(aliases)]
    pairs = [checked_identifier(*pair, field=f"identifiers[{number}]") for number, pair in enumerate(identifiers)]
    found = require_label(corpus, label)
    request = digest("create entity", corpus.pk, name, label, description, pairs, names)

    def create(changes: RegistryChanges) -> None:
        entity = changes.create(name=name, label_id=found.pk, description=description)
        for alias in names:
            changes.alias(entity, alias, origin=Alias.Origin.PERSON)
        for pair in pairs:
            add_identifier(entity, *pair)

    return decide_on_entities(user, corpus, Verb.CREATE, create, client_key, request)


def edit_entity(
    *,
    user: "User",
    entity: Entity,
    revision: int | None,
    name: str | None = None,
    description: str | None = None,
    label: str | None = None,
    client_key: str | None = None,
) -> EntityResult:
    """Rename an entity, describe it, or give it another label, at the revision that the editor saw.

    The former name stays an alias. Refuses: `Invalid`, `NotFound`, `RevisionMissing`, `Stale`, `Conflict` (merged,
    removed, or nothing changes), `NotAllowed`.
    """
    corpus = entity.corpus
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    name = checked_name(name) if name is not None else None
    description = checked_description(description) if description is not None else None
    found = require_label(corpus, label) if label is not None else None
    request = digest("edit entity", entity.pk, revision, name, description, label)
    verb = Verb.RENAME if name is not None else Verb.RELABEL if found is not None else Verb.DESCRIBE

    def edit(changes: RegistryChanges) -> None:
        row = changes.at_revision(entity.pk, revision)
        wanted = (name or row.name, row.description if description is None else description, found or row.label)
        if wanted == (row.name, row.description, row.label):
            raise Conflict(f"entity {row.pk} already is so: nothing to change", current=row)
        changes.touch(row, verb)
        row.name, row.description, row.label = wanted
        changes.confirm(row, verb)
        changes.alias(row, row.name, origin=Alias.Origin.PERSON)

    return decide_on_entities(user, corpus, verb, edit, client_key, request)


def add_alias(
    *, user: "User", entity: Entity, revision: int | None, name: str, language: str = "", client_key: str | None = None
) -> EntityResult:
    """Add an alias to an entity. Refuses as `edit_entity` does, and `Conflict` for an alias that it has."""
    require(user, entity.corpus, Role.EDITOR)
    require_entities(entity.corpus)
    name = checked_name(name)
    request = digest("add alias", entity.pk, revision, name, language)

    def add(changes: RegistryChanges) -> None:
        row = changes.at_revision(entity.pk, revision)
        known = Alias.objects.filter(entity=row, name=name).first()
        if known is not None and known.state == State.CONFIRMED:
            raise Conflict(f"entity {row.pk} already has the alias {name!r}", field="name", current=row)
        changes.touch(row, Verb.ALIAS)
        changes.confirm(row, Verb.ALIAS)
        changes.alias(row, name, origin=Alias.Origin.PERSON, language=language)

    return decide_on_entities(user, entity.corpus, Verb.ALIAS, add, client_key, request)


def drop_alias(
    *, user: "User", entity: Entity, revision: int | None, name: str, client_key: str | None = None
) -> EntityResult:
    """Drop an alias: no mention is linked by it any more. Refuses the entity's own name."""
    require(user, entity.corpus, Role.EDITOR)
    require_entities(entity.corpus)
    request = digest("drop alias", entity.pk, revision, name)

    def drop(changes: RegistryChanges) -> None:
        row = changes.at_revision(entity.pk, revision)
        if name == row.name:
            raise Conflict(f"{name!r} is the name of entity {row.pk}: rename it first", field="name", current=row)
        alias = Alias.objects.filter(entity=row, name=name).exclude(state=State.REJECTED).first()
        if alias is None:
            raise NotFound(f"entity {row.pk} has no alias {name[:80]!r}", field="name")
        changes.touch(row, Verb.ALIAS)
        changes.confirm(row, Verb.ALIAS)
        alias.state = State.REJECTED
        alias.save(update_fields=["state"])

    return decide_on_entities(user, entity.corpus, Verb.ALIAS, drop, client_key, request)


def identify(
    *,
    user: "User",
    entity: Entity,
    revision: int | None,
    add: Identifiers = (),
    drop: Identifiers = (),
    client_key: str | None = None,
) -> EntityResult:
    """Add and drop identifiers of an entity. Refuses an identifier that another entity of the corpus has."""
    require(user, entity.corpus, Role.EDITOR)
    require_entities(entity.corpus)
    if not add and not drop:
        raise Invalid("no identifiers given: add or drop at least one", field="identifiers")
    pairs = [checked_identifier(*pair, field=f"identifiers[{number}]") for number, pair in enumerate(add)]
    request = digest("identify", entity.pk, revision, pairs, [list(pair) for pair in drop])

    def change(changes: RegistryChanges) -> None:
        row = changes.touch(changes.at_revision(entity.pk, revision), Verb.IDENTIFY)
        changes.confirm(row, Verb.IDENTIFY)
        for scheme, value in drop:
            if not Identifier.objects.filter(entity=row, scheme=scheme, value=value).delete()[0]:
                raise NotFound(f"entity {row.pk} has no identifier {scheme[:60]}:{value[:80]}", field="identifiers")
        for pair in pairs:
            add_identifier(row, *pair)

    return decide_on_entities(user, entity.corpus, Verb.IDENTIFY, change, client_key, request)


def checked_identifier(scheme: str, value: str, *, field: str = "identifiers") -> tuple[str, str]:
    """The identifier. Refuses empty and too long ones, white space and control characters."""
    for name, text, limit in (("scheme", scheme, MAX_SCHEME), ("value", value, MAX_VALUE)):
        if not text:
            raise Invalid(f"the {name} of an identifier is empty", field=f"{field}.{name}")
        if len(text) > limit:
            raise Invalid(
                f"the {name} of an identifier has {len(text)} characters: the limit is {limit}", field=f"{field}.{name}"
            )
        if not text.isprintable() or any(character.isspace() for character in text) or fault(text):
            raise Invalid(
                f"the {name} of an identifier has white space or a control character", field=f"{field}.{name}"
            )
    if any(character in "<>\"'`" for character in scheme + value):
        raise Invalid("an identifier has quotes or angle brackets: remove them", field=field)
    return scheme, value


def add_identifier(entity: Entity, scheme: str, value: str) -> None:
    """Give the entity an identifier, unless it has it. Refuses one that another entity has (`Conflict`)."""
    known = Identifier.objects.filter(corpus=entity.corpus_id, scheme=scheme, value=value).first()
    if known is not None and known.entity_id != entity.pk:
        raise Conflict(
            f"{scheme}:{value} is the identifier of entity {known.entity_id}: merge the two if they are one",
            field="identifiers",
            current=known.entity,
        )
    if known is None:
        Identifier.objects.create(corpus_id=entity.corpus_id, entity=entity, scheme=scheme, value=value)


def decide_on_entities(
    user: "User",
    corpus: Corpus,
    verb: Verb,
    action: Callable[[RegistryChanges], None],
    client_key: str | None,
    request: bytes,
) -> EntityResult:
    """Run an action on entities alone under the registry lock, and record it."""

    def run() -> Decision:
        lock_registry(corpus.pk)
        changes = RegistryChanges(corpus.pk)
        action(changes)
        decision = record_all(user, corpus.pk, verb, [], client_key=client_key, request_sha256=request)
        changes.write(decision)
        return decision

    return once(user, client_key, request, run)
