"""A made release, or one part of it, as what files of other formats are made of; read from its own file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from annotations.exports.models import Export
from annotations.formats.protocol import Context
from annotations.formats.records import Record
from annotations.formats.report import Report
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases.models import Release
from annotations.releases.queries import check_part, context_of_release, part_total, release_records, versions_differ


@dataclass(frozen=True)
class ReleaseSource:
    """Refuses what is no part; empty stands for all of the release."""

    owner: Release
    part: str = ""
    offsets: str = CODE_POINTS

    def __post_init__(self) -> None:
        check_part(self.part)

    def records(self, report: Report) -> Iterator[Record]:
        return release_records(self.owner, self.part)

    def context(self, scratch: str | None = None) -> Context:
        return context_of_release(self.owner, self.offsets, scratch)

    def count(self) -> int:
        return part_total(self.owner, self.part)

    def more(self, format: str) -> dict[str, Any]:
        """Where a file is made by other versions than the manifest names."""
        return {"versions": versions_differ(self.owner, format)}


def source_of_export(export: Export) -> ReleaseSource:
    return ReleaseSource(export.release, export.part, export.chosen.offsets)
