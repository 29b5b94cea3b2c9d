"""Uploaded files: stored in the home until a worker has read them; a restarted worker continues where one stopped."""

import contextlib
import logging
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import transaction

from corpusapp.articles.actions.import_articles import Withdrawn, reason_of, store_items
from corpusapp.articles.actions.import_state import Cancelled, claimed, end_import, queue_reading
from corpusapp.articles.limits import limits
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.articles.projects import project_items, require_any_encoding, require_project_reader
from corpusapp.core import disk, jobs, upkeep
from corpusapp.core.content_store import removing
from corpusapp.core.errors import Invalid, NoRoom
from corpusapp.core.job_states import UNENDED, JobState
from corpusapp.intake.columns import checked_mapping
from corpusapp.intake.draft import Draft, Failure, Unfit, drafts_from_body
from corpusapp.intake.encoding.names import checked_encoding
from corpusapp.intake.files import read_file, report_breaks
from corpusapp.text import wellformed

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

logger = logging.getLogger(__name__)
_NAME_LENGTH = 200
_BLOCK = 1 << 20
# Attempts of a job after which its items are read one by one, to find one that crashes the process.
SUSPICIOUS_ATTEMPTS = 3


def receive_upload(
    *,
    user: "User",
    corpus: Corpus,
    files: Iterable[tuple[str, BinaryIO]],
    origin: ImportBatch.Origin,
    source: str = "",
    add_labels: bool = False,
    suggest: bool = True,
    columns: Mapping[str, str] | None = None,
    project: str = "",
    records: bool = False,
    encoding: str = "",
    done: bool = False,
    upsert: bool = False,
) -> ImportBatch:
    """Store the files (name, open file), all or none, and queue the job that imports them.

    `columns` ({theirs: ours}) is for uncommon columns and keys; `source` for articles that name none. `project` is the
    format of another tool; with `records`, the files are request bodies, which are lists. `encoding` is for files that
    declare none, empty to detect it. `done`: articles with decided spans are imported as done. `upsert`: the metadata
    of known articles is replaced.
    """
    require(user, corpus, Role.MANAGER)
    disk.require_room()
    if project:
        require_project_reader(project)
    try:
        mapping = checked_mapping(dict(columns or {}))
    except (Unfit, ValueError) as unfit:
        raise Invalid(str(unfit), field="columns") from unfit
    codec = _codec(encoding, project)
    options = {
        "source": source,
        "add_labels": add_labels,
        "suggest": suggest,
        "columns": mapping,
        "folder": token_hex(8),
        **({"project": project} if project else {}),
        **({"records": True} if records else {}),
        **({"encoding": codec} if codec else {}),
        **({"done": True} if done else {}),
        **({"upsert": True} if upsert else {}),
    }
    with transaction.atomic():
        batch = ImportBatch.objects.create(user=user, corpus=corpus, origin=origin, options=options)
        _store_files(batch, files)
        queue_reading(batch)
    return batch


def _codec(encoding: str, project: str) -> str:
    try:
        codec = checked_encoding(encoding)
    except ValueError as error:
        raise Invalid(str(error), field="encoding") from error
    if codec and project:
        require_any_encoding(project)
    return codec


def work_off_upload(
    *,
    batch: ImportBatch,
    progress: Callable[[ImportBatch], None] = lambda batch: None,
    attempts: int = 0,
) -> ImportBatch:
    """Read and store the rest of the batch's files. Returns at once if another process is reading them.

    If the corpus is withdrawn, the rest waits until it is restored. After several attempts in crashed processes, items
    are read one by one, to find the one that crashes the process.
    """
    with claimed(batch) as is_claimed:
        if not is_claimed:
            return batch
        ImportBatch.objects.filter(pk=batch.pk, state=JobState.WAITING).update(state=JobState.RUNNING)
        batch.refresh_from_db()
        if not batch.ended:
            _read_or_fail(batch, progress, attempts >= SUSPICIOUS_ATTEMPTS)
        _discard_if_done(batch)
    return batch


def _read_or_fail(batch: ImportBatch, progress: Callable[[ImportBatch], None], one_by_one: bool) -> None:
    try:
        _read_rest(batch, progress, one_by_one)
    except (Withdrawn, Cancelled):
        batch.refresh_from_db()
    except Exception as error:
        if isinstance(error, jobs.TRY_AGAIN) and not disk.is_full(error):
            raise
        logger.exception("%s failed", batch)
        end_import(batch, JobState.FAILED, reason_of(batch, error))
        batch.refresh_from_db()


def kept_files(batch: ImportBatch) -> list[tuple[str, Path]]:
    """(name, path) of the batch's files that are still stored."""
    paths = [(name, _folder(batch) / str(number)) for number, name in enumerate(batch.files)]
    return [(name, path) for name, path in paths if path.is_file()]


