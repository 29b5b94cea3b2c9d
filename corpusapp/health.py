"""Whether the desk lives, and whether it is ready: for whatever watches it, without a sign-in and without secrets."""

import shutil
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from corpusapp import jobs
from corpusapp.backup.actions import schedule
from corpusapp.backup.actions.restore import RESTORING

# How long it waits for the database.
_STATEMENT_MILLISECONDS = 3000
_APPLIED = "SELECT app, name FROM django_migrations"


class HealthMiddleware:
    """Answers /healthz and /readyz, before any other: who asks need not know by what name the desk is reached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._answers = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answers.get(request.path_info, self._get_response)(request)


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers, whatever the database does."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 where all is well, else 503 with the reasons."""
    found = checks()
    problems = [check["problem"] for check in found.values() if check["problem"]]
    body = {"status": "not ready" if problems else "ready", "problems": problems, "checks": found}
    response = JsonResponse(body, status=503 if problems else 200)
    # Whoever asks knows it; the log would say so every few seconds.
    response._has_been_logged = True
    return response


def checks() -> dict[str, dict[str, Any]]:
    """By what was looked at: what is wrong, empty for nothing, and figures."""
    found = {"home": _home(), "disk": _disk(), "backups": _backups()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(_STATEMENT_MILLISECONDS)])
            try:
                return found | {"database": _check(""), **{name: check() for name, check in _OF_DATABASE.items()}}
            finally:
                cursor.execute("RESET statement_timeout")
    except (DatabaseError, InterfaceError) as error:
        return found | {"database": _check(f"the database does not answer ({type(error).__name__})")}


def _check(problem: str, **figures: Any) -> dict[str, Any]:
    return {"problem": problem, **figures}


def _home() -> dict[str, Any]:
    broken = (settings.HOME.path / RESTORING).exists()
    return _check("a restore runs, or was broken off" if broken else "")


def _disk() -> dict[str, Any]:
    free, reserve = shutil.disk_usage(settings.HOME.path).free, settings.DISK_RESERVE_BYTES
    problem = (
        f"{free // 2**20} MB are free on the disk, and {reserve // 2**20} MB are kept free" if free < reserve else ""
    )
    return _check(problem, free_bytes=free)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _migrations() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED)
        applied = set(cursor.fetchall())
    pending, unknown = len(_known_migrations() - applied), len(applied - _known_migrations())
    problem = f"the database is older than the code: {pending} migrations are pending" if pending else ""
    problem = f"the database is newer than the code: {unknown} migrations are unknown" if unknown else problem
    return _check(problem, pending=pending, unknown=unknown)


def _workers() -> dict[str, Any]:
    living = jobs.living_workers()
    return _check("" if living else "no worker gives a sign of life", living=living)


def _queues() -> dict[str, Any]:
    oldest, most = jobs.oldest_waiting(), settings.OLDEST_JOB_SECONDS
    late = [queue for queue, seconds in oldest.items() if most and seconds > most]
    problem = f"jobs wait for more than {most} seconds in: {', '.join(late)}" if late else ""
    return _check(problem, oldest_waiting_seconds=oldest)


def _backups() -> dict[str, Any]:
    age = schedule.newest_age()
    problem = f"the newest backup is older than twice {settings.BACKUP_HOURS} hours" if schedule.overdue() else ""
    return _check(problem, every_hours=settings.BACKUP_HOURS, newest_age_seconds=None if age is None else round(age))


_OF_DATABASE: dict[str, Callable[[], dict[str, Any]]] = {
    "migrations": _migrations, "workers": _workers, "queues": _queues,
}  # fmt: skip
