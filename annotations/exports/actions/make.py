"""Make the file of an export."""

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils import timezone

from annotations.exports import store
from annotations.exports.actions.file_jobs import Attempt, Stopped
from annotations.exports.actions.order import EXPORT_JOBS, clear_away
from annotations.exports.format_choices import known_format
from annotations.exports.models import Export
from annotations.exports.queries.streaming import losses_message
from annotations.exports.sources import source_of
from annotations.formats.report import Report
from corpusapp.accounts.actions.notices import notify
from corpusapp.accounts.models import Notice

State = Export.State
_NOTICES = {
    State.FINISHED: Notice.Kind.EXPORT_READY,
    State.REFUSED: Notice.Kind.EXPORT_FAILED,
    State.FAILED: Notice.Kind.EXPORT_FAILED,
}


def make_export(*, export_id: int) -> None:
    """Write the file of an open export.

    It ends finished, refused (strict, and something would be left out), or failed with the reason. Who ordered it is
    notified.
    """
    if export := EXPORT_JOBS.make(export_id, _make, started_at=timezone.now()):
        _notify(export_id)
        clear_away(corpus=export.corpus)


def _notify(export_id: int) -> None:
    # It may be deleted while it is made.
    export = Export.objects.select_related("user", "corpus", "release").filter(pk=export_id).first()
    kind = _NOTICES.get(State(export.state)) if export else None
    if export is not None and kind is not None:
        notify(users=[export.user], kind=kind, corpus=export.corpus, address=_page(export), format=export.format)


def _page(export: Export) -> str:
    """The path of the page that lists the export."""
    if export.release is not None:
        return reverse("release", args=[export.corpus.slug, export.release.number])
    return reverse("export", args=[export.corpus.slug])


def _make(attempt: Attempt[Export], folder: Path) -> None:
    try:
        _write_and_end(attempt, folder)
    except Stopped:
        store.discard(attempt.row.folder)
        raise


def _write_and_end(attempt: Attempt[Export], folder: Path) -> None:
    export = attempt.row
    source = source_of(export)
    attempt.expect(source.count())
    report, written = _write(attempt, folder)
    about = report.of_writing() | source.more(export.format)
    if export.strict and not report.whole:
        # The losses stay, so that somebody can correct them.
        (folder / export.name).unlink()
        store.keep(folder, export.folder)
        attempt.end(State.REFUSED, reason=losses_message(known_format(export.format), about), report=about)
        return
    (folder / store.REPORT).write_text(json.dumps(about, ensure_ascii=False, indent=1))
    store.keep(folder, export.folder)
    attempt.end(State.FINISHED, report=about, articles=report.articles, **written)


def _write(attempt: Attempt[Export], folder: Path) -> tuple[Report, dict[str, Any]]:
    """The report, and the size and SHA-256 of the file."""
    export, digest, size = attempt.row, hashlib.sha256(), 0
    form, source = known_format(export.format), source_of(export)
    context = source.context(scratch=str(folder))
    with store.loss_log() as log:
        report = Report(each=log.add)
        with (folder / export.name).open("wb") as file, closing(source.records(report)) as records:
            for chunk in form.chunks(attempt.count(records), report, context):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        log.write(folder / store.LOSSES, report.counts())
    return report, {"sha256": digest.hexdigest(), "size": size}
