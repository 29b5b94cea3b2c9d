"""Automatic backups, and how many of them are kept."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from corpusapp.backup import archive
from corpusapp.backup.actions.make import make_backup
from corpusapp.core import disk
from corpusapp.core.errors import Conflict

logger = logging.getLogger(__name__)
SCHEDULED, BEFORE_UPGRADE = "desk", "before-upgrade"
_HOUR = 3600
# How long a failed backup is not tried again.
_RETRY_SECONDS = 1800
# An unfinished archive that has not changed for so long belongs to a killed process.
_DRAFT_HOURS = 24


def kept_backups(family: str = SCHEDULED) -> list[Path]:
    """The archives of this family in `BACKUP_FOLDER`, newest first."""
    folder = settings.BACKUP_FOLDER
    return sorted(folder.glob(f"{family}-2*.tar*"), reverse=True) if folder.is_dir() else []


def all_kept() -> list[Path]:
    """The archives of all families in `BACKUP_FOLDER`, newest first."""
    found = [*kept_backups(SCHEDULED), *kept_backups(BEFORE_UPGRADE)]
    return sorted(found, key=lambda path: _changed_at(path) or 0, reverse=True)


def newest_age() -> float | None:
    """Seconds since the newest scheduled backup was completed; None if there is none."""
    ages = [time.time() - changed for path in kept_backups() if (changed := _changed_at(path)) is not None]
    # Ignore backups that a wrong clock has dated into the future.
    return min((age for age in ages if age > -_HOUR), default=None)


def _changed_at(path: Path) -> float | None:
    """The time of the last change; None if the file has just been deleted."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return None


def overdue() -> bool:
    """Whether automatic backups are on, and the newest is older than twice `BACKUP_HOURS`."""
    age, interval = newest_age(), settings.BACKUP_HOURS * _HOUR
    return bool(interval) and (age is None or age > 2 * interval)


def save(family: str, *, with_secrets: bool = False, say: Callable[[str], None] = lambda line: None) -> Path:
    """Create a backup in `BACKUP_FOLDER`, and delete the oldest of its family beyond `BACKUPS_KEPT`."""
    folder = settings.BACKUP_FOLDER
    suffix = ".tar.age" if settings.BACKUP_RECIPIENT else ".tar"
    path = folder / f"{family}-{timezone.now():%Y-%m-%dT%H-%M-%S}{suffix}"
    say(f"Creating the backup {path} …")
    disk.require_room()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with archive.writing(path, recipient=settings.BACKUP_RECIPIENT) as writer:
            backup = make_backup(writer=writer, with_secrets=with_secrets)
    except OSError as error:
        raise Conflict(
            f"cannot create a backup in BACKUP_FOLDER, {folder} ({error.strerror or error}): make it writable, free "
            f"space on its disk, or set another folder"
        ) from error
    if backup.missing:
        _report_missing(path, backup.missing, say)
    others = [older for older in kept_backups(family) if older != path]
    for older in [*others[settings.BACKUPS_KEPT - 1 :], *_abandoned_drafts(family)]:
        older.unlink(missing_ok=True)
    return path


def _report_missing(path: Path, missing: tuple[str, ...], say: Callable[[str], None]) -> None:
    line = (
        f"{path} lacks {len(missing)} files that are in the database but not in {settings.HOME.path}, such as "
        f"{missing[0]}: check that this is the right home"
    )
    logger.warning(line)
    say(line)


def _abandoned_drafts(family: str) -> list[Path]:
    """The unfinished archives of killed processes."""
    oldest = time.time() - _DRAFT_HOURS * _HOUR
    return [path for path in settings.BACKUP_FOLDER.glob(f".{family}-2*.partial") if path.stat().st_mtime < oldest]


def save_if_due() -> bool:
    """Create a backup if `BACKUP_HOURS` have passed since the last one; returns whether it did.

    If it fails, `failure_reason` returns the reason.
    """
    age = newest_age()
    if not settings.BACKUP_HOURS or (age is not None and age < settings.BACKUP_HOURS * _HOUR):
        return False
    attempt = _attempt_file()
    if attempt.exists() and time.time() - attempt.stat().st_mtime < _RETRY_SECONDS:
        return False
    # Empties it: it has the reason of the previous failure.
    attempt.write_bytes(b"")
    try:
        save(SCHEDULED)
    except Exception as error:
        with suppress(OSError):
            attempt.write_text(str(error))
        raise
    attempt.unlink()
    return True


def failure_reason() -> str:
    """Why the last scheduled backup failed; "" if it did not, or there was none."""
    with suppress(FileNotFoundError):
        return _attempt_file().read_text()
    return ""


def _attempt_file() -> Path:
    """The file that exists from the start of a scheduled backup until one succeeds. It has the reason of a failure."""
    return settings.HOME.folder("upkeep") / "backup-tried"
