"""Migrations of large tables in batches, with progress. Each batch is a transaction.

Such a migration has `atomic = False`. If it is interrupted, it starts again, so a batch may run twice.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction

_REPORT_SECONDS = 5.0


def in_batches(schema_editor: Any, batch: Callable[[Any, int], tuple[int, int]]) -> None:
    """Call `batch(cursor, last)` until it returns a count of 0.

    It migrates some rows with IDs above `last`, and returns the highest ID and the count of these rows.
    """
    last, done, reported = 0, 0, time.monotonic()
    count = 1
    while count:
        with transaction.atomic(schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
            last, count = batch(cursor, last)
        done += count
        if time.monotonic() - reported >= _REPORT_SECONDS:
            reported = time.monotonic()
            print(f" {done:,} rows …", end="", file=sys.stderr, flush=True)
