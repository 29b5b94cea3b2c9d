"""Inlines: rows that belong to the row of a page, shown and written on its page."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from corpusapp.core.admin.access import managed_corpora, sees_all
from corpusapp.core.admin.scoped import ScopedAdmin, ScopedChoices

# Longer lists have a page of their own only.
MAX_SHOWN = 100
# Django's has headers without words.
_TEMPLATE = "admin/edit_inline/rows.html"


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to the shown row, visible to everybody who can see that row."""

    template = _TEMPLATE
    extra = max_num = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FixedFieldsForm(forms.ModelForm):
    """A form whose `fixed` fields can be set for a new row only. Where they refer to a row, no other is looked up."""

    fixed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fixed if self.instance.pk else ():
            if (field := self.fields.get(name)) is None:
                continue
            field.disabled = True
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                row = getattr(self.instance, name)
                field.queryset = field.queryset.model._default_manager.filter(pk=row.pk)
                field.widget = forms.Select(choices=[(row.pk, field.label_from_instance(row))])


class NamedFields(BaseInlineFormSet):
    """Names each field for screen readers: a table shows its label once, above the column."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        row = ", ".join(str(getattr(form.instance, name)) for name in form.fixed) if form.instance.pk else "new row"
        for name, field in form.fields.items():
            label = "Remove" if name == DELETION_FIELD_NAME else field.label
            # The admin wraps the widgets of fields that refer to other rows.
            getattr(field.widget, "widget", field.widget).attrs["aria-label"] = f"{label}: {row}"


class CorpusInline(ScopedChoices, admin.TabularInline):
    """Rows of a corpus on the page of the corpus, for those who may write them on their own page."""

    template = _TEMPLATE
    formset = NamedFields
    # A row to fill in is there without JavaScript too.
    extra = 1
    # Whether the page that creates a corpus has them.
    in_new_corpora = True
    form: type[FixedFieldsForm] = FixedFieldsForm

    @classmethod
    def fits(cls, corpus: Any) -> bool:
        """Whether the corpus has few enough rows for its page."""
        return cls.model._default_manager.filter(corpus=corpus).count() <= MAX_SHOWN

    @property
    def page(self) -> ScopedAdmin:
        return cast(ScopedAdmin, self.page_of(self.model))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or sees_all(request) or obj.pk in managed_corpora(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj) and self.page.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj) and self.page.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj) and self.page.has_delete_permission(request)
