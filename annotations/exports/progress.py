"""How far a file is, told while it is written."""

import time
from collections.abc import Iterator
from typing import TypeVar

from django.db import connection

from corpusapp.core import disk

Item = TypeVar("Item")
SAY_SECONDS = 1.0


class Removed(Exception):
    """The row that is told of it is not in the making any more: somebody took it away, or cancelled it."""


class Progress:
    """Says how far a file is, over a connection of its own: the other one reads one moment, and can write nothing.

    `statement` takes a number and the row's id.
    """

    def __init__(self, statement: str, pk: int) -> None:
        self._statement, self._pk, self._said = statement, pk, time.monotonic()
        self._last: object = None

    @property
    def place(self) -> str:
        """Where it is, for who must say where something broke."""
        pk = getattr(self._last, "id", None)
        return "" if pk is None else f" at article {pk}"

    def __enter__(self) -> "Progress":
        self._connection, self._alone = connection.copy(), not connection.in_atomic_block
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def counted(self, items: Iterator[Item]) -> Iterator[Item]:
        """The items, records or such with something beside, as they come.

        Raises `Removed` where the row is no more in the making, and refuses `NoRoom` where the disk runs full.
        """
        for number, item in enumerate(items):
            self._last = item[0] if type(item) is tuple else item
            if time.monotonic() - self._said >= SAY_SECONDS:
                self._say(number)
            yield item

    def _say(self, number: int) -> None:
        self._said = time.monotonic()
        disk.require_room()
        with self._connection.cursor() as cursor:
            cursor.execute(self._statement, [number, self._pk])
            # Within a caller's transaction the row is not to be seen from outside.
            if not cursor.rowcount and self._alone:
                raise Removed
