"""Requests to a desk: repeated where that is safe, with errors by the type of the problem."""

import random
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from .errors import DeskError, TooManyRequests, Unreachable, error_of
from .version import VERSION, VersionCheck

API = "api/v1/"
KEY = "Idempotency-Key"
# The first and the longest pause before a request is repeated, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
# Not sent at all: repeated whatever the request was.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Server errors that another try does not mend.
_LASTING = {501, 505, 507}
# A fault of the desk often stays: so many tries.
_FAULT, _TRIES_AFTER_FAULT = 500, 3
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
_READS = {"GET", "HEAD", "OPTIONS"}


class Transport:
    """A connection pool to one desk.

    Reads, and writes with an idempotency key, are repeated after a broken connection and after 5xx; every request after
    429, or if no connection was made. The token is sent to the host of the desk and to no other.
    """

    def __init__(self, url: str, token: str, *, patience: float, timeout: float) -> None:
        base = httpx.URL(url.rstrip("/") + "/")
        if base.scheme not in ("http", "https") or not base.host:
            raise ValueError(f"{url!r} is not the address of a desk: use one such as https://desk.example/")
        self.base = base
        self._patience = patience
        self._check_version = VersionCheck(str(base.join("api/client/")))
        self._http = httpx.Client(
            headers={
                "Authorization": f"Bearer {token}",
                "User-Agent": f"corpusapp-client/{VERSION or 'checkout'}",
                # On one machine, compressing takes longer than what it saves.
                "Accept-Encoding": "identity" if base.host in _THIS_MACHINE else "gzip",
            },
            timeout=httpx.Timeout(timeout, connect=10.0, pool=None),
            limits=httpx.Limits(max_keepalive_connections=20),
        )

    def close(self) -> None:
        self._http.close()

    def url(self, path: str) -> httpx.URL:
        """The address of a path below `/api/v1/`."""
        return self.base.join(API + path)

    def own(self, address: str) -> httpx.URL:
        """An address that the desk answered with, at the desk as this client knows it, behind a proxy or not."""
        found = httpx.URL(address)
        return self.base.copy_with(raw_path=found.raw_path) if found.host else self.base.join(found)

    def get(self, path: str | httpx.URL, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a GET."""
        return self.send("GET", path, query=query).json()

    def post(self, path: str, body: Any, query: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a POST, which takes effect once, however often it is sent."""
        return self.send("POST", path, query=query, json=body).json()

    def send(
        self,
        method: str,
        path: str | httpx.URL,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **body: Any,
    ) -> httpx.Response:
        """The response of a request that succeeded, read to its end."""
        return self._repeat(self._request(method, path, query, headers, timeout, body), stream=False)

    def once(self, url: httpx.URL, query: Mapping[str, Any], *, timeout: float) -> httpx.Response:
        """The response of a GET that is tried once, since the caller knows another way. Raises `Unreachable`."""
        return self._repeat(self._request("GET", url, query, None, timeout, {}), stream=False, patience=0.0)

    @contextmanager
    def stream(
        self, path: str | httpx.URL, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """An open response of a GET. Errors while its body is read are the caller's to handle."""
        response = self._repeat(self._request("GET", path, query, headers, None, {}), stream=True)
        try:
            yield response
        finally:
            response.close()

    def _request(
        self,
        method: str,
        path: str | httpx.URL,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        body: Mapping[str, Any],
    ) -> httpx.Request:
        url = self.url(path) if isinstance(path, str) else path
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault(KEY, str(uuid.uuid4()))
        limit = httpx.USE_CLIENT_DEFAULT if timeout is None else httpx.Timeout(timeout, connect=10.0, pool=None)
        return self._http.build_request(
            method, url, params=query_of(query) if query else None, headers=sent, timeout=limit, **body
        )

    def _repeat(self, request: httpx.Request, *, stream: bool, patience: float | None = None) -> httpx.Response:
        is_safe = request.method in _READS or KEY in request.headers
        give_up = time.monotonic() + (self._patience if patience is None else patience)
        pause, tries = _FIRST_PAUSE, 0
        while True:
            tries += 1
            try:
                response = self._http.send(request, stream=stream, follow_redirects=request.method in _READS)
                self._check_version(response)
                if response.is_success:
                    return response
                response.read()
                response.close()
            except httpx.TransportError as broken:
                error: DeskError = Unreachable(f"no answer from {request.url.host}: {broken or type(broken).__name__}")
                error.__cause__ = broken
                is_transient = is_safe or isinstance(broken, _NOT_SENT)
            else:
                error = error_of(response)
                is_transient = _is_transient(error, is_safe, tries)
            wait = max(error.retry_after or 0.0, pause * random.uniform(0.5, 1.0))
            if not is_transient or time.monotonic() + wait > give_up:
                raise error
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _is_transient(error: DeskError, is_safe: bool, tries: int) -> bool:
    if isinstance(error, TooManyRequests):
        return True
    if error.status == 409 and error.field == "idempotency_key":
        # The first try, whose connection broke, is still being worked on.
        return tries > 1
    if error.status == _FAULT:
        return is_safe and tries < _TRIES_AFTER_FAULT
    return is_safe and error.status >= 500 and error.status not in _LASTING


def query_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as query parameters: lists with commas, true and false as 1 and 0. None is left out."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(map(_text, value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
