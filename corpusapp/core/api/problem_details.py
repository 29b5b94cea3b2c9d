"""The exception handler of the API: every error is an RFC 9457 problem document."""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import Any

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from corpusapp.core import disk
from corpusapp.core.errors import (
    AddressRefused,
    Ambiguous,
    Conflict,
    Gone,
    Invalid,
    LeftOut,
    NoAnswer,
    NoRoom,
    NotAllowed,
    NotFound,
    RangeNotSatisfiable,
    Refusal,
    RevisionMissing,
    Stale,
    TooMany,
    TooOften,
)

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unauthenticated(Refusal):
    """The request has no valid token or session. Send the header `Authorization: Bearer TOKEN`, with a token created at
    `/account/` that has not expired or been revoked.
    """

    title = "Token needed"


class MethodNotAllowed(Refusal):
    """The address exists, but does not take this method. The header `Allow` names those that it takes."""

    title = "Method not allowed"


class NotAcceptable(Refusal):
    """The address cannot answer in any form that the header `Accept` names. Leave the header out."""

    title = "Not acceptable"


class LengthRequired(Refusal):
    """The body has no known length. Send it with the header `Content-Length`, not in chunks."""

    title = "Length required"


class PreconditionFailed(Stale):
    """The header `If-Match` names an outdated revision. `current` is what is there now; `decided_by` and `decided_at`
    say who changed it, and when, if a person did. Look at it, and decide again with its revision.
    """

    title = "Precondition failed"


class TooLarge(Refusal):
    """The body is larger than this server takes. Send it in parts."""

    title = "Body too large"


class UnsupportedMediaType(Refusal):
    """The address does not take a body of this `Content-Type`. The API's documentation names those that it takes; most
    take `application/json`.
    """

    title = "Unsupported media type"


class ServerError(Refusal):
    """An error occurred on the server, and was logged. Try again, or tell the administrator when it happened."""

    title = "Server error"


class Unavailable(Refusal):
    """The database did not answer in time. Try again after the seconds in `Retry-After`; a request that creates
    something, with the same `Idempotency-Key`.
    """

    title = "Unavailable for a moment"


# Refusals and their statuses, by the last part of the URL in `type`. The first paragraph of each docstring is what
# that address tells; docs/problems.md has the same words.
KINDS: dict[str, tuple[type[Refusal], int]] = {
    "invalid": (Invalid, 400),
    "too-many": (TooMany, 400),
    "address-refused": (AddressRefused, 400),
    "unauthenticated": (Unauthenticated, 401),
    "not-allowed": (NotAllowed, 403),
    "not-found": (NotFound, 404),
    "method-not-allowed": (MethodNotAllowed, 405),
    "not-acceptable": (NotAcceptable, 406),
    "conflict": (Conflict, 409),
    "stale": (Stale, 409),
    "ambiguous": (Ambiguous, 409),
    "left-out": (LeftOut, 409),
    "gone": (Gone, 410),
    "length-required": (LengthRequired, 411),
    "precondition-failed": (PreconditionFailed, 412),
    "too-large": (TooLarge, 413),
    "unsupported-media-type": (UnsupportedMediaType, 415),
    "range-not-satisfiable": (RangeNotSatisfiable, 416),
    "revision-missing": (RevisionMissing, 428),
    "too-often": (TooOften, 429),
    "server-error": (ServerError, 500),
    "no-answer": (NoAnswer, 502),
    "unavailable": (Unavailable, 503),
    "no-room": (NoRoom, 507),
}
_NAMES = {kind: (name, status) for name, (kind, status) in KINDS.items()}
# The kind of errors of REST framework, by their status: the first of those that have it.
_OF_STATUS = {status: name for name, (_, status) in reversed(KINDS.items())}


def meaning(name: str) -> str:
    """What a kind of problem means and what to do, as one line."""
    return " ".join((KINDS[name][0].__doc__ or "").partition("\n\n")[0].split())


def type_of(name: str, request: HttpRequest | Request | None) -> str:
    """The absolute URL of a kind of problem; relative, as RFC 9457 allows, if the request's host is not known."""
    path = f"/api/problems/{name}/"
    try:
        return request.build_absolute_uri(path) if request else path
    except DisallowedHost:
        return path


@singledispatch
def as_json(value: Any) -> Any:
    """A refusal's `current` as JSON. Apps register functions for their own models."""
    return value if isinstance(value, dict | list | str | int | float | None) else str(value)


