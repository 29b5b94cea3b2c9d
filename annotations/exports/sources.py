"""Where the articles of a file come from: a corpus as it is now, or a release, which its app registers."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Model

from annotations.exports.models import Export
from annotations.exports.queries.records import chosen_articles, context_of, export_records, other_articles
from annotations.exports.selection import Selection
from annotations.formats.protocol import Context
from annotations.formats.records import Record
from annotations.formats.report import Report
from corpusapp.articles.models import Corpus


class Source(Protocol):
    """The articles of a file, and what the formats need to know about them."""

    @property
    def owner(self) -> Model:
        """The row that the reports of streams belong to."""

    @property
    def offsets(self) -> str:
        """The unit of offsets."""

    def records(self, report: Report) -> Generator[Record]:
        """The articles by id. The report counts what is left out."""

    def context(self, scratch: str | None = None) -> Context:
        """The context of the formats. `scratch` is a folder for temporary files."""

    def count(self) -> int:
        """The number of articles."""

    def more(self, format: str) -> dict[str, Any]:
        """Further fields of the report of a file of this format."""


@dataclass(frozen=True)
class CorpusSource:
    """A corpus as it is when its articles are read."""

    owner: Corpus
    selection: Selection

    @property
    def offsets(self) -> str:
        return self.selection.offsets

    def records(self, report: Report) -> Generator[Record]:
        return export_records(self.owner, self.selection, report)

    def context(self, scratch: str | None = None) -> Context:
        return context_of(self.owner, self.selection, scratch)

    def count(self) -> int:
        return chosen_articles(self.owner, self.selection).count()

    def more(self, format: str) -> dict[str, Any]:
        return {}

    def left_out(self) -> int:
        """Number of articles left out now only because of their stage."""
        return other_articles(self.owner, self.selection)


_release_sources: list[Callable[[Export], Source]] = []


def register_releases(source_of_release: Callable[[Export], Source]) -> None:
    """Register the source of exports of a release."""
    _release_sources[:] = [source_of_release]


def source_of(export: Export) -> Source:
    """The source of an export."""
    if export.release_id is not None:
        return _release_sources[0](export)
    return CorpusSource(export.corpus, export.chosen)
