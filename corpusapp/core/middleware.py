"""Middleware: refusals as pages, compression of pages, and conditional GET for the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware
from django.shortcuts import render

from corpusapp import __version__
from corpusapp.core import disk
from corpusapp.core.errors import (
    Conflict,
    Gone,
    Invalid,
    NoAnswer,
    NoRoom,
    NotAllowed,
    NotFound,
    RangeNotSatisfiable,
    Refusal,
    RevisionMissing,
    TooOften,
)

_STATUS = {
    Invalid: 400, NotAllowed: 403, NotFound: 404, Conflict: 409, Gone: 410, RangeNotSatisfiable: 416,
    RevisionMissing: 428, TooOften: 429, NoAnswer: 502, NoRoom: 507,
}  # fmt: skip


def status_of(refusal: Refusal) -> int:
    """The HTTP status of the refusal's class, or of its nearest base class."""
    return next((_STATUS[kind] for kind in type(refusal).__mro__ if kind in _STATUS), 400)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal, with its status."""
    status = status_of(refusal)
    context = {"title": refusal.title, "detail": refusal.detail, "status": status}
    response = render(request, "pages/problem.html", context, status=status)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


class RefusalMiddleware:
    """Answers refusals that views raise. Not under /api/, which has its own exception handler."""

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


class VersionMiddleware:
    """Names the version in the API's responses, so that clients learn whether they fit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path_info.startswith("/api/"):
            response["Corpusapp-Version"] = __version__
        return response


class CompressedPages(GZipMiddleware):
    """Compresses HTML only. Django adds random bytes, so that lengths reveal nothing of CSRF tokens.

    Pages are not cached: the back button would show a page as it was before later decisions.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        response.setdefault("Cache-Control", "private, no-store")
        return super().process_response(request, response)


class ConditionalReads(ConditionalGetMiddleware):
    """Answers 304 to a GET of the API whose response has not changed. Streamed responses need an ETag of their own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path.startswith("/api/v1/") or response.status_code != 200:
            return response
        response.setdefault("Cache-Control", "private, no-cache")
        return super().process_response(request, response)
