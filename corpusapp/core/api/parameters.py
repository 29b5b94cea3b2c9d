"""Query parameters, parsed strictly. Unknown, repeated, empty and malformed ones are refused."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime

from rest_framework.request import Request

from corpusapp.core.errors import Invalid, TooMany
from corpusapp.text.wellformed import fault

# How many ids or names a parameter takes, as many as a page has at most.
MOST_NAMES = 200
_MAX_ID = 2**63 - 1


class Parameters:
    """The query parameters of a request. Only `known` ones are allowed, and only those of `blank` may be empty.

    Every method raises `Invalid`, naming the parameter, if its value is malformed.
    """

    def __init__(self, request: Request, *known: str, blank: Collection[str] = ()) -> None:
        self._values: dict[str, str] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                hint = f"use {', '.join(known)}" if known else "no parameters are allowed here"
                raise Invalid(f"unknown parameter {name[:60]!r}: {hint}", field=name[:60])
            if len(values) > 1:
                raise Invalid(f"{name} is given {len(values)} times: send it once", field=name)
            if not values[0] and name not in blank:
                raise Invalid(f"{name} is empty: send a value, or leave it out", field=name)
            if reason := fault(values[0]):
                raise Invalid(f"{name} {reason}", field=name)
            self._values[name] = values[0]

    def text(self, name: str) -> str:
        """The value, or "" if there is none."""
        return self._values.get(name, "")

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`, or None if there is none."""
        value = self.text(name)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= 20 and low <= int(value) <= high):
            raise Invalid(f"{name} must be a whole number from {low} to {high}", field=name)
        return int(value)

    def share(self, name: str) -> float | None:
        """A number from 0 to 1."""
        value = self.text(name)
        try:
            share = float(value) if value else None
        except ValueError:
            share = -1.0
        if share is not None and not 0 <= share <= 1:
            raise Invalid(f"{name} must be a number from 0 to 1", field=name)
        return share

    def date(self, name: str) -> date | None:
        value = self.text(name)
        try:
            if value and len(value) != 10:
                raise ValueError
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise Invalid(f"{name} must be a date such as 2018-09-03", field=name) from None

    def moment(self, name: str) -> datetime | None:
        """A date or a time, in UTC; one without a time zone is UTC."""
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value) if value else None
            # Times without a UTC equivalent, early in the year 1, raise OverflowError.
            return found and (found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC))
        except (ValueError, OverflowError):
            hint = "a time such as 2018-09-03T12:00:00Z (a + is written %2B in an address)"
            raise Invalid(f"{name} must be {hint}", field=name) from None

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        words = {"": default, "1": True, "true": True, "0": False, "false": False}
        if value not in words:
            raise Invalid(f"{name} must be 1 or 0", field=name)
        return words[value]

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(name) or default
        if value not in allowed:
            raise Invalid(f"{name} must be one of {', '.join(allowed)}", field=name)
        return value

    def words(self, name: str) -> list[str]:
        """Any words, separated by commas; an empty list if there is no parameter."""
        value = self.text(name)
        words = list(dict.fromkeys(word.strip() for word in value.split(",") if word.strip()))
        if value and not words:
            raise Invalid(f"{name} is empty: send a value, or leave it out", field=name)
        return words

    def names(self, name: str) -> list[str]:
        """As `words`, at most `MOST_NAMES`, and the whole value too: it may be one name that contains commas."""
        words = self.words(name)
        self._check_number(name, words)
        return list(dict.fromkeys((*words, self.text(name)))) if words else []

    def ids(self, name: str) -> list[int]:
        """Ids, separated by commas, at most `MOST_NAMES`."""
        words = self.words(name)
        self._check_number(name, words)
        if any(not (word.isascii() and word.isdigit() and int(word[:20]) <= _MAX_ID) for word in words):
            raise Invalid(f"{name} must be ids, separated by commas, such as 3,4,7", field=name)
        return [int(word) for word in words]

    def _check_number(self, name: str, words: Sequence[str]) -> None:
        if len(words) > MOST_NAMES:
            raise TooMany(f"{name} has {len(words)} values: the limit is {MOST_NAMES}, send the rest after", field=name)

    def choices(self, name: str, allowed: Sequence[str], default: Sequence[str]) -> list[str]:
        """One or more of the allowed words, separated by commas."""
        words = self.words(name) or list(default)
        if any(word not in allowed for word in words):
            raise Invalid(f"{name} must be one or more of {', '.join(allowed)}, separated by commas", field=name)
        return words
