"""How the desk is: for superusers, what /readyz says in words and figures."""

from datetime import UTC, datetime
from pathlib import Path

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from corpusapp import health, jobs
from corpusapp.admin_site.reach import sees_all
from corpusapp.backup.actions import schedule

_SHOWN = 10


def desk_status(request: HttpRequest) -> HttpResponse:
    if not sees_all(request):
        raise PermissionDenied("how the whole desk is, superusers see alone")
    checks = health.checks()
    oldest = checks.get("queues", {}).get("oldest_waiting_seconds", {})
    context = {
        **admin.site.each_context(request),
        "title": "Status",
        "problems": [check["problem"] for check in checks.values() if check["problem"]],
        "checks": checks,
        "workers": jobs.workers(),
        "queues": [(queue, number, oldest.get(queue)) for queue, number in jobs.waiting().items()],
        "backups": [(path, *_size_and_time(path)) for path in schedule.all_kept()[:_SHOWN]],
    }
    return render(request, "admin/status.html", context)


def _size_and_time(path: Path) -> tuple[int, datetime]:
    found = path.stat()
    return found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)
