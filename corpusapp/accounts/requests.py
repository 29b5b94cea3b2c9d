"""Types of requests of signed-in users, and where a request comes from.

Django's middleware and REST framework make plain requests, and refuse anonymous users before a view is called. Views
annotate their requests with these types, which say that there is a user.
"""

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from corpusapp.accounts.models import Token, User


class UserRequest(HttpRequest):
    """A request for a page."""

    user: User


class ApiRequest(Request):
    """A request to the REST API, with a token or a session."""

    user: User
    auth: Token | None


def user_of(request: HttpRequest) -> User:
    """The user of a request in the admin site, whose methods take Django's own requests."""
    return cast(User, request.user)


def address_of(request: HttpRequest) -> str:
    """The client's IP address; behind our proxy the address that the proxy saw, which it appends to the header."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:45]
