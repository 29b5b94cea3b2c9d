"""The base of every page of the admin site: rows of one's own corpora, and no write but by an action.

Django's model permissions play no part. A manager reaches the rows of the corpora that the manager keeps, a superuser
all. Every page is read-only until its class says which of the three writes it has an action for.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import Field, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from corpusapp.core.admin.reach import managed_corpora, sees_all
from corpusapp.core.errors import Invalid, Refusal
from corpusapp.text.wellformed import fault

# Code points of a search: each of its words is looked for in several columns.
MAX_TERM = 500


class CompletedList(ChangeList):
    """A list whose costly columns are looked up for the rows of the page alone, not for all that it skips."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.complete(self.result_list)


class ScopedAdmin(admin.ModelAdmin):
    # The path from a row to the id of its corpus.
    corpus_path = "corpus_id"
    can_add = can_change = can_delete = False
    # Whether a manager's recent actions on this model are listed on the first page.
    logs_for_managers = False

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    # Who may do what.

    def reaches(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the row is of a corpus that the person manages; without a row, whether there can be one."""
        if obj is None or sees_all(request):
            return self.admin_site.has_permission(request)
        value: Any = obj
        for name in self.corpus_path.split("__"):
            value = getattr(value, name)
        return value in managed_corpora(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.reaches(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and self.reaches(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_change and self.reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_delete and self.reaches(request, obj)

    # What is shown and offered.

    def within_reach(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if sees_all(request):
            return rows
        return rows.filter(**{f"{self.corpus_path}__in": managed_corpora(request)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.within_reach(request, super().get_queryset(request))

    def complete(self, rows: Sequence[Any]) -> None:
        """Give the rows of one page, or the one of a page of its own, what their columns show beside their fields."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CompletedList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            self.complete([obj])
        return obj

    def choices(self, request: HttpRequest) -> QuerySet[Any]:
        """What fields that refer to this model offer and accept."""
        return self.get_queryset(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if reason := fault(search_term):
            raise Invalid(f"the search {reason}", field="q")
        if len(search_term) > MAX_TERM:
            raise Invalid(f"the search has {len(search_term)} characters: the limit is {MAX_TERM}", field="q")
        return super().get_search_results(request, queryset, search_term)

    def find_choices(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> tuple[QuerySet[Any], bool]:
        """Those of the choices that a typed term finds, and whether they may come twice."""
        return self.get_search_results(request, rows, term)

    def choice_text(self, obj: Model) -> str:
        return str(obj)

    def get_field_queryset(self, db: str | None, db_field: Field, request: HttpRequest) -> QuerySet[Any] | None:
        related = db_field.remote_field.model
        if self.admin_site.is_registered(related):
            return self.admin_site.get_model_admin(related).choices(request)
        return related._default_manager.none()

    def formfield_for_foreignkey(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and self.admin_site.is_registered(db_field.remote_field.model):
            field.label_from_instance = self.admin_site.get_model_admin(db_field.remote_field.model).choice_text
        return field

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404(f"there is no {opts.verbose_name} {object_id[:40]} that you can see")

    # Writes: one action each. Its refusal becomes an error of the form, or a message.

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        raise NotImplementedError

    def perform_change(self, request: HttpRequest, obj: Any, values: dict[str, Any]) -> Model:
        raise NotImplementedError

    def perform_delete(self, request: HttpRequest, obj: Any) -> None:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        values = {name: _from_form(value) for name, value in form.cleaned_data.items()}
        if change:
            self.perform_change(request, obj, values)
            return
        obj.pk = self.perform_add(request, values).pk
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.perform_delete(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            self.perform_delete(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return _refused(form, refusal) if refusal else form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            # All was rolled back. The same form again, which now fails with what the action said.
            request.refusal = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            return self._told(request, refusal.detail)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        selected = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        if not all(value.isascii() and value.isdigit() for value in selected):
            return self._told(request, "a selected row has no ID: select rows in the list")
        # Deletions are logged before they are made, so both stand or fall together. Other actions commit row by row.
        deletes = request.POST.get("action") == "delete_selected"
        try:
            with transaction.atomic() if deletes else nullcontext():
                return super().response_action(request, queryset)
        except Refusal as refusal:
            return self._told(request, refusal.detail)

    def _told(self, request: HttpRequest, what: str) -> HttpResponse:
        self.message_user(request, what, messages.ERROR)
        return HttpResponseRedirect(self._list_address())

    def _list_address(self) -> str:
        from django.urls import reverse

        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class SuperuserAdmin(ScopedAdmin):
    """Pages of what belongs to no corpus."""

    def reaches(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return sees_all(request)

    def within_reach(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if sees_all(request) else rows.none()


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to the row shown; who may see that one may see these."""

    extra = max_num = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _from_form(value: Any) -> Any:
    """Browsers end a form's lines with CRLF; stored lines end with LF."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _refused(form: type[forms.ModelForm], refusal: Refusal) -> type[forms.ModelForm]:
    """The form, made to fail with a refusal on the field that it names."""

    class Refused(form):
        def clean(self) -> dict[str, Any] | None:
            cleaned = super().clean()
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)
            return cleaned

    return Refused
