"""The Python client of corpusapp: labelled news articles, in and out.

from corpusapp_client import Desk

for article in Desk().corpus("my-desk").export():
    print(article["title"], article["spans"])
"""

from .adding import AddReport
from .corpus import Corpus
from .deciding import Outcome
from .desk import Desk
from .entities import Entities
from .errors import (
    Ambiguous,
    BrokenDownload,
    Conflict,
    DeskError,
    Gone,
    Invalid,
    InvalidSignature,
    JobFailed,
    LeftOut,
    NoRoom,
    NotAllowed,
    NotFound,
    RangeNotSatisfiable,
    RevisionMissing,
    ServerError,
    Stale,
    TooManyRequests,
    Unauthenticated,
    Unreachable,
)
from .export import Export, LeftOutWarning
from .following import Store
from .records import (
    Article,
    ArticleRow,
    Decision,
    Entity,
    EntityDecision,
    Event,
    Job,
    Label,
    Line,
    LinkChoice,
    Mention,
    ReleaseRecord,
    Span,
    SpanEntity,
    Zone,
)
from .release import Release
from .sqlite_store import SQLiteStore
from .version import VERSION as __version__
from .version import VersionWarning
from .webhooks import verify_webhook

__all__ = [
    "AddReport", "Ambiguous", "Article", "ArticleRow", "BrokenDownload", "Conflict", "Corpus", "Decision", "Desk",
    "DeskError", "Entities", "Entity", "EntityDecision", "Event", "Export", "Gone", "Invalid", "InvalidSignature",
    "Job", "JobFailed", "Label", "LeftOut", "LeftOutWarning", "Line", "LinkChoice", "Mention", "NoRoom", "NotAllowed",
    "NotFound", "Outcome", "RangeNotSatisfiable", "Release", "ReleaseRecord", "RevisionMissing", "SQLiteStore",
    "ServerError", "Span", "SpanEntity", "Stale", "Store", "TooManyRequests", "Unauthenticated", "Unreachable",
    "VersionWarning", "Zone", "__version__", "verify_webhook",
]  # fmt: skip
