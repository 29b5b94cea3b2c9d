"""HTTP to addresses that users gave: one deadline for the whole exchange, and none within the desk's own network.

A name is resolved once, and what was looked at is what is connected to. No redirect is followed, no proxy is used.
"""

import contextlib
import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

Found = TypeVar("Found")
_PIECE = 65_536
# Networks whose addresses carry one of IPv4, and the bits behind it. What they lead to is what counts.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


class NotAllowed(ValueError):
    """The host is at an address within the desk's own network."""


class TooSlow(OSError):
    """The deadline passed."""


class NotConnected(OSError):
    """No connection came about within the seconds that it has; others may still be tried."""


class TooLarge(ValueError):
    """The answer has more bytes than are taken."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def fault_of(error: Exception) -> str:
    """Why no answer came, in words of ours."""
    if isinstance(error, NotConnected):
        return f"no connection in {error} s"
    if isinstance(error, ssl.SSLError):
        return "no secure connection (invalid certificate, or no HTTPS)"
    if isinstance(error, socket.gaierror):
        return "the host name is unknown"
    if isinstance(error, ValueError | http.client.InvalidURL):
        return "the URL is invalid"
    # One that hangs up has no more to say than that.
    if isinstance(error, ConnectionResetError | BrokenPipeError | http.client.HTTPException):
        return "the connection was cut off"
    return (getattr(error, "strerror", None) or "the connection was cut off").lower()


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public Internet; of one that carries another (IPv4 in IPv6), that one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour
        if found in _NAT64 or found in _COMPATIBLE:
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
        if found.is_site_local:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def is_private_name(host: str) -> bool:
    """Whether the text of a host tells by itself that it is within: an address that is not public, or localhost."""
    try:
        return not is_public(host)
    except ValueError:
        return host.lower().rstrip(".").rpartition(".")[2] == "localhost"


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
    """The answer to one request, with at most `most` bytes of its body; with 0 none of it is read.

    All of it, from the look-up of the name to the last byte, takes at most `seconds`. Raises `NotAllowed` unless
    `private`, `TooSlow`, `TooLarge`, and what sockets, TLS and `http.client` raise.
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
    while most and (piece := response.read1(_PIECE)):
        data += piece
        if len(data) > most:
            raise TooLarge
    if most and response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return bytes(data)


@contextlib.contextmanager
def _deadline(connection: http.client.HTTPConnection, end: float) -> Iterator[None]:
    """Cuts the connection off when the time is over: a receiver that drips is never silent for long."""

    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(max(0.0, end - time.monotonic()), cut)
    watch.daemon = True
    watch.start()
    try:
        yield
        # To http.client headers that are cut off have come to their end.
        if late.is_set():
            raise TooSlow
    except (OSError, http.client.HTTPException) as error:
        if late.is_set() and not isinstance(error, TooSlow):
            raise TooSlow from error
        raise
    finally:
        watch.cancel()
        connection.close()


def _connected(addresses: list[str], port: int, end: float, seconds: float) -> socket.socket:
    """A socket to the first of the addresses that takes one."""
    begin, refusal = time.monotonic(), TooSlow()
    for address in addresses:
        left = min(end, begin + seconds) - time.monotonic()
        if left <= 0:
            break
        try:
            found = socket.create_connection((address, port), left)
        except TimeoutError:
            refusal = NotConnected(f"{seconds:g}")
        except OSError as error:
            refusal = error
        else:
            found.settimeout(max(0.001, end - time.monotonic()))
            return found
    raise refusal


def _addresses(host: str, port: int) -> list[str]:
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _within(seconds: float, function: Callable[[], Found]) -> Found:
    """What the function returns or raises, `TooSlow` where it takes longer: a resolver has no time-out of its own."""
    outcome: queue.Queue[tuple[bool, object]] = queue.Queue()

    def run() -> None:
        try:
            outcome.put((True, function()))
        except Exception as error:
            outcome.put((False, error))

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        sound, value = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TooSlow from None
    if not sound:
        raise value  # type: ignore[misc]
    return value  # type: ignore[return-value]
