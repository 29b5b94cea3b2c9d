"""HTTP requests to URLs that users entered: with one deadline, and never to private addresses unless allowed.

A host name is resolved once, and exactly the checked addresses are connected to. Redirects are not followed, and no
proxy is used.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

Found = TypeVar("Found")
_CHUNK = 65_536
# IPv6 networks whose addresses contain an IPv4 address in the last 32 bits. That address is the one to check.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


class NotAllowed(ValueError):
    """The host has an address that is not public."""


class TooSlow(OSError):
    """The deadline passed."""


class NotConnected(OSError):
    """No connection within the time limit, which is the message, in seconds."""


class TooLarge(ValueError):
    """The response body exceeds its limit."""


@dataclass(frozen=True)
class Reply:
    """A response. The names of `headers` are case-insensitive."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


def failure_reason(error: Exception) -> str:
    """Why a request failed, for users. It quotes nothing of the response."""
    if isinstance(error, NotConnected):
        return f"no connection in {error} s"
    if isinstance(error, ssl.SSLError):
        return "no secure connection (invalid certificate, or no HTTPS)"
    if isinstance(error, socket.gaierror):
        return "the host name is unknown"
    if isinstance(error, ValueError | http.client.InvalidURL):
        return "the URL is invalid"
    if isinstance(error, ConnectionResetError | BrokenPipeError | http.client.HTTPException):
        return "the connection was cut off"
    return (getattr(error, "strerror", None) or "the connection was cut off").lower()


def is_public(address: str) -> bool:
    """Whether an IP address is public. If an IPv6 address contains an IPv4 address, whether that is.

    Raises ValueError for text that is no IP address.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64 or found in _COMPATIBLE:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_private_name(host: str) -> bool:
    """Whether a host is private without resolving it: an IP address that is not public, or localhost."""
    try:
        return not is_public(host)
    except ValueError:
        return host.lower().rstrip(".").rpartition(".")[2] == "localhost"


def require_public(host: str, *, seconds: float) -> None:
    """Raise `NotAllowed` for a host that has an address that is not public, `TooSlow`, or the resolver's errors."""
    if not all(map(is_public, _within(seconds, lambda: _addresses(host, 0)))):
        raise NotAllowed(host)


def exchange(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    seconds: float,
    connect_seconds: float | None = None,
    most: int = 0,
    private: bool = False,
) -> Reply:
    """Send one request; returns the response, with a body of at most `most` bytes. With 0, the body is not read.

    `seconds` is the limit for everything from resolving the name to the last byte, `connect_seconds` for connecting.
    Raises `NotAllowed` for a private address unless `private`, `TooSlow`, `TooLarge`, and the errors of sockets, TLS
    and `http.client`.
    """
    end = time.monotonic() + seconds
    parts = urlsplit(url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    addresses = _within(min(seconds, connect_seconds or seconds), lambda: _addresses(host, port))
    if not private and not all(map(is_public, addresses)):
        raise NotAllowed(host)
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port)
    with _deadline(connection, end):
        connection.sock = _connected(addresses, port, end, connect_seconds or seconds)
        if secure:
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host, do_handshake_on_connect=False)
            connection.sock.do_handshake()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        return Reply(response.status, response.headers, _body(response, most))


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    data = bytearray()
    while most and (chunk := response.read1(_CHUNK)):
        data += chunk
        if len(data) > most:
            raise TooLarge
    if most and response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(data)


@contextlib.contextmanager
def _deadline(connection: http.client.HTTPConnection, end: float) -> Iterator[None]:
    """Close the connection at the deadline. Socket timeouts are not enough: a server may send a byte now and then."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, end - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
        # http.client takes truncated headers for complete ones.
        if late.is_set():
            raise TooSlow
    except (OSError, http.client.HTTPException) as error:
        # The timeout of the socket ends at the same time, and may be first.
        if (late.is_set() or isinstance(error, TimeoutError)) and not isinstance(error, TooSlow):
            raise TooSlow from error
        raise
    finally:
        timer.cancel()
        connection.close()


def _connected(addresses: list[str], port: int, end: float, seconds: float) -> socket.socket:
    """A socket to the first address that accepts a connection. Raises the last error."""
    start = time.monotonic()
    failure: OSError = TooSlow()
    for address in addresses:
        left = min(end, start + seconds) - time.monotonic()
        if left <= 0:
            break
        try:
            found = socket.create_connection((address, port), left)
        except TimeoutError:
            failure = NotConnected(f"{seconds:g}")
        except OSError as error:
            failure = error
        else:
            found.settimeout(max(0.001, end - time.monotonic()))
            return found
    raise failure


def _addresses(host: str, port: int) -> list[str]:
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _within(seconds: float, function: Callable[[], Found]) -> Found:
    """What the function returns or raises; `TooSlow` if it takes longer. The resolver has no timeout of its own."""
    outcome: Future[Found] = Future()

    def run() -> None:
        try:
            outcome.set_result(function())
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    wait([outcome], seconds)
    if not outcome.done():
        raise TooSlow
    return outcome.result()
