"""The one port of this app: what follows a decision, inside its transaction.

`review` knows nothing of what is learned from decisions. Whoever does registers a follower in `AppConfig.ready`; they
are called in the order in which they registered.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from annotations.review.models import Change, Decision, Review


class DecisionFollower:
    """Does nothing; a follower overrides what it cares for."""

    def decided(self, *, decision: "Decision", changes: "Sequence[Change]") -> None:
        """A stroke and its changes were stored in this transaction; undone, redone and imported ones as well.

        The changes may lie in several articles, and then the decision names none. The articles' locks are held: what
        takes long is deferred to a job. An import makes a decision for each article that brought decided spans.
        """

    def staged(self, *, review: "Review") -> None:
        """An article was finished or reopened in this transaction."""


_followers: list[DecisionFollower] = []


def register(follower: DecisionFollower) -> None:
    """Add a follower; a second one of the same class is refused."""
    if any(type(known) is type(follower) for known in _followers):
        raise ValueError(f"{type(follower).__qualname__} follows already")
    _followers.append(follower)


def followers() -> tuple[DecisionFollower, ...]:
    return tuple(_followers)


def tell(decision: "Decision", changes: "Sequence[Change]") -> None:
    """Tell all followers of a stroke, where it changed anything."""
    if changes:
        for follower in _followers:
            follower.decided(decision=decision, changes=changes)


def tell_staged(review: "Review") -> None:
    for follower in _followers:
        follower.staged(review=review)
