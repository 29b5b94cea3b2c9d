"""Background jobs that belong to no app, and what they delete once a day, by settings such as `FAILED_JOB_DAYS`."""

from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from corpusapp.core import idempotency, jobs, upkeep

_LONGEST_LOG_BYTES = 10_000_000


def register_pruners() -> None:
    upkeep.daily("sessions", prune_sessions)
    upkeep.daily("failed jobs", prune_jobs)
    upkeep.daily("idempotency keys", idempotency.sweep)
    upkeep.daily("logs", prune_logs)


def prune_sessions() -> int:
    """Delete expired sessions, two weeks after the sign-in; returns how many."""
    expired = Session.objects.filter(expire_date__lt=timezone.now()).count()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return expired


def prune_jobs() -> int:
    """Delete old jobs that failed or were aborted. Returns 0: procrastinate does not count them."""
    jobs.delete_ended(settings.FAILED_JOB_DAYS)
    return 0


def prune_logs() -> int:
    """Rotate long logs, and delete old rotated ones; returns how many were deleted."""
    logs = settings.HOME.path / "logs"
    if not logs.is_dir():
        return 0
    for log in logs.glob("*.log"):
        if not log.name.endswith(".1.log") and log.stat().st_size > _LONGEST_LOG_BYTES:
            _rotate(log)
    return upkeep.remove_older(list(logs.glob("*.1.log")), settings.LOG_DAYS)


def _rotate(log: Path) -> None:
    """Copy and empty the log, in place of renaming it: the process that appends to it keeps the file open."""
    log.with_suffix(".1.log").write_bytes(log.read_bytes())
    with log.open("r+b") as file:
        file.truncate(0)


register_pruners()


@jobs.every_minute("upkeep", queue=jobs.UPKEEP)
def keep_up(timestamp: int) -> None:
    """Fail what lost its job, and queue what should have one; once a day, delete what is old."""
    upkeep.end_lost_jobs()
    upkeep.check()
    upkeep.prune_if_due()


@jobs.every_minute("scheduled_backup", queue=jobs.BACKUPS)
def back_up(timestamp: int) -> None:
    """Create a backup if one is due. In its own queue, since a large backup takes hours."""
    from corpusapp.backup.actions.schedule import save_if_due

    save_if_due()
