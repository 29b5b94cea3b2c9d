"""Errors, by the type of the problem document (RFC 9457) that a desk answers with."""

import json
from collections.abc import Mapping
from typing import Any

import httpx


class DeskError(Exception):
    """Base of all errors of this library: a refusal by the desk, or a failure on the way to it.

    `detail` says what was wrong, where, and what to do. `field` names a wrong field, `errors` lists all of them,
    `current` is the current state of what the request conflicts with, `type` the name of the kind of problem, and
    `problem` the whole document.
    """

    def __init__(self, detail: str, *, status: int = 0, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.problem = dict(problem or {})
        self.type = _name_of(self.problem)
        self.title = str(self.problem.get("title", ""))
        self.field = str(self.problem.get("field", ""))
        self.errors: list[dict[str, str]] = list(self.problem.get("errors") or [])
        self.current: Any = self.problem.get("current")
        self.retry_after: float | None = None


class Invalid(DeskError):
    """A value is not valid; `field` names it."""


class Unauthenticated(DeskError):
    """There is no token, or it is not valid any more."""


class NotAllowed(DeskError):
    """The token's user or scope does not allow this."""


class NotFound(DeskError):
    """It does not exist, or the token's user cannot see it."""


class Conflict(DeskError):
    """The request conflicts with the current state, given in `current`."""


class Stale(Conflict):
    """The request names an outdated revision."""


class Ambiguous(Conflict):
    """An external id and a URL name two different articles."""


class LeftOut(Conflict):
    """Some items would be left out, so that nothing was done; `left_out` lists them."""

    @property
    def left_out(self) -> list[dict[str, Any]]:
        return list(self.problem.get("left_out") or [])


class Gone(DeskError):
    """What the request refers to no longer exists: start again."""


class RangeNotSatisfiable(DeskError):
    """The file ends before the requested range."""


class RevisionMissing(DeskError):
    """The request does not name the revision that it saw."""


class TooManyRequests(DeskError):
    """The desk asks to wait longer than this library may; `retry_after` says how many seconds."""


class NoRoom(DeskError):
    """The disk of the desk is full."""


class ServerError(DeskError):
    """The desk failed."""


class Unreachable(DeskError):
    """There is no connection to the desk, or it broke, and repeating did not help or was not safe."""


class BrokenDownload(DeskError):
    """A download broke off and could not be resumed, or its bytes are not those of the file."""


class JobFailed(DeskError):
    """A job of the desk did not succeed; `job` is its record."""

    def __init__(self, detail: str, job: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.job = dict(job)


class InvalidSignature(DeskError):
    """A webhook's request is not signed with the secret, or too old."""


# By the last part of the URL in `type`. Others are known by their status.
_BY_TYPE: dict[str, type[DeskError]] = {
    "stale": Stale,
    "precondition-failed": Stale,
    "ambiguous": Ambiguous,
    "left-out": LeftOut,
}
_BY_STATUS: dict[int, type[DeskError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: Stale,
    416: RangeNotSatisfiable,
    422: Invalid,
    428: RevisionMissing,
    429: TooManyRequests,
    507: NoRoom,
}


def error_of(response: httpx.Response) -> DeskError:
    """The error of a response that is no success. Its body has been read."""
    status = response.status_code
    try:
        problem = json.loads(response.content)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        # Not an answer of the desk, but of a proxy in between.
        problem = {}
    detail = str(problem.get("detail") or f"the desk answered {status} {response.reason_phrase}".strip())
    base = ServerError if status >= 500 else DeskError
    kind = _BY_TYPE.get(_name_of(problem)) or _BY_STATUS.get(status, base)
    error = kind(detail, status=status, problem=problem)
    error.retry_after = seconds_to_wait(response)
    return error


def seconds_to_wait(response: httpx.Response) -> float | None:
    """`Retry-After` in seconds; None if there is none. A desk sends no dates."""
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _name_of(problem: Mapping[str, Any]) -> str:
    return str(problem.get("type", "")).rstrip("/").rpartition("/")[2]
