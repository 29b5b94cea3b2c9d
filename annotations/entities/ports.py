"""Notifies other apps of decisions on links and entities, inside the transaction that makes them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from annotations.review.models import Decision


class RegistrySubscriber:
    """Base class whose methods do nothing: a subscriber overrides the ones it needs."""

    def registry_changed(self, *, decision: "Decision") -> None:
        """A decision with its changes of links and entities was stored in this transaction; undo is one too."""

    def registry_imported(self, *, corpus_id: int, decision_ids: "Sequence[int]") -> None:
        """An import stored links and entities as part of these decisions, in this transaction."""


_subscribers: list[RegistrySubscriber] = []


def register(subscriber: RegistrySubscriber) -> None:
    """Add a subscriber. Raises ValueError for a second one of the same class."""
    if any(type(known) is type(subscriber) for known in _subscribers):
        raise ValueError(f"{type(subscriber).__qualname__} is already registered")
    _subscribers.append(subscriber)


def notify_changed(decision: "Decision") -> None:
    for subscriber in _subscribers:
        subscriber.registry_changed(decision=decision)


def notify_imported(corpus_id: int, decision_ids: "Sequence[int]") -> None:
    for subscriber in _subscribers if decision_ids else ():
        subscriber.registry_imported(corpus_id=corpus_id, decision_ids=decision_ids)
