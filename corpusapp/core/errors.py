"""The refusals that actions raise. Pages, REST, the admin site and commands all render them."""

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
    """A value is not valid; `field` names it."""

    title = "Invalid input"


class AddressRefused(Invalid):
    """The desk sends nothing to this address: it is private, or its name is unknown."""

    title = "Address refused"


class NotFound(Refusal):
    """It does not exist, or this user cannot see it: the two look the same."""

    title = "Not found"


class NotAllowed(Refusal):
    """The user can see it, but is not allowed to do this."""

    title = "Not allowed"


class Gone(Refusal):
    """What the request refers to no longer exists: start again."""

    title = "No longer exists"


class Conflict(Refusal):
    """The request is valid but conflicts with the current state, given in `current`.

    `by` and `at` are the author and the time of that state, if a person made it.
    """

    title = "Conflict"

    def __init__(
        self, detail: str, *, field: str = "", current: Any = None, by: str = "", at: datetime | None = None
    ) -> None:
        super().__init__(detail, field=field)
        self.current = current
        self.by, self.at = by, at


class Stale(Conflict):
    """The request names an outdated revision."""

    title = "Changed in the meantime"


class TooOften(Refusal):
    """Too many attempts: retry after `seconds`."""

    title = "Too many attempts"

    def __init__(self, detail: str, *, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class RevisionMissing(Refusal):
    """The request does not name the revision that it saw."""

    title = "Revision missing"


class NoRoom(Refusal):
    """The server's disk has no space for this request."""

    title = "Disk full"
