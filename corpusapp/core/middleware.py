"""Refusals of the domain as pages, compressed pages that no browser keeps, and `ETag`s on every read of the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware
from django.shortcuts import render

from corpusapp.core import disk
from corpusapp.core.errors import (
    Conflict,
    Gone,
    Invalid,
    NoRoom,
    NotAllowed,
    NotFound,
    Refusal,
    RevisionMissing,
    TooOften,
)

_STATUS = {
    Invalid: 400, NotAllowed: 403, NotFound: 404, Conflict: 409, Gone: 410, RevisionMissing: 428, TooOften: 429,
    NoRoom: 507,
}  # fmt: skip


def status_of(refusal: Refusal) -> int:
    """The HTTP status that says this refusal best."""
    return next((_STATUS[kind] for kind in type(refusal).__mro__ if kind in _STATUS), 400)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A page that says what was refused and what to do next."""
    status = status_of(refusal)
    context = {"title": refusal.title, "detail": refusal.detail, "status": status}
    return render(request, "pages/problem.html", context, status=status)


class RefusalMiddleware:
    """Answers a refusal that no view took up. Under /api/ it does nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path_info.startswith("/api/"):
            return None
        if not isinstance(exception, Refusal):
            return refusal_page(request, NoRoom(disk.FULL)) if disk.is_full(exception) else None
        return refusal_page(request, exception)


class CompressedPages(GZipMiddleware):
    """Compresses HTML alone. Django adds bytes of a random number to it, so that lengths tell nothing of a token.

    A page that is kept would come back as it was before the decisions that were taken on it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        response.setdefault("Cache-Control", "private, no-store")
        return super().process_response(request, response)


class ConditionalReads(ConditionalGetMiddleware):
    """A read that would be answered as before is answered 304. What is streamed has no ETag but its own."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not request.path.startswith("/api/v1/") or response.status_code != 200:
            return response
        response.setdefault("Cache-Control", "private, no-cache")
        return super().process_response(request, response)
