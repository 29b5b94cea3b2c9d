"""The pages of errors that no view answers itself. They need no database and no user."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from corpusapp.core.pages.uploading import UploadRefused


def _page(status: int, title: str, detail: str) -> HttpResponse:
    context = {"title": title, "detail": detail, "status": status}
    return HttpResponse(render_to_string("pages/problem.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, UploadRefused):
        return _page(507, "No room", str(exception))
    return _page(400, "Bad request", "The request could not be read: it may be too large, or hold too many files.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(403, "Not allowed", "Your account may not do this: ask a manager of the corpus.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404, "Not found", "There is nothing at this address that you can see: look for a slip in it.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(500, "Something broke here", "The fault is ours and was logged. What was saved before is safe.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        403,
        "The form was too old",
        "Your browser sent the form without this session's mark: you signed in again since, or cookies are off. "
        "Go back, load the page again and repeat the last step. Nothing was changed.",
    )
