"""The site itself: superusers and managers of corpora enter, everybody else is sent to sign in or refused."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import update_wrapper
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, URLResolver, path, reverse

from corpusapp import health
from corpusapp.accounts.requests import user_of
from corpusapp.backup.actions import schedule
from corpusapp.core import jobs
from corpusapp.core.admin.reach import managed_corpora, sees_all, withdrawn_corpora
from corpusapp.core.admin.scoped import ScopedAdmin

_SHOWN = 10


def desk_status(request: HttpRequest) -> HttpResponse:
    if not sees_all(request):
        raise PermissionDenied("only superusers can see the system status")
    checks = health.checks()
    oldest = checks.get("queues", {}).get("oldest_waiting_seconds", {})
    workers = jobs.workers()
    silent = [worker.silent_seconds for worker in workers if not (worker.is_alive or worker.tasks)]
    context = {
        **admin.site.each_context(request),
        "title": "System status",
        "problems": [check["problem"] for check in checks.values() if check["problem"]],
        "checks": checks,
        "workers": [worker for worker in workers if worker.is_alive or worker.tasks],
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


# Apps of others register pages that go by Django's model permissions, which nobody holds here: roles decide.
_LEFT_OUT = {"auth", "procrastinate"}


class DeskAdminSite(AdminSite):
    site_header = "corpusapp administration"
    site_title = "corpusapp administration"
    index_title = "Site administration"
    # The lists are wide; the first page is one step away.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        for model in models:
            if model._meta.app_label in _LEFT_OUT:
                continue
            if not issubclass(admin_class or ModelAdmin, ScopedAdmin):
                raise TypeError(f"register {model.__name__} with a ScopedAdmin: others show rows of every corpus")
            super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or bool(managed_corpora(request) or withdrawn_corpora(request))

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            leaving = getattr(view, "__func__", view) is AdminSite.logout
            if user_of(request).is_authenticated and not leaving and not self.has_permission(request):
                raise PermissionDenied("the admin site is for superusers and for managers of a corpus")
            _refuse_nul(request)
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the site's own sign-in page."""
        if user_of(request).is_authenticated and not self.has_permission(request):
            raise PermissionDenied("the admin site is for superusers and for managers of a corpus")
        try:
            sign_in = reverse(settings.LOGIN_URL)
        except NoReverseMatch:
            return super().login(request, extra_context)
        if user_of(request).is_authenticated:
            return super().login(request, extra_context)
        following = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return redirect_to_login(following, sign_in)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """On the site's own page, where wrong passwords are counted."""
        return redirect("password-change")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # Django's shortcut tells whether any object of any model exists. Our pages link to the site directly.
        shortcut = path("r/<path:content_type_id>/<path:object_id>/", self.admin_view(_absent), name="view_on_site")
        status = path("status/", self.admin_view(desk_status), name="status")
        return [shortcut, status, *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return ScopedAutocompleteView.as_view(admin_site=self)(request)

    def get_log_entries(self, request: HttpRequest) -> QuerySet[Any]:
        """Recent actions; for a manager those on what stands in the manager's corpora now."""
        from django.contrib.contenttypes.models import ContentType

        entries = super().get_log_entries(request)
        if sees_all(request):
            return entries
        shown = Q(pk__in=[])
        for model, model_admin in self._registry.items():
            if model_admin.logs_for_managers:
                rows = model_admin.within_reach(request, model._default_manager.order_by())
                content_type = ContentType.objects.get_for_model(model)
                shown |= Q(content_type=content_type, object_id__in=rows.values(text_id=Cast("pk", TextField())))
        return entries.filter(shown)


def _absent(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    raise Http404("page not found")


def _refuse_nul(request: HttpRequest) -> None:
    """PostgreSQL stores no NUL: in a search or filter it can only be an error, so it is refused as one."""
    for name, values in request.GET.lists():
        if "\0" in name or any("\0" in value for value in values):
            raise BadRequest("the address contains a NUL character")


class ScopedAutocompleteView(AutocompleteJsonView):
    """Asks the pages of the related model what may be chosen, in place of who may look at its list."""

    def process_request(self, request: HttpRequest) -> tuple[Any, ...]:
        term, model_admin, source_field, to_field_name = super().process_request(request)
        source = self.admin_site._registry.get(source_field.model)
        # Only fields that some page really offers: every other path into a table is closed.
        if source is None or source_field.name not in source.get_autocomplete_fields(request):
            raise PermissionDenied
        self.source_admin = source
        return term, model_admin, source_field, to_field_name

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.model_admin.choices(self.request)
        rows, duplicates = self.model_admin.find_choices(self.request, rows, self.term)
        return rows.distinct() if duplicates else rows

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return {"id": str(getattr(obj, to_field_name)), "text": self.model_admin.choice_text(obj)}

    def has_perm(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may write the field may choose for it."""
        return self.source_admin.has_add_permission(request) or self.source_admin.has_change_permission(request)
