"""The history of an entity in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import pluralize

from annotations.entities.models import EntityChange, EntityState
from annotations.review.actions.undo import NOT_UNDONE
from annotations.review.models import Label, State, Verb

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Names that one sentence lists, and characters of a description.
_LISTED, _QUOTED = 5, 80
_WITHOUT = {Verb.UNDO: "undid", Verb.REDO: "redid"}


@dataclass(frozen=True)
class Step:
    """A change of an entity: what it did, in sentences, and whether the user can undo its decision."""

    change: EntityChange
    said: Sequence[str]
    undoable: bool


def steps(changes: Iterable[EntityChange], user: "User", *, manages: bool) -> list[Step]:
    """The changes in words. Labels are read once. Who manages the corpus can undo everybody's decisions."""
    rows = list(changes)
    ids = {side["label"] for row in rows for side in (row.before, row.after) if side}
    labels = dict(Label.objects.filter(pk__in=ids).values_list("pk", "name")) if rows else {}
    return [Step(row, list(_said(row, labels)), _undoable(row, user, manages)) for row in rows]


def _undoable(change: EntityChange, user: "User", manages: bool) -> bool:
    decision = change.decision
    undone = getattr(decision, "undone_by", None) is not None
    return (manages or decision.user_id == user.pk) and not undone and decision.verb not in NOT_UNDONE


def _said(change: EntityChange, labels: Mapping[int, str]) -> Iterator[str]:
    before, after = change.before or {}, change.after or {}
    verb = Verb(change.verb)
    if not before:
        yield f"created “{after['name']}” ({labels.get(after['label'], '?')})"
        return
    sentences = list(_differences(before, after, labels))
    start = f"{_WITHOUT[verb]}: " if verb in _WITHOUT else ""
    if not sentences:
        sentences = ["its mentions changed" if verb in (Verb.MERGE, Verb.SPLIT, *_WITHOUT) else verb.label]
    yield from (f"{start}{sentence}" for sentence in sentences)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[int, str]) -> Iterator[str]:
    if before["name"] != after["name"]:
        yield f"renamed “{before['name']}” to “{after['name']}”"
    if before["label"] != after["label"]:
        yield f"label {labels.get(before['label'], '?')} → {labels.get(after['label'], '?')}"
    if before["description"] != after["description"]:
        yield f"described: “{_short(after['description'])}”" if after["description"] else "removed the description"
    if before["state"] != after["state"]:
        yield from _states(before, after)
    elif before["merged_into"] != after["merged_into"] and after["merged_into"]:
        yield f"is now part of entity {after['merged_into']}"
    former, now = _names(before), _names(after)
    if gained := [name for name in now if name not in former]:
        yield f"gained the {_listed(gained, 'name')}"
    if lost := [name for name in former if name not in now]:
        yield f"lost the {_listed(lost, 'name')}"
    pairs = [{f"{scheme} {value}" for scheme, value in side["identifiers"]} for side in (before, after)]
    if added := sorted(pairs[1] - pairs[0]):
        yield f"gained the {_listed(added, 'identifier')}"
    if dropped := sorted(pairs[0] - pairs[1]):
        yield f"lost the {_listed(dropped, 'identifier')}"
    for entity in sorted(set(after.get("distinct", [])) - set(before.get("distinct", []))):
        yield f"is different from entity {entity}"
    for entity in sorted(set(before.get("distinct", [])) - set(after.get("distinct", []))):
        yield f"may be entity {entity} again"


def _states(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if after["state"] == EntityState.MERGED:
        yield f"merged into entity {after['merged_into']}"
    elif before["state"] == EntityState.MERGED:
        yield "separated again"
    elif after["state"] == EntityState.REMOVED:
        yield "removed"
    elif before["state"] == EntityState.REMOVED:
        yield "restored"
    else:
        yield str(after["state"])


def _names(side: Mapping[str, Any]) -> list[str]:
    return [name for name, *_, state in side["aliases"] if state != State.REJECTED]


def _listed(items: Sequence[str], noun: str) -> str:
    more = f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return f"{noun}{pluralize(len(items))} {', '.join(f'“{item}”' for item in items[:_LISTED])}{more}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else f"{line[: _QUOTED - 1]}…"
