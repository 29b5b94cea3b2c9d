"""Import drafts as articles, for the command line, the browser, the admin site and REST."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from itertools import islice
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, connection, transaction

from corpusapp.articles.actions.completing import Chunk, Completer
from corpusapp.articles.actions.import_state import Cancelled, claim, end_import, release
from corpusapp.articles.actions.store import count_outcome, log_problems, store
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, Refusal
from corpusapp.core.job_states import JobState
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Draft, Failure

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

logger = logging.getLogger(__name__)
CHUNK = 200
# Maximum code points, or bytes of originals, of a chunk, to limit memory.
CHUNK_LENGTH = 4_000_000
# If items take long to read, a chunk ends after so many seconds, to show progress and to save work.
CHUNK_SECONDS = 5.0
# Seconds between checks whether the import was cancelled.
_CHECK_SECONDS = 1.0
_PROGRESS = ("state", "reason", "options", "added", "duplicates", "changed", "failed", "items", "read_bytes")
_ANALYZE_AFTER = (1 << 1, 1 << 3, 1 << 5, 1 << 7, 1 << 9, 1 << 11)  # chunks


class Withdrawn(Conflict):
    """The corpus was withdrawn during the import."""


def import_articles(
    *,
    user: "User",
    corpus: Corpus,
    items: Iterable[Draft | Failure],
    origin: ImportBatch.Origin,
    add_labels: bool = False,
    suggest: bool = True,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    done: bool = False,
    upsert: bool = False,
    same: str = "",
    progress: Callable[[ImportBatch], None] = lambda batch: None,
) -> ImportBatch:
    """Store the drafts in `items` and log the failures, in chunks that are committed one by one.

    An item that cannot be stored does not stop the import: it is a problem of the returned batch, with its item and
    line. If the same import is interrupted and started again, each article is stored once. `same` is a digest of the
    input: an interrupted batch with the same digest is continued. `columns` ({theirs: ours}) and `encoding` are stored
    to read originals again later. `done`: articles with decided spans are imported as done. `upsert`: the metadata of
    known articles is replaced. `progress` is called after each chunk.
    """
    require(user, corpus, Role.MANAGER)
    disk.require_room()
    options = {"add_labels": add_labels, "suggest": suggest, "columns": dict(columns or {})}
    options |= {"encoding": encoding} if encoding else {}
    options |= {"done": True} if done else {}
    options |= {"upsert": True} if upsert else {}
    options |= {"same": same} if same else {}
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        batch = _interrupted(user, corpus, same) or ImportBatch(user=user, corpus=corpus, origin=origin)
        batch.state, batch.reason, batch.finished_at, batch.options = JobState.RUNNING, "", None, options
        batch.save()
        # Within a transaction of the caller, no other process sees the batch before it has ended.
        if is_outermost:
            claim(batch)
    try:
        return _run(batch, islice(items, batch.items, None), progress)
    finally:
        if is_outermost:
            with suppress(DatabaseError, InterfaceError):
                release(batch)


def _interrupted(user: "User", corpus: Corpus, same: str) -> ImportBatch | None:
    """The user's newest import with the same digest, if it was interrupted."""
    if not same:
        return None
    own = ImportBatch.objects.select_for_update().filter(user=user, corpus=corpus, options__same=same)
    found = own.order_by("-pk").first()
    return found if found and found.state == JobState.INTERRUPTED else None


def _run(batch: ImportBatch, items: Iterable[Draft | Failure], progress: Callable[[ImportBatch], None]) -> ImportBatch:
    try:
        return store_items(batch=batch, items=items, progress=progress)
    except Withdrawn as refusal:
        _end(batch, JobState.INTERRUPTED, refusal.detail)
        raise
    except Exception as error:
        # If the cause is external, the same import can be continued.
        is_external = disk.is_full(error) or isinstance(error, jobs.TRY_AGAIN)
        _end(batch, JobState.INTERRUPTED if is_external else JobState.FAILED, reason_of(batch, error))
        raise
    except BaseException:
        _end(batch, JobState.INTERRUPTED, f"stopped after {batch.items} items: start it again, it continues there")
        raise


def _end(batch: ImportBatch, state: JobState, reason: str) -> None:
    # If the database is gone too, `end_lost_imports` ends it later.
    with suppress(DatabaseError, InterfaceError):
        end_import(batch, state, reason)


def reason_of(batch: ImportBatch, error: Exception) -> str:
    """The reason why an import failed, with the place."""
    if isinstance(error, Refusal):
        return error.detail
    if disk.is_full(error):
        return f"{disk.FULL}; {batch.items} items were read before and stay read: import the rest again then"
    place = f"after {batch.items} items ({error_line(error)})"
    return f"stopped by an error {place}: see the log; articles imported before stay"


