"""How the desk is: for superusers, what /readyz says in words and figures."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from corpusapp import health
from corpusapp.backup.actions import schedule
from corpusapp.core import jobs
from corpusapp.core.admin.reach import sees_all

_SHOWN = 10


def desk_status(request: HttpRequest) -> HttpResponse:
    if not sees_all(request):
        raise PermissionDenied("only superusers can see the system status")
    checks = health.checks()
    oldest = checks.get("queues", {}).get("oldest_waiting_seconds", {})
    workers = jobs.workers()
    silent = [worker.silent_seconds for worker in workers if not (worker.lives or worker.tasks)]
    context = {
        **admin.site.each_context(request),
        "title": "System status",
        "problems": [check["problem"] for check in checks.values() if check["problem"]],
        "checks": checks,
        "workers": [worker for worker in workers if worker.lives or worker.tasks],
        "silent": len(silent),
        "silent_seconds": min(silent, default=None),
        "failed": jobs.failed(),
        "failed_days": settings.FAILED_JOB_DAYS,
        "queues": [(queue, number, oldest.get(queue)) for queue, number in jobs.waiting().items()],
        "backup_failed": schedule.why_failed() if settings.BACKUP_HOURS else "",
        "backups": [(path, *found) for path in schedule.all_kept()[:_SHOWN] if (found := _size_and_time(path))],
    }
    return render(request, "admin/status.html", context)


def _size_and_time(path: Path) -> tuple[int, datetime] | None:
    """None for one that was deleted in this moment."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)
    return None
