"""Notifies other apps of decisions, stages and labels, inside the transaction that changes them.

Apps register a subscriber in `AppConfig.ready`. Subscribers are called in the order of registration.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from annotations.review.models import Decision, Label, Review
    from corpusapp.accounts.models import User


class ChangedSpan(NamedTuple):
    """A span that a decision changed, in the order of the log; `implicit` for a side effect."""

    article_id: int
    span_id: int
    verb: str
    implicit: bool


class DecisionSubscriber:
    """Base class whose methods do nothing: a subscriber overrides the ones it needs."""

    def decided(self, *, decision: "Decision", changes: "Sequence[ChangedSpan]") -> None:
        """A decision with its changes was stored in this transaction; undo and redo are decisions too.

        If the changes are in several articles, the decision names none. `decision.started` are the articles that it put
        in review. The articles are locked: defer slow work to a job.
        """

    def imported(self, *, corpus_id: int, decisions: "Mapping[int, int]") -> None:
        """An import stored these decisions, given by article. Their changes are too many to pass along."""

    def staged(self, *, review: "Review") -> None:
        """An article was finished or reopened in this transaction."""

    def stage_moved(self, *, corpus_id: int, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
        """The stage of these articles changed in this transaction; `user` is None if no person changed it.

        Not called for articles that a decision put in review: `decided` is.
        """

    def labels_changed(self, *, labels: "Sequence[Label]", user: "User | None") -> None:
        """These labels were added or edited in this transaction; not called for the default labels of a new corpus."""

    def label_set_changed(self, *, corpus_id: int) -> None:
        """Labels were added, renamed, hidden, shown or merged in this transaction: other spans may be suggested."""


_subscribers: list[DecisionSubscriber] = []


def register(subscriber: DecisionSubscriber) -> None:
    """Add a subscriber. Raises ValueError for a second one of the same class."""
    if any(type(known) is type(subscriber) for known in _subscribers):
        raise ValueError(f"{type(subscriber).__qualname__} is already registered")
    _subscribers.append(subscriber)


def subscribers() -> tuple[DecisionSubscriber, ...]:
    return tuple(_subscribers)


def notify_decided(decision: "Decision", changes: "Sequence[ChangedSpan]") -> None:
    """Notify subscribers of a decision that changed at least one span, or put an article in review."""
    if changes or decision.started:
        for subscriber in _subscribers:
            subscriber.decided(decision=decision, changes=changes)


def notify_imported(corpus_id: int, decisions: "Mapping[int, int]") -> None:
    for subscriber in _subscribers if decisions else ():
        subscriber.imported(corpus_id=corpus_id, decisions=decisions)


def notify_staged(review: "Review") -> None:
    for subscriber in _subscribers:
        subscriber.staged(review=review)


def notify_stage_moved(corpus_id: int, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
    for subscriber in _subscribers if article_ids else ():
        subscriber.stage_moved(corpus_id=corpus_id, article_ids=article_ids, stage=stage, user=user)


def notify_labels_changed(labels: "Sequence[Label]", user: "User | None") -> None:
    for subscriber in _subscribers if labels else ():
        subscriber.labels_changed(labels=labels, user=user)


def notify_label_set_changed(corpus_id: int) -> None:
    for subscriber in _subscribers:
        subscriber.label_set_changed(corpus_id=corpus_id)
