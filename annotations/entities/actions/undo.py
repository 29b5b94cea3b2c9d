"""Restore what a decision changed of links and entities, as far as it still is as the decision left it."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.entities.actions.registry import (
    LinkColumns,
    RegistryChanges,
    add_keys,
    distinct_from,
    identifiers,
    link_columns,
    lock_registry,
)
from annotations.entities.models import (
    STANDING,
    Alias,
    Distinct,
    Entity,
    EntityChange,
    EntityState,
    Identifier,
    Link,
    LinkChange,
)
from annotations.review.models import Decision, Span, State, Verb

_SIDE = ("entity", "state", "score", "pipeline", "revision")


class RegistryUndo:
    """What is left to restore of a decision, under the registry lock. See `annotations.review.ports.UndoPart`."""

    def __init__(self, decision: Decision) -> None:
        lock_registry(decision.corpus_id)
        self.decision = decision
        self.verb = Verb.REDO if decision.verb == Verb.UNDO else Verb.UNDO
        self.left_out: Sequence[dict[str, Any]] = []
        self.entity_changes = list(EntityChange.objects.filter(decision=decision).order_by("id"))
        self.entities = {
            row.pk: row
            for row in Entity.objects.filter(pk__in=[c.entity_id for c in self.entity_changes]).select_related("label")
        }
        changes = list(LinkChange.objects.filter(decision=decision).order_by("id"))
        self.rows = {link.pk: link for link in Link.objects.filter(pk__in=[c.link_id for c in changes])}
        self.link_changes = [change for change in changes if self._stands(change)]
        self.count = sum(not change.implicit for change in self.link_changes)
        self.count += sum(not change.implicit for change in self.entity_changes)

    def _stands(self, change: LinkChange) -> bool:
        """Whether a link is as the decision left it; one that is not is left out."""
        link, after, before = self.rows.get(change.link_id), _side(change, "after"), _side(change, "before")
        reason = None
        if link is None:
            reason = f"link {change.link_id} is gone with its span" if after is not None else None
        elif after is None or link_columns(link) != after:
            reason = f"link {change.link_id} has changed"
        if reason:
            self.left_out = [*self.left_out, {"article": change.article_id, "span": change.span_id, "reason": reason}]
            return False
        return link is not None or before is not None

    def apply(self, *, decision: Decision) -> None:
        """Restore it, as part of this new decision."""
        changes = RegistryChanges(decision.corpus_id)
        for change in self.entity_changes:
            if (entity := self.entities.get(change.entity_id)) is not None:
                changes.touch(entity, self.verb, implicit=change.implicit)
        # Names are restored before links use them; entities that nothing is linked to any more are removed after that.
        for change in self.entity_changes:
            if change.before is not None and (entity := self.entities.get(change.entity_id)) is not None:
                _restore(entity, change.before, change.after or {}, decision)
        # Rejected first, so that a span never has two.
        for one in sorted(self.link_changes, key=lambda change: _is_kept(_side(change, "before"))):
            self._restore_link(changes, one)
        changes.write_links(decision)
        for change in self.entity_changes:
            entity = self.entities.get(change.entity_id)
            if change.before is None and entity is not None:
                entity.refresh_from_db(fields=["confirmed"])
                if not entity.confirmed and entity.state in STANDING:
                    # What a machine linked to it has a mark by now, and is linked again.
                    Link.objects.filter(entity=entity, state=State.SUGGESTED).delete()
                    entity.state = EntityState.REMOVED
        changes.write(decision)

    def _restore_link(self, changes: RegistryChanges, change: LinkChange) -> None:
        before, link = _side(change, "before"), self.rows[change.link_id]
        if before is None:
            # A link is never deleted while its span stands: its revisions go on.
            changes.change_link(link, self.verb, implicit=change.implicit, state=State.REJECTED, **_place(link))
            return
        values: dict[str, Any] = {
            "entity_id": before.entity, "state": before.state, "score": before.score, "pipeline_id": before.pipeline,
        }  # fmt: skip
        if before.entity != link.entity_id and link.alias_id is not None:
            name = Alias.objects.filter(pk=link.alias_id).values_list("name", flat=True).first()
            values["alias"] = Alias.objects.filter(entity=before.entity, name=name).first()
        changes.change_link(link, self.verb, implicit=change.implicit, **values)


def _is_kept(columns: LinkColumns | None) -> bool:
    return columns is not None and columns.state != State.REJECTED


def _place(link: Link) -> dict[str, Any]:
    span = Span.objects.filter(pk=link.span_id).first() if link.span_id else None
    return {"start": span.start, "end": span.end} if span else {}


def _side(change: LinkChange, side: str) -> LinkColumns | None:
    values = [getattr(change, f"{side}_{name}") for name in _SIDE]
    return LinkColumns(*values) if values[-1] is not None else None


def _restore(entity: Entity, before: Mapping[str, Any], after: Mapping[str, Any], decision: Decision) -> None:
    """Give the entity back what it had before, where it still is as the decision left it."""
    for name, column in (("name", "name"), ("label", "label_id"), ("description", "description")):
        if getattr(entity, column) == after.get(name):
            setattr(entity, column, before[name])
    if (entity.state, entity.merged_into_id) == (after.get("state"), after.get("merged_into")):
        entity.state, entity.merged_into_id = before["state"], before["merged_into"]
    _restore_aliases(entity, before["aliases"], after.get("aliases", []))
    for scheme, value in _gained(after.get("identifiers", []), before["identifiers"]):
        Identifier.objects.filter(entity=entity, scheme=scheme, value=value).delete()
    for scheme, value in _gained(before["identifiers"], identifiers(entity)):
        if not Identifier.objects.filter(corpus=entity.corpus_id, scheme=scheme, value=value).exists():
            Identifier.objects.create(corpus_id=entity.corpus_id, entity=entity, scheme=scheme, value=value)
    for other in set(after.get("distinct", [])) - set(before.get("distinct", [])):
        first, second = sorted((entity.pk, other))
        Distinct.objects.filter(first=first, second=second).delete()
    for other in set(before.get("distinct", [])) - set(distinct_from(entity.pk)):
        first, second = sorted((entity.pk, other))
        Distinct.objects.get_or_create(
            first_id=first, second_id=second, defaults={"corpus_id": entity.corpus_id, "decision": decision}
        )


def _restore_aliases(entity: Entity, before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> None:
    former, left = {row[0]: row for row in before}, {row[0]: row for row in after}
    for alias in Alias.objects.filter(entity=entity):
        if alias.name in former and former[alias.name] != left.get(alias.name):
            alias.state = former[alias.name][-1]
            alias.save(update_fields=["state"])
        elif alias.name not in former and alias.name in left:
            alias.state = State.REJECTED if alias.mentions else alias.state
            alias.delete() if not alias.mentions else alias.save(update_fields=["state"])
    known = set(Alias.objects.filter(entity=entity).values_list("name", flat=True))
    rows = [
        Alias(
            corpus_id=entity.corpus_id, entity=entity, name=name, language=language, script=script, origin=origin,
            state=state,
        )
        for name, language, script, origin, state in before
        if name not in known
    ]  # fmt: skip
    add_keys(Alias.objects.bulk_create(rows), {entity.pk: entity.label.name})


def _gained(now: Sequence[Sequence[str]], then: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    known = {tuple(row) for row in then}
    return [(scheme, value) for scheme, value in now if (scheme, value) not in known]
