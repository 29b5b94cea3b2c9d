"""What the header of every page asks."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.permissions import manages_any


def header(request: UserRequest) -> dict[str, Any]:
    """`manages_any`: whether the admin site is open to the user; asked only where a template looks."""
    user = getattr(request, "user", None)
    return {"manages_any": SimpleLazyObject(lambda: bool(user and manages_any(user)))}
