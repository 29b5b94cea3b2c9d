"""Backups that are made by themselves, and how many of them stay."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from corpusapp import disk
from corpusapp.backup import archive
from corpusapp.backup.actions.make import make_backup

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
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def newest_age() -> float | None:
    """Seconds since the newest scheduled backup was whole; None where there is none."""
    found = kept_backups()
    return time.time() - found[0].stat().st_mtime if found else None


def overdue() -> bool:
    """Whether backups are asked for, and the newest is older than twice what is asked."""
    age, asked = newest_age(), settings.BACKUP_HOURS * _HOUR
    return bool(asked) and (age is None or age > 2 * asked)


def save(family: str, *, with_secrets: bool = False, say: Callable[[str], None] = lambda line: None) -> Path:
    """Make a backup in `BACKUP_FOLDER`, and delete those of its family that are more than `BACKUPS_KEPT`."""
    folder = settings.BACKUP_FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    suffix = ".tar.age" if settings.BACKUP_RECIPIENT else ".tar"
    path = folder / f"{family}-{timezone.now():%Y-%m-%dT%H-%M-%S}{suffix}"
    say(f"Saving the desk in {path} …")
    disk.require_room()
    with archive.writing(path, recipient=settings.BACKUP_RECIPIENT) as writer:
        make_backup(writer=writer, with_secrets=with_secrets)
    for older in [*kept_backups(family)[settings.BACKUPS_KEPT :], *_left_drafts(family)]:
        older.unlink(missing_ok=True)
    return path


def _left_drafts(family: str) -> list[Path]:
    """Archives that were broken off by a kill, which their own process could not delete."""
    left = time.time() - _DRAFT_HOURS * _HOUR
    return [path for path in settings.BACKUP_FOLDER.glob(f".{family}-2*.partial") if path.stat().st_mtime < left]


def save_if_due() -> bool:
    """Make a backup where `BACKUP_HOURS` have passed since the last one. Returns whether it was tried."""
    age = newest_age()
    if not settings.BACKUP_HOURS or (age is not None and age < settings.BACKUP_HOURS * _HOUR):
        return False
    tried = settings.HOME.folder("upkeep") / "backup-tried"
    if tried.exists() and time.time() - tried.stat().st_mtime < _PATIENCE_SECONDS:
        return False
    tried.touch()
    save(SCHEDULED)
    tried.unlink()
    return True
