"""Write the rows of an inline: each by an action of the page that its model has."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest

from corpusapp.core.errors import Invalid, Refusal

if TYPE_CHECKING:
    from corpusapp.core.admin.scoped import ScopedAdmin


def from_form(value: Any) -> Any:
    """Browsers send lines that end in CRLF; stored lines end in LF."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def write_rows(request: HttpRequest, page: "ScopedAdmin", formset: Any) -> None:
    """Change, delete and add the rows of the formset. The first refusal names its row, and nothing is written."""
    # What Django logs.
    formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
    deleted = formset.deleted_forms
    touched = [form for form in formset.initial_forms if form in deleted or form.has_changed()]
    if not all(form.instance.pk for form in touched):
        raise Invalid("a row was removed since the page was loaded: load it again")
    stored = {form.instance: form for form in touched}
    for row in page.order_of_writes(request, stored):
        if stored[row] in deleted:
            formset.deleted_objects.append(row)
            _write(page.choice_text(row), page.perform_delete, request, row)
        else:
            formset.changed_objects.append((row, stored[row].changed_data))
            _write(page.choice_text(row), page.perform_change, request, row, _values(stored[row], formset.fk.name))
    for form in formset.extra_forms:
        if form.has_changed() and form not in deleted:
            values = {**_values(form), formset.fk.name: formset.instance}
            formset.new_objects.append(_write(str(form.instance), page.perform_add, request, values))


def _write(name: str, act: Any, *arguments: Any) -> Any:
    try:
        return act(*arguments)
    except Refusal as refusal:
        # Without its field: the page may have another one of that name.
        raise Invalid(f"{name}: {refusal.detail}") from refusal


def _values(form: forms.ModelForm, *left_out: str) -> dict[str, Any]:
    """The values of the fields that can be changed."""
    without = {"DELETE", form.instance._meta.pk.name, *left_out}
    fields = {name for name, field in form.fields.items() if not field.disabled} - without
    return {name: from_form(value) for name, value in form.cleaned_data.items() if name in fields}
