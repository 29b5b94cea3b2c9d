"""Where a request comes from."""

from django.conf import settings

from corpusapp.accounts.requests import UserRequest


def address_of(request: UserRequest) -> str:
    """The client's address; behind our own proxy the one that it saw, which it puts last."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:45]
