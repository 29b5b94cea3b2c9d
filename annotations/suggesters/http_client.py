"""A JSON client for services that may be slow, unavailable or faulty, with limits on time and size.

Error messages contain only the status of a response, because users may not have access to the service.
"""

import http.client
import json
import netrc
import os
import ssl
import time
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from corpusapp.core.outbound import NotAllowed, Reply, TooLarge, TooSlow, exchange, failure_reason, is_private_name

# Statuses of a service, or its proxy, that is busy or starting.
_TEMPORARY = (429, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
# Redirects after which a POST stays a POST.
_KEEP_THE_METHOD = (307, 308)


@dataclass(frozen=True)
class Limits:
    """Limits of a request. `answer_seconds` includes retries. `backoff` is the pause before the second retry, and
    doubles each time. `private` allows addresses in private networks."""

    connect_seconds: float = 5.0
    answer_seconds: float = 60.0
    answer_bytes: int = 16_000_000
    retries: int = 2
    backoff: float = 1.0
    redirects: int = 3
    private: bool = False


class ServiceFailed(RuntimeError):
    """The service gave no usable response. The message says why.

    `answered` is true if the service responded, and false if it cannot be reached.
    """

    def __init__(self, detail: str, *, answered: bool = False) -> None:
        super().__init__(detail)
        self.answered = answered


def address_fault(address: str, hosts: Collection[str] = ()) -> str:
    """Why the URL of a service is not valid; empty if it is.

    `hosts` are the allowed hosts; empty allows all public addresses.
    """
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        return f"{address!r} is not a URL ({error}): enter one such as http://127.0.0.1:9090"
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not address.isascii()
        or not address.isprintable()
    ):
        return f"{address!r} is not the URL of a service: enter one such as http://127.0.0.1:9090, with http or https"
    if " " in address or parts.query or parts.fragment:
        return f"{address!r} has more than a host, a port and a path: leave the rest out"
    if parts.username is not None or parts.password is not None:
        return "the URL contains a username or password, which all members could see: put them in ~/.netrc"
    if hosts and not is_named(address, hosts):
        return f"the host {parts.hostname!r} is not allowed: SERVICE_HOSTS allows {', '.join(sorted(hosts))}"
    if not hosts and is_private_name(parts.hostname):
        return _private(parts.hostname)
    return ""


def is_named(address: str, hosts: Collection[str]) -> bool:
    """Whether `hosts` contains the host of the URL, with or without its port."""
    parts = urlsplit(address)
    return bool({parts.hostname, f"{parts.hostname}:{parts.port}"} & {host.lower() for host in hosts})


def _private(host: str) -> str:
    return f"{host} is a private address: your administrator can allow it in SERVICE_HOSTS"


