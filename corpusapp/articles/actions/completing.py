"""Drafts read and completed ahead of storing, a few small ones in this process, all others in child processes.

Lines that recur in a source's articles are learned while importing: those there before, and those of the import.
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

from corpusapp.articles.limits import limits
from corpusapp.articles.models import Article, ImportBatch
from corpusapp.intake.child import Stopped, call
from corpusapp.intake.complete import Completed, complete_all, is_small, pack
from corpusapp.intake.draft import Draft, Failure
from corpusapp.text.lines import RecurringLines, normalised_lines

# How many of a source's newest articles are looked at, how many different lines are remembered for a source, and for
# how many sources: what is forgotten is looked up again.
_SAMPLE = 60
_REMEMBERED = 5_000
_SOURCES = 64

# The normalised lines of each text.
Lines = dict[str, set[str]]


def lines_of(drafts: Iterable[Draft]) -> Lines:
    return {draft.text: normalised_lines(draft.text) for draft in drafts if draft.source}


class Recurrence:
    """Counts of lines by source, for the time of one import. Memory is bounded for each source."""

    def __init__(self, batch: ImportBatch) -> None:
        self._corpus_id = batch.corpus_id
        self._counts: dict[str, Counter[str]] = {}
        self._articles: Counter[str] = Counter()
        self._lines: Lines = {}

    def learn(self, drafts: Iterable[Draft], lines: Lines | None = None) -> None:
        """Count the lines of drafts that come in (`lines_of` them, if known). Drafts without a source teach nothing."""
        self._lines = lines_of(drafts) if lines is None else lines
        for draft in drafts:
            if draft.source:
                self._count(draft.source, self._lines[draft.text])

    def recurring(self, draft: Draft) -> RecurringLines | None:
        """The lines of the source of a draft that was just learned, without its own; None without a source."""
        if not draft.source or self._articles[draft.source] < 2:
            return None
        counts = self._counts[draft.source]
        own = self._lines[draft.text]
        others = {line: counts[line] - 1 for line in own if counts[line] > 1}
        return RecurringLines(others, self._articles[draft.source] - 1)

    def _count(self, source: str, lines: set[str]) -> None:
        if source not in self._counts:
            if len(self._counts) >= _SOURCES:
                self._forget(next(iter(self._counts)))
            self._counts[source] = Counter()
            for earlier in self._newest(source):
                self._add(source, normalised_lines(earlier))
        self._add(source, lines)

    def _add(self, source: str, lines: set[str]) -> None:
        counts = self._counts[source]
        counts.update(lines)
        self._articles[source] += 1
        if len(counts) > _REMEMBERED:
            # What stood in one article alone is running text; were it furniture, it would soon be back.
            self._counts[source] = Counter({line: count for line, count in counts.items() if count > 1})

    def _forget(self, source: str) -> None:
        del self._counts[source]
        del self._articles[source]

    def _newest(self, source: str) -> list[str]:
        articles = Article.objects.filter(corpus_id=self._corpus_id, source__name=source, withdrawn_at=None)
        return list(articles.order_by("-pk").values_list("text", flat=True)[:_SAMPLE])


Item = TypeVar("Item")
_END = object()


class ReadAhead(Generic[Item]):
    """The items of an iterator, in order, a few of which are read before they are asked for.

    The iterator is run in another thread, so it may not use the database. What it raises is raised here, at its place.
    Leaving the `with` stops the reading. `watch` is called here while an item is waited for, and may raise.
    """

    def __init__(self, items: Iterator[Item], few: int = 1, watch: Callable[[], None] = lambda: None) -> None:
        self._items, self._watch = items, watch
        self._read: queue.Queue[object] = queue.Queue(few)
        self._left = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="read ahead", daemon=True)

    def __enter__(self) -> "ReadAhead[Item]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        while self._thread.is_alive():
            self._emptied()
            self._thread.join(0.05)

    def __iter__(self) -> Iterator[Item]:
        while (item := self._waited_for()) is not _END:
            yield item  # type: ignore[misc]
        if self._error is not None:
            raise self._error

    def _waited_for(self) -> object:
        while True:
            self._watch()
            with contextlib.suppress(queue.Empty):
                return self._read.get(timeout=1)

    def _run(self) -> None:
        try:
            for item in self._items:
                self._read.put(item)
                if self._left.is_set():
                    return
        except BaseException as error:  # raised where the items are asked for
            self._error = error
        self._read.put(_END)

    def _emptied(self) -> None:
        while not self._read.empty():
            self._read.get_nowait()


logger = logging.getLogger(__name__)
Chunk = list[Draft | Failure]
Work = list[tuple[Draft, RecurringLines | None]]
# What became of each draft of a message, in order.
Outcomes = Sequence[Completed | Failure]
# Chunks that are under way at a time, and drafts that go to a process in one message.
_AHEAD, _MESSAGE = 3, 25


class Completer:
    """Completes the drafts of one import; remembers which lines recur in its sources."""

    def __init__(self, batch: ImportBatch) -> None:
        self._recurrence = Recurrence(batch)
        self._language = batch.corpus.language

    def complete(self, drafts: Sequence[Draft]) -> Outcomes:
        """In order, with a failure for each draft that could not be completed. Small ones are completed here."""
        work = self._work(drafts)
        if is_small(draft.text for draft in drafts):
            with suppress(Exception):  # One by one it is told which draft is at fault.
                return complete_all(work, self._language)
        return [found for one in work for found in _completed([_bare(one)], self._language)]

    def chunks(
        self, chunks: Iterable[Chunk], watch: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[Chunk, list[Completed]]]:
        """Each chunk with its drafts completed. Processes are started only where a second chunk follows the first.

        `watch` is called while chunks are waited for, and may raise.
        """
        iterator = iter(chunks)
        first = list(islice(iterator, 2))
        if len(first) < 2:
            for chunk in first:
                drafts = _drafts(chunk)
                yield _whole(chunk, drafts, [None] * len(drafts), self.complete(drafts))
            return
        with _pool() as pool, ReadAhead(_prepared(_chained(first, iterator)), watch=watch) as ahead:
            under_way: list[tuple[_Prepared, list[Future[Outcomes]]]] = []
            for prepared in ahead:
                under_way.append((prepared, self._submit(pool, prepared)))
                if len(under_way) >= _AHEAD:
                    yield self._result(*under_way.pop(0))
            for waiting in under_way:
                yield self._result(*waiting)

    def _submit(self, pool: ThreadPoolExecutor, prepared: "_Prepared") -> "list[Future[Outcomes]]":
        work = [_bare(one) for one in self._work(prepared.drafts, prepared.lines)]
        parts = [work[at : at + _MESSAGE] for at in range(0, len(work), _MESSAGE)]
        return [pool.submit(_completed, part, self._language) for part in parts]

    def _result(self, prepared: "_Prepared", parts: "list[Future[Outcomes]]") -> tuple[Chunk, list[Completed]]:
        outcomes = [one for part in parts for one in part.result()]
        return _whole(prepared.chunk, prepared.drafts, prepared.packed, outcomes)

    def _work(self, drafts: Sequence[Draft], lines: Lines | None = None) -> Work:
        self._recurrence.learn(drafts, lines)
        return [(draft, self._recurrence.recurring(draft)) for draft in drafts]


def _drafts(chunk: Chunk) -> list[Draft]:
    return [item for item in chunk if isinstance(item, Draft)]


def _bare(one: tuple[Draft, RecurringLines | None]) -> tuple[Draft, RecurringLines | None]:
    """Without the original, which the child process does not need."""
    draft, recurring = one
    return replace(draft, raw=None), recurring


def _completed(work: Work, language: str) -> Outcomes:
    """In a child, all together; one by one where that does not end, so that only what is at fault fails."""
    most = limits()
    try:
        return call(complete_all, work, language, seconds=most.seconds, memory=most.memory)
    except Exception as error:
        if len(work) > 1:
            return [found for one in work for found in _completed([one], language)]
        return [_failed(work[0][0], error)]


def _failed(draft: Draft, error: Exception) -> Failure:
    if isinstance(error, Stopped):
        return Failure(draft.item, draft.line, f"it {error} while looking for zones: split it", "text")
    logger.error("%s could not be completed", draft.item, exc_info=error)
    return Failure(draft.item, draft.line, f"its zones and its date could not be read: {type(error).__name__}", "text")


def _whole(
    chunk: Chunk, drafts: list[Draft], packed: Sequence[bytes | None], outcomes: Outcomes
) -> tuple[Chunk, list[Completed]]:
    """The chunk and what was completed of it, with the originals; a draft that failed is a failure of the chunk."""
    completed: list[Completed] = []
    failed: dict[int, Failure] = {}
    for draft, bytes_, found in zip(drafts, packed, outcomes, strict=True):
        if isinstance(found, Failure):
            failed[id(draft)] = replace(found, form=draft.form, raw=draft.raw)
        else:
            completed.append(replace(found, draft=replace(found.draft, raw=draft.raw), packed=bytes_))
    return [failed.get(id(item), item) for item in chunk], completed


def _chained(first: list[Chunk], rest: Iterator[Chunk]) -> Iterator[Chunk]:
    yield from first
    yield from rest


@dataclass(frozen=True)
class _Prepared:
    """A chunk, and what can be made of its drafts without a database."""

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
    """Threads that each wait for a child. One processor is kept busy by this process and the database, in turns."""
    pool = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), "complete")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
