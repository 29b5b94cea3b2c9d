"""Send a body to an address in the world, and never to one within: what it resolves to is what is connected to."""

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 10
AGENT = "corpusapp-webhook/1"


@dataclass(frozen=True)
class Answer:
    """`status` is None where none came, and `error` says why."""

    status: int | None
    error: str
    milliseconds: int

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def url_fault(url: str) -> str | None:
    """Why nothing can be sent to this address, as far as its text tells; None where it can."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"it is no address ({error})"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "it must begin with https:// or http:// and name a host"
    if not (url.isascii() and url.isprintable()) or " " in url:
        return "it holds characters that an address cannot have"
    if parts.username is not None or parts.password is not None:
        return "it holds a name or a password, which every manager would see"
    return None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 over the timestamp, a dot and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, secret: str) -> Answer:
    """Send a signed body; follows no redirect, reads nothing of the answer but its status."""
    begin, timestamp = time.monotonic(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Corpusapp-Timestamp": timestamp,
        "Corpusapp-Signature": f"v1={signature(secret, timestamp, body)}",
    }
    try:
        status, error = _send(url, body, headers), ""
    except (OSError, http.client.HTTPException, ValueError) as found:
        status, error = None, _reason(found)
    return Answer(status, error, round((time.monotonic() - begin) * 1000))


class _NotAllowed(ValueError):
    pass


def _send(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    secure, host = parts.scheme == "https", parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port, timeout=SECONDS)
    # Connected here, to the address that was looked at: a name may resolve to another one the next time.
    connection.sock = socket.create_connection((_address(host, port), port), SECONDS)
    try:
        if secure:
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _address(host: str, port: int) -> str:
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES and not all(map(_is_public, found)):
        raise _NotAllowed(f"{host} is a private address, and WEBHOOKS_TO_PRIVATE_ADDRESSES is not set")
    return str(found[0])


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    found = mapped or found
    return found.is_global and not found.is_multicast


def _reason(error: Exception) -> str:
    if isinstance(error, _NotAllowed):
        return str(error)
    if isinstance(error, socket.gaierror):
        return "there is no host of this name"
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS} seconds"
    if isinstance(error, ssl.SSLError):
        return "no secure connection: its certificate does not hold, or it speaks no https"
    return (getattr(error, "strerror", None) or "the connection was cut off")[:300]
