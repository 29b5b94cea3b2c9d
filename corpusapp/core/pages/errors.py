"""The error pages, which need no database and no user; uploads to temporary files, which a full disk refuses."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from corpusapp.core import disk
from corpusapp.core.errors import NoRoom


def _page(status: int, title: str, detail: str) -> HttpResponse:
    context = {"title": title, "detail": detail, "status": status}
    return HttpResponse(render_to_string("pages/problem.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, UploadRefused):
        return _page(507, "Disk full", str(exception))
    return _page(400, "Bad request", "The request could not be read: it may be too large, or hold too many files.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(403, "Not allowed", "Your account does not have this permission: ask a manager of the corpus.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404, "Not found", "There is nothing at this address that you can see: check the address.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(500, "Server error", "Something went wrong and was logged. Your saved work is safe.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        403,
        "Form expired",
        "Your session changed, or cookies are off. Nothing was changed. Go back, reload the page and try again.",
    )


class UploadRefused(NoRoom, SuspiciousOperation):
    """The request's files cannot be stored, so the request is refused.

    Django reads files before it calls a view. Only a SuspiciousOperation gets an error page then: `bad_request`.
    """


class TemporaryFileHandler(TemporaryFileUploadHandler):
    """Refuses the whole request if the disk is full."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            disk.require_room()
        except NoRoom as refusal:
            raise UploadRefused(refusal.detail) from refusal
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            raise _no_room(error) from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            raise _no_room(error) from error


def _no_room(error: OSError) -> UploadRefused:
    return UploadRefused(
        f"The upload could not be stored ({error.strerror or error}): nothing was imported. Tell your administrator."
    )
