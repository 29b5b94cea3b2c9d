"""Keyset pagination: cursors that stay valid while rows are added and deleted, and are as fast on the last page."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from corpusapp.core.errors import Invalid

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of a page, and the cursor of the next page; None on the last page."""

    rows: Sequence[Row]
    next_cursor: str | None


def encode(*key: Any) -> str:
    """The opaque, URL-safe form of a row's key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The key of a cursor, with values of exactly these types. Raises `Invalid` for any other text."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_cursor() from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise _no_cursor()
    return tuple(key)


def newest_first(rows: QuerySet[Any], *, cursor: str, size: int) -> Page[Any]:
    """A page of rows by ID, newest first. An empty cursor is the first page."""
    if cursor:
        rows = rows.filter(pk__lt=decode(cursor, int)[0])
    found = list(rows.order_by("-pk")[: size + 1])
    return Page(found[:size], encode(found[size - 1].pk) if len(found) > size else None)


def _no_cursor() -> Invalid:
    return Invalid("invalid cursor for this list: take it from the link to the next page", field="cursor")
