"""What workers do by themselves: end jobs whose process is gone, and delete once a day what is old.

Apps register their kinds of jobs, and what they prune, in their `tasks` modules.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from corpusapp.core.errors import NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from django.contrib.auth.models import AbstractUser

logger = logging.getLogger(__name__)
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class JobKind:
    """One kind of job. `cancel` takes its id as a person writes it, and says what stays.

    `end_lost` ends those that nobody works on any more, and returns how many there were.
    """

    name: str
    cancel: "Callable[[AbstractUser, str], str]"
    end_lost: Callable[[], int]


_kinds: dict[str, JobKind] = {}
_pruners: dict[str, Callable[[], int]] = {}


def register(kind: JobKind) -> None:
    _kinds[kind.name] = kind


def daily(what: str, prune: Callable[[], int]) -> None:
    """Have `prune` called each day; it deletes what is old and returns how much."""
    _pruners[what] = prune


def kinds() -> tuple[str, ...]:
    return tuple(_kinds)


def cancel(user: "AbstractUser", kind: str, pk: str) -> str:
    """Cancel a job; returns a sentence that says what was stored and stays."""
    if kind not in _kinds:
        raise NotFound(f"there is no kind of job {kind!r}: the kinds are {', '.join(_kinds)}")
    return _kinds[kind].cancel(user, pk)


def number_of(pk: str) -> int:
    """The id that a person wrote."""
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise NotFound(f"{pk[:40]!r} is not an ID: IDs are numbers")
    return int(pk)


def end_lost_jobs() -> int:
    """End every job that nobody works on any more; one kind that cannot be looked at does not stop the others."""
    return sum(_tried(f"jobs of kind {kind.name}", kind.end_lost) for kind in _kinds.values())


def prune() -> dict[str, int]:
    """Delete what is older than its stated age; returns how much of each."""
    return {what: _tried(what, one) for what, one in _pruners.items()}


def prune_if_due() -> bool:
    """Prune unless it was done here within a day. Each home remembers it by itself: uploads and logs are its own."""
    mark = settings.HOME.folder("upkeep") / "pruned"
    if mark.exists() and time.time() - mark.stat().st_mtime < DAY_SECONDS:
        return False
    # A full disk needs it most.
    with contextlib.suppress(OSError):
        mark.touch()
    prune()
    return True


def remove_older(paths: "list[Path]", days: float) -> int:
    """Delete files and folders that were last changed so many days ago; returns how many."""
    oldest = time.time() - days * DAY_SECONDS
    old = [path for path in paths if path.stat().st_mtime < oldest]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _tried(what: str, action: Callable[[], int]) -> int:
    try:
        return action()
    except Exception:
        logger.exception("upkeep of %s failed", what)
        return 0
