"""Drafts completed ahead of storing: in this process for a few small ones, in child processes for all others.

While one chunk is written to the database, the next ones are read from their files by a thread, and looked at by the
children. These know nothing of the database: plain values go in and out. A draft that takes too long fails alone.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice

from corpusapp.articles.actions.prefetch import ReadAhead
from corpusapp.articles.actions.recurrence import Lines, Recurrence, lines_of
from corpusapp.articles.limits import limits
from corpusapp.articles.models import ImportBatch
from corpusapp.intake.child import Stopped, call
from corpusapp.intake.complete import Completed, complete_all, is_small, pack
from corpusapp.intake.draft import Draft, Failure
from corpusapp.text.furniture import Furniture

logger = logging.getLogger(__name__)
Chunk = list[Draft | Failure]
Work = list[tuple[Draft, Furniture | None]]
# What became of each draft of a message, in order.
Outcomes = list[Completed | Failure]
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
        return [(draft, self._recurrence.furniture(draft)) for draft in drafts]


def _drafts(chunk: Chunk) -> list[Draft]:
    return [item for item in chunk if isinstance(item, Draft)]


def _bare(one: tuple[Draft, Furniture | None]) -> tuple[Draft, Furniture | None]:
    """Without the original, which would only travel to and fro."""
    draft, furniture = one
    return replace(draft, raw=None), furniture


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
        return Failure(draft.item, draft.line, f"it {error} while its zones were looked for: split it", "text")
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