def error_line(error: Exception) -> str:
    """The type and message of an error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def store_items(
    *,
    batch: ImportBatch,
    items: Iterable[Draft | Failure],
    progress: Callable[[ImportBatch], None] = lambda batch: None,
    one_by_one: bool = False,
) -> ImportBatch:
    """Store the remaining `items` of a batch.

    Raises `Withdrawn` or `Cancelled` if the corpus was withdrawn or the import cancelled meanwhile; imported articles
    stay. With `one_by_one`, an item that crashes this process is recognised by the next process, and fails.
    """
    watch = _Watch(batch)
    watched = _watched(items, watch)
    with closing(_completed(batch, watched, watch, one_by_one)) as completed:
        for number, (chunk, done) in enumerate(completed, 1):
            _store_chunk_or_items(batch, chunk, done)
            if number in _ANALYZE_AFTER:
                _analyze_tables()
            # Without the corpus and the user, which would be read again.
            batch.refresh_from_db(fields=_PROGRESS)
            progress(batch)
    end_import(batch, JobState.DONE)
    batch.refresh_from_db()
    return batch


class _Watch:
    """Checks regularly, in the thread that created it, whether the import was cancelled."""

    def __init__(self, batch: ImportBatch) -> None:
        self._pk, self._thread, self._checked_at = batch.pk, threading.get_ident(), time.monotonic()

    def __call__(self) -> None:
        if threading.get_ident() == self._thread and time.monotonic() - self._checked_at >= _CHECK_SECONDS:
            self._checked_at = time.monotonic()
            state, reason = ImportBatch.objects.values_list("state", "reason").get(pk=self._pk)
            if state == JobState.CANCELLED:
                raise Cancelled(reason)


def _watched(items: Iterable[Draft | Failure], watch: Callable[[], None]) -> Iterator[Draft | Failure]:
    for item in items:
        watch()
        yield item


def _completed(
    batch: ImportBatch, items: Iterator[Draft | Failure], watch: Callable[[], None], one_by_one: bool
) -> Generator[tuple[Chunk, list[Completed]], None, None]:
    """The items in completed chunks; with `one_by_one`, the first ones, which may have crashed a process, singly."""
    completer = Completer(batch)
    if one_by_one:
        yield from _one_by_one(batch, completer, islice(items, 2 * CHUNK))
    yield from completer.chunks(_chunks(items), watch)


def _one_by_one(
    batch: ImportBatch, completer: Completer, items: Iterable[Draft | Failure]
) -> Iterator[tuple[Chunk, list[Completed]]]:
    """Single items, each marked before it is completed. An item that is already marked has crashed a process."""
    for item in items:
        if batch.options.get("begun") == batch.items and isinstance(item, Draft):
            item = _failed(item, "it crashed the worker twice")
        batch.options["begun"] = batch.items
        batch.save(update_fields=["options"])
        yield from completer.chunks([[item]])


def _store_chunk_or_items(batch: ImportBatch, chunk: Chunk, completed: list[Completed]) -> None:
    """Store a chunk; after an unexpected error, store each item singly, so that only the wrong one fails."""
    try:
        _store_checked(batch, chunk, completed)
    except Exception as error:
        if _stops_import(error):
            raise
        logger.warning("a chunk of %d items cannot be stored; trying them one by one", len(chunk), exc_info=True)
        left = iter(completed)
        for item in chunk:
            _store_item(batch, item, [next(left)] if isinstance(item, Draft) else [])


def _store_item(batch: ImportBatch, item: Draft | Failure, completed: list[Completed]) -> None:
    try:
        _store_checked(batch, [item], completed)
    except Exception as error:
        if _stops_import(error) or not isinstance(item, Draft):
            raise
        logger.exception("%s cannot be stored", item.item)
        _store_checked(batch, [_failed(item, f"it cannot be stored ({error_line(error)}): see the log")], [])


def _stops_import(error: Exception) -> bool:
    """Whether the error concerns the whole import: a refusal, a lost connection, a full disk."""
    return isinstance(error, (Refusal, *jobs.TRY_AGAIN)) or disk.is_full(error)


def _failed(draft: Draft, reason: str) -> Failure:
    return Failure(draft.item, draft.line, reason, "", draft.form, draft.raw)


def _store_checked(batch: ImportBatch, chunk: Chunk, completed: list[Completed]) -> None:
    disk.require_room()
    with transaction.atomic():
        _require_running(batch)
        _store_chunk(batch, chunk, completed)


def _require_running(batch: ImportBatch) -> None:
    """Refuse if the import was cancelled or the corpus withdrawn. Locks both rows until the chunk is stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT withdrawn_at IS NULL FROM articles_corpus WHERE id = %s FOR SHARE", [batch.corpus_id])
        (visible,) = cursor.fetchone()
        cursor.execute("SELECT state, reason FROM articles_importbatch WHERE id = %s FOR NO KEY UPDATE", [batch.pk])
        state, reason = cursor.fetchone()
    if state == JobState.CANCELLED:
        raise Cancelled(reason)
    if not visible:
        raise Withdrawn("the corpus was withdrawn during this import: restore it, and import the rest again")


def _analyze_tables() -> None:
    """Update the planner's statistics of tables that have doubled: plans for empty tables scan the whole of full ones.

    A sample of a large table takes as long as a hundred articles.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HAVE_DOUBLED)
        if cursor.fetchone()[0]:
            cursor.execute("ANALYZE articles_article (id, corpus_id, length), articles_sketchband")


_HAVE_DOUBLED = """
    SELECT bool_or(pg_relation_size(oid) >= 2 * relpages * current_setting('block_size')::bigint) FROM pg_class
    WHERE oid IN ('articles_article'::regclass, 'articles_sketchband'::regclass)
"""


def _chunks(items: Iterable[Draft | Failure]) -> Iterator[Chunk]:
    iterator = iter(items)
    for first in iterator:
        chunk, length, until = [first], _length(first), time.monotonic() + CHUNK_SECONDS
        while len(chunk) < CHUNK and length < CHUNK_LENGTH and time.monotonic() < until:
            if not (more := list(islice(iterator, 1))):
                break
            chunk += more
            length += _length(more[0])
        yield chunk


def _length(item: Draft | Failure) -> int:
    text = len(item.text) if isinstance(item, Draft) else 0
    return max(text, len(item.raw or b""))


def _store_chunk(batch: ImportBatch, chunk: Chunk, completed: list[Completed]) -> None:
    outcome = store(batch=batch, completed=completed)
    outcome.failures += [item for item in chunk if isinstance(item, Failure)]
    log_problems(batch, outcome, [one.draft for one in completed])
    count_outcome(batch, outcome, failed=len(outcome.failures), items=len(chunk))
