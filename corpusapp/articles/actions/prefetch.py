"""Items read ahead by a thread of their own, while this one waits for the database."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

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
