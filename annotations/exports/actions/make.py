"""Make an export's file: whole or not at all, and anew after a kill."""

import hashlib
import json
import logging
from contextlib import closing
from pathlib import Path

from django.utils import timezone

from annotations.exports import files, reports
from annotations.exports.actions.order import clear_away
from annotations.exports.format_choices import known_format
from annotations.exports.models import OPEN, Export
from annotations.exports.progress import Progress, Removed
from annotations.exports.sources import Source, source_of
from annotations.exports.streaming import losses
from annotations.formats.report import Report
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Refusal
from corpusapp.core.locks import Lock, held

logger = logging.getLogger(__name__)
State = Export.State
_SAY = "UPDATE exports_export SET articles = %s WHERE id = %s AND state = 'making'"


def make_export(*, export_id: int) -> None:
    """Write the file of an export that waits, whatever became of an earlier attempt.

    Ends finished, refused (strict, and something would be left out) or failed with the reason. One that another
    process writes is waited for; one of a withdrawn corpus is left waiting until that is restored.
    """
    files.sweep()
    with held(Lock.EXPORT, export_id):
        mine = Export.objects.filter(pk=export_id, state__in=OPEN, corpus__withdrawn_at=None)
        mine.update(state=State.MAKING, started_at=timezone.now(), articles=0)
        if export := mine.select_related("corpus", "release__corpus").first():
            _make(export)
            clear_away(corpus=export.corpus)


def _make(export: Export) -> None:
    mine = Export.objects.filter(pk=export.pk, state=State.MAKING)
    progress = Progress(_SAY, export.pk)
    try:
        disk.require_room()
        source = source_of(export)
        mine.update(total=source.count())
        with files.making() as folder, progress:
            report, sha256, size = _write(export, source, folder, progress)
            told = report.of_writing() | source.more(export.format)
            if export.strict and not report.whole:
                reason = losses(known_format(export.format), told)
                # Its losses stay, for whoever wants to mend them.
                (folder / export.name).unlink()
                files.keep(folder, export.folder)
                if not mine.update(state=State.REFUSED, reason=reason, report=told, finished_at=timezone.now()):
                    raise Removed
                return
            (folder / files.REPORT).write_text(json.dumps(told, ensure_ascii=False, indent=1))
            files.keep(folder, export.folder)
        done = {"report": told, "sha256": sha256, "size": size, "articles": report.articles}
        if not mine.update(state=State.FINISHED, finished_at=timezone.now(), **done):
            raise Removed
    except Removed:
        files.discard(export.folder)
    except Exception as error:
        if not (reason := reason_of(error, progress.place)):
            raise
        _fail(export, reason)


def reason_of(error: Exception, place: str) -> str:
    """Why a file could not be made; empty where the connection is gone, and the job is to be tried again."""
    if isinstance(error, Refusal):
        return error.detail
    if disk.is_full(error):
        return f"{disk.FULL} ({error})"
    if isinstance(error, jobs.TRY_AGAIN):
        return ""
    if isinstance(error, OSError):
        return f"the file cannot be written ({error.strerror or error}): tell your administrator"
    logger.error("a file cannot be made%s", place, exc_info=error)
    told = " ".join(str(error).split())[:300]
    return f"the worker failed{place} ({type(error).__name__}: {told}): see its log"


def _fail(export: Export, reason: str) -> None:
    Export.objects.filter(pk=export.pk, state=State.MAKING).update(
        state=State.FAILED, reason=reason, finished_at=timezone.now()
    )


def _write(export: Export, source: Source, folder: Path, progress: Progress) -> tuple[Report, str, int]:
    """(report, SHA-256, bytes) of the file in the folder."""
    form, digest, size = known_format(export.format), hashlib.sha256(), 0
    context = source.context(scratch=str(folder))
    with reports.told() as telling:
        report = Report(each=telling.tell)
        with (folder / export.name).open("wb") as file, closing(source.records(report)) as records:
            for chunk in form.chunks(progress.counted(records), report, context):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        telling.write(folder / reports.LINES, report.counts())
    return report, digest.hexdigest(), size
