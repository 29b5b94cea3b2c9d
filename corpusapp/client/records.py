"""The records that a desk answers with. They are plain dictionaries; these types name their keys.

Offsets are Unicode code points, end exclusive, as Python's slices.
"""

from typing import Any, Literal, NotRequired, TypedDict

State = Literal["suggested", "confirmed", "rejected"]
Stage = Literal["new", "in_review", "done"]


class SpanEntity(TypedDict):
    """The entity that a span is linked to. State, score and revision are those of the link."""

    id: int
    name: str
    identifiers: dict[str, list[str]]
    state: State
    score: float | None
    revision: int


class Span(TypedDict):
    """A stretch of an article with a label. `entity` is None, or absent from exports, if it is not linked."""

    id: int
    start: int
    end: int
    label: str
    text: str
    state: State
    score: float | None
    pipeline: str | None
    revision: int
    entity: NotRequired[SpanEntity | None]


class Zone(TypedDict):
    """A stretch of an article that is not running text: title, dateline, byline, caption, chrome."""

    start: int
    end: int
    kind: str


class Line(TypedDict):
    """An article in an export or a release, as a line of JSON."""

    id: int
    external_id: str
    title: str
    language: str
    stage: Stage
    text: str
    offsets: str
    spans: list[Span]
    zones: list[Zone]
    meta: dict[str, Any]
    finished_at: NotRequired[str]
    finished_by: NotRequired[str]
    decided: NotRequired[list[list[int]]]
    split: NotRequired[str]


class ArticleRow(TypedDict, total=False):
    """An article in a list; `text`, `spans`, `zones` and `metadata` if `fields` names them."""

    id: int
    corpus: str
    title: str
    headline: str
    length: int
    source: str
    url: str
    external_id: str
    author: str
    published_on: str | None
    published_precision: str
    language: str
    version: int
    stage: Stage
    editor: str | None
    assignee: str | None
    finished_at: str | None
    suggested: int
    confirmed: int
    snippet: str
    text: str
    spans: list[Span]
    zones: list[Zone]
    metadata: dict[str, Any]


class Article(ArticleRow, total=False):
    """An article with its text, zones and spans."""

    dateline: str
    finished_by: str | None
    previous: int | None
    next: int | None


class Label(TypedDict):
    """A type of entity."""

    id: int
    name: str
    definition: str
    family: str
    position: int
    key: NotRequired[str]
    examples: NotRequired[str]
    hidden: NotRequired[bool]
    merged_into: NotRequired[int | None]


class Job(TypedDict, total=False):
    """What the desk works on: an export file, a release, an import."""

    id: int
    url: str
    done: bool
    job_state: str
    reason: str
    percent: int
    articles: int
    total: int | None
    size: int | None
    sha256: str
    name: str
    file: str | None
    report: dict[str, Any] | None


class ReleaseRecord(Job, total=False):
    """A release."""

    number: int
    corpus: str
    notes: str
    seed: str
    shares: dict[str, int]
    spans: int | None
    manifest: dict[str, Any] | None
    created_at: str
    finished_at: str | None


class CorpusRecord(TypedDict, total=False):
    """A corpus."""

    slug: str
    name: str
    language: str
    guidelines: str


class FeedSpan(TypedDict, total=False):
    """A span after a change. One whose addition was undone has only its `id` and the state `gone`."""

    id: int
    start: int
    end: int
    label: str
    text: str
    state: Literal["suggested", "confirmed", "rejected", "gone"]
    revision: int
    label_id: int


class Event(TypedDict, total=False):
    """An event of the change feed. Its keys depend on its type."""

    cursor: str
    type: str
    corpus: str
    article: int | None
    user: str | None
    at: str
    withheld: bool
    about: dict[str, Any]
    zones: list[Zone]
    stage: Stage
    label: Label
    decision: int
    verb: str
    span: FeedSpan


class Decision(TypedDict, total=False):
    """A verb on one span: confirm, reject, relabel, move or add.

    The article is named by `article` or `external_id`; the span by `span` and `revision`, or as it was `seen`.
    """

    article: int
    external_id: str
    verb: Literal["confirm", "reject", "relabel", "move", "add"]
    span: int
    revision: int
    seen: dict[str, Any]
    start: int
    end: int
    label: str
    entity: int


class Entity(TypedDict):
    """A thing in the world that spans are linked to."""

    id: int
    corpus: str
    name: str
    label: str
    description: str
    identifiers: dict[str, list[str]]
    state: Literal["suggested", "confirmed", "merged", "removed"]
    merged_into: dict[str, Any] | None
    pipeline: str | None
    mentions: int
    confirmed: int
    created_at: str
    revision: int
    aliases: NotRequired[list[dict[str, Any]]]
    distinct: NotRequired[list[dict[str, Any]]]


class Mention(TypedDict):
    """A span that is linked to an entity, in its context; `link` is the id of the link."""

    id: int
    article: int
    link: int
    entity: SpanEntity
    start: int
    end: int
    label: str
    text: str
    state: State
    revision: int
    title: str
    left: str
    right: str


class LinkChoice(TypedDict, total=False):
    """What a span is: the `entity` with this id, or a `new` one of `{"name", "label", "description"}`."""

    span: int
    verb: Literal["link", "unlink"]
    entity: int
    new: dict[str, str]
    revision: int


class EntityDecision(TypedDict):
    """A decision on entities and links, with what it changed."""

    decision: int
    verb: str
    entities: list[Entity]
    links: list[dict[str, Any]]
    applied: int
    left_out: list[dict[str, Any]]
    left_out_count: int
    complete: bool
    repeated: bool
