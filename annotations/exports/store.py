"""Files and reports of exports in the home.

`exports/<folder>/` holds an export's file, its report, and its losses as JSON Lines with the counts as the last line. A
stream keeps no file: its report and losses lie in `stream-reports/`, under the name that its response gave, for
`EXPORT_DAYS` days.
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
from corpusapp.core.content_store import ContentStore
from corpusapp.core.errors import NotFound

logger = logging.getLogger(__name__)
REPORT, LOSSES = "report.json", "report.jsonl"
_REPORT_NAME = re.compile(r"[0-9]{8}-[0-9a-f]{16}\Z", re.ASCII)
# Bytes of a loss log that stay in memory; more goes to disk.
_SPOOL = 1024 * 1024
_store = ContentStore("exports")
making, discard, sweep = _store.making, _store.discard, _store.sweep


def new_folder() -> str:
    """A random name. Not the export's id: a home may keep files of another database."""
    return secrets.token_hex(8)


def file_in(folder: str, name: str) -> Path | None:
    """The complete file; None if it is not in this home."""
    path = _store.root / folder / name
    return path if folder and path.is_file() else None


def keep(made: Path, folder: str) -> None:
    """Give a folder from `making` its name, in place of an earlier attempt's."""
    _store.keep(made, folder, replace=True)


class LossLog:
    """Records every loss of an export."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, entry: Entry) -> None:
        self._file.write(_line(entry.as_dict()))

    def lines(self, counts: dict[str, Any]) -> Iterator[bytes]:
        """All losses as JSON Lines, then the counts."""
        self._file.seek(0)
        yield from self._file
        yield _line(counts)

    def write(self, path: Path, counts: dict[str, Any]) -> None:
        with path.open("wb") as file:
            file.writelines(self.lines(counts))


@contextmanager
def loss_log() -> Iterator[LossLog]:
    """A temporary log, in memory while it is small."""
    with SpooledTemporaryFile(_SPOOL) as file:
        yield LossLog(file)


def new_report_name() -> str:
    """The name of a stream's report: its day and a random part."""
    return f"{timezone.now():%Y%m%d}-{secrets.token_hex(8)}"


def keep_report(owner: Model, name: str, report: dict[str, Any], log: LossLog) -> None:
    """Store the report of a stream that has ended. A full disk costs the report, not the stream."""
    try:
        folder = _report_folder(owner)
        folder.mkdir(exist_ok=True)
        _sweep_reports()
        log.write(folder / f"{name}.jsonl", {key: value for key, value in report.items() if key != "examples"})
        draft = folder / f"{name}.draft"
        draft.write_text(json.dumps(report, ensure_ascii=False))
        draft.rename(folder / f"{name}.json")
    except (OSError, ImproperlyConfigured) as error:
        logger.warning("the report of a stream cannot be stored: %s", error)


def stream_report(owner: Model, name: str) -> dict[str, Any]:
    """The report of a stream of this corpus or release. The caller checks permissions. Raises `NotFound`."""
    report: dict[str, Any] = json.loads(_report_path(owner, name, "json").read_bytes())
    return report


def stream_losses(owner: Model, name: str) -> Path:
    """The file with all losses of a stream. Raises `NotFound`."""
    return _report_path(owner, name, "jsonl")


def discard_reports(owner: Model) -> None:
    """Delete the stream reports of a corpus or a release."""
    shutil.rmtree(_report_folder(owner), ignore_errors=True)


def _sweep_reports() -> None:
    """Delete old reports, once a day."""
    today = timezone.now().date()
    marker = _reports() / "swept"
    if marker.exists() and marker.read_text() == today.isoformat():
        return
    marker.write_text(today.isoformat())
    oldest = today - timedelta(days=settings.EXPORT_DAYS)
    for path in _reports().glob("*/*.json*"):
        if _day_of(path.name) < oldest:
            path.unlink(missing_ok=True)


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def _report_path(owner: Model, name: str, suffix: str) -> Path:
    path = _report_folder(owner) / f"{name}.{suffix}"
    if not _REPORT_NAME.match(name) or not path.with_suffix(".json").is_file():
        raise NotFound(
            f"there is no report {name[:60]!r}: the export has not ended, or is more than {settings.EXPORT_DAYS} days "
            f"old"
        )
    return path


def _day_of(name: str) -> date:
    return date(int(name[:4]), int(name[4:6]), int(name[6:8]))


def _reports() -> Path:
    return settings.HOME.folder("stream-reports")


def _report_folder(owner: Model) -> Path:
    return _reports() / f"{owner._meta.model_name}-{owner.pk}"
