"""Make a release: its file whole or not at all, from one snapshot, and anew after a kill."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from annotations.exports import files
from annotations.exports.actions.make import reason_of
from annotations.exports.progress import Progress, Removed
from annotations.exports.queries import chosen_articles, export_chunks, one_moment, other_articles
from annotations.formats import jsonl
from annotations.formats.records import Record
from annotations.releases import store
from annotations.releases.manifest import Counts, described
from annotations.releases.models import OPEN, Release
from annotations.releases.split import Families
from annotations.releases.store import discard_unless_named, holding
from corpusapp.core import disk
from corpusapp.core.errors import Invalid
from corpusapp.core.locks import Lock, held

State = Release.State
_SAY = "UPDATE releases_release SET articles = %s WHERE id = %s AND state = 'making'"


def make_release(*, release_id: int) -> None:
    """Write the file of a release that waits, whatever became of an earlier attempt.

    Ends made, or failed with the reason. One that another process makes is waited for; one of a withdrawn corpus is
    left waiting until that is restored. A kill leaves at most a whole file that no release names.
    """
    files.sweep()
    with held(Lock.RELEASE, release_id):
        mine = Release.objects.filter(pk=release_id, state__in=OPEN, corpus__withdrawn_at=None)
        mine.update(state=State.MAKING, articles=0)
        if release := mine.select_related("corpus", "user").first():
            _make(release)


def _make(release: Release) -> None:
    mine = Release.objects.filter(pk=release.pk, state=State.MAKING)
    progress = Progress(_SAY, release.pk)
    try:
        disk.require_room()
        mine.update(total=chosen_articles(release.corpus, release.chosen).count())
        with files.making() as folder, progress:
            made = folder / "articles"
            done = _write(release, made, progress)
            with holding(done["sha256"]):
                store.keep(made, done["sha256"])
                kept = mine.update(state=State.MADE, finished_at=timezone.now(), **done)
        if not kept:
            discard_unless_named(done["sha256"])
    except Removed:
        # Cancelled: there is nothing to keep.
        return
    except Exception as error:
        if not (reason := reason_of(error, progress.place)):
            raise
        _fail(release, reason)


def _fail(release: Release, reason: str) -> None:
    Release.objects.filter(pk=release.pk, state=State.MAKING).update(
        state=State.FAILED, reason=reason, finished_at=timezone.now()
    )


def _write(release: Release, path: Path, progress: Progress) -> dict[str, Any]:
    """The file at this path, and what is then known of it. All reads are of one snapshot."""
    counts = Counts()
    with one_moment(), path.open("wb") as file:
        moment = _moment()
        hashed = store.Hashed(file)
        with store.packed(hashed) as archive:
            content = store.Hashed(archive)
            for record in progress.counted(_dealt(release)):
                content.write(jsonl.written(record))
                counts.add(record)
        if not counts.articles:
            raise Invalid("no articles match the filter any more")
        written = {"sha256": hashed.sha256, "size": hashed.size}
        about = written | {"content_sha256": content.sha256, "content_size": content.size}
        manifest = described(release, counts, moment, about, other_articles(release.corpus, release.chosen))
    return written | {"manifest": manifest, "articles": counts.articles}


def _dealt(release: Release) -> Iterator[Record]:
    """The articles, each with its part."""
    families, split = Families(release.corpus), release.split
    with closing(export_chunks(release.corpus, release.chosen)) as chunks:
        for ids, records in chunks:
            parts = families.parts(ids, split)
            for record in records:
                yield replace(record, split=str(parts[record.id]))


def _moment() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        return cursor.fetchone()[0]