_OTHERS: tuple[tuple[Any, str, str], ...] = (
    (Http404, "not-found", "nothing was found at this address"),
    (PermissionDenied, "not-allowed", "you are not allowed to do this"),
    (RequestDataTooBig, "too-large", "the body is too large for this server: send it in parts"),
    (SuspiciousOperation, "invalid", "the request cannot be read"),
    (RecursionError, "invalid", "the request is nested too deep"),
    (IntegrityError, "conflict", "the request conflicts with the current data: reload and try again"),
    (DataError, "invalid", "a value is out of range for the database"),
    (OperationalError, "unavailable", "the database did not answer in time: try again"),
)
_RETRY = {"unavailable": {"Retry-After": "1"}}
_NO_TOKEN = 'send the header "Authorization: Bearer TOKEN": a token is created at /account/'


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """The problem document of an error. Unexpected errors are logged, and the document gives no details of them."""
    request = context.get("request")
    if isinstance(error, Refusal):
        return refusal_problem(error, request)
    if isinstance(error, exceptions.ValidationError):
        return _validation_problem(error, request)
    if isinstance(error, exceptions.APIException):
        return _api_problem(error, request, context.get("view"))
    if disk.is_full(error):
        logger.error("a disk is full", exc_info=error)
        return refusal_problem(NoRoom(disk.FULL), request)
    for kinds, name, detail in _OTHERS:
        if isinstance(error, kinds):
            if name == "unavailable" or kinds is IntegrityError:
                logger.warning("%s answered by %d", type(error).__name__, KINDS[name][1], exc_info=error)
            return problem(request, name, detail, headers=_RETRY.get(name))
    logger.error("an error in %s", getattr(request, "path", "the API"), exc_info=error)
    detail = "an error occurred on the server and was logged: try again, or tell your administrator"
    return problem(request, "server-error", detail)


def problem_response(error: Exception, request: HttpRequest) -> JsonResponse:
    """The problem document of an error outside of REST framework's views, such as in middleware."""
    made = exception_handler(error, {"request": request})
    headers = {name: value for name, value in made.items() if name != "Content-Type"}
    return JsonResponse(made.data, status=made.status_code, headers=headers, content_type=CONTENT_TYPE)


def refusal_problem(refusal: Refusal, request: HttpRequest | Request | None) -> Response:
    name = next(_NAMES[kind][0] for kind in type(refusal).__mro__ if kind in _NAMES)
    more: dict[str, Any] = {"field": refusal.field} if refusal.field else {}
    if isinstance(refusal, Conflict) and refusal.current is not None:
        more["current"] = as_json(refusal.current)
    if isinstance(refusal, LeftOut):
        more["left_out"] = refusal.left_out
    if isinstance(refusal, Conflict) and refusal.at is not None:
        more |= {"decided_by": refusal.by, "decided_at": refusal.at.isoformat()}
    return problem(request, name, refusal.detail, title=refusal.title, headers=refusal.headers, **more)


def problem(
    request: HttpRequest | Request | None, name: str, detail: str, *, title: str = "", headers: Any = None, **more: Any
) -> Response:
    """A problem document of a kind of `KINDS`; `more` are extension members."""
    kind, status = KINDS[name]
    body = {"type": type_of(name, request), "title": title or kind.title, "status": status, "detail": detail, **more}
    return ProblemDocument(_encodable(body), status=status, headers=headers, content_type=CONTENT_TYPE)


class ProblemDocument(Response):
    """Is JSON, whatever form the view's answers have."""

    @property
    def rendered_content(self) -> str:
        self["Content-Type"] = CONTENT_TYPE
        return JSONRenderer().render(self.data).decode()


def _validation_problem(error: exceptions.ValidationError, request: HttpRequest | Request | None) -> Response:
    errors = [{"field": field, "reason": reason} for field, reason in _flat(error.detail)]
    first = errors[0] if errors else {"field": "", "reason": "the request is not valid"}
    detail = f"{first['field']} {first['reason']}".strip()
    more = {"field": first["field"]} if first["field"] else {}
    return problem(request, "invalid", detail, **more, errors=errors)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(field, reason) of each error of DRF's nested `detail`; positions in lists are counted from 0."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            if key == api_settings.NON_FIELD_ERRORS_KEY:
                yield from _flat(inner, path)
            elif isinstance(key, int):
                yield from _flat(inner, f"{path}[{key}]")
            else:
                yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _flat(inner, f"{path}[{position}]" if nested else path)
    else:
        yield path, str(detail)


def _api_problem(error: exceptions.APIException, request: HttpRequest | Request | None, view: Any) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    return problem(request, _OF_STATUS[error.status_code], _detail(error, request, view), headers=headers)


def _detail(error: exceptions.APIException, request: HttpRequest | Request | None, view: Any) -> str:
    """What was wrong and what to do. REST framework's own words do not say the latter."""
    if isinstance(error, exceptions.NotAuthenticated):
        return _NO_TOKEN
    if isinstance(error, exceptions.Throttled):
        seconds = getattr(error, "wait", None) or 1
        return f"more requests a minute than RateLimit-Limit allows: wait {seconds:.0f} seconds, then try again"
    if isinstance(error, exceptions.NotAcceptable):
        return "no form of the answer is one that the header Accept names: leave the header out"
    if isinstance(error, exceptions.MethodNotAllowed) and view:
        return f"this address does not take {request and request.method}: it takes {', '.join(view.allowed_methods)}"
    if isinstance(error, exceptions.UnsupportedMediaType) and view:
        taken = " or ".join(parser.media_type for parser in view.parser_classes)
        return f"{error.detail} Send Content-Type: {taken}"
    return error.detail if isinstance(error.detail, str) else str(error.default_detail)


def _encodable(value: Any) -> Any:
    """The value with lone surrogates escaped: errors may quote text that UTF-8 cannot encode."""
    if isinstance(value, str):
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
    if isinstance(value, dict):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    return [_encodable(inner) for inner in value] if isinstance(value, list) else value
