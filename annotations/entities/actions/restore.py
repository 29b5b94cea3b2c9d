"""What an undo restores of an entity: each part of it that is still as the decision left it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.entities.actions.registry import RegistryChanges, add_keys, forget_alias, label_name
from annotations.entities.actions.snapshots import snapshot
from annotations.entities.models import (
    STANDING,
    Alias,
    Distinct,
    Entity,
    EntityChange,
    EntityState,
    Identifier,
    Link,
)
from annotations.review.models import Decision, State, Verb

_COLUMNS = {"name": "name", "label": "label_id", "description": "description"}
_REMOVED: dict[str, Any] = {"state": EntityState.REMOVED.value, "merged_into": None, "aliases": [], "identifiers": []}


@dataclass
class EntityRestore:
    """How an entity gets back what it had before a change; `reasons` say what cannot be restored.

    `before` is what it had: an entity that the decision created is removed.
    """

    entity: Entity
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    implicit: bool
    created: bool
    # What is restored of name, label and description, and whether state and merged_into are.
    columns: dict[str, Any] = field(default_factory=dict)
    state: bool = False
    reasons: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, change: EntityChange, entity: Entity) -> "EntityRestore":
        created = change.before is None
        after = change.after or {}
        plan = cls(entity, {**after, **_REMOVED} if created else change.before or {}, after, change.implicit, created)
        plan._compare(snapshot(entity))
        return plan

    @property
    def restores(self) -> bool:
        """Whether anything is restored."""
        if self.created:
            return self.state
        parts = ("aliases", "identifiers", "distinct")
        return bool(self.columns) or self.state or any(self.before[part] != self.after.get(part) for part in parts)

    def _compare(self, now: Mapping[str, Any]) -> None:
        number = self.entity.pk
        for name, column in _COLUMNS.items():
            if now[name] != self.after[name] and (self.created or self.before[name] != self.after[name]):
                self.reasons.append(f"entity {number} has another {name} by now")
            elif self.before[name] != self.after[name]:
                self.columns[column] = self.before[name]
        if self.created and now["identifiers"] != self.after["identifiers"]:
            self.reasons.append(f"entity {number} has other identifiers by now")
        if _state(self.before) == _state(self.after):
            return
        if _state(now) != _state(self.after):
            self.reasons.append(_what_became_of(self.entity))
        self.state = not self.reasons if self.created else _state(now) == _state(self.after)

    @property
    def stands(self) -> bool:
        """Whether spans can be linked to the entity after the undo."""
        return (self.before["state"] if self.state else self.entity.state) in STANDING

    def check_state(self, standing: Collection[int], left: Collection[int]) -> None:
        """Leave the state as it is where it would be wrong.

        `standing` are the entities that stand after the undo, and `left` those with confirmed mentions that it leaves.
        """
        target = self.before["merged_into"]
        if not self.state:
            return
        reason = None
        if self.before["state"] == EntityState.REMOVED and self.entity.pk in left:
            reason = f"entity {self.entity.pk} has confirmed mentions by now: reject them or move them first"
        elif self.before["state"] == EntityState.MERGED and self.entity.pk in left:
            reason = f"entity {self.entity.pk} has other confirmed mentions by now: merge it again"
        elif target is not None and target not in standing:
            reason = f"entity {target} was merged or removed since"
        elif target is not None and _are_distinct(self.entity.pk, target):
            reason = f"entities {self.entity.pk} and {target} were said to be different since"
        elif Entity.objects.filter(merged_into=self.entity.pk).exists() and self.before["state"] not in STANDING:
            reason = f"other entities were merged into entity {self.entity.pk}: undo that first"
        elif self.before["state"] == EntityState.SUGGESTED and self.entity.pk in left:
            # Another decision on its mentions confirms it too.
            self.state = False
        if reason:
            self.state = False
            self.reasons.append(reason)

    def take(self, changes: RegistryChanges, verb: Verb) -> None:
        """Log the entity, set its columns, and take from it what the decision gave: before others get that back."""
        changes.entities[self.entity.pk] = self.entity
        if self.implicit and self.after["revision"] == self.before["revision"]:
            changes.note(self.entity, verb)
        else:
            changes.touch(self.entity, verb, implicit=self.implicit)
        for name, value in self.columns.items():
            setattr(self.entity, name, value)
        if self.state:
            self.entity.state, self.entity.merged_into_id = self.before["state"], self.before["merged_into"]
        if self.created and not self.state:
            return
        for scheme, value in _gained(self.after["identifiers"], self.before["identifiers"]):
            Identifier.objects.filter(entity=self.entity, scheme=scheme, value=value).delete()
        for other in set(self.after["distinct"]) - set(self.before["distinct"]):
            Distinct.objects.filter(**_pair(self.entity.pk, other)).delete()

    def give(self, decision: Decision) -> None:
        """Give back the aliases and identifiers that the decision took. An identifier of another entity stays there."""
        add_keys(Alias.objects.bulk_create(self._former_aliases()), {self.entity.pk: label_name(self.entity.label)})
        for scheme, value in _gained(self.before["identifiers"], self.after["identifiers"]):
            values = {"corpus_id": self.entity.corpus_id, "scheme": scheme, "value": value}
            Identifier.objects.get_or_create(**values, defaults={"entity": self.entity})
        for other in set(self.before["distinct"]) - set(self.after["distinct"]):
            values = {"corpus_id": self.entity.corpus_id, "decision": decision}
            Distinct.objects.get_or_create(**_pair(self.entity.pk, other), defaults=values)

    def _former_aliases(self) -> list[Alias]:
        """Those that are gone, to be added; the state of others is restored."""
        known = {alias.name: alias for alias in Alias.objects.filter(entity=self.entity)}
        gone = []
        for name, language, script, origin, state in self._changed_aliases(self.before):
            if name not in known:
                gone.append(
                    Alias(
                        corpus_id=self.entity.corpus_id, entity=self.entity, name=name, language=language,
                        script=script, origin=origin, state=state,
                    )
                )  # fmt: skip
            elif _row(known[name]) in self.after["aliases"] and not self._is_confirmed(known[name], state):
                known[name].state, known[name].origin = state, origin
                known[name].save(update_fields=["state", "origin"])
        return gone

    def _changed_aliases(self, side: Mapping[str, Any]) -> Iterator[Sequence[str]]:
        other = self.after if side is self.before else self.before
        return (row for row in side["aliases"] if row not in other["aliases"])

    def _is_confirmed(self, alias: Alias, state: str) -> bool:
        """Whether an alias that would be suggested again has confirmed mentions."""
        confirmed = Link.objects.filter(alias=alias, state=State.CONFIRMED)
        return state == State.SUGGESTED and confirmed.exists()

    def forget_names(self) -> None:
        """Take the aliases that the decision gave, if nobody uses them: call it after the links are restored."""
        if self.created and not self.state:
            return
        former = {row[0] for row in self.before["aliases"]}
        gained = [row[0] for row in self._changed_aliases(self.after) if row[0] not in former]
        confirmed = Link.objects.filter(state=State.CONFIRMED).values("alias")
        unused = Alias.objects.filter(entity=self.entity, name__in=gained).exclude(name=self.entity.name)
        for alias in unused.exclude(pk__in=confirmed.filter(entity=self.entity)):
            forget_alias(alias)
        if self.created or self.entity.state not in STANDING:
            Link.objects.filter(entity=self.entity, state=State.SUGGESTED).delete()
        if self.created:
            Alias.objects.filter(entity=self.entity).delete()


def _state(side: Mapping[str, Any]) -> tuple[str, int | None]:
    return side["state"], side["merged_into"]


def _what_became_of(entity: Entity) -> str:
    if entity.state == EntityState.MERGED:
        return f"entity {entity.pk} was merged into entity {entity.merged_into_id} since"
    return f"entity {entity.pk} is {entity.state} by now"


def _pair(one: int, other: int) -> dict[str, int]:
    return {"first_id": min(one, other), "second_id": max(one, other)}


def _are_distinct(one: int, other: int) -> bool:
    return Distinct.objects.filter(**_pair(one, other)).exists()


def _row(alias: Alias) -> list[str]:
    return [alias.name, alias.language, alias.script, alias.origin, alias.state]


def _gained(now: Sequence[Sequence[str]], then: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    known = {tuple(row) for row in then}
    return [(scheme, value) for scheme, value in now if (scheme, value) not in known]
