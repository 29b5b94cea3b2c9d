"""The base class of all admin pages: users see the rows of their own corpora, and every write is an action.

Django's model permissions are not used. A manager can access the rows of the corpora that the manager manages, a
superuser all rows. A page is read-only unless its class has actions to add, change or delete.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from types import new_class
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import ForeignKey, Model, QuerySet
from django.db.models.fields.related import RelatedField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from corpusapp.core.admin.access import managed_corpora, sees_all
from corpusapp.core.admin.rows import from_form, write_rows
from corpusapp.core.errors import Invalid, Refusal
from corpusapp.text.wellformed import fault

# Code points of a search term: each of its words is searched in several columns.
MAX_TERM = 500
# (field, detail) of the refusals of these requests. Not the exceptions: they would keep the requests alive.
_refusals: "WeakKeyDictionary[HttpRequest, tuple[str, str]]" = WeakKeyDictionary()


class CompletedList(ChangeList):
    """A list that looks up expensive columns for the rows of one page only, not for the rows that it skips."""

    model_admin: "ScopedAdmin"

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.complete(self.result_list)


class SearchSelect(AutocompleteSelect):
    """Says what to choose while nothing is chosen: without it, screen readers find no name."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        name = self.field.remote_field.model._meta.verbose_name
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": f"Search for a {name}"}


class ScopedChoices(BaseModelAdmin):
    """Offers in fields that refer to other rows only those that the admin page of these rows offers."""

    def get_field_queryset(self, db: str | None, db_field: RelatedField, request: HttpRequest) -> QuerySet[Any] | None:
        related = self.page_of(model := _related_model(db_field))
        return related.choices(request) if related else model._default_manager.none()

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SearchSelect(db_field, self.admin_site))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and (related := self.page_of(_related_model(db_field))):
            field.label_from_instance = related.choice_text  # type: ignore[method-assign]  # the admin made the field
        return field

    def page_of(self, model: type[Model]) -> "ScopedAdmin | None":
        found = self.admin_site.get_model_admin(model) if self.admin_site.is_registered(model) else None
        return found if isinstance(found, ScopedAdmin) else None


class ScopedAdmin(ScopedChoices, admin.ModelAdmin):
    # The lookup path from a row to the ID of its corpus.
    corpus_path = "corpus_id"
    can_add = can_change = can_delete = False
    # Whether managers see their recent actions on this model on the index page.
    logs_for_managers = False
    # The button that opens the row on the site, where `get_view_on_site_url` has an address.
    open_text = "View on site"
    # Labels and help texts of fields, where those of the model do not suit.
    labels: ClassVar[dict[str, str]] = {}
    help_texts: ClassVar[dict[str, str]] = {}

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    # Permissions.

    def has_access(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user can access this row; without a row, whether the user can access any."""
        if obj is None or sees_all(request):
            return self.admin_site.has_permission(request)
        value: Any = obj
        for name in self.corpus_path.split("__"):
            value = getattr(value, name)
        return value in managed_corpora(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_access(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and self.has_access(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change and self.has_access(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_delete and self.has_access(request, obj)

    # Rows and choices.

    def accessible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the rows that the user can access."""
        if sees_all(request):
            return rows
        return rows.filter(**{f"{self.corpus_path}__in": managed_corpora(request)})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.accessible(request, super().get_queryset(request))

    def complete(self, rows: Sequence[Any]) -> None:
        """Set the attributes that columns show in addition to fields, on the rows of a list or detail page."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CompletedList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = {"title": str(self.opts.verbose_name_plural).capitalize()}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is not None:
            self.complete([obj])
        return obj

    def choices(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that can be chosen in fields that refer to this model."""
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
        """The choices that match a typed term, and whether they may contain duplicates."""
        return self.get_search_results(request, rows, term)

    def choice_text(self, obj: Any) -> str:
        return str(obj)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404(f"there is no {opts.verbose_name} {object_id[:40]} that you can see")

    # Writes: one action each. A refusal becomes a form error or a message.

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        raise NotImplementedError

    def perform_change(self, request: HttpRequest, obj: Any, values: dict[str, Any]) -> Model:
        raise NotImplementedError

    def perform_delete(self, request: HttpRequest, obj: Any) -> None:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        values = {name: from_form(value) for name, value in form.cleaned_data.items()}
        if change:
            self.perform_change(request, obj, values)
            return
        obj.pk = self.perform_add(request, values).pk
        obj._state.adding = False

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        """Write the rows of an inline by the actions of their own page."""
        page = self.page_of(formset.model)
        if page is None:
            raise TypeError(f"register {formset.model.__name__}: its page has the actions that write its rows")
        write_rows(request, page, formset)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.perform_delete(request, obj)

    def order_of_writes(self, request: HttpRequest, rows: Iterable[Any]) -> list[Any]:
        """The order in which several rows are changed or deleted."""
        return list(rows)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in self.order_of_writes(request, queryset):
            self.perform_delete(request, obj)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type:
        texts = {"labels": self.labels, "help_texts": self.help_texts}
        form = super().get_form(request, obj, change=change, **{**texts, **kwargs})
        refusal = _refusals.get(request)
        return _with_error(form, *refusal) if refusal else form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            # The transaction was rolled back. Show the same form again, with the refusal as its error.
            _refusals[request] = refusal.field, refusal.detail
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            return self._refuse(request, refusal.detail)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(value.isascii() and value.isdigit() for value in selected):
            return self._refuse(request, "a selected row has no ID: select rows in the list")
        # Django logs deletions before it deletes, so both are one transaction. Other actions commit row by row.
        deletes = request.POST.get("action") == "delete_selected"
        try:
            with transaction.atomic() if deletes else nullcontext():
                return super().response_action(request, queryset)
        except Refusal as refusal:
            return self._refuse(request, refusal.detail)

    def _refuse(self, request: HttpRequest, detail: str) -> HttpResponse:
        """Show the refusal on the list page."""
        self.message_user(request, detail, messages.ERROR)
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))


class SuperuserAdmin(ScopedAdmin):
    """Pages of rows that belong to no corpus."""

    def has_access(self, request: HttpRequest, obj: Any = None) -> bool:
        return sees_all(request)

    def accessible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if sees_all(request) else rows.none()


def _related_model(field: RelatedField) -> type[Model]:
    model = field.related_model
    if isinstance(model, str):
        raise TypeError(f"the models of {field} are not loaded yet")
    return model


def _with_error(form: type[forms.ModelForm], field: str, detail: str) -> type:
    """A subclass of the form that always fails with this error."""

    def clean(self: forms.ModelForm) -> dict[str, Any] | None:
        cleaned = form.clean(self)
        self.add_error(field if field in self.fields else None, detail)
        return cleaned

    return new_class("RefusedForm", (form,), exec_body=lambda namespace: namespace.update({"clean": clean}))
