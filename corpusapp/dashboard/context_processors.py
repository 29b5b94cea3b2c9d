"""Variables of the header of every page."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.permissions import manages_any


def header(request: UserRequest) -> dict[str, Any]:
    """`manages_any`: whether the user can enter the admin site. Looked up only if the template uses it."""
    user = getattr(request, "user", None)
    return {"manages_any": SimpleLazyObject(lambda: bool(user and manages_any(user)))}
