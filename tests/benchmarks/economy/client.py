"""A client of the desk's REST API with one persistent connection."""

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.economy.simulated_article import CONFIRMED

_POLL_SECONDS = 0.05
_LONGEST_POLL_SECONDS = 0.25


class Refused(RuntimeError):
    """An error response; `status` is its code."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class Client:
    """Sends requests to the desk at `url` as the owner of `token`."""

    def __init__(self, url: str, token: str, timeout: float = 120) -> None:
        self.url, self.token = url, token
        self._arguments = (url, token, timeout)
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def again(self) -> "Client":
        """A client with a new connection, for another thread."""
        return Client(*self._arguments)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self.ask("POST", path, body)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the response; raises Refused. `path` is relative to /api/v1/."""
        content = None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, f"/api/v1/{path}", content, self._headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The server closes idle connections, without processing the request.
            self._connection.close()
            self._connection.request(method, f"/api/v1/{path}", content, self._headers)
            response = self._connection.getresponse()
        answer = response.read()
        if response.status >= 400:
            raise Refused(
                response.status, f"{method} {path}: {response.status} {answer[:2000].decode(errors='replace')}"
            )
        return json.loads(answer)

    def import_articles(self, corpus: str, records: list[dict[str, Any]], at_once: int = 50) -> None:
        """Import the records in order, and wait for their suggestions."""
        batches = []
        for position in range(0, len(records), at_once):
            report = self.post(f"articles/?corpus={corpus}", records[position : position + at_once])
            if report["failed"] or report["duplicates"]:
                raise RuntimeError(f"not all articles were imported: {report['problems'] or report['repeats']}")
            batches.append(report["id"])
        for batch in batches:
            self._wait_for(batch)

    def _wait_for(self, batch: int) -> None:
        while (now := self.get(f"batches/{batch}/")["suggestions"])["pending"]:
            time.sleep(_POLL_SECONDS)
        if now["failed"]:
            raise RuntimeError(f"{now['failed']} articles got no suggestions: {now['failures']}")

    def ids(self, corpus: str) -> dict[str, int]:
        """The id of every article of the corpus, by external id."""
        return {row["external_id"]: row["id"] for row in self._pages(f"articles/?corpus={corpus}&limit=100")}

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        while path:
            page = self.get(path)
            yield from page["results"]
            path = (page["next"] or "").partition("/api/v1/")[2]

    def wait_until_idle(self, corpus: str, seconds: float = 600, *, trained: bool = False) -> float:
        """Wait until all decisions are applied to the suggestions of other articles; returns the seconds.

        With `trained`, wait for trainings of the corpus and for the suggestions of a promoted model as well.
        """
        began, pause = time.perf_counter(), _POLL_SECONDS
        while not self._idle(corpus, trained):
            if time.perf_counter() - began > seconds:
                raise RuntimeError(f"propagation is not idle after {seconds:.0f} s: look into worker.log")
            time.sleep(pause)
            # Requests cost the desk time as well.
            pause = min(pause * 1.3, _LONGEST_POLL_SECONDS)
        return time.perf_counter() - began

    def _idle(self, corpus: str, trained: bool) -> bool:
        try:
            now = self.get(f"corpora/{corpus}/propagation/")
            return now["idle"] and not (trained and (now["training"] or now["reading"]))
        except Refused as refused:
            if refused.status == 404:
                return True
            raise

    def confirmed(self, article: int) -> frozenset[tuple[int, int, str]]:
        spans = self.get(f"articles/{article}/spans/?state={CONFIRMED}")["results"]
        return frozenset((span["start"], span["end"], span["label"]) for span in spans)
