"""Health checks for monitoring, without sign-in and without secrets: /healthz and /readyz."""

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from corpusapp.backup.actions import schedule
from corpusapp.backup.actions.make import RESTORING
from corpusapp.core import jobs, waiting_process

# The limit of each statement, and of the whole response, whatever the database does.
_STATEMENT_MILLISECONDS = 3000
_RESPONSE_SECONDS = 4.0
_APPLIED = "SELECT app, name FROM django_migrations"


class HealthMiddleware:
    """Answers /healthz and /readyz before any other middleware, so that requests need no allowed host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._views = {"/healthz": alive, "/readyz": ready}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._views.get(request.path_info, self._get_response)(request)


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while this process can answer, whatever the database does."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 if no check has a problem, else 503 with the problems."""
    found = _home_checks() | _probe.result(_RESPONSE_SECONDS)
    problems = [check["problem"] for check in found.values() if check["problem"]]
    body = {"status": "not ready" if problems else "ready", "problems": problems, "checks": found}
    response = JsonResponse(body, status=503 if problems else 200)
    # Django logs a 503 unless this is set. Monitoring asks every few seconds, and gets the problems anyway.
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark, not in the stubs
    return response


def checks() -> dict[str, dict[str, Any]]:
    """All checks by name: `problem`, empty if there is none, and figures."""
    return _home_checks() | _database_checks()


def _home_checks() -> dict[str, dict[str, Any]]:
    return {"home": _home(), "disk": _disk(), "backups": _backups(), "feed": _feed()}


def _database_checks() -> dict[str, dict[str, Any]]:
    try:
        # The limit ends with the transaction, so that a pooler's next client does not get it.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_STATEMENT_MILLISECONDS)])
            found = {"database": _check(""), "migrations": _migrations()}
            # The tables of an older database may be absent or different.
            return found if found["migrations"]["pending"] else found | {"workers": _workers(), "queues": _queues()}
    except (DatabaseError, InterfaceError, ImproperlyConfigured) as error:
        return {"database": _check(f"the database does not answer ({type(error).__name__})")}


class _DatabaseProbe:
    """Checks the database in a thread with its own connection, so that a server that hangs blocks no web thread.

    Requests that arrive during a check wait for its result.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._running: Future[dict[str, dict[str, Any]]] | None = None
        self._since = 0.0

    def result(self, seconds: float) -> dict[str, dict[str, Any]]:
        """The checks, or a problem if the check has run for so many seconds."""
        with self._mutex:
            if self._running is None or self._running.done():
                self._running, self._since = Future(), time.monotonic()
                threading.Thread(target=self._run, args=[self._running], daemon=True).start()
            running, left = self._running, self._since + seconds - time.monotonic()
        try:
            return running.result(max(0, left))
        except TimeoutError:
            return {"database": _check(f"the database does not answer within {seconds:.0f} seconds")}

    @staticmethod
    def _run(future: "Future[dict[str, dict[str, Any]]]") -> None:
        try:
            future.set_result(_database_checks())
        except BaseException as error:
            future.set_exception(error)
        finally:
            connections.close_all()


_probe = _DatabaseProbe()


def _check(problem: str, **figures: Any) -> dict[str, Any]:
    return {"problem": problem, **figures}


def _home() -> dict[str, Any]:
    incomplete = (settings.HOME.path / RESTORING).exists()
    return _check("a restore is running or was interrupted" if incomplete else "")


def _feed() -> dict[str, Any]:
    """The process in which followers wait. None is no problem: then they ask again and again."""
    process, died = waiting_process.find(settings.HOME), waiting_process.has_died(settings.HOME)
    problem = "the process in which followers of the change feed wait has ended: start it again" if died else ""
    return _check(problem, running=process is not None, waiting=process.waiting if process else 0)


def _disk() -> dict[str, Any]:
    try:
        free, reserve = shutil.disk_usage(settings.HOME.path).free, settings.DISK_RESERVE_BYTES
    except OSError as error:
        return _check(f"the home cannot be read ({error.strerror})", free_bytes=None)
    problem = (
        f"{free // 2**20} MB are free on the disk, and {reserve // 2**20} MB are reserved" if free < reserve else ""
    )
    return _check(problem, free_bytes=free)


@cache
def _known_migrations() -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """The migrations of this code, each with those that it replaces."""
    return {key: frozenset(found.replaces) for key, found in MigrationLoader(None).disk_migrations.items()}


def _migrations() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        (exists,) = cursor.fetchone()
        if exists:
            cursor.execute(_APPLIED)
        applied = set(cursor.fetchall()) if exists else set()
    known = _known_migrations()
    # A squashed migration is applied, too, where all that it replaces is.
    pending = sum(key not in applied and not (old and old <= applied) for key, old in known.items())
    unknown = len(applied - known.keys() - set().union(*known.values()))
    problem = f"the database is older than the code: {pending} migrations are pending" if pending else ""
    problem = f"the database is newer than the code: {unknown} migrations are unknown" if unknown else problem
    return _check(problem, pending=pending, unknown=unknown)


def _workers() -> dict[str, Any]:
    living = jobs.living_workers()
    return _check("" if living else "no worker is running", living=living)


def _queues() -> dict[str, Any]:
    oldest, limit = jobs.oldest_waiting(), settings.OLDEST_JOB_SECONDS
    # A backup may take hours, while the next job of its queue waits. `_backups` reports late backups.
    late = [queue for queue, seconds in oldest.items() if limit and seconds > limit and queue != jobs.BACKUPS]
    problem = f"jobs have waited for more than {limit} seconds in: {', '.join(late)}" if late else ""
    return _check(problem, oldest_waiting_seconds=oldest)


def _backups() -> dict[str, Any]:
    hours, age, problem = settings.BACKUP_HOURS, None, ""
    try:
        age = schedule.newest_age()
        if schedule.overdue():
            problem = f"the newest backup is older than twice {hours} hours" if age else "there is no backup yet"
    except OSError as error:
        problem = f"BACKUP_FOLDER cannot be read ({error.strerror})"
    return _check(problem, every_hours=hours, newest_age_seconds=None if age is None else round(age))
