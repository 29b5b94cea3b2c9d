"""Make an export's file: whole or not at all, and anew after a kill."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from annotations.exports import files
from annotations.exports.actions.order import clear_away
from annotations.exports.choices import known_format
from annotations.exports.models import OPEN, Export
from annotations.exports.progress import Progress, Removed
from annotations.exports.queries import chosen_articles, context_of, export_records
from annotations.exports.releases.queries import (
    context_of_release,
    part_total,
    release_records,
    versions_differ,
)
from annotations.exports.streaming import losses
from annotations.formats.protocol import Context
from annotations.formats.records import Record
from annotations.formats.report import Report
from corpusapp.refusals import Refusal

State = Export.State
# The first half of the key of the lock that a making holds; the second is its export's id.
_LOCKS = 7102
_SAY = "UPDATE exports_export SET articles = %s WHERE id = %s"


def make_export(*, export_id: int) -> None:
    """Write the file of an export that waits, whatever became of an earlier attempt.

    Ends finished, refused (strict, and something would be left out) or failed with the reason. One that another
    process writes is waited for; one of a withdrawn corpus is left waiting until that is restored.
    """
    files.sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCKS, export_id % 2**31])
    try:
        mine = Export.objects.filter(pk=export_id, state__in=OPEN, corpus__withdrawn_at=None)
        mine.update(state=State.MAKING, started_at=timezone.now(), articles=0)
        if export := mine.select_related("corpus", "release__corpus").first():
            _make(export)
            clear_away(corpus=export.corpus)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, export_id % 2**31])


def _make(export: Export) -> None:
    mine = Export.objects.filter(pk=export.pk, state=State.MAKING)
    try:
        mine.update(total=_total(export))
        with files.making() as folder, Progress(_SAY, export.pk) as progress:
            report, sha256, size = _write(export, folder, progress)
            told = report.as_dict() | _versions(export)
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


def _write(export: Export, folder: Path, progress: Progress) -> tuple[Report, str, int]:
    """(report, SHA-256, bytes) of the file in the folder."""
    form, report, digest, size = known_format(export.format), Report(), hashlib.sha256(), 0
    context = _context(export, scratch=str(folder))
    with (folder / export.name).open("wb") as file, closing(_records(export)) as records:
        for chunk in form.chunks(progress.counted(records), report, context):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return report, digest.hexdigest(), size


def _records(export: Export) -> Iterator[Record]:
    if export.release is None:
        return export_records(export.corpus, export.chosen)
    return release_records(export.release, export.part)


def _context(export: Export, scratch: str) -> Context:
    if export.release is None:
        return context_of(export.corpus, export.chosen, scratch)
    return context_of_release(export.release, export.chosen.offsets, scratch)


def _total(export: Export) -> int:
    if export.release is None:
        return chosen_articles(export.corpus, export.chosen).count()
    return part_total(export.release, export.part)


def _versions(export: Export) -> dict[str, Any]:
    """Where a file of a release was made by other versions than its manifest names."""
    return {} if export.release is None else {"versions": versions_differ(export.release, export.format)}
