"""The exception handler of the API: every error is an RFC 9457 problem document."""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import singledispatch
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from corpusapp.core import disk
from corpusapp.core.errors import (
    AddressRefused,
    Conflict,
    Gone,
    Invalid,
    NoRoom,
    NotAllowed,
    NotFound,
    Refusal,
    RevisionMissing,
    Stale,
    TooOften,
)

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
_SURROGATE = re.compile("[\ud800-\udfff]")


class PreconditionFailed(Stale):
    """The `If-Match` header names an outdated revision."""

    title = "Precondition failed"


# Refusals and their statuses, by the last part of the URL in `type`, where the kind is documented.
KINDS: dict[str, tuple[type[Refusal], int]] = {
    "invalid": (Invalid, 400),
    "address-refused": (AddressRefused, 400),
    "not-allowed": (NotAllowed, 403),
    "not-found": (NotFound, 404),
    "conflict": (Conflict, 409),
    "stale": (Stale, 409),
    "gone": (Gone, 410),
    "precondition-failed": (PreconditionFailed, 412),
    "revision-missing": (RevisionMissing, 428),
    "too-often": (TooOften, 429),
    "no-room": (NoRoom, 507),
}
_NAMES = {kind: (name, status) for name, (kind, status) in KINDS.items()}


def type_of(name: str) -> str:
    return f"/api/problems/{name}/"


@singledispatch
def as_json(value: Any) -> Any:
    """A refusal's `current` as JSON. Apps register functions for their own models."""
    return value if isinstance(value, dict | list | str | int | float | None) else str(value)


_OTHERS: tuple[tuple[Any, int, str], ...] = (
    (Http404, 404, "nothing was found at this address"),
    (PermissionDenied, 403, "you are not allowed to do this"),
    (RequestDataTooBig, 413, "the body is too large for this server: send it in parts"),
    (SuspiciousOperation, 400, "the request cannot be read"),
    (RecursionError, 400, "the request is nested too deep"),
    (IntegrityError, 409, "the request conflicts with the current data: reload and try again"),
    (DataError, 400, "a value is out of range for the database"),
    (OperationalError, 503, "the database did not answer in time: try again"),
)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """The problem document of an error. Unexpected errors are logged, and the document gives no details of them."""
    if isinstance(error, Refusal):
        return refusal_problem(error)
    if isinstance(error, exceptions.ValidationError):
        return _validation_problem(error)
    if isinstance(error, exceptions.APIException):
        return _api_problem(error)
    if disk.is_full(error):
        logger.error("a disk is full", exc_info=error)
        return refusal_problem(NoRoom(disk.FULL))
    for kinds, status, detail in _OTHERS:
        if isinstance(error, kinds):
            if status >= 500 or kinds is IntegrityError:
                logger.warning("%s answered by %d", type(error).__name__, status, exc_info=error)
            return problem(status, detail)
    request = context.get("request")
    logger.error("an error in %s", getattr(request, "path", "the API"), exc_info=error)
    return problem(500, "an error occurred on the server and was logged: try again, or tell your administrator")


def refusal_problem(refusal: Refusal) -> Response:
    name, status = next(_NAMES[kind] for kind in type(refusal).__mro__ if kind in _NAMES)
    more: dict[str, Any] = {"field": refusal.field} if refusal.field else {}
    if isinstance(refusal, Conflict) and refusal.current is not None:
        more["current"] = as_json(refusal.current)
    if isinstance(refusal, Conflict) and refusal.at is not None:
        more |= {"decided_by": refusal.by, "decided_at": refusal.at.isoformat()}
    headers = {"Retry-After": str(refusal.seconds)} if isinstance(refusal, TooOften) else None
    return problem(status, refusal.detail, title=refusal.title, kind=type_of(name), headers=headers, **more)


def problem(
    status: int, detail: str, *, title: str = "", kind: str = "about:blank", headers: Any = None, **more: Any
) -> Response:
    """A problem document; `more` are extension members."""
    title = title or HTTPStatus(status).phrase
    body = {"type": kind, "title": title, "status": status, "detail": detail, **more}
    return Response(_encodable(body), status=status, headers=headers, content_type=CONTENT_TYPE)


def _validation_problem(error: exceptions.ValidationError) -> Response:
    errors = [{"field": field, "reason": reason} for field, reason in _flat(error.detail)]
    first = errors[0] if errors else {"field": "", "reason": "the request is not valid"}
    detail = f"{first['field']} {first['reason']}".strip()
    more = {"field": first["field"]} if first["field"] else {}
    return problem(400, detail, title=Invalid.title, kind=type_of("invalid"), **more, errors=errors)


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


def _api_problem(error: exceptions.APIException) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = f"{wait:.0f}"
    detail = error.detail if isinstance(error.detail, str) else str(error.default_detail)
    return problem(error.status_code, str(detail), headers=headers)


def _encodable(value: Any) -> Any:
    """The value with lone surrogates escaped: errors may quote text that UTF-8 cannot encode."""
    if isinstance(value, str):
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
    if isinstance(value, dict):
        return {_encodable(key): _encodable(inner) for key, inner in value.items()}
    return [_encodable(inner) for inner in value] if isinstance(value, list) else value
