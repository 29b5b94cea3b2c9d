"""The error pages, which need no database and no user; uploads to temporary files, which a full disk refuses.

Below /api/ they are problem documents: of errors that are found before REST framework's views, or after them.
"""

from typing import Any

from django.core.exceptions import DisallowedHost, SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from corpusapp.core import disk
from corpusapp.core.api.problem_details import ServerError, problem_response
from corpusapp.core.errors import Invalid, NoRoom, NotAllowed, NotFound


def _page(status: int, title: str, detail: str) -> HttpResponse:
    context = {"title": title, "detail": detail, "status": status}
    return HttpResponse(render_to_string("pages/problem.html", context), status=status)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, UploadRefused):
        return problem_response(exception, request) if _is_api(request) else _page(507, "Disk full", str(exception))
    detail = "The request could not be read: it may be too large, or hold too many files."
    if isinstance(exception, DisallowedHost):
        detail = "This host name is not one of the desk's: check the address, or have it added to ALLOWED_HOSTS."
    return problem_response(Invalid(detail), request) if _is_api(request) else _page(400, "Bad request", detail)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = "Your account does not have this permission: ask a manager of the corpus."
    return problem_response(NotAllowed(detail), request) if _is_api(request) else _page(403, "Not allowed", detail)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = "There is nothing at this address that you can see: check the address."
    return problem_response(NotFound(detail), request) if _is_api(request) else _page(404, "Not found", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    detail = "Something went wrong and was logged. Your saved work is safe."
    return problem_response(ServerError(detail), request) if _is_api(request) else _page(500, "Server error", detail)


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
