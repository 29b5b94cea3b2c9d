"""Drafts completed ahead of storing: in this process for a few, in processes of their own for many.

While one chunk is written to the database, the next ones are read from their files by a thread, and looked at by the
other processes. These know nothing of the database: plain values go in and out.
"""

import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice

from corpusapp.articles.actions.ahead import ReadAhead
from corpusapp.articles.actions.recurrence import Lines, Recurrence, lines_of
from corpusapp.articles.models import ImportBatch
from corpusapp.intake.complete import Completed, complete_all, pack
from corpusapp.intake.draft import Draft, Failure
from corpusapp.text.furniture import Furniture

logger = logging.getLogger(__name__)
Chunk = list[Draft | Failure]
Work = list[tuple[Draft, Furniture | None]]
# Chunks that are under way at a time, and drafts that go to a process in one message.
_AHEAD, _MESSAGE = 3, 25


@dataclass(frozen=True)
class _Part:
    """A message's worth of drafts, and what a process makes of it; None where there is no process to be had."""

    work: Work
    future: "Future[list[Completed]] | None"


class Completer:
    """Completes the drafts of one import; remembers which lines recur in its sources."""

    def __init__(self, batch: ImportBatch) -> None:
        self._recurrence = Recurrence(batch)
        self._language = batch.corpus.language

    def complete(self, drafts: Sequence[Draft]) -> list[Completed]:
        """In this process, in order."""
        return complete_all(self._work(drafts), self._language)

    def chunks(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, list[Completed]]]:
        """Each chunk with its drafts completed. Processes are started only where a second chunk follows the first."""
        iterator = iter(chunks)
        first = list(islice(iterator, 2))
        if len(first) < 2:
            for chunk in first:
                yield chunk, self.complete(_drafts(chunk))
            return
        with _pool() as pool, ReadAhead(_prepared(_chained(first, iterator))) as ahead:
            under_way: list[tuple[_Prepared, list[_Part]]] = []
            for prepared in ahead:
                under_way.append((prepared, self._submit(pool, prepared)))
                if len(under_way) >= _AHEAD:
                    yield self._result(*under_way.pop(0))
            for waiting in under_way:
                yield self._result(*waiting)

    def _submit(self, pool: ProcessPoolExecutor, prepared: "_Prepared") -> list["_Part"]:
        # The originals stay here: they would only travel to and fro.
        work = [
            (replace(draft, raw=None), furniture) for draft, furniture in self._work(prepared.drafts, prepared.lines)
        ]
        parts = [work[at : at + _MESSAGE] for at in range(0, len(work), _MESSAGE)]
        return [_Part(part, _submitted(pool, part, self._language)) for part in parts]

    def _result(self, prepared: "_Prepared", parts: list["_Part"]) -> tuple[Chunk, list[Completed]]:
        completed = [one for part in parts for one in self._finished(part)]
        rows = zip(completed, prepared.drafts, prepared.packed, strict=True)
        whole = [replace(one, draft=replace(one.draft, raw=draft.raw), packed=packed) for one, draft, packed in rows]
        return prepared.chunk, whole

    def _finished(self, part: "_Part") -> list[Completed]:
        try:
            if part.future is not None:
                return part.future.result()
        except BrokenProcessPool:
            logger.warning("a process that reads articles ahead has died: they are read here instead")
        return complete_all(part.work, self._language)

    def _work(self, drafts: Sequence[Draft], lines: Lines | None = None) -> Work:
        self._recurrence.learn(drafts, lines)
        return [(draft, self._recurrence.furniture(draft)) for draft in drafts]


def _drafts(chunk: Chunk) -> list[Draft]:
    return [item for item in chunk if isinstance(item, Draft)]


def _submitted(pool: ProcessPoolExecutor, work: Work, language: str) -> "Future[list[Completed]] | None":
    try:
        return pool.submit(complete_all, work, language)
    except BrokenProcessPool:
        return None


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


def _pool() -> ProcessPoolExecutor:
    # Spawned: a fork would take along the connections and locks of this process's threads. One processor is kept busy
    # by this process and the database, which take turns.
    return ProcessPoolExecutor(max(1, (os.cpu_count() or 1) - 1), multiprocessing.get_context("spawn"))