class Client:
    """Sends requests to a service. All are idempotent, so that they can be retried."""

    def __init__(self, address: str, limits: Limits) -> None:
        self.address = address.rstrip("/")
        self._limits = limits

    def get(self, path: str = "") -> Any:
        """The response to a GET. Raises `ServiceFailed`."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """The response to a JSON body. Raises `ServiceFailed`."""
        return self._ask("POST", path, json.dumps(body).encode("ascii"))

    def post_form(self, path: str, fields: Mapping[str, str]) -> Any:
        """The response to the fields of a form. Raises `ServiceFailed`."""
        return self._ask("POST", path, urlencode(fields).encode("ascii"), "application/x-www-form-urlencoded")

    def _ask(self, method: str, path: str, body: bytes | None, kind: str = "application/json") -> Any:
        end = time.monotonic() + self._limits.answer_seconds
        address = self.address + path
        for _ in range(self._limits.redirects + 1):
            request = f"{method} {urlsplit(address).path or '/'}"
            reply = self._reply(method, address, body, kind, end, request)
            if reply.status not in _REDIRECTS:
                return _json_of(reply, request)
            address = _redirected(address, reply, method)
        raise ServiceFailed(f"redirects more than {self._limits.redirects} times: check the URL", answered=True)

    def _reply(self, method: str, address: str, body: bytes | None, kind: str, end: float, request: str) -> Reply:
        """The reply, with retries of refused, broken and postponed requests, but not of those that timed out."""
        for attempt in range(self._limits.retries + 1):
            last = attempt == self._limits.retries
            try:
                reply = self._send(method, address, body, kind, end)
                if reply.status not in _TEMPORARY or last:
                    return reply
                self._pause(attempt, end, reply.headers.get("Retry-After", ""))
            except (ValueError, TooSlow, ssl.SSLError) as error:
                raise self._failure(error, request) from error
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise self._failure(error, request) from error
                self._pause(attempt, end)
        raise AssertionError("the last attempt returns or raises")

    def _send(self, method: str, address: str, body: bytes | None, kind: str, end: float) -> Reply:
        # The size of a compressed response could not be limited.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "corpusapp-service/1"}
        headers |= {"Content-Type": kind} if body is not None else {}
        headers |= _credentials(urlsplit(address).hostname or "")
        limits = self._limits
        return exchange(
            method, address, headers=headers, body=body, seconds=max(0.0, end - time.monotonic()),
            connect_seconds=limits.connect_seconds, most=limits.answer_bytes, private=limits.private,
        )  # fmt: skip

    def _pause(self, attempt: int, end: float, retry_after: str = "") -> None:
        """Pause before a retry: not before the first one, unless the service asks for it (`Retry-After`)."""
        seconds = self._limits.backoff * 2 ** (attempt - 1) if attempt else 0.0
        if retry_after.isascii() and retry_after.isdigit():
            seconds = min(float(retry_after), self._limits.connect_seconds)
        time.sleep(max(0.0, min(seconds, end - time.monotonic())))

    def _failure(self, error: Exception, request: str) -> ServiceFailed:
        if isinstance(error, TooLarge):
            most = self._limits.answer_bytes
            return ServiceFailed(f"answers {request} with more than {most:,} bytes", answered=True)
        return ServiceFailed(f"does not answer: {self._cause(error)}")

    def _cause(self, error: Exception) -> str:
        if isinstance(error, NotAllowed):
            return _private(str(error))
        if isinstance(error, TooSlow):
            return f"no complete answer in {self._limits.answer_seconds:g} s"
        return failure_reason(error)


def _json_of(reply: Reply, request: str) -> Any:
    if not 200 <= reply.status < 300:
        raise ServiceFailed(f"answers {reply.status} to {request}", answered=True)
    if reply.headers.get("Content-Encoding", "identity") != "identity":
        raise ServiceFailed(f"answers {request} with compressed data that was not requested", answered=True)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise ServiceFailed(f"answers {request} with invalid JSON", answered=True) from error


def _redirected(address: str, reply: Reply, method: str) -> str:
    """The target of a redirect. Raises `ServiceFailed` for another host, or if a POST would lose its body."""
    try:
        target = urljoin(address, reply.headers.get("Location", ""))
        same = urlsplit(address)[:2] == urlsplit(target)[:2]
    except ValueError:
        same = False
    if same and (method == "GET" or reply.status in _KEEP_THE_METHOD):
        return target
    raise ServiceFailed(f"answers {reply.status}, a redirect: use the URL that it redirects to", answered=True)


def _credentials(host: str) -> dict[str, str]:
    """The credentials for a host in ~/.netrc, or in the file that NETRC names."""
    try:
        found = netrc.netrc(os.environ.get("NETRC") or Path("~/.netrc").expanduser()).authenticators(host)
    except (OSError, RuntimeError, netrc.NetrcParseError):
        return {}
    if not found:
        return {}
    name = f"{found[0] or found[1] or ''}:{found[2] or ''}".encode()
    return {"Authorization": f"Basic {b64encode(name).decode()}"}
