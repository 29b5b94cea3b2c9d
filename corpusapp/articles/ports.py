"""The one port of this app: what follows a new corpus, an import, or what becomes of articles, in its transaction.

`articles` knows nothing of spans. Whoever does registers a follower in `AppConfig.ready`; they are called in the order
in which they registered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpusapp.intake.draft import Draft

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
    from corpusapp.articles.models import Corpus, ImportBatch


@dataclass(frozen=True)
class Imported:
    """An article that was just stored, the draft that it was made from, and whether it comes in as reviewed."""

    article_id: int
    draft: Draft
    done: bool = False


@dataclass(frozen=True)
class Holding:
    """Things that hold words of articles that are to be erased, and whether they go with them."""

    what: str
    count: int
    goes: bool = True


class Subscriber:
    """Does nothing; a follower overrides what it cares for."""

    def corpus_created(self, *, corpus: "Corpus") -> None:
        """The corpus was made in this transaction."""

    def check(self, *, corpus: "Corpus", drafts: Sequence[Draft], add_labels: bool) -> Mapping[int, tuple[str, str]]:
        """Why some drafts must be refused: (field, reason) by position in `drafts`. Called before any is stored."""
        return {}

    def stored(self, *, corpus_id: int, article_ids: Sequence[int], user: "User | None") -> None:
        """These articles and their zones were stored in this transaction; nothing has been made of them yet."""

    def imported(self, *, batch: "ImportBatch", articles: Sequence[Imported], suggest: bool) -> None:
        """These articles were stored in this transaction."""

    def settled(self, *, batch: "ImportBatch", articles: Sequence[Imported]) -> None:
        """All subscribers have taken up what these articles, stored in this transaction, brought along."""

    def zones_changed(self, *, user: "User", article_id: int) -> None:
        """The zones of an article changed in this transaction."""

    def withdrawn(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These articles were hidden in this transaction."""

    def restored(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These articles, hidden until now, are shown again from this transaction on."""

    def holds(self, *, corpus: "Corpus", article_ids: Sequence[int]) -> Sequence[Holding]:
        """What would go with these articles, and what would stay, were they erased."""
        return ()

    def erasing(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These articles are erased in this transaction: whatever else holds words of theirs has to go now."""

    def erased(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """Nothing is left of these articles from this transaction on."""

    def corpus_withdrawn(self, *, user: "User", corpus: "Corpus") -> None:
        """The corpus was hidden in this transaction, with all that is in it."""

    def corpus_restored(self, *, user: "User", corpus: "Corpus") -> None:
        """The corpus, hidden until now, is shown again from this transaction on: what waited in it goes on."""

    def corpus_erased(self, *, user: "User", corpus: "Corpus") -> None:
        """All articles of the corpus are erased, and it itself: what of it is not of one article has to go now."""


_subscribers: list[Subscriber] = []


def register(follower: Subscriber) -> None:
    """Add a follower; a second one of the same class is refused."""
    if any(type(known) is type(follower) for known in _subscribers):
        raise ValueError(f"{type(follower).__qualname__} follows already")
    _subscribers.append(follower)


def subscribers() -> tuple[Subscriber, ...]:
    return tuple(_subscribers)
