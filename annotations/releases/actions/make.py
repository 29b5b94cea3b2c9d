"""Make the file of a release, from one snapshot."""

from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from annotations.entities.queries.lines import entity_lines
from annotations.exports.actions.file_jobs import Attempt, Stopped
from annotations.exports.queries.records import chosen_articles, export_chunks, other_articles, snapshot
from annotations.formats import jsonl
from annotations.formats.records import Record
from annotations.releases import store
from annotations.releases.actions.order import RELEASE_JOBS
from annotations.releases.models import Release
from annotations.releases.queries.manifest import Counts, describe, entities_sha256
from annotations.releases.split import Families
from corpusapp.core.errors import Invalid


def make_release(*, release_id: int) -> None:
    """Write the file of an open release. It ends made, or failed with the reason."""
    RELEASE_JOBS.make(release_id, _make)


def _make(attempt: Attempt[Release], folder: Path) -> None:
    release = attempt.row
    attempt.expect(chosen_articles(release.corpus, release.chosen).count())
    made = folder / "articles", folder / "entities"
    columns = _write(attempt, *made)
    found = [sha256 for sha256 in (columns["sha256"], entities_sha256(columns["manifest"])) if sha256]
    try:
        with ExitStack() as locks:
            # In one order, so that two releases never wait for each other.
            for sha256 in sorted(found):
                locks.enter_context(store.locked(sha256))
            for path, sha256 in zip(made, found, strict=False):
                store.keep(path, sha256)
            attempt.end(Release.State.MADE, **columns)
    except Stopped:
        for sha256 in found:
            store.discard_unless_named(sha256)
        raise


def _write(attempt: Attempt[Release], path: Path, entities: Path) -> dict[str, Any]:
    """Write the files and return the columns that describe them. All reads are of one snapshot."""
    release, counts = attempt.row, Counts()
    with snapshot(), path.open("wb") as file:
        moment = _snapshot_time()
        hashed = store.HashedFile(file)
        with store.compressed(hashed) as archive, closing(_split(release)) as records:
            content = store.HashedFile(archive)
            for record in attempt.count(records):
                content.write(jsonl.encode_record(record))
                counts.add(record)
        if not counts.articles:
            raise Invalid("no articles match the filter any more")
        written = {"sha256": hashed.sha256, "size": hashed.size}
        about = written | {"content_sha256": content.sha256, "content_size": content.size}
        listed = _write_entities(release, counts, entities) if release.corpus.entities_enabled else {}
        others = other_articles(release.corpus, release.chosen)
        manifest = describe(release, counts, moment, about, others, listed)
    return written | {"manifest": manifest, "articles": counts.articles}


def _write_entities(release: Release, counts: Counts, path: Path) -> dict[str, Any]:
    """Write the file of the entities and describe it; nothing if there are none."""
    listed = 0
    with path.open("wb") as file:
        hashed = store.HashedFile(file)
        with store.compressed(hashed) as archive:
            content = store.HashedFile(archive)
            for line in jsonl.lines(entity_lines(release.corpus, counts.of_entities)):
                content.write(line)
                listed += 1
    if not listed:
        return {}
    written = {"sha256": hashed.sha256, "size": hashed.size}
    return {"entities": listed, **written, "content_sha256": content.sha256, "content_size": content.size}


def _split(release: Release) -> Generator[Record]:
    """The articles, each with its part."""
    families, split = Families(release.corpus), release.split
    with closing(export_chunks(release.corpus, release.chosen)) as chunks:
        for ids, records in chunks:
            parts = families.parts(ids, split)
            for pk, record in zip(ids, records, strict=True):
                yield replace(record, split=str(parts[pk]))


def _snapshot_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        return cursor.fetchone()[0]
