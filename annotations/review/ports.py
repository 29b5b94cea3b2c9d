"""The one port of this app: what follows a decision, a stage or a label, inside its transaction.

`review` knows nothing of what is learned from decisions. Whoever does registers a follower in `AppConfig.ready`; they
are called in the order in which they registered.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.review.models import Change, Decision, Label, Review
    from corpusapp.accounts.models import User


class DecisionSubscriber:
    """Does nothing; a follower overrides what it cares for."""

    def decided(self, *, decision: "Decision", changes: "Sequence[Change]") -> None:
        """A decision and its changes were stored in this transaction; undone and redone ones as well.

        The changes may lie in several articles, and then the decision names none. The articles' locks are held: what
        takes long is deferred to a job.
        """

    def imported(self, *, corpus_id: int, decisions: "Mapping[int, int]") -> None:
        """An import stored these decisions, by the article that brought decided spans. Of their changes, of which there
        are very many, nothing was read.
        """

    def staged(self, *, review: "Review") -> None:
        """An article was finished or reopened in this transaction."""

    def stage_moved(self, *, corpus_id: int, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
        """These articles came to another stage in this transaction; `user` is None where a machine moved them."""

    def labels_changed(self, *, labels: "Sequence[Label]", user: "User | None") -> None:
        """These labels were made or changed in this transaction; not those that a new corpus begins with."""


_followers: list[DecisionSubscriber] = []


def register(follower: DecisionSubscriber) -> None:
    """Add a follower; a second one of the same class is refused."""
    if any(type(known) is type(follower) for known in _followers):
        raise ValueError(f"{type(follower).__qualname__} follows already")
    _followers.append(follower)


def followers() -> tuple[DecisionSubscriber, ...]:
    return tuple(_followers)


def tell(decision: "Decision", changes: "Sequence[Change]") -> None:
    """Tell all followers of a decision, where it changed anything."""
    if changes:
        for follower in _followers:
            follower.decided(decision=decision, changes=changes)


def tell_imported(corpus_id: int, decisions: "Mapping[int, int]") -> None:
    for follower in _followers if decisions else ():
        follower.imported(corpus_id=corpus_id, decisions=decisions)


def tell_staged(review: "Review") -> None:
    for follower in _followers:
        follower.staged(review=review)


def tell_stage(corpus_id: int, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
    for follower in _followers if article_ids else ():
        follower.stage_moved(corpus_id=corpus_id, article_ids=article_ids, stage=stage, user=user)


def tell_labels(labels: "Sequence[Label]", user: "User | None") -> None:
    for follower in _followers if labels else ():
        follower.labels_changed(labels=labels, user=user)
