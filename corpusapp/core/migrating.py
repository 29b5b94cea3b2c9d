"""How a migration goes through a large table: in batches, each committed by itself, telling how far it is.

Such a migration has `atomic = False`. One that was broken off begins again, so that a batch may come twice.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction

_TELL_SECONDS = 5.0


def in_batches(schema_editor: Any, batch: Callable[[Any, int], tuple[int, int]]) -> None:
    """Call `batch(cursor, last)` until it did nothing.

    It does the rows behind the id `last`, and returns the last id of these and how many they were.
    """
    last, done, told = 0, 0, time.monotonic()
    count = 1
    while count:
        with transaction.atomic(schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
            last, count = batch(cursor, last)
        done += count
        if time.monotonic() - told >= _TELL_SECONDS:
            told = time.monotonic()
            print(f" {done:,} rows …", end="", file=sys.stderr, flush=True)
