"""Regular upkeep by workers: failing what lost its job, and deleting old data once a day. Cancelling jobs by ID.

Apps register their kinds of jobs and their pruning functions in their `tasks` modules.
"""

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from corpusapp.core.errors import NotFound

logger = logging.getLogger(__name__)
DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class JobKind:
    """A kind of job, such as imports.

    `cancel(user, id)` cancels one, and returns a sentence about what stays. `end_lost` fails those whose job is gone,
    and returns how many.
    """

    name: str
    cancel: Callable[[Any, str], str]
    end_lost: Callable[[], int]


_kinds: dict[str, JobKind] = {}
_checks: dict[str, Callable[[], int]] = {}
_pruners: dict[str, Callable[[], int]] = {}


def register(kind: JobKind) -> None:
    _kinds[kind.name] = kind


def minutely(what: str, check: Callable[[], int]) -> None:
    """Call `check` each minute. It puts right what should never be wrong, and returns how often it was."""
    _checks[what] = check


def daily(what: str, prune: Callable[[], int]) -> None:
    """Call `prune` once a day. It deletes old rows or files and returns how many."""
    _pruners[what] = prune


def kinds() -> tuple[str, ...]:
    return tuple(_kinds)


def cancel(user: Any, kind: str, pk: str) -> str:
    """Cancel a job as this user; returns a sentence about what stays."""
    if kind not in _kinds:
        raise NotFound(f"there is no kind of job {kind!r}: the kinds are {', '.join(_kinds)}")
    return _kinds[kind].cancel(user, pk)


def parse_id(pk: str) -> int:
    """The ID that a user entered. Raises `NotFound` for any other text."""
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise NotFound(f"{pk[:40]!r} is not an ID: IDs are numbers")
    return int(pk)


def end_lost_jobs() -> int:
    """Fail everything that lost its job; returns how many. An error in one kind does not stop the others."""
    return sum(_count_or_log(f"jobs of kind {kind.name}", kind.end_lost) for kind in _kinds.values())


def check() -> dict[str, int]:
    """Do all that is done each minute; returns how much it was, by kind."""
    return {what: _count_or_log(what, one) for what, one in _checks.items()}


def prune() -> dict[str, int]:
    """Delete all old data; returns how much, by kind."""
    return {what: _count_or_log(what, pruner) for what, pruner in _pruners.items()}


def prune_if_due() -> bool:
    """Prune unless this was done within a day; returns whether. Each home has its own mark, uploads and logs."""
    mark = settings.HOME.folder("upkeep") / "pruned"
    if mark.exists() and time.time() - mark.stat().st_mtime < DAY_SECONDS:
        return False
    # Prune a full disk all the same.
    with contextlib.suppress(OSError):
        mark.touch()
    prune()
    return True


def remove_older(paths: list[Path], days: float) -> int:
    """Delete files and folders that were last changed more than so many days ago; returns how many."""
    oldest = time.time() - days * DAY_SECONDS
    old = [path for path in paths if path.stat().st_mtime < oldest]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _count_or_log(what: str, action: Callable[[], int]) -> int:
    try:
        return action()
    except Exception:
        logger.exception("upkeep of %s failed", what)
        return 0
