"""Uploaded files: kept in the home until a worker has read them, and read on from where a killed one stopped."""

import contextlib
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import connection, transaction

from corpusapp import jobs
from corpusapp.articles.actions.import_articles import Withdrawn, store_items
from corpusapp.articles.job_names import IMPORT_UPLOAD, QUEUE
from corpusapp.articles.limits import limits
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.articles.projects import project_reader
from corpusapp.intake.columns import checked_mapping
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.encoding.names import checked_encoding
from corpusapp.intake.files import read_file
from corpusapp.intake.records import drafts_from_body
from corpusapp.refusals import Invalid
from corpusapp.text import strict_json

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

logger = logging.getLogger(__name__)
_NAME_LENGTH = 200
_BLOCK = 1 << 20


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
) -> ImportBatch:
    """Keep the files (name, open file) and ask a worker to import them: all of them, or none.

    `columns` ({theirs: ours}) names columns and keys that are not usual; `source` is for articles that name none.
    `project` reads the files as those of another tool; `records` as the bodies of requests, which are lists.
    `encoding` is that of files which declare none, empty to have it detected.
    """
    require(user, corpus, Role.MANAGER)
    if project:
        project_reader(project)
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
    }
    with transaction.atomic():
        batch = ImportBatch.objects.create(user=user, corpus=corpus, origin=origin, options=options)
        _keep(batch, files)
        jobs.defer(IMPORT_UPLOAD, queue=QUEUE, queueing_lock=f"{IMPORT_UPLOAD} {batch.pk}", batch_id=batch.pk)
    return batch


def _codec(encoding: str, project: str) -> str:
    try:
        codec = checked_encoding(encoding)
    except ValueError as error:
        raise Invalid(str(error), field="encoding") from error
    if codec and project:
        raise Invalid("the files of another tool are UTF-8: name no encoding for them", field="encoding")
    return codec


def work_off_upload(*, batch: ImportBatch, progress: Callable[[ImportBatch], None] = lambda batch: None) -> ImportBatch:
    """Read and store what is left of the batch's files. A second process at it returns at once.

    What is left when the corpus is withdrawn waits until it is restored.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", [IMPORT_UPLOAD, batch.pk % 2**31])
        if not cursor.fetchone()[0]:
            return batch
        try:
            batch.refresh_from_db()
            if batch.finished_at is None:
                with contextlib.suppress(Withdrawn):
                    _read_on(batch, progress)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [IMPORT_UPLOAD, batch.pk % 2**31])
    return batch


def kept_files(batch: ImportBatch) -> list[tuple[str, Path]]:
    """(name, path) of the batch's files that are still kept."""
    paths = [(name, _folder(batch) / str(number)) for number, name in enumerate(batch.files)]
    return [(name, path) for name, path in paths if path.is_file()]


class UploadReader:
    """The items of a batch's files, one after the other, and how many bytes were read for them."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._before = 0
        self._file: BinaryIO | None = None

    @property
    def bytes_read(self) -> int:
        # Another thread may read the file, and close it at any moment.
        with contextlib.suppress(ValueError, AttributeError):
            return self._before + self._file.tell()
        return self._before

    def __iter__(self) -> Iterator[Draft | Failure]:
        options = self._batch.options
        for name, path in kept_files(self._batch):
            with path.open("rb") as self._file:
                for item in self._items(self._file, name):
                    yield with_source(item, options.get("source", ""))
            self._before += path.stat().st_size

    def _items(self, file: BinaryIO, name: str) -> Iterator[Draft | Failure]:
        options = self._batch.options
        if project := options.get("project"):
            return project_reader(project)(file, name)
        if options.get("records"):
            return drafts_from_body(strict_json.loads(file.read()))
        named = {"mapping": options.get("columns") or {}, "encoding": options.get("encoding", "")}
        return read_file(file, name, limits=limits(), **named)


def _read_on(batch: ImportBatch, progress: Callable[[ImportBatch], None]) -> None:
    reader = UploadReader(batch)

    def say(batch: ImportBatch) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(read_bytes=reader.bytes_read)
        progress(batch)

    store_items(batch=batch, items=islice(reader, batch.items, None), progress=say)
    if not batch.failed or batch.options.get("project"):
        # What failed can be tried again from its file, unless it is another tool's, whose articles cannot be told apart
        # for sure; what came in has its original with the article.
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
        raise Invalid(
            f"the upload cannot be kept ({error.strerror or error}): nothing was imported; tell who runs the desk",
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
