"""The result of a decision on links and entities, and its idempotency key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from annotations.entities.models import Entity, EntityChange, Link, LinkChange
from annotations.review.actions.decisions import DecisionResult, run_once
from annotations.review.models import Decision

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

Row = TypeVar("Row")
# Links that a result names; a merge may change any number.
MAX_LINKS = 1000


@dataclass(frozen=True)
class EntityResult:
    """A decision with the entities and links that it changed, as they are now, in the order of the log.

    `links` are at most MAX_LINKS; `applied` counts all changes of spans, links and entities, without side effects.
    """

    decision: Decision
    entities: Sequence[Entity]
    links: Sequence[Link]
    left_out: Sequence[dict[str, Any]]
    applied: int
    repeated: bool = False


_ENTITIES = Entity.objects.select_related("corpus", "label", "pipeline").prefetch_related("identifiers")


def once(user: "User", client_key: str | None, request: bytes, action: Callable[[], Decision]) -> EntityResult:
    """Run `action` in a transaction, or return the decision that this key already made."""
    return result_of(run_once(user, client_key, request, lambda: _result(action())))


def _result(decision: Decision) -> DecisionResult:
    return DecisionResult(decision, left_out=decision.left_out)


def result_of(result: DecisionResult) -> EntityResult:
    """The result with what the log says that the decision changed."""
    decision = result.decision
    entity_ids = EntityChange.objects.filter(decision=decision).order_by("implicit", "id")
    entities = _in_order(
        list(dict.fromkeys(entity_ids.values_list("entity_id", flat=True))),
        {row.pk: row for row in _ENTITIES.filter(pk__in=entity_ids.values("entity_id"))},
    )
    changes = LinkChange.objects.filter(decision=decision)
    link_ids = list(changes.order_by("implicit", "id").values_list("link_id", flat=True)[:MAX_LINKS])
    rows = Link.objects.filter(pk__in=link_ids).select_related("entity__label", "pipeline")
    links = _in_order(list(dict.fromkeys(link_ids)), {row.pk: row for row in rows})
    of_entities = EntityChange.objects.filter(decision=decision, implicit=False).count()
    applied = of_entities + changes.filter(implicit=False).count()
    return EntityResult(decision, entities, links, result.left_out, applied, result.repeated)


def _in_order(ids: Sequence[int], rows: Mapping[int, Row]) -> list[Row]:
    return [rows[pk] for pk in ids if pk in rows]
