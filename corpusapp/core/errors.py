"""The refusals that actions raise. Pages, REST, the admin site and commands all render them.

The first paragraph of a docstring is also what `/api/problems/NAME/` and docs/problems.md tell clients.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any


class Refusal(Exception):
    """Base of all refusals: `detail` says what was wrong, where, and what to do."""

    title = "Refused"

    def __init__(self, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the response."""
        return {}


class Invalid(Refusal):
    """A value is missing, malformed or not allowed. `field` names it, and `errors` lists all such values of a body.
    Correct it, and send the request again.
    """

    title = "Invalid input"


class TooMany(Invalid):
    """The request names more things at once than its limit, which `detail` gives. Send them in parts."""

    title = "Too many at once"


class AddressRefused(Invalid):
    """The desk sends nothing to this address: it is private, or its name is unknown. Give a public address, or ask the
    administrator to allow private ones.
    """

    title = "Address refused"


class NotFound(Refusal):
    """It does not exist, or you cannot see it: the two look the same. Check the address, and that your token is for
    this corpus.
    """

    title = "Not found"


class NotAllowed(Refusal):
    """You can see it, but your role in the corpus, or the scope of your token, does not allow this. Ask a manager of
    the corpus, or use another token.
    """

    title = "Not allowed"


class Gone(Refusal):
    """What the request refers to, such as a cursor, a key or a release, no longer exists. Start again without it."""

    title = "No longer exists"


class Conflict(Refusal):
    """The request is valid, but conflicts with the current state; `current` gives it where that helps. Look at it,
    and decide again.

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
    """The request names an outdated revision. `current` is what is there now; `decided_by` and `decided_at` say who
    changed it, and when, if a person did. Look at it, and decide again with its revision.
    """

    title = "Changed in the meantime"


class Ambiguous(Conflict):
    """The names in the request, such as an external ID and a URL, are of two different things. Nothing was done to it:
    send one of the names, or correct the other.
    """

    title = "Names two things"


class LeftOut(Conflict):
    """All or none was asked for, and some items had to be left out: nothing was done. `left_out` lists these, each with
    its reason. Send the others, or see to the reasons first.
    """

    title = "Some items were left out"

    def __init__(self, detail: str, *, field: str = "", left_out: Sequence[dict[str, Any]]) -> None:
        super().__init__(detail, field=field)
        self.left_out = list(left_out)


class TooOften(Refusal):
    """Too many requests or attempts in a short time. Wait for the seconds in the header `Retry-After`, then try
    again.
    """

    title = "Too many attempts"

    def __init__(self, detail: str, *, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


class RevisionMissing(Refusal):
    """The request does not name the revision that it saw. Send it as `revision` in the body, or by the header
    `If-Match`.
    """

    title = "Revision missing"


class NoAnswer(Refusal):
    """A service outside the desk, such as a knowledge base, gave no usable answer: `detail` says why. Nothing was
    changed. Try again later, or ask a manager to check its settings.
    """

    title = "No answer from a service"


class RangeNotSatisfiable(Refusal):
    """The file has none of the bytes that the header `Range` asks for. `Content-Range` says how many it has:
    `bytes */1048576`. A download that has all of them is complete.
    """

    title = "Range not satisfiable"

    def __init__(self, detail: str, *, size: int) -> None:
        super().__init__(detail, field="Range")
        self.size = size

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Range": f"bytes */{self.size}"}


class NoRoom(Refusal):
    """The server's disk has no space for this request, and nothing of it was stored. Tell the administrator."""

    title = "Disk full"
