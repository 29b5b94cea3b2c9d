"""What exports left out, kept beside them: every loss as a line of JSON, and the counts as the last one.

A made file has its report in its own folder. That of a stream is kept in the home by the name that the stream was sent
with, for as many days as made files are.
"""

import json
import logging
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.utils import timezone

from annotations.formats.report import Entry
from corpusapp.core.errors import NotFound

logger = logging.getLogger(__name__)
LINES = "report.jsonl"
_NAME = re.compile(r"[0-9]{8}-[0-9a-f]{16}\Z", re.ASCII)
# In memory, in bytes; more lies on disk.
_SPOOL = 1024 * 1024


class Telling:
    """Takes every loss as it is told."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def tell(self, entry: Entry) -> None:
        self._file.write(_line(entry.as_dict()))

    def lines(self, counts: dict[str, Any]) -> Iterator[bytes]:
        """All that was told, then the counts."""
        self._file.seek(0)
        yield from self._file
        yield _line(counts)

    def write(self, path: Path, counts: dict[str, Any]) -> None:
        with path.open("wb") as file:
            file.writelines(self.lines(counts))


@contextmanager
def told() -> Iterator[Telling]:
    with SpooledTemporaryFile(_SPOOL) as file:
        yield Telling(file)


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def new_name() -> str:
    """What a stream's report will be called."""
    return f"{timezone.now():%Y%m%d}-{secrets.token_hex(8)}"


def keep(owner: Model, name: str, report: dict[str, Any], telling: Telling) -> None:
    """Keep the report of a stream that has ended. A full disk costs the report, not the stream."""
    try:
        folder = _folder(owner)
        folder.mkdir(exist_ok=True)
        sweep()
        telling.write(folder / f"{name}.jsonl", {key: value for key, value in report.items() if key != "examples"})
        draft = folder / f"{name}.draft"
        draft.write_text(json.dumps(report, ensure_ascii=False))
        draft.rename(folder / f"{name}.json")
    except (OSError, ImproperlyConfigured) as error:
        logger.warning("the report of a stream cannot be kept: %s", error)


def kept(owner: Model, name: str) -> dict[str, Any]:
    """The report of a stream of this corpus or release, which the caller has looked up for the user."""
    return json.loads(_found(owner, name, "json").read_bytes())


def kept_lines(owner: Model, name: str) -> Path:
    """The same with every loss."""
    return _found(owner, name, "jsonl")


def discard(owner: Model) -> None:
    """Delete the reports of a corpus's streams, or of a release's."""
    shutil.rmtree(_folder(owner), ignore_errors=True)


def sweep() -> None:
    """Delete what is older than made files are kept; looked at once a day."""
    today = timezone.now().date()
    marker = _home() / "swept"
    if marker.exists() and marker.read_text() == today.isoformat():
        return
    marker.write_text(today.isoformat())
    oldest = today - timedelta(days=settings.EXPORT_DAYS)
    for path in _home().glob("*/*.json*"):
        if _day(path.name) < oldest:
            path.unlink(missing_ok=True)


def _found(owner: Model, name: str, suffix: str) -> Path:
    path = _folder(owner) / f"{name}.{suffix}"
    if not _NAME.match(name) or not path.with_suffix(".json").is_file():
        raise NotFound(
            f"there is no report {name[:60]!r}: the export has not ended, or is more than {settings.EXPORT_DAYS} days "
            f"old"
        )
    return path


def _day(name: str) -> date:
    return date(int(name[:4]), int(name[4:6]), int(name[6:8]))


def _home() -> Path:
    return settings.HOME.folder("stream-reports")


def _folder(owner: Model) -> Path:
    return _home() / f"{owner._meta.model_name}-{owner.pk}"