def prune_uploads() -> int:
    """Delete stored files older than `UPLOAD_DAYS`, except those of unfinished batches; returns how many."""
    needed = ImportBatch.objects.filter(state__in=UNENDED).values_list("options__folder", flat=True)
    folders = [path for path in settings.HOME.folder("uploads").iterdir() if path.name not in set(needed)]
    with removing():
        return upkeep.remove_older(folders, settings.UPLOAD_DAYS)


class UploadReader:
    """The items of a batch's files in order, and the number of bytes read."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._bytes_before = self._bytes_within = 0
        self._file: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        # Another thread may read the file, and close it at any time.
        if (file := self._file) is not None:
            with contextlib.suppress(ValueError):
                return self._bytes_before + file.tell()
        return self._bytes_before + self._bytes_within

    def __iter__(self) -> Iterator[Draft | Failure]:
        options = self._batch.options
        for name, path in kept_files(self._batch):
            found = self._of_project if "project" in options else self._of_file
            for item in found(path, name):
                yield with_source(item, options.get("source", ""))
            self._bytes_before, self._bytes_within = self._bytes_before + path.stat().st_size, 0

    def _of_project(self, path: Path, name: str) -> Iterator[Draft | Failure]:
        options = self._batch.options
        found = project_items(options["project"], path, name, options.get("encoding", ""))
        return report_breaks(self._counted(found), name)

    def _counted(self, found: Generator[tuple[Draft | Failure, int], None, None]) -> Iterator[Draft | Failure]:
        with contextlib.closing(found):
            for item, self._bytes_within in found:
                yield item

    def _of_file(self, path: Path, name: str) -> Iterator[Draft | Failure]:
        with path.open("rb") as self._file:
            yield from self._items(self._file, name)

    def _items(self, file: BinaryIO, name: str) -> Iterator[Draft | Failure]:
        options = self._batch.options
        if options.get("records"):
            return drafts_from_body(wellformed.load_json(file.read()))
        named = {"mapping": options.get("columns") or {}, "encoding": options.get("encoding", "")}
        return read_file(file, name, limits=limits(), **named)


def _read_rest(batch: ImportBatch, progress: Callable[[ImportBatch], None], one_by_one: bool) -> None:
    reader = UploadReader(batch)

    def report(batch: ImportBatch) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(read_bytes=reader.bytes_read)
        progress(batch)

    store_items(batch=batch, items=islice(reader, batch.items, None), progress=report, one_by_one=one_by_one)


def _discard_if_done(batch: ImportBatch) -> None:
    """Delete the files of a batch that has ended, unless they are needed for a retry.

    Failed items are retried from their file, except those of other tools, whose items cannot be identified. Imported
    articles have their originals.
    """
    if batch.ended and (not batch.failed or batch.options.get("project")):
        discard_files(batch)


def discard_files(batch: ImportBatch) -> None:
    """Delete the batch's stored files. Call it after the transaction that makes them unnecessary, not within it."""
    with removing():
        shutil.rmtree(_folder(batch), ignore_errors=True)


def with_source(item: Draft | Failure, source: str) -> Draft | Failure:
    """The item, with `source` if it names none itself."""
    return replace(item, source=source) if source and isinstance(item, Draft) and not item.source else item


def _folder(batch: ImportBatch) -> Path:
    # Not named by the batch's id: a home may still have uploads of another database.
    return settings.HOME.folder("uploads") / batch.options.get("folder", "none")


def _store_files(batch: ImportBatch, files: Iterable[tuple[str, BinaryIO]]) -> None:
    folder = _folder(batch)
    folder.mkdir(mode=0o700)
    try:
        names = []
        for number, (name, file) in enumerate(files):
            batch.total_bytes += _save(file, folder / str(number), settings.IMPORT_MAX_UPLOAD_BYTES - batch.total_bytes)
            names.append(_base_name(name) or f"upload {number + 1}")
        if not names:
            raise Invalid("no file was sent: choose at least one", field="files")
        batch.files = names
        batch.save(update_fields=["files", "total_bytes"])
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if disk.is_full(error):
            raise NoRoom(disk.FULL) from error
        raise Invalid(
            f"the upload could not be stored ({error.strerror or error}): nothing was imported; tell your "
            "administrator",
            field="files",
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _save(file: BinaryIO, path: Path, room: int) -> int:
    """Copy a file; returns the bytes written. Refuses more than `room` bytes."""
    written = 0
    with path.open("wb") as kept:
        while block := file.read(_BLOCK):
            written += len(block)
            if written > room:
                most = settings.IMPORT_MAX_UPLOAD_BYTES
                raise Invalid(f"the upload has more than {most} bytes: send it in parts", field="files")
            kept.write(block)
    return written


def _base_name(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")
    return base.encode(errors="replace").decode()[-_NAME_LENGTH:]
