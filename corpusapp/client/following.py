"""Copies of a corpus that are kept up to date by the change feed."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import httpx

from .adding import pages
from .errors import Gone, ServerError, TooManyRequests, Unreachable
from .export import Export
from .records import Event, Label, Line
from .transport import Transport

_PAGE = 1000
# Articles that are fetched by one request.
_NAMED = 50
# Of articles that come in by an event: with the columns of which exports make `meta`.
_FIELDS = ("id", "source", "url", "published_on", "published_precision", "metadata")
# Characters of an ISO date that are known.
_KNOWN = {"month": 7, "year": 4}
_BRINGS_TEXT = ("article.added", "article.version", "article.restored")
_BRINGS_METADATA = (*_BRINGS_TEXT, "article.metadata")
_WAIT = re.compile(r'<([^>]*)>\s*;[^,]*rel="?wait"?')
# Seconds between requests where the desk has nothing that waits.
_PAUSE = 1.0


class Store(Protocol):
    """Where a copy is kept. A store holds one corpus.

    Each call takes effect as a whole, with its cursor, or not at all.
    """

    def cursor(self) -> str | None:
        """Where the copy stands; None if there is none yet. It may be empty, before the first event of a feed."""

    def replace(self, cursor: str, labels: Sequence[Label], lines: Iterable[Line]) -> None:
        """Begin anew, with these articles, which are everything."""

    def without_text(self, articles: Sequence[int]) -> Sequence[int]:
        """Those of the articles whose texts the copy does not have."""

    def apply(self, events: Sequence[Event], cursor: str, contents: Mapping[int, Mapping[str, Any]]) -> None:
        """Apply events in order. `contents` has `meta` of articles that come in or get other metadata by them, by their
        ids, and `text` of those without one.

        An article that is withdrawn or erased by now has none: a later event says so.
        """


class Follower:
    """Brings the store of one corpus up to date."""

    def __init__(self, http: Transport, slug: str, store: Store) -> None:
        self._http, self._slug, self._store = http, slug, store
        # The address of the process that waits, while there is one.
        self._waiting: httpx.URL | None = None

    def follow(self, *, wait: int) -> Iterator[Event]:
        while True:
            events, more = self._step(wait)
            yield from events
            if not (events or more or self._has_waited):
                time.sleep(_PAUSE)

    def catch_up(self) -> int:
        count = 0
        while True:
            events, more = self._step(0)
            count += len(events)
            if not more:
                return count

    def _step(self, wait: int) -> tuple[Sequence[Event], bool]:
        """Apply the next page, and return its events, and whether there may be more at once."""
        cursor = self._store.cursor()
        if cursor is None:
            self._begin()
            return [], True
        try:
            page = self._page(cursor, wait)
        except Gone:
            self._waiting = None
            self._begin()
            return [], True
        events: list[Event] = page["results"]
        if events or page["cursor"] != cursor:
            self._store.apply(events, page["cursor"], self._contents(events))
        return events, bool(page["more"])

    def _page(self, cursor: str, wait: int) -> dict[str, Any]:
        query = {"after": cursor, "corpus": self._slug, "limit": _PAGE}
        began = time.monotonic()
        response = self._waited(query, wait) if wait else self._http.send("GET", "changes/", query=query)
        # A desk that does not know how to wait answers at once.
        self._has_waited = time.monotonic() - began > _PAUSE
        page: dict[str, Any] = response.json()
        return page

    def _waited(self, query: dict[str, Any], wait: int) -> httpx.Response:
        """The answer of the process that waits, if there is one; else of the desk, which may lead there."""
        asked = {**query, "wait": wait}
        patient = wait + 30.0
        if self._waiting is not None:
            try:
                response = self._http.once(self._waiting, asked, timeout=patient)
            except (Unreachable, ServerError, TooManyRequests):
                # It is away, or too many wait: the desk answers at once, and says where to wait the next time.
                response = self._http.send("GET", "changes/", query=query)
        else:
            response = self._http.send("GET", "changes/", query=asked, timeout=patient)
        self._waiting = self._trusted(response)
        return response

    def _trusted(self, response: httpx.Response) -> httpx.URL | None:
        """The address that waits, if it is at the host of the desk: the token is sent to no other."""
        found = _WAIT.search(response.headers.get("Link", ""))
        if found is None:
            return None
        address = response.url.join(found[1])
        same = (address.scheme, address.host) == (self._http.base.scheme, self._http.base.host)
        return address.copy_with(query=None) if same else None

    def _begin(self) -> None:
        """Fill the store by an export. The cursor is taken before, so that what happens meanwhile is read again."""
        latest = self._http.get("changes/", {"after": "latest", "corpus": self._slug})["cursor"]
        labels = self._labels()
        chosen = {"stage": "any", "state": "confirmed,rejected", "chrome": True}
        while True:
            lines = iter(Export(self._http, f"corpora/{self._slug}/", "jsonl", chosen))
            self._store.replace(latest, labels, lines)
            # Lines name labels, so names must have been the same all the while.
            before, labels = labels, self._labels()
            if _names(before) == _names(labels):
                return

    def _labels(self) -> list[Label]:
        return list(pages(self._http, f"corpora/{self._slug}/labels/"))

    def _contents(self, events: Sequence[Event]) -> dict[int, dict[str, Any]]:
        """What is not in the events, of articles that come in or get other metadata by them."""
        missing = set(self._store.without_text(_articles_of(events, _BRINGS_TEXT)))
        others = [pk for pk in _articles_of(events, _BRINGS_METADATA) if pk not in missing]
        found: dict[int, dict[str, Any]] = {}
        for ids, more in ((sorted(missing), ["text"]), (others, [])):
            for begin in range(0, len(ids), _NAMED):
                query = {"corpus": self._slug, "ids": ids[begin : begin + _NAMED], "limit": _NAMED}
                for row in pages(self._http, "articles/", {**query, "fields": [*_FIELDS, *more]}):
                    found[row["id"]] = {"meta": _meta(row), **{name: row[name] for name in more}}
        return found


def _names(labels: Sequence[Label]) -> dict[int, str]:
    return {label["id"]: label["name"] for label in labels}


def _articles_of(events: Sequence[Event], kinds: Sequence[str]) -> list[int]:
    """The articles of events of these kinds, each once. Those that are withheld by now have no more to fetch."""
    named = {event["article"] for event in events if event["type"] in kinds and "about" in event}
    return sorted(pk for pk in named if pk is not None)


def _meta(row: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an article as a line of an export has it."""
    day = row["published_on"] or ""
    published = day[: _KNOWN.get(row["published_precision"], 10)]
    columns = {"source": row["source"], "url": row["url"], "published_on": published}
    return {**row["metadata"], **{name: value for name, value in columns.items() if value}}
