"""Requests that a desk sends to a webhook."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from .errors import InvalidSignature

SIGNATURE, TIMESTAMP = "Corpusapp-Signature", "Corpusapp-Timestamp"


def verify_webhook(
    body: bytes, headers: Mapping[str, str], secret: str, *, tolerance: float = 300, now: float | None = None
) -> Any:
    """The JSON of a webhook's request, whose signature is right and at most `tolerance` seconds old.

    `body` are the bytes as they came. Raises `InvalidSignature`: answer 401 and do nothing.
    """
    named = {name.lower(): value for name, value in headers.items()}
    timestamp, signature = named.get(TIMESTAMP.lower(), ""), named.get(SIGNATURE.lower(), "")
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    # Several signatures are there while a secret is being changed.
    given = [part.strip().encode() for part in signature.split(",")]
    if not any(hmac.compare_digest(one, f"v1={signed}".encode()) for one in given):
        raise InvalidSignature(
            "the request is not signed with this secret: check the secret, and that body is unchanged"
        )
    try:
        age = abs((time.time() if now is None else now) - float(timestamp))
    except ValueError:
        raise InvalidSignature(f"{TIMESTAMP} is {timestamp[:40]!r}, and not a number of seconds") from None
    if not age <= tolerance:
        raise InvalidSignature(f"the request was signed {age:.0f} s ago, more than {tolerance:g}: check both clocks")
    return json.loads(body)
