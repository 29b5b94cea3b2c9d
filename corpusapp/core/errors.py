"""What a domain action refuses, and why. Every door (HTML, REST, admin, command line) renders these alike."""

from datetime import datetime
from typing import Any


class Refusal(Exception):
    """Base of all refusals: `detail` says what was wrong, where, and what to do."""

    title = "Refused"

    def __init__(self, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class Invalid(Refusal):
    """A value that can never be accepted; `field` names it."""

    title = "Invalid input"


class NotFound(Refusal):
    """The thing is absent, or hidden from this user: the two look the same."""

    title = "Not found"


class NotAllowed(Refusal):
    """The user may see the thing but not do this to it."""

    title = "Not allowed"


class Gone(Refusal):
    """What the request goes on from is no longer there: it has to begin anew."""

    title = "No longer there"


class Conflict(Refusal):
    """The request is sound but the present state forbids it; `current` is what stands there now.

    `by` and `at` say who made it so and when, where a person did.
    """

    title = "Conflict"

    def __init__(
        self, detail: str, *, field: str = "", current: Any = None, by: str = "", at: datetime | None = None
    ) -> None:
        super().__init__(detail, field=field)
        self.current = current
        self.by, self.at = by, at


class Stale(Conflict):
    """The request was made on a revision that is no longer the present one."""

    title = "Changed since you looked"


class TooOften(Refusal):
    """It was tried too often of late: it may be tried again in so many `seconds`."""

    title = "Tried too often"

    def __init__(self, detail: str, *, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class RevisionMissing(Refusal):
    """A write that names no revision it has seen."""

    title = "Revision missing"


class NoRoom(Refusal):
    """The server's disk has no room for what the request brings or asks for."""

    title = "No room on the disk"
