"""URLs of the admin site's pages."""

from django.db.models import Model
from django.urls import reverse


def page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def autocomplete(model: type[Model], field: str, term: str) -> str:
    names = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
    return f"{reverse('admin:autocomplete')}?{names}&field_name={field}&term={term}"
