"""Complete drafts before they are stored: a few small ones in this process, all others in child processes.

Lines that recur in a source's articles are counted during the import: in existing articles, and in the import itself.
"""

import contextlib
import logging
import os
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from corpusapp.articles.limits import limits
from corpusapp.articles.models import Article, ImportBatch
from corpusapp.articles.search import vectors
from corpusapp.intake.child import Stopped, call
from corpusapp.intake.complete import Completed, complete_all, is_small, pack
from corpusapp.intake.draft import Draft, Failure
from corpusapp.text.lines import RecurringLines, normalised_lines

# Newest articles that are counted for a source, distinct lines kept for a source, and number of sources kept. A dropped
# source is counted again when needed.
_SAMPLE = 60
_REMEMBERED = 5_000
_SOURCES = 64

# The normalised lines of each text.
Lines = dict[str, set[str]]


def lines_of(drafts: Iterable[Draft]) -> Lines:
    """The normalised lines of the drafts that have a source."""
    return {draft.text: normalised_lines(draft.text) for draft in drafts if draft.source}


class Recurrence:
    """Counts of lines by source during one import. Memory is limited."""

    def __init__(self, batch: ImportBatch) -> None:
        self._corpus_id = batch.corpus_id
        self._counts: dict[str, Counter[str]] = {}
        self._articles: Counter[str] = Counter()
        self._lines: Lines = {}

    def count(self, drafts: Iterable[Draft], lines: Lines | None = None) -> None:
        """Count the lines of new drafts; `lines` are their `lines_of`, if known. Drafts without a source are not."""
        self._lines = lines_of(drafts) if lines is None else lines
        for draft in drafts:
            if draft.source:
                self._count(draft.source, self._lines[draft.text])

    def recurring(self, draft: Draft) -> RecurringLines | None:
        """The lines of a counted draft in other articles of its source; None without a source."""
        if not draft.source or self._articles[draft.source] < 2:
            return None
        counts = self._counts[draft.source]
        own = self._lines[draft.text]
        others = {line: counts[line] - 1 for line in own if counts[line] > 1}
        return RecurringLines(others, self._articles[draft.source] - 1)

    def _count(self, source: str, lines: set[str]) -> None:
        if source not in self._counts:
            if len(self._counts) >= _SOURCES:
                self._drop(next(iter(self._counts)))
            self._counts[source] = Counter()
            for earlier in self._newest(source):
                self._add(source, normalised_lines(earlier))
        self._add(source, lines)

    def _add(self, source: str, lines: set[str]) -> None:
        counts = self._counts[source]
        counts.update(lines)
        self._articles[source] += 1
        if len(counts) > _REMEMBERED:
            # Lines of a single article are running text; boilerplate would soon be counted again.
            self._counts[source] = Counter({line: count for line, count in counts.items() if count > 1})

    def _drop(self, source: str) -> None:
        del self._counts[source]
        del self._articles[source]

    def _newest(self, source: str) -> list[str]:
        articles = Article.objects.filter(corpus_id=self._corpus_id, source__name=source, withdrawn_at=None)
        return list(articles.order_by("-pk").values_list("text", flat=True)[:_SAMPLE])


Item = TypeVar("Item")
_END = object()


class Prefetch(Generic[Item]):
    """The items of an iterator, in order; up to `size` are read in advance.

    The iterator runs in another thread, so it may not use the database. Its errors are raised in this thread, in order.
    Leaving the `with` block stops the thread. `watch` is called in this thread while it waits, and may raise.
    """

    def __init__(self, items: Iterator[Item], size: int = 1, watch: Callable[[], None] = lambda: None) -> None:
        self._items, self._watch = items, watch
        self._read: queue.Queue[object] = queue.Queue(size)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="read ahead", daemon=True)

    def __enter__(self) -> "Prefetch[Item]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.05)

    def __iter__(self) -> Iterator[Item]:
        while (item := self._next()) is not _END:
            yield item  # type: ignore[misc]
        if self._error is not None:
            raise self._error

    def _next(self) -> object:
        while True:
            self._watch()
            with contextlib.suppress(queue.Empty):
                return self._read.get(timeout=1)

    def _run(self) -> None:
        try:
            for item in self._items:
                self._read.put(item)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # raised in the thread that takes the items
            self._error = error
        self._read.put(_END)

    def _drain(self) -> None:
        while not self._read.empty():
            self._read.get_nowait()


logger = logging.getLogger(__name__)
Chunk = list[Draft | Failure]
Work = list[tuple[Draft, RecurringLines | None]]
# The outcome of each draft of a message, in order.
Outcomes = Sequence[Completed | Failure]
# Chunks in progress at a time, and drafts in one message to a process.
_AHEAD, _MESSAGE = 3, 25


