"""The file of a release: what it contains, and whether it is unchanged. Nothing is read from the corpus."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, BinaryIO

from annotations.exports.models import Export
from annotations.formats.protocol import Context
from annotations.formats.records import Record
from annotations.formats.report import Report
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases import store
from annotations.releases.models import Release
from annotations.releases.queries.manifest import entities_name, entities_sha256, versions_differ
from annotations.releases.queries.releases import require_made
from annotations.releases.split import PARTS
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from corpusapp.core.errors import Invalid, NotFound

WHOLE, ALTERED, MISSING = "whole", "altered", "missing"


@dataclass(frozen=True)
class Check:
    """Whether the file of a release is unchanged. `found` is its SHA-256 now."""

    state: str
    expected: str
    found: str = ""


def check_release(release: Release) -> Check:
    """Read the file of a release, and that of its entities, and compare their SHA-256."""
    require_made(release)
    check = _check(release.sha256)
    if check.state == WHOLE and (sha256 := entities_sha256(release.made_manifest)):
        of_entities = _check(sha256)
        return check if of_entities.state == WHOLE else of_entities
    return check


def _check(sha256: str) -> Check:
    try:
        found = store.hash_of(store.path_of(sha256))
    except FileNotFoundError:
        return Check(MISSING, sha256)
    return Check(WHOLE if found == sha256 else ALTERED, sha256, found)


def open_entities(release: Release) -> tuple[BinaryIO, str]:
    """The file of the entities of a release, and its SHA-256. Raises `NotFound` if it has none, else as `open_file`."""
    require_made(release)
    sha256 = entities_sha256(release.made_manifest)
    if not sha256:
        raise NotFound(f"release {release.number} has no entities: the corpus had none when it was made")
    return store.opened(sha256, release.made_manifest["files"][entities_name(release)]["size"]), sha256


def open_file(release: Release) -> BinaryIO:
    """The file of a release. Raises `Altered` if it is missing or has another size."""
    require_made(release)
    return store.opened(release.sha256, release.size)


@dataclass(frozen=True)
class ReleaseSource:
    """A release, or one part of it, as the source of files in other formats. Raises `Invalid` for an unknown part."""

    owner: Release
    part: str = ""
    offsets: str = CODE_POINTS

    def __post_init__(self) -> None:
        check_part(self.part)

    def records(self, report: Report) -> Generator[Record]:
        """The articles, by id."""
        require_made(self.owner)
        return store.records(self.owner.sha256, self.part)

    def context(self, scratch: str | None = None) -> Context:
        """The corpus as the manifest describes it."""
        manifest = self.owner.made_manifest
        corpus = manifest["corpus"]
        return Context(
            name=corpus["slug"],
            title=corpus["name"],
            description=manifest["guidelines"],
            # Earlier manifests do not have these.
            **{field: corpus.get(field, "") for field in PUBLICATION_FIELDS},
            release=str(self.owner.number),
            published=manifest["snapshot_at"][:10],
            language=corpus["language"],
            labels={label["name"]: label["definition"] for label in manifest["labels"]},
            plain_states=self.owner.chosen.plain_states,
            offsets=self.offsets,
            scratch=scratch,
        )

    def count(self) -> int:
        counts = self.owner.counts
        return counts["parts"][self.part]["articles"] if self.part else counts["articles"]

    def more(self, format: str) -> dict[str, Any]:
        """The versions that differ from the manifest."""
        return {"versions": versions_differ(self.owner, format)}


def source_of_export(export: Export) -> ReleaseSource:
    """The source of an export that names a release."""
    if export.release is None:
        raise ValueError(f"export {export.pk} is not of a release")
    return ReleaseSource(export.release, export.part, export.chosen.offsets)


def check_part(part: str) -> None:
    """Raise `Invalid` for an unknown part; empty means the whole release."""
    if part and part not in PARTS:
        raise Invalid(f"there is no part {part[:40]!r}: the parts are {', '.join(PARTS)}", field="part")
