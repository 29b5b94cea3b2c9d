"""Background jobs of the desk itself, and what is deleted once a day, by settings such as `FAILED_JOB_DAYS`."""

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
    upkeep.daily("keys of requests", idempotency.sweep)
    upkeep.daily("logs", prune_logs)


def prune_sessions() -> int:
    """Sessions whose time is over, two weeks after the sign-in."""
    over = Session.objects.filter(expire_date__lt=timezone.now()).count()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return over


def prune_jobs() -> int:
    """Jobs that failed or were given up."""
    jobs.delete_ended(settings.FAILED_JOB_DAYS)
    return 0


def prune_logs() -> int:
    """Older logs; a present one that has grown long becomes the older one."""
    logs = settings.HOME.path / "logs"
    if not logs.is_dir():
        return 0
    for log in logs.glob("*.log"):
        if not log.name.endswith(".1.log") and log.stat().st_size > _LONGEST_LOG_BYTES:
            _turn(log)
    return upkeep.remove_older(list(logs.glob("*.1.log")), settings.LOG_DAYS)


def _turn(log: Path) -> None:
    """The process that writes it has it open, and appends: it goes on at the start of the emptied file."""
    older = log.with_suffix(".1.log")
    older.write_bytes(log.read_bytes())
    with log.open("r+b") as file:
        file.truncate(0)


register_pruners()


@jobs.every_minute("upkeep", queue=jobs.UPKEEP)
def keep_up(timestamp: int) -> None:
    """End jobs that nobody works on any more; once a day, delete what is old."""
    upkeep.end_lost_jobs()
    upkeep.prune_if_due()


@jobs.every_minute("scheduled_backup", queue=jobs.BACKUPS)
def back_up(timestamp: int) -> None:
    """Make a backup where one is due. In a queue of its own: that of a large desk takes hours."""
    from corpusapp.backup.actions.schedule import save_if_due

    save_if_due()
