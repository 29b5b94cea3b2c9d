"""Make an export's file: whole or not at all, and anew after a kill."""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from annotations.exports import files
from annotations.exports.actions.order import clear_away
from annotations.exports.choices import known_format
from annotations.exports.models import OPEN, Export
from annotations.exports.queries import chosen_articles, context_of, export_records
from annotations.exports.streaming import losses
from annotations.formats.records import Record
from annotations.formats.report import Report
from corpusapp.refusals import Refusal

State = Export.State
# The first half of the key of the lock that a making holds; the second is its export's id.
_LOCKS = 7102
_SAY_SECONDS = 1.0


class Removed(Exception):
    """Somebody took the export away while it was made."""


def make_export(*, export_id: int) -> None:
    """Write the file of an export that waits, whatever became of an earlier attempt.

    Ends finished, refused (strict, and something would be left out) or failed with the reason. One that another
    process writes is waited for.
    """
    files.sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, export_id % 2**31])
    try:
        mine = Export.objects.filter(pk=export_id, state__in=OPEN)
        mine.update(state=State.MAKING, started_at=timezone.now(), articles=0)
        if export := mine.select_related("corpus").first():
            _make(export)
            clear_away(corpus=export.corpus)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, export_id % 2**31])


def _make(export: Export) -> None:
    mine = Export.objects.filter(pk=export.pk, state=State.MAKING)
    try:
        mine.update(total=chosen_articles(export.corpus, export.chosen).count())
        with files.making() as folder, _Progress(export.pk) as progress:
            report, sha256, size = _write(export, folder, progress)
            told = report.as_dict()
            if export.strict and not report.whole:
                reason = losses(known_format(export.format), told)
                mine.update(state=State.REFUSED, reason=reason, report=told, finished_at=timezone.now())
                return
            (folder / files.REPORT).write_text(json.dumps(told, ensure_ascii=False, indent=1))
            files.keep(folder, export.folder)
        done = {"report": told, "sha256": sha256, "size": size, "articles": report.articles}
        if not mine.update(state=State.FINISHED, finished_at=timezone.now(), **done):
            raise Removed
    except Removed:
        files.discard(export.folder)
    except (OperationalError, InterfaceError):
        # The connection is gone: the job is tried again.
        raise
    except Refusal as refusal:
        _fail(export, refusal.detail)
    except OSError as error:
        _fail(export, f"the file cannot be written ({error.strerror or error}): tell who runs the desk")
    except Exception as error:
        _fail(export, f"the worker could not make it ({type(error).__name__}): its log says why")
        raise


def _fail(export: Export, reason: str) -> None:
    Export.objects.filter(pk=export.pk, state=State.MAKING).update(
        state=State.FAILED, reason=reason, finished_at=timezone.now()
    )


def _write(export: Export, folder: Path, progress: "_Progress") -> tuple[Report, str, int]:
    """(report, SHA-256, bytes) of the file in the folder."""
    form, report, digest, size = known_format(export.format), Report(), hashlib.sha256(), 0
    context = context_of(export.corpus, export.chosen, scratch=str(folder))
    with (folder / export.name).open("wb") as file, closing(export_records(export.corpus, export.chosen)) as records:
        for chunk in form.chunks(progress.counted(records), report, context):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return report, digest.hexdigest(), size


class _Progress:
    """Says how far the file is, over a connection of its own: the other one reads one moment, and can write nothing."""

    def __init__(self, export_id: int) -> None:
        self._export_id, self._said = export_id, time.monotonic()

    def __enter__(self) -> "_Progress":
        self._connection, self._alone = connection.copy(), not connection.in_atomic_block
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def counted(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records as they come. Raises `Removed` where the export is there no more."""
        for number, record in enumerate(records):
            if time.monotonic() - self._said >= _SAY_SECONDS:
                self._say(number)
            yield record

    def _say(self, number: int) -> None:
        self._said = time.monotonic()
        with self._connection.cursor() as cursor:
            cursor.execute("UPDATE exports_export SET articles = %s WHERE id = %s", [number, self._export_id])
            # Within a caller's transaction the row is not to be seen from outside.
            if not cursor.rowcount and self._alone:
                raise Removed
