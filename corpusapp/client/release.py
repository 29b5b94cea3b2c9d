"""A release: numbered, and never changed."""

import gzip
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .downloads import download, lines_of, loads, new_file
from .export import Export
from .jobs import has_ended, progress_bar, require_success, wait_for
from .records import Line, ReleaseRecord
from .transport import Transport

PARTS = ("train", "dev", "test")
_READ = 1 << 18


class Release:
    """One release of a corpus. `record` is what the desk says of it. Iterate over it for its articles."""

    def __init__(self, http: Transport, home: str, record: ReleaseRecord, *, progress: bool | None = None) -> None:
        self._http, self._progress, self.record = http, progress, record
        self.number: int = record["number"] if "number" in record else record["id"]
        self._home = f"{home}releases/{self.number}/"

    def __repr__(self) -> str:
        return f"<Release {self.number}>"

    def __iter__(self) -> Iterator[Line]:
        """The articles, in order, each with its part as `split`. The file is fetched and checked before the first."""
        with tempfile.TemporaryFile() as file:
            self._download(file)
            file.seek(0)
            with gzip.open(file) as unpacked:
                yield from map(loads(), lines_of(iter(lambda: unpacked.read(_READ), b"")))

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Counts, labels, guidelines, pipelines, versions and the SHA-256 of the file."""
        found = self._made().get("manifest")
        if found is None:
            self.record = self._http.get(self._home)
            found = self.record.get("manifest") or {}
        return found

    def download(self, path: str | Path) -> Path:
        """Write the release's own file, gzipped JSON Lines, whose SHA-256 is that of the release."""
        path = Path(path)
        with new_file(path) as file:
            self._download(file)
        return path

    def export(self, format: str = "jsonl", *, part: str | None = None, **options: Any) -> Export:
        """The release, or one part of it, in another format. Options: `offsets`, `strict`."""
        return Export(self._http, self._home, format, {"part": part, **options}, progress=self._progress)

    def splits(self, format: str = "jsonl") -> dict[str, Export]:
        """Its parts, `train`, `dev` and `test`: iterate over each, save it, or make it `to_pandas()`."""
        return {part: self.export(format, part=part) for part in PARTS}

    def compare(self, other: "Release | int") -> dict[str, Any]:
        """What changed from this release to the other one: counts, and the first 50 articles."""
        found: dict[str, Any] = self._http.get(f"{self._home}compare/{_number(other)}/")
        return found

    def differences(self, other: "Release | int") -> Iterator[dict[str, Any]]:
        """Every article that differs in the other release."""
        with self._http.stream(f"{self._home}compare/{_number(other)}/lines/") as response:
            yield from map(loads(), lines_of(response.iter_bytes()))

    def _made(self) -> ReleaseRecord:
        """The record of a release that is made: waits for one that is not yet."""
        record: dict[str, Any] = {**self.record}
        if not has_ended(record):
            with progress_bar(f"release {self.number}", self._progress) as bar:
                record = wait_for(self._http, record, bar)
            self.record = record  # type: ignore[assignment]  # the JSON of one
        require_success(record, f"release {self.number}")
        return self.record

    def _download(self, file: Any) -> None:
        record = self._made()
        address = self._http.own(record["file"] or f"{self._home}file/")
        with progress_bar(f"release {self.number}", self._progress) as bar:
            download(self._http, address, file, sha256=record["sha256"], bar=bar)


def _number(release: "Release | int") -> int:
    return release if isinstance(release, int) else release.number
