"""Notifies other apps of decisions, stages and labels, inside the transaction that changes them.

Apps register a subscriber in `AppConfig.ready`. Subscribers are called in the order of registration.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from annotations.formats.records import EntityRecord
    from annotations.review.models import Decision, Label, Review
    from corpusapp.accounts.models import User
    from corpusapp.core.prepared import Read


class ChangedSpan(NamedTuple):
    """A span that a decision changed, in the order of the log; `implicit` for a side effect."""

    article_id: int
    span_id: int
    verb: str
    implicit: bool


class DecisionSubscriber:
    """Base class whose methods do nothing: a subscriber overrides the ones it needs."""

    def decided(self, *, decision: "Decision", changes: "Sequence[ChangedSpan]", entities: "Mapping[int, int]") -> None:
        """A decision with its changes was stored in this transaction; undo and redo are decisions too.

        If the changes are in several articles, the decision names none. `decision.started` are the articles that it put
        in review. `entities` are those that were shown with spans, by span: the decision confirms that these spans are
        these entities. `decision.carried` are those of spans that it was applied to because they are like
        another one. The articles are locked: defer slow work to a job.
        """

    def undoing(self, *, decision: "Decision") -> "UndoPart | None":
        """A decision is being undone, or an undo redone: what the subscriber has to restore of it, or None.

        Called before anything is locked.
        """

    def holds_label(self, *, label: "Label") -> bool:
        """Whether a merge of the label changes anything of the subscriber, so that it is a decision without spans."""
        return False

    def suggested(self, *, corpus_id: int, article_ids: Sequence[int]) -> None:
        """The suggestions of these articles changed in this transaction. The articles are locked."""

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


class UndoPart(Protocol):
    """What a subscriber restores when a decision is undone.

    After `prepare`: `count` things, without those `left_out` with reasons; `obstacles` are reasons why spans must stay
    decided.
    """

    count: int
    left_out: "list[dict[str, Any]]"
    obstacles: "dict[int, str]"

    @property
    def articles(self) -> "Sequence[int]":
        """Articles that must be locked for it, beside those whose spans the decision changed."""

    def prepare(self, *, undecided: "Collection[int]", changing: "Collection[int]") -> None:
        """Find what can be restored; the articles are locked, and nothing is written yet.

        `undecided` are the spans that the undo would make suggested or delete, and `changing` all those that it changes
        if nobody changed them since.
        """

    def apply(self, *, decision: "Decision") -> None:
        """Restore it, as part of this new decision."""


class ShownLink(NamedTuple):
    """The link of a span as the page of its article shows it. `mentions` are those of the entity in the corpus."""

    entity: int
    name: str
    description: str
    mentions: int
    state: str
    score: float | None
    revision: int


class ShownLinks(NamedTuple):
    """The links of an article by span, and by span in words why others have none."""

    links: "Mapping[int, ShownLink]"
    reasons: "Mapping[int, str]"


class LinkReader(Protocol):
    """Reads which entity each span is linked to. Rejected links, and those of rejected spans, are left out."""

    def read(self, article_ids: Sequence[int]) -> "Read":
        """The statement that reads the links of these articles, to be sent with others by `read_together`."""

    def of_spans(self, span_ids: Sequence[int]) -> "Mapping[int, EntityRecord]":
        """The entity of each of these spans that is linked, by span; none of corpora that link no entities."""

    def linked(self, *, entity: int | None = None, state: str = "") -> "QuerySet[Any]":
        """The links to this entity, to any if it is None, in this state, if one is given: with `span` and `article`."""

    def records(self, rows: "Iterable[tuple[Any, ...]]") -> "Mapping[int, EntityRecord]":
        """The entity of each linked span, by span, from the rows of that statement."""

    def page_reads(self, article_id: int) -> "Sequence[Read]":
        """The statements that read what the page of an article shows of links, to be sent with others."""

    def shown(self, rows: "Sequence[Iterable[tuple[Any, ...]]]") -> ShownLinks:
        """What the page shows, from the rows of these statements."""

    def mark(self, article_id: int) -> str:
        """`count-entities-revisions` of the article's links: changes whenever one of them does."""

    def changes(self) -> "QuerySet[Any]":
        """The log of links, oldest first: with `decision`, `article`, `span_id`, `verb`, `implicit`, and the columns of
        the link before and after, such as `before_entity` and `before_name`.
        """

    def confirmed_by(self, decision: "Decision") -> int:
        """How many links the decision confirmed."""


_link_readers: list[LinkReader] = []


def register_links(reader: LinkReader) -> None:
    """Register the reader of links."""
    _link_readers[:] = [reader]


def link_reader() -> LinkReader:
    """The registered reader. Use it for corpora with `entities_enabled` alone."""
    return _link_readers[0]


_subscribers: list[DecisionSubscriber] = []


def register(subscriber: DecisionSubscriber) -> None:
    """Add a subscriber. Raises ValueError for a second one of the same class."""
    if any(type(known) is type(subscriber) for known in _subscribers):
        raise ValueError(f"{type(subscriber).__qualname__} is already registered")
    _subscribers.append(subscriber)


def subscribers() -> tuple[DecisionSubscriber, ...]:
    return tuple(_subscribers)


def notify_decided(decision: "Decision", changes: "Sequence[ChangedSpan]", entities: "Mapping[int, int]") -> None:
    """Notify subscribers of a decision that changed at least one span, put an article in review, or names entities.

    A merge of labels is one too.
    """
    if changes or decision.started or entities or decision.carried or decision.merged_label_id:
        for subscriber in _subscribers:
            subscriber.decided(decision=decision, changes=changes, entities=entities)


def holds_label(label: "Label") -> bool:
    """Whether a merge of this label changes more than spans."""
    return any(subscriber.holds_label(label=label) for subscriber in _subscribers)


def undo_parts(decision: "Decision") -> "list[UndoPart]":
    """What subscribers restore of a decision that is being undone."""
    return [part for subscriber in _subscribers if (part := subscriber.undoing(decision=decision)) is not None]


def notify_suggested(corpus_id: int, article_ids: Sequence[int]) -> None:
    for subscriber in _subscribers if article_ids else ():
        subscriber.suggested(corpus_id=corpus_id, article_ids=article_ids)


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
