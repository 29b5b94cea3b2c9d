"""The desk that a program talks to."""

import os
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from .adding import pages
from .corpus import Corpus
from .transport import Transport

URL, TOKEN = "CORPUSAPP_URL", "CORPUSAPP_TOKEN"


class Desk:
    """A desk, with a token of yours.

    The address and the token are read from `CORPUSAPP_URL` and `CORPUSAPP_TOKEN` unless you give them. Requests are
    repeated for `patience` seconds where that is safe; `timeout` is how many the desk may be silent. `progress` says
    whether progress bars are shown: by default on a terminal.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        patience: float = 300.0,
        timeout: float = 60.0,
        progress: bool | None = None,
    ) -> None:
        address, key = url or os.environ.get(URL, ""), token or os.environ.get(TOKEN, "")
        if not address:
            raise ValueError(f"name the desk: Desk(url), or {URL} in the environment")
        if not key:
            raise ValueError(f"there is no token: create one under Your account, and put it into {TOKEN}")
        self._http = Transport(address, key, patience=patience, timeout=timeout)
        self._progress = progress

    def __repr__(self) -> str:
        return f"<Desk {self._http.base}>"

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def corpora(self) -> Iterator[Corpus]:
        """The corpora that the token can see."""
        for record in pages(self._http, "corpora/"):
            yield self.corpus(record["slug"])

    def corpus(self, slug: str) -> Corpus:
        """One corpus. Asks the desk nothing."""
        return Corpus(self._http, slug, progress=self._progress)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an address below `/api/v1/` that this library has no method for."""
        return self._http.get(path, query)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Every result of a list below `/api/v1/`."""
        return pages(self._http, path, query)

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of a POST below `/api/v1/`, which takes effect once."""
        return self._http.post(path, {} if body is None else body, query)
