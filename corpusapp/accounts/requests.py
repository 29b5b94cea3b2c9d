"""Requests of people who are signed in, as views and API views see them: the middleware has refused all others."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from rest_framework.request import Request

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class UserRequest(HttpRequest):
    """A request for a page."""

    user: "User"


class ApiRequest(Request):
    """A request for the REST API, by a token or a session."""

    if TYPE_CHECKING:
        user: User


def user_of(request: HttpRequest) -> "User":
    """The user of a request in the admin site, whose methods take Django's own requests."""
    return cast("User", request.user)