class Completer:
    """Completes the drafts of one import, with the recurring lines of its sources."""

    def __init__(self, batch: ImportBatch) -> None:
        self._recurrence = Recurrence(batch)
        self._language = batch.corpus.language

    def complete(self, drafts: Sequence[Draft]) -> Outcomes:
        """Outcomes in order, with a failure for each draft that could not be completed. Small drafts need no child."""
        work = self._work(drafts)
        if is_small(draft.text for draft in drafts):
            with suppress(Exception):  # Completed one by one below, so that only the wrong draft fails.
                return complete_all(work, self._language)
        return [found for one in work for found in _completed([_for_child(one)], self._language)]

    def chunks(
        self, chunks: Iterable[Chunk], watch: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Chunk, list[Completed]]]:
        """Each chunk with its completed drafts. Processes are only started if there is more than one chunk.

        `watch` is called while waiting for chunks, and may raise.
        """
        iterator = iter(chunks)
        first = list(islice(iterator, 2))
        if len(first) < 2:
            for chunk in first:
                drafts = _drafts(chunk)
                yield _with_originals(chunk, drafts, [None] * len(drafts), self.complete(drafts))
            return
        with _pool() as pool, Prefetch(_prepared(_chained(first, iterator)), watch=watch) as ahead:
            in_progress: list[tuple[_Prepared, list[Future[Outcomes]]]] = []
            for prepared in ahead:
                in_progress.append((prepared, self._submit(pool, prepared)))
                if len(in_progress) >= _AHEAD:
                    yield self._result(*in_progress.pop(0))
            for waiting in in_progress:
                yield self._result(*waiting)

    def _submit(self, pool: ThreadPoolExecutor, prepared: "_Prepared") -> "list[Future[Outcomes]]":
        work = [_for_child(one) for one in self._work(prepared.drafts, prepared.lines)]
        parts = [work[at : at + _MESSAGE] for at in range(0, len(work), _MESSAGE)]
        return [pool.submit(_ready, part, self._language) for part in parts]

    def _result(self, prepared: "_Prepared", parts: "list[Future[Outcomes]]") -> tuple[Chunk, list[Completed]]:
        outcomes = [one for part in parts for one in part.result()]
        return _with_originals(prepared.chunk, prepared.drafts, prepared.packed, outcomes)

    def _work(self, drafts: Sequence[Draft], lines: Lines | None = None) -> Work:
        self._recurrence.count(drafts, lines)
        return [(draft, self._recurrence.recurring(draft)) for draft in drafts]


def _drafts(chunk: Chunk) -> list[Draft]:
    return [item for item in chunk if isinstance(item, Draft)]


def _for_child(one: tuple[Draft, RecurringLines | None]) -> tuple[Draft, RecurringLines | None]:
    """Without what the child process does not need: the original, and the spans."""
    draft, recurring = one
    return replace(draft, raw=None, spans=()), recurring


def _ready(work: Work, language: str) -> Outcomes:
    """Drafts completed in a child, with their search vectors.

    Making vectors takes a third of what storing an article costs the database, and is done here by another connection,
    while the chunk before is stored.
    """
    outcomes = _completed(work, language)
    drafts = [found.draft for found in outcomes if isinstance(found, Completed)]
    try:
        made = iter(vectors([(draft.title, draft.text, draft.language) for draft in drafts])) if drafts else iter(())
    except (DatabaseError, InterfaceError):
        # Storing them makes the vectors too, and reports what is wrong with an article.
        connection.close()
        return outcomes
    return [replace(found, search_vector=next(made)) if isinstance(found, Completed) else found for found in outcomes]


def _completed(work: Work, language: str) -> Outcomes:
    """Complete drafts in a child; one by one if that fails, so that only the wrong ones fail."""
    maximum = limits()
    try:
        return call(complete_all, work, language, seconds=maximum.seconds, memory=maximum.memory)
    except Exception as error:
        if len(work) > 1:
            return [found for one in work for found in _completed([one], language)]
        return [_failed(work[0][0], error)]


def _failed(draft: Draft, error: Exception) -> Failure:
    if isinstance(error, Stopped):
        return Failure(draft.item, draft.line, f"it {error} while looking for zones: split it", "text")
    logger.error("%s could not be completed", draft.item, exc_info=error)
    return Failure(draft.item, draft.line, f"its zones and its date could not be read: {type(error).__name__}", "text")


def _with_originals(
    chunk: Chunk, drafts: list[Draft], packed: Sequence[bytes | None], outcomes: Outcomes
) -> tuple[Chunk, list[Completed]]:
    """(the chunk with a failure for each failed draft, completed drafts with their originals)."""
    completed: list[Completed] = []
    failed: dict[int, Failure] = {}
    for draft, compressed, found in zip(drafts, packed, outcomes, strict=True):
        if isinstance(found, Failure):
            failed[id(draft)] = replace(found, form=draft.form, raw=draft.raw)
        else:
            whole = replace(found.draft, raw=draft.raw, spans=draft.spans)
            completed.append(replace(found, draft=whole, packed=compressed))
    return [failed.get(id(item), item) for item in chunk], completed


def _chained(first: list[Chunk], rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield from first
    yield from rest


@dataclass(frozen=True)
class _Prepared:
    """A chunk with what is computed in advance, without the database."""

    chunk: Chunk
    drafts: list[Draft]
    lines: Lines
    packed: list[bytes | None]


def _prepared(chunks: Iterable[Chunk]) -> Iterator[_Prepared]:
    for chunk in chunks:
        drafts = _drafts(chunk)
        packed = [pack(draft.raw) if draft.raw is not None else None for draft in drafts]
        yield _Prepared(chunk, drafts, lines_of(drafts), packed)


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Threads that each wait for a child or for the database. One processor is left for this process."""
    used: list[BaseDatabaseWrapper] = []
    threads = max(1, (os.cpu_count() or 1) - 1)
    pool = ThreadPoolExecutor(threads, "complete", lambda: used.append(connections[DEFAULT_DB_ALIAS]))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        for one in used:
            one.inc_thread_sharing()
            one.close()
