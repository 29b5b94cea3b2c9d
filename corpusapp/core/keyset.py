"""Cursors of lists that page by key: stable while rows come and go, and as fast on the last page as on the first."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from django.db.models import QuerySet

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next page; None on the last."""

    rows: Sequence[Row]
    next_cursor: str | None


def encode(*key: Any) -> str:
    """The opaque, URL-safe form of a row's key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The key, of exactly these types; refuses what is no cursor of such a list."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_cursor() from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise _no_cursor()
    return tuple(key)


def newest_first(rows: "QuerySet[Any]", *, cursor: str, size: int) -> Page[Any]:
    """A page of rows by their ids, the newest first."""
    if cursor:
        rows = rows.filter(pk__lt=decode(cursor, int)[0])
    found = list(rows.order_by("-pk")[: size + 1])
    return Page(found[:size], encode(found[size - 1].pk) if len(found) > size else None)


def _no_cursor() -> Invalid:
    return Invalid("invalid cursor for this list: take it from the link to the next page", field="cursor")
