"""Sends signed requests to public addresses."""

import hashlib
import hmac
import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from corpusapp.core.outbound import NotAllowed, TooSlow, exchange, failure_reason, require_public

SECONDS = 10
# For looking up the host of a new webhook.
RESOLVE_SECONDS = 3
AGENT = "corpusapp-webhook/1"


@dataclass(frozen=True)
class Answer:
    """The response. `status` is None if there was none; `error` says why."""

    status: int | None
    error: str
    milliseconds: int

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def url_fault(url: str) -> str | None:
    """Why the URL is not valid; None if it is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"it is not a valid URL ({error})"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "it must start with https:// or http:// and have a host"
    if not (url.isascii() and url.isprintable()) or " " in url:
        return "it contains characters that are not allowed in URLs"
    if parts.username is not None or parts.password is not None:
        return "it contains a username or password, which every manager could see"
    return None


def address_fault(url: str) -> str | None:
    """Why nothing can be sent to the host of a valid URL; None if something can."""
    if settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        return None
    try:
        require_public(urlsplit(url).hostname or "", seconds=RESOLVE_SECONDS)
    except (OSError, ValueError) as error:
        return _reason(error, RESOLVE_SECONDS)
    return None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 of the timestamp, a dot and the body."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes, secret: str, seconds: float | None = None) -> Answer:
    """Send a signed body, for `SECONDS` or fewer. Follows no redirects, and reads only the status of the response."""
    seconds = seconds or SECONDS
    started, timestamp = time.monotonic(), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Corpusapp-Timestamp": timestamp,
        "Corpusapp-Signature": f"v1={signature(secret, timestamp, body)}",
    }
    private = settings.WEBHOOKS_TO_PRIVATE_ADDRESSES
    try:
        reply = exchange("POST", url, headers=headers, body=body, seconds=seconds, private=private)
        status, error = reply.status, ""
    except (OSError, http.client.HTTPException, ValueError) as found:
        status, error = None, _reason(found, seconds)
    return Answer(status, error, round((time.monotonic() - started) * 1000))


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, NotAllowed):
        return f"{error} is a private address, and WEBHOOKS_TO_PRIVATE_ADDRESSES is not set"
    return f"no answer within {seconds:g} seconds" if isinstance(error, TooSlow) else failure_reason(error)
