"""Variables of the header of every page."""

from typing import Any

from django.utils.functional import SimpleLazyObject

from corpusapp.accounts.queries import count_unread
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.permissions import manages_any
from corpusapp.dashboard.navigation import tabs

# The page that people open most does without the query.
_WITHOUT_COUNT = {"article"}


def header(request: UserRequest) -> dict[str, Any]:
    """`manages_any`: whether the user can enter the admin site. `unread_notices`: how many there are. `tabs`: the pages
    of the corpus of the address.

    All are looked up only if the template uses them.
    """
    user = getattr(request, "user", None)
    return {
        "manages_any": SimpleLazyObject(lambda: bool(user and manages_any(user))),
        "tabs": SimpleLazyObject(lambda: list(tabs(getattr(request, "resolver_match", None)))),
        "unread_notices": lambda: _unread(request),
    }


def _unread(request: UserRequest) -> int:
    user, match = getattr(request, "user", None), request.resolver_match
    if user is None or not user.is_authenticated or (match is not None and match.url_name in _WITHOUT_COUNT):
        return 0
    return count_unread(user)
