"""Backups that are made by themselves, and how many of them stay."""

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
# One that failed is not tried again before.
_PATIENCE_SECONDS = 1800
# Nobody writes on a draft that has not grown for so long: its process was killed.
_DRAFT_HOURS = 24


def kept_backups(family: str = SCHEDULED) -> list[Path]:
    """The archives of this family in `BACKUP_FOLDER`, the newest first."""
    folder = settings.BACKUP_FOLDER
    return sorted(folder.glob(f"{family}-2*.tar*"), reverse=True) if folder.is_dir() else []


def all_kept() -> list[Path]:
    """The archives of all families in `BACKUP_FOLDER`, the newest first."""
    found = [*kept_backups(SCHEDULED), *kept_backups(BEFORE_UPGRADE)]
    return sorted(found, key=lambda path: _changed_at(path) or 0, reverse=True)


def newest_age() -> float | None:
    """Seconds since the newest scheduled backup was whole; None where there is none."""
    ages = [time.time() - changed for path in kept_backups() if (changed := _changed_at(path)) is not None]
    # One that a wrong clock dates into the future says nothing.
    return min((age for age in ages if age > -_HOUR), default=None)


def _changed_at(path: Path) -> float | None:
    """None for one that was deleted in this moment."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return None


def overdue() -> bool:
    """Whether backups are asked for, and the newest is older than twice what is asked."""
    age, asked = newest_age(), settings.BACKUP_HOURS * _HOUR
    return bool(asked) and (age is None or age > 2 * asked)


def save(family: str, *, with_secrets: bool = False, say: Callable[[str], None] = lambda line: None) -> Path:
    """Make a backup in `BACKUP_FOLDER`, and delete those of its family that are more than `BACKUPS_KEPT`."""
    folder = settings.BACKUP_FOLDER
    suffix = ".tar.age" if settings.BACKUP_RECIPIENT else ".tar"
    path = folder / f"{family}-{timezone.now():%Y-%m-%dT%H-%M-%S}{suffix}"
    say(f"Creating the backup {path} …")
    disk.require_room()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with archive.writing(path, recipient=settings.BACKUP_RECIPIENT) as writer:
            made = make_backup(writer=writer, with_secrets=with_secrets)
    except OSError as error:
        raise Conflict(
            f"cannot create a backup in BACKUP_FOLDER, {folder} ({error.strerror or error}): make it writable, free "
            f"space on its disk, or set another folder"
        ) from error
    if made.missing:
        _tell_of_missing(path, made.missing, say)
    others = [older for older in kept_backups(family) if older != path]
    for older in [*others[settings.BACKUPS_KEPT - 1 :], *_left_drafts(family)]:
        older.unlink(missing_ok=True)
    return path


def _tell_of_missing(path: Path, missing: tuple[str, ...], say: Callable[[str], None]) -> None:
    line = (
        f"{path} lacks {len(missing)} files that are in the database but not in {settings.HOME.path}, such as "
        f"{missing[0]}: check that this is the right home"
    )
    logger.warning(line)
    say(line)


def _left_drafts(family: str) -> list[Path]:
    """Archives that were broken off by a kill, which their own process could not delete."""
    left = time.time() - _DRAFT_HOURS * _HOUR
    return [path for path in settings.BACKUP_FOLDER.glob(f".{family}-2*.partial") if path.stat().st_mtime < left]


def save_if_due() -> bool:
    """Make a backup where `BACKUP_HOURS` have passed since the last one. Returns whether it was tried.

    Of one that failed, `why_failed` says the reason.
    """
    age = newest_age()
    if not settings.BACKUP_HOURS or (age is not None and age < settings.BACKUP_HOURS * _HOUR):
        return False
    tried = _tried()
    if tried.exists() and time.time() - tried.stat().st_mtime < _PATIENCE_SECONDS:
        return False
    # Emptied: what was written there is the reason of the one before.
    tried.write_bytes(b"")
    try:
        save(SCHEDULED)
    except Exception as error:
        with suppress(OSError):
            tried.write_text(str(error))
        raise
    tried.unlink()
    return True


def why_failed() -> str:
    """Why the last scheduled backup failed; empty where it did not, or none was tried."""
    with suppress(FileNotFoundError):
        return _tried().read_text()
    return ""


def _tried() -> Path:
    return settings.HOME.folder("upkeep") / "backup-tried"
