"""All followers that wait, in one event loop. One look at the database, and one read of a page, serves all of them."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson
from django.conf import settings
from django.db import close_old_connections

from annotations.feed.actions.number_events import number_events
from annotations.feed.actions.record_events import CHANNEL, QUIET_SECONDS
from annotations.feed.api.waiting import Follower
from annotations.feed.queries import FeedPage, newest_position, newest_positions, permission_states, read_after
from corpusapp.core.postgresql.listener import DATABASE_LOST, listen

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
# Each thread has a connection to the database.
THREADS = 3
# Between two looks, at least; and at most while followers wait: without notifications, and with them, for those lost.
_PAUSE_SECONDS, _POOLED_SECONDS, _LISTENING_SECONDS = 0.05, 1.0, 5.0
_RETRY_SECONDS = 1.0


class ReadAnew(Exception):
    """The request has to be read anew: its permissions changed, or the database was lost."""


class Followers:
    """Followers by corpus. `answer` waits for the page of one; `serve` finds what happened, for all of them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "feed")
        self._futures: dict[Follower, asyncio.Future[bytes]] = {}
        self._by_corpus: dict[int, set[Follower]] = defaultdict(set)
        # The position up to which events were looked for, and that of the newest event found in each corpus.
        self._position: int | None = None
        self._newest: dict[int, int] = {}
        # Followers that came after the look that found their events.
        self._late: set[Follower] = set()
        self._wanted = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._futures)

    async def call(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Call a function that uses the database, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _with_connection, function, *arguments)

    async def answer(self, follower: Follower) -> bytes:
        """The page of a follower, rendered, when it has events, or its time has passed. Raises ReadAnew."""
        future = self._futures[follower] = asyncio.get_running_loop().create_future()
        for corpus_id in follower.following.corpora:
            self._by_corpus[corpus_id].add(follower)
        if self._has_news(follower):
            self._late.add(follower)
            self._wanted.set()
        if self._listening is None and not settings.POOLED:
            self._listening = asyncio.create_task(listen(CHANNEL, self._notified))
        try:
            async with asyncio.timeout(follower.following.wait):
                return await future
        except TimeoutError:
            return await self._read_at_last(follower)
        finally:
            del self._futures[follower]
            self._late.discard(follower)
            for corpus_id in follower.following.corpora:
                self._by_corpus[corpus_id].discard(follower)

    async def _read_at_last(self, follower: Follower) -> bytes:
        try:
            ((_, page, body),) = await self.call(_read, [follower])
        except DATABASE_LOST as error:
            raise ReadAnew from error
        if page is None:
            raise ReadAnew
        return body

    async def serve(self) -> None:
        """Answer followers when something happens, for ever."""
        seconds = _POOLED_SECONDS if settings.POOLED else _LISTENING_SECONDS
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            if not self._futures:
                continue
            try:
                await self._look()
            except DATABASE_LOST as error:
                logger.warning("The feed cannot read and retries in %d s: %s", _RETRY_SECONDS, str(error).strip())
                await self._retry()
            except Exception:
                logger.exception("An error in the feed; it retries in %d s", _RETRY_SECONDS)
                await self._retry()
            await asyncio.sleep(_PAUSE_SECONDS)

    def release(self) -> None:
        """Answer all followers at once with their empty pages, because this process ends."""
        for follower, future in self._futures.items():
            if not future.done():
                future.set_result(_as_json(follower.following.body(follower.page)))

    async def _retry(self) -> None:
        self._wanted.set()
        await asyncio.sleep(_RETRY_SECONDS)

    def _notified(self) -> None:
        self._wanted.set()
        # For what was committed in the time when its process did not notify again.
        asyncio.get_running_loop().call_later(QUIET_SECONDS + _PAUSE_SECONDS, self._wanted.set)

    def _has_news(self, follower: Follower) -> bool:
        position = follower.page.position
        return any(self._newest.get(corpus_id, 0) > position for corpus_id in follower.following.corpora)

    async def _look(self) -> None:
        position = self._position
        if position is None:
            self._position = await self.call(newest_position)
            due = set(self._futures)
            # For events that have no position yet.
            self._wanted.set()
        else:
            found = await self.call(_find_news, position)
            self._newest |= found
            self._position = max([position, *found.values()])
            due = self._late.union(*(self._by_corpus[corpus_id] for corpus_id in found))
        # Kept until they are read, in case the database is lost meanwhile.
        self._late |= due
        for follower, page, body in await self.call(_read, due) if due else ():
            self._late.discard(follower)
            future = self._futures.get(follower)
            if future is None or future.done():
                continue
            if page is None:
                future.set_exception(ReadAnew())
            elif page.events or page.more:
                future.set_result(body)
            else:
                follower.page = page


def _with_connection(function: Callable[..., Result], *arguments: object) -> Result:
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


def _find_news(position: int) -> dict[int, int]:
    number_events(batches=1000)
    return newest_positions(after=position)


def _read(followers: Iterable[Follower]) -> list[tuple[Follower, FeedPage | None, bytes]]:
    """The next page of each follower, also rendered; None if its permissions changed. Equal pages are read once."""
    followers = list(followers)
    permissions = permission_states({follower.token_id for follower in followers})
    pages: dict[tuple[Hashable, ...], tuple[FeedPage, orjson.Fragment]] = {}
    found: list[tuple[Follower, FeedPage | None, bytes]] = []
    for follower in followers:
        following, now = follower.following, follower.page
        if permissions.get(follower.token_id) != follower.permissions:
            found.append((follower, None, b""))
            continue
        key = (frozenset(following.corpora), following.only, following.size, now.position)
        if key not in pages:
            page = read_after(
                corpora=following.corpora,
                position=now.position,
                size=following.size,
                only=following.only,
                cursor=now.cursor,
            )
            pages[key] = page, orjson.Fragment(_as_json(page.events))
        found.append((follower, pages[key][0], _as_json(following.body(*pages[key]))))
    return found


def _as_json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
