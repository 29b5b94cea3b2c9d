"""Uploaded files: kept in the home until a worker has read them, and read on from where a killed one stopped."""

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

from corpusapp.articles.actions.ending import Cancelled, ask_for_reading, end_import, held
from corpusapp.articles.actions.import_articles import Withdrawn, reason_of, store_items
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
from corpusapp.intake.files import read_file, whole_or_told
from corpusapp.text import wellformed

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

logger = logging.getLogger(__name__)
_NAME_LENGTH = 200
_BLOCK = 1 << 20
# So many times a job may be begun anew before its items are suspected of ending its process.
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
) -> ImportBatch:
    """Keep the files (name, open file) and ask a worker to import them: all of them, or none.

    `columns` ({theirs: ours}) names columns and keys that are not usual; `source` is for articles that name none.
    `project` reads the files as those of another tool; `records` as the bodies of requests, which are lists.
    `encoding` is that of files which declare none, empty to have it detected. `done`: what comes with decided spans was
    reviewed as a whole.
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
    }
    with transaction.atomic():
        batch = ImportBatch.objects.create(user=user, corpus=corpus, origin=origin, options=options)
        _keep(batch, files)
        ask_for_reading(batch)
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
    """Read and store what is left of the batch's files. A second process at it returns at once.

    What is left when the corpus is withdrawn waits until it is restored. After some attempts that a dead process left
    behind, items are read one by one, so that the one that ends its process is found.
    """
    with held(batch) as mine:
        if not mine:
            return batch
        ImportBatch.objects.filter(pk=batch.pk, state=JobState.WAITING).update(state=JobState.RUNNING)
        batch.refresh_from_db()
        if not batch.ended:
            _read_to_the_end(batch, progress, attempts >= SUSPICIOUS_ATTEMPTS)
        _let_go(batch)
    return batch


def _read_to_the_end(batch: ImportBatch, progress: Callable[[ImportBatch], None], one_by_one: bool) -> None:
    try:
        _read_on(batch, progress, one_by_one)
    except (Withdrawn, Cancelled):
        batch.refresh_from_db()
    except Exception as error:
        if isinstance(error, jobs.TRY_AGAIN) and not disk.is_full(error):
            raise
        logger.exception("%s failed", batch)
        end_import(batch, JobState.FAILED, reason_of(batch, error))
        batch.refresh_from_db()


def kept_files(batch: ImportBatch) -> list[tuple[str, Path]]:
    """(name, path) of the batch's files that are still kept."""
    paths = [(name, _folder(batch) / str(number)) for number, name in enumerate(batch.files)]
    return [(name, path) for name, path in paths if path.is_file()]


def prune_uploads() -> int:
    """Delete kept files that are older than `UPLOAD_DAYS`, unless a batch has still to read them; returns how many."""
    needed = ImportBatch.objects.filter(state__in=UNENDED).values_list("options__folder", flat=True)
    folders = [path for path in settings.HOME.folder("uploads").iterdir() if path.name not in set(needed)]
    with removing():
        return upkeep.remove_older(folders, settings.UPLOAD_DAYS)


class UploadReader:
    """The items of a batch's files, one after the other, and how many bytes were read for them."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._before = self._within = 0
        self._file: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        # Another thread may read the file, and close it at any moment.
        if (file := self._file) is not None:
            with contextlib.suppress(ValueError):
                return self._before + file.tell()
        return self._before + self._within

    def __iter__(self) -> Iterator[Draft | Failure]:
        options = self._batch.options
        for name, path in kept_files(self._batch):
            found = self._of_project if "project" in options else self._of_file
            for item in found(path, name):
                yield with_source(item, options.get("source", ""))
            self._before, self._within = self._before + path.stat().st_size, 0

    def _of_project(self, path: Path, name: str) -> Iterator[Draft | Failure]:
        options = self._batch.options
        found = project_items(options["project"], path, name, options.get("encoding", ""))
        return whole_or_told(self._counted(found), name)

    def _counted(self, found: Generator[tuple[Draft | Failure, int], None, None]) -> Iterator[Draft | Failure]:
        with contextlib.closing(found):
            for item, self._within in found:
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


def _read_on(batch: ImportBatch, progress: Callable[[ImportBatch], None], one_by_one: bool) -> None:
    reader = UploadReader(batch)

    def say(batch: ImportBatch) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(read_bytes=reader.bytes_read)
        progress(batch)

    store_items(batch=batch, items=islice(reader, batch.items, None), progress=say, one_by_one=one_by_one)


def _let_go(batch: ImportBatch) -> None:
    """Delete the files of a batch that has ended, unless they serve another try.

    What failed can be tried again from its file, unless it is another tool's, whose articles cannot be told apart for
    sure; what came in has its original with the article.
    """
    if batch.ended and (not batch.failed or batch.options.get("project")):
        discard_files(batch)


def discard_files(batch: ImportBatch) -> None:
    """Delete what is kept of the batch's files. Not within the transaction that makes them useless, but after it."""
    with removing():
        shutil.rmtree(_folder(batch), ignore_errors=True)


def with_source(item: Draft | Failure, source: str) -> Draft | Failure:
    """The item, from `source` where it names none itself."""
    return replace(item, source=source) if source and isinstance(item, Draft) and not item.source else item


def _folder(batch: ImportBatch) -> Path:
    # Not by the batch's id: a home may serve another database than the one whose uploads it still keeps.
    return settings.HOME.folder("uploads") / batch.options.get("folder", "none")


def _keep(batch: ImportBatch, files: Iterable[tuple[str, BinaryIO]]) -> None:
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
    """Bytes written; refuses more than `room`."""
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
