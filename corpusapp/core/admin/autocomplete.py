"""Choices that a field offers while one types: only such as the person may choose."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest


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
