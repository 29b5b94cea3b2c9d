"""The admin site, for superusers and managers of corpora, with its page of the system status."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, URLPattern, URLResolver, path, reverse

from corpusapp import health
from corpusapp.accounts.requests import user_of
from corpusapp.backup.actions import schedule
from corpusapp.core import jobs
from corpusapp.core.admin.access import managed_corpora, sees_all, withdrawn_corpora
from corpusapp.core.admin.scoped import ScopedAdmin

# Recent backups on the status page.
_SHOWN_BACKUPS = 10
# What managers look for first comes first.
_ORDER = ("articles", "review", "suggestions", "feed", "accounts", "admin")
# Their own admin pages use Django's model permissions, which nobody has here: roles decide.
_UNSCOPED_APPS = {"auth", "procrastinate"}
_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


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
        "backup_failed": schedule.failure_reason() if settings.BACKUP_HOURS else "",
        "backups": [(path, *found) for path in schedule.all_kept()[:_SHOWN_BACKUPS] if (found := _size_and_time(path))],
    }
    return render(request, "admin/status.html", context)


def _size_and_time(path: Path) -> tuple[int, datetime] | None:
    """The size in bytes and the time of the last change; None if the file has just been deleted."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)
    return None


class DeskAdminSite(AdminSite):
    site_header = site_title = "corpusapp admin"
    index_title = "Admin"
    # The lists are wide, and the index page is one click away.
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        for model in models:
            if model._meta.app_label in _UNSCOPED_APPS:
                continue
            if not issubclass(admin_class or ModelAdmin, ScopedAdmin):
                raise TypeError(f"register {model.__name__} with a ScopedAdmin: others show rows of every corpus")
            super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return sees_all(request) or bool(managed_corpora(request) or withdrawn_corpora(request))

    def admin_view(self, view: _View, cacheable: bool = False) -> _View:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            leaving = getattr(view, "__func__", view) is AdminSite.logout
            if user_of(request).is_authenticated and not leaving and not self.has_permission(request):
                raise PermissionDenied("the admin site is for superusers and for managers of a corpus")
            _refuse_nul(request)
            return inner(request, *args, **kwargs)

        return cast(_View, update_wrapper(guarded, inner))

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

    def password_change(  # type: ignore[override]  # the stubs know only Django's own page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the site's own page, which counts wrong passwords."""
        return redirect("password-change")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # Django's shortcut reveals whether any object of any model exists. Our pages link to the site directly.
        shortcut = path("r/<path:content_type_id>/<path:object_id>/", self.admin_view(_absent), name="view_on_site")
        status = path("status/", self.admin_view(desk_status), name="status")
        return [shortcut, status, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        return sorted(
            apps, key=lambda app: _ORDER.index(app["app_label"]) if app["app_label"] in _ORDER else len(_ORDER)
        )

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, ScopedAutocompleteView.as_view(admin_site=self)(request))

    def get_log_entries(self, request: HttpRequest) -> QuerySet[Any]:
        """Recent actions; for a manager, those on rows of the manager's corpora."""
        entries = super().get_log_entries(request)
        if sees_all(request):
            return entries
        shown = Q(pk__in=[])
        for model, model_admin in self._registry.items():
            if isinstance(model_admin, ScopedAdmin) and model_admin.logs_for_managers:
                rows = model_admin.accessible(request, model._default_manager.order_by())
                content_type = ContentType.objects.get_for_model(model)
                shown |= Q(content_type=content_type, object_id__in=rows.values(text_id=Cast("pk", TextField())))
        return entries.filter(shown)


def _absent(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    raise Http404("page not found")


def _refuse_nul(request: HttpRequest) -> None:
    """PostgreSQL cannot store NUL, so in a search or filter it would be an error of the database."""
    for name, values in request.GET.lists():
        if "\0" in name or any("\0" in value for value in values):
            raise BadRequest("the address contains a NUL character")


class ScopedAutocompleteView(AutocompleteJsonView):
    """Offers the choices of the related model's page, also to users who cannot see its list."""

    admin_site: AdminSite
    model_admin: ScopedAdmin
    source_admin: ScopedAdmin

    def process_request(self, request: HttpRequest) -> tuple[Any, ...]:
        # Not in the stubs of django-stubs.
        term, model_admin, source_field, to_field_name = super().process_request(request)  # type: ignore[misc]
        source = self.admin_site._registry.get(source_field.model)
        # Only the autocomplete fields of a page: nothing else of a table can be searched.
        if not isinstance(source, ScopedAdmin) or source_field.name not in source.get_autocomplete_fields(request):
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
        """Whether the user can write the field that the choice is for."""
        return self.source_admin.has_add_permission(request) or self.source_admin.has_change_permission(request)
