"""JSON over HTTP with a service that may be slow, absent or wrong: bounded in time and size, and plain about faults."""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError
from urllib3.util.retry import Retry

# What a service, or what stands before it, answers while it is busy or starting.
_PASSING = (429, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
# These alone have a POST sent again as it was.
_KEEP_THE_METHOD = (307, 308)
_PIECE = 65_536
_QUOTED = 200


@dataclass(frozen=True)
class Limits:
    """What one request may take. `answer_seconds` is for all of it; `backoff` is the first wait, doubled each time."""

    connect_seconds: float = 5.0
    answer_seconds: float = 60.0
    answer_bytes: int = 16_000_000
    retries: int = 2
    backoff: float = 0.5
    redirects: int = 3


class ServiceFailed(RuntimeError):
    """The service gave no answer that can be used; the message says what was wrong.

    `answered` tells a service that is there and refuses or answers wrongly from one that cannot be reached.
    """

    def __init__(self, detail: str, *, answered: bool = False) -> None:
        super().__init__(detail)
        self.answered = answered


def address_fault(address: str, hosts: Collection[str] = ()) -> str:
    """Why no service can have this address, empty where one can; `hosts` are those allowed, all where none is named."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        return f"{address!r} is no address ({error}): write one like http://127.0.0.1:9090"
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not address.isascii()
        or not address.isprintable()
    ):
        return f"{address!r} is no address of a service: write one like http://127.0.0.1:9090, with http or https"
    if " " in address or parts.query or parts.fragment:
        return f"{address!r} has more than a host, a port and a path: leave the rest out"
    if parts.username is not None or parts.password is not None:
        return "the address holds a name or a password, which all members would see: write these into ~/.netrc"
    named = {parts.hostname, f"{parts.hostname}:{port}"}
    if hosts and not named & {host.lower() for host in hosts}:
        return f"the desk may not ask {parts.hostname!r}: it may ask {', '.join(sorted(hosts))} (SERVICE_HOSTS)"
    return ""


class Client:
    """Asks one service. What is idempotent is tried again: all requests here are, for they only ask."""

    def __init__(self, address: str, limits: Limits) -> None:
        self.address = address.rstrip("/")
        self._limits = limits
        self._session = requests.Session()
        # An answer that unpacks to more than its size cannot be bounded while it is read.
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})
        adapter = HTTPAdapter(max_retries=_Retries.within(limits))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, path: str = "") -> Any:
        """What the service answers. Raises `ServiceFailed`."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """What the service answers to a JSON body. Raises `ServiceFailed`."""
        return self._ask("POST", path, json.dumps(body).encode("ascii"))

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        end = time.monotonic() + self._limits.answer_seconds
        try:
            return self._follow(method, self.address + path, body, end)
        except requests.exceptions.SSLError as error:
            raise ServiceFailed(
                "does not answer: no secure connection (its certificate does not hold, or it speaks no https)"
            ) from error
        except requests.exceptions.ConnectTimeout as error:
            raise ServiceFailed(f"does not answer: no connection in {self._limits.connect_seconds:g} s") from error
        except (requests.exceptions.ReadTimeout, ReadTimeoutError) as error:
            raise self._too_slow() from error
        except (requests.exceptions.RequestException, HTTPError) as error:
            raise ServiceFailed(f"does not answer: {_cause(error)}") from error

    def _follow(self, method: str, address: str, body: bytes | None, end: float) -> Any:
        for _ in range(self._limits.redirects + 1):
            with self._send(method, address, body) as response:
                if response.status_code not in _REDIRECTS:
                    return self._taken(response, f"{method} {urlsplit(address).path or '/'}", end)
                address = _redirected(response, method)
        raise ServiceFailed(f"redirects more than {self._limits.redirects} times: correct its address", answered=True)

    def _send(self, method: str, address: str, body: bytes | None) -> requests.Response:
        timeout = (self._limits.connect_seconds, self._limits.answer_seconds)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return self._session.request(
            method, address, data=body, headers=headers, timeout=timeout, stream=True, allow_redirects=False
        )

    def _taken(self, response: requests.Response, asked: str, end: float) -> Any:
        data = self._read(response, asked, end)
        if not response.ok:
            raise ServiceFailed(f"answers {response.status_code} to {asked}{_quoted(data)}", answered=True)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ServiceFailed(f"answers {asked} with what is no JSON: {_short(str(error))}", answered=True) from error

    def _read(self, response: requests.Response, asked: str, end: float) -> bytes:
        """The body, bit by bit: a service that drips must not hold the desk longer than one that is silent."""
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise ServiceFailed(f"answers {asked} in a packed form that was not asked for", answered=True)
        data = bytearray()
        while piece := response.raw.read1(_PIECE):
            data += piece
            if len(data) > self._limits.answer_bytes:
                most = self._limits.answer_bytes
                raise ServiceFailed(f"answers {asked} with more than the {most:,} bytes that are taken", answered=True)
            if time.monotonic() > end:
                raise self._too_slow()
        return bytes(data)

    def _too_slow(self) -> ServiceFailed:
        return ServiceFailed(f"does not answer: not done in {self._limits.answer_seconds:g} s")


class _Retries(Retry):
    """Tries again what was refused, cut off or put off; not what took too long, which would take as long again."""

    @classmethod
    def within(cls, limits: Limits) -> "_Retries":
        return cls(
            total=limits.retries,
            status_forcelist=_PASSING,
            allowed_methods=None,
            backoff_factor=limits.backoff,
            backoff_max=limits.answer_seconds,
            retry_after_max=int(limits.connect_seconds),
            redirect=False,
            raise_on_status=False,
        )

    def increment(self, *args: Any, **values: Any) -> "Retry":
        if isinstance(error := values.get("error"), ReadTimeoutError):
            raise error
        return super().increment(*args, **values)


def _redirected(response: requests.Response, method: str) -> str:
    """Where a redirect leads; one to another host, or that would lose what was posted, is not followed."""
    target = urljoin(response.url, response.headers.get("Location", ""))
    here, there = urlsplit(response.url), urlsplit(target)
    same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    if same and (method == "GET" or response.status_code in _KEEP_THE_METHOD):
        return target
    raise ServiceFailed(f"redirects to {_short(target)}: give that address where it is the right one", answered=True)


def _quoted(data: bytes) -> str:
    """What a service says of its failure, where it says it as JSON backends do. Nothing else of an answer is shown."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    said = next((body[key] for key in ("detail", "error", "message") if key in body), "") if type(body) is dict else ""
    return f": {_short(said)}" if said and isinstance(said, str) else ""


def _short(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: _QUOTED + 1])
    return shown if len(text) <= _QUOTED else shown[:_QUOTED] + "…"


def _cause(error: BaseException) -> str:
    """The reason that lies deepest, without the addresses of objects that the layers above print."""
    reason: Any = error
    while (deeper := getattr(reason, "reason", None) or reason.__cause__ or _wrapped(reason)) is not None:
        if isinstance(deeper, str):
            return _short(deeper)
        reason = deeper
    if isinstance(error, requests.exceptions.InvalidURL) or isinstance(reason, UnicodeError):
        return "its address is not one"
    if isinstance(reason, NameResolutionError) or type(reason).__name__ == "gaierror":
        return "there is no host of its name"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return "the connection was cut off"


def _wrapped(error: BaseException) -> BaseException | None:
    return next((part for part in error.args if isinstance(part, BaseException)), None)
