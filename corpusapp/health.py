"""Whether the desk lives, and whether it is ready: for whatever watches it, without a sign-in and without secrets."""

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
from corpusapp.core import jobs

# How long a statement may take; and after how many seconds there is an answer, whatever the database does.
_STATEMENT_MILLISECONDS = 3000
_SECONDS = 4.0
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
    found = _of_home() | _LOOKS.result(_SECONDS)
    problems = [check["problem"] for check in found.values() if check["problem"]]
    body = {"status": "not ready" if problems else "ready", "problems": problems, "checks": found}
    response = JsonResponse(body, status=503 if problems else 200)
    # Whoever asks knows it; the log would say so every few seconds.
    response._has_been_logged = True
    return response


def checks() -> dict[str, dict[str, Any]]:
    """By what was looked at: what is wrong, empty for nothing, and figures."""
    return _of_home() | _of_database()


def _of_home() -> dict[str, dict[str, Any]]:
    return {"home": _home(), "disk": _disk(), "backups": _backups()}


def _of_database() -> dict[str, dict[str, Any]]:
    try:
        # Within a transaction, at whose end the limit goes, whatever connection a pooler gives to the next one.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(_STATEMENT_MILLISECONDS)])
            found = {"database": _check(""), "migrations": _migrations()}
            # Older tables may not be there, or be others.
            return found if found["migrations"]["pending"] else found | {"workers": _workers(), "queues": _queues()}
    except (DatabaseError, InterfaceError, ImproperlyConfigured) as error:
        return {"database": _check(f"the database does not answer ({type(error).__name__})")}


class _Looks:
    """Looks at the database in a thread and over a connection of its own: a server that hangs holds up that thread, and
    none that serves requests. Who asks while one runs waits for the same."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._look: Future[dict[str, dict[str, Any]]] | None = None
        self._since = 0.0

    def result(self, seconds: float) -> dict[str, dict[str, Any]]:
        """What it finds, or that it has found nothing so many seconds after it began."""
        with self._mutex:
            if self._look is None or self._look.done():
                self._look, self._since = Future(), time.monotonic()
                threading.Thread(target=self._run, args=[self._look], daemon=True).start()
            look, left = self._look, self._since + seconds - time.monotonic()
        try:
            return look.result(max(0, left))
        except TimeoutError:
            return {"database": _check(f"the database does not answer within {seconds:.0f} seconds")}

    @staticmethod
    def _run(look: "Future[dict[str, dict[str, Any]]]") -> None:
        try:
            look.set_result(_of_database())
        except BaseException as error:
            look.set_exception(error)
        finally:
            connections.close_all()


_LOOKS = _Looks()


def _check(problem: str, **figures: Any) -> dict[str, Any]:
    return {"problem": problem, **figures}


def _home() -> dict[str, Any]:
    broken = (settings.HOME.path / RESTORING).exists()
    return _check("a restore is running or was interrupted" if broken else "")


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
        (made,) = cursor.fetchone()
        if made:
            cursor.execute(_APPLIED)
        applied = set(cursor.fetchall()) if made else set()
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
    oldest, most = jobs.oldest_waiting(), settings.OLDEST_JOB_SECONDS
    # While a backup is made, which may take hours, the next look for one waits; a late one is told by itself.
    late = [queue for queue, seconds in oldest.items() if most and seconds > most and queue != jobs.BACKUPS]
    problem = f"jobs have waited for more than {most} seconds in: {', '.join(late)}" if late else ""
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
