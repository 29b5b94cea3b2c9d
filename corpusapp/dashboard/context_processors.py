"""Variables of the header of every page."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.permissions import manages_any
from corpusapp.dashboard.navigation import tabs


def header(request: UserRequest) -> dict[str, Any]:
    """`manages_any`: whether the user can enter the admin site. `tabs`: the pages of the corpus of the address.

    Both are looked up only if the template uses them.
    """
    user = getattr(request, "user", None)
    return {
        "manages_any": SimpleLazyObject(lambda: bool(user and manages_any(user))),
        "tabs": SimpleLazyObject(lambda: list(tabs(getattr(request, "resolver_match", None)))),
    }
