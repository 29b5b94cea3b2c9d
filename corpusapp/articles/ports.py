"""Events of corpora and articles, for other apps: subscribers are called within the transaction of the change.

`articles` does not know spans. Apps register a `Subscriber` in `AppConfig.ready`; they are called in that order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from corpusapp.intake.draft import Draft

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
    from corpusapp.articles.models import Corpus, ImportBatch


@dataclass(frozen=True)
class Imported:
    """A stored article with its draft; `done`: it is imported as done."""

    article_id: int
    draft: Draft
    done: bool = False


@dataclass(frozen=True)
class Holding:
    """A number of things with text of articles to be erased; `goes`: they are deleted, else kept."""

    what: str
    count: int
    goes: bool = True


@dataclass(frozen=True)
class NewLabel:
    """A label of a corpus to be created."""

    name: str
    definition: str = ""


@dataclass(frozen=True)
class LabelSet:
    """Labels, by their names, that a new corpus may begin with. `key` names the set."""

    key: str
    title: str
    labels: Sequence[str]


class Subscriber:
    """Base class; a subscriber overrides the events that it needs."""

    def label_sets(self) -> Sequence[LabelSet]:
        """The label sets that a new corpus may begin with, the default first."""
        return ()

    def label_faults(self, labels: Sequence[NewLabel]) -> Mapping[int, str]:
        """Reasons to refuse labels of a new corpus, by their positions."""
        return {}

    def corpus_created(self, *, corpus: "Corpus", label_set: str, labels: Sequence[NewLabel]) -> None:
        """The corpus was created, with these labels, or with those of a set; "" is the default set."""

    def entities_turned_on(self, *, corpus: "Corpus") -> None:
        """The names of the corpus are to be linked to entities, which they were not."""

    def last_decisions(self, *, corpus: "Corpus") -> Mapping[int, datetime]:
        """The time of each member's last decision in the corpus, by the id of the user."""
        return {}

    def check(self, *, corpus: "Corpus", drafts: Sequence[Draft], add_labels: bool) -> Mapping[int, tuple[str, str]]:
        """Reasons to refuse drafts: (field, reason) by position in `drafts`. Called before any is stored."""
        return {}

    def stored(self, *, corpus_id: int, article_ids: Sequence[int], user: "User | None") -> None:
        """These articles and their zones were stored; called before `imported`."""

    def imported(self, *, batch: "ImportBatch", articles: Sequence[Imported], suggest: bool) -> None:
        """These articles were imported: their spans and reviews are to be created, and suggestions queued."""

    def settled(self, *, batch: "ImportBatch", articles: Sequence[Imported]) -> None:
        """All subscribers have processed `imported` for these articles."""

    def import_ended(self, *, batch: "ImportBatch") -> None:
        """The import ended, whether all was imported or not, or an item of it was imported by a retry."""

    def zones_changed(self, *, user: "User", article_id: int) -> None:
        """The zones of an article changed."""

    def metadata_changed(self, *, user: "User", corpus_id: int, article_ids: Sequence[int]) -> None:
        """The metadata of these articles changed, such as titles; their texts and zones did not."""

    def withdrawn(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These articles were withdrawn."""

    def restored(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These withdrawn articles were restored."""

    def holds(self, *, corpus: "Corpus", article_ids: Sequence[int]) -> Sequence[Holding]:
        """What erasing these articles would delete, and what it would keep."""
        return ()

    def erasing(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These articles are about to be erased: everything else with their text must be deleted now."""

    def erased(self, *, user: "User", corpus: "Corpus", article_ids: Sequence[int]) -> None:
        """These articles were erased."""

    def corpus_withdrawn(self, *, user: "User", corpus: "Corpus") -> None:
        """The corpus was withdrawn with everything in it."""

    def corpus_restored(self, *, user: "User", corpus: "Corpus") -> None:
        """The withdrawn corpus was restored: its waiting jobs continue."""

    def corpus_erased(self, *, user: "User", corpus: "Corpus") -> None:
        """The corpus and all its articles were erased: everything else of the corpus must be deleted now."""


_subscribers: list[Subscriber] = []


def register(subscriber: Subscriber) -> None:
    """Add a subscriber; raises `ValueError` for a second one of the same class."""
    if any(type(known) is type(subscriber) for known in _subscribers):
        raise ValueError(f"{type(subscriber).__qualname__} follows already")
    _subscribers.append(subscriber)


def subscribers() -> tuple[Subscriber, ...]:
    return tuple(_subscribers)


def label_sets() -> list[LabelSet]:
    return [found for subscriber in _subscribers for found in subscriber.label_sets()]


def label_faults(labels: Sequence[NewLabel]) -> dict[int, str]:
    """Reasons to refuse labels of a new corpus, by their positions."""
    return {at: reason for subscriber in _subscribers for at, reason in subscriber.label_faults(labels).items()}
