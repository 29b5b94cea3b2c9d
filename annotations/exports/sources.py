"""What a file is made of: a corpus as it stands now, or what another app registers, such as a release."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Model

from annotations.exports.models import Export
from annotations.exports.queries import chosen_articles, context_of, export_records, other_articles
from annotations.exports.selection import Selection
from annotations.formats.protocol import Context
from annotations.formats.records import Record
from annotations.formats.report import Report
from corpusapp.articles.models import Corpus


class Source(Protocol):
    """Articles for a file, and what goes with them."""

    # The row by which the reports of its streams are kept.
    owner: Model
    # How offsets are to count.
    offsets: str

    def records(self, report: Report) -> Iterator[Record]:
        """The articles, in the order of their ids; `report` is told what is left out of them."""

    def context(self, scratch: str | None = None) -> Context:
        """What the formats say about the corpus; `scratch` is a folder for what does not fit into memory."""

    def count(self) -> int:
        """How many articles there are."""

    def more(self, format: str) -> dict[str, Any]:
        """What its reports say besides, where the file is of this format."""


@dataclass(frozen=True)
class CorpusSource:
    """The corpus as it stands when its articles are read."""

    owner: Corpus
    selection: Selection

    @property
    def offsets(self) -> str:
        return self.selection.offsets

    def records(self, report: Report) -> Iterator[Record]:
        return export_records(self.owner, self.selection, report)

    def context(self, scratch: str | None = None) -> Context:
        return context_of(self.owner, self.selection, scratch)

    def count(self) -> int:
        return chosen_articles(self.owner, self.selection).count()

    def more(self, format: str) -> dict[str, Any]:
        return {}

    def left_out(self) -> int:
        """How many articles only their stage keeps out, now."""
        return other_articles(self.owner, self.selection)


# An export -> what it is made of, where that is no corpus.
_of_releases: list[Callable[[Export], Source]] = []


def register_releases(source_of_release: Callable[[Export], Source]) -> None:
    """Say what exports are made of that name a release."""
    _of_releases[:] = [source_of_release]


def source_of(export: Export) -> Source:
    """What this export is made of."""
    if export.release_id is not None:
        return _of_releases[0](export)
    return CorpusSource(export.corpus, export.chosen)
