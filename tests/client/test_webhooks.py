"""Signatures of webhooks."""

import json

import pytest

from annotations.feed.webhook_client import signature
from corpusapp.client import InvalidSignature, verify_webhook

BODY = json.dumps({"events": [{"type": "span"}]}).encode()


def signed(secret="s3cret", at=1000, body=BODY):
    return {
        "corpusapp-timestamp": str(at),
        "corpusapp-signature": f"v1={signature(secret, str(at), body)}",
    }


def test_a_request_of_a_desk_is_verified():
    assert verify_webhook(BODY, signed(), "s3cret", now=1299) == json.loads(BODY)
    assert verify_webhook(BODY, signed(), "s3cret", now=701) == json.loads(BODY)


@pytest.mark.parametrize(
    ("body", "headers", "now", "reason"),
    [
        (BODY + b" ", signed(), 1000, "not signed"),
        (BODY, signed("another"), 1000, "not signed"),
        (BODY, {}, 1000, "not signed"),
        (BODY, signed() | {"corpusapp-signature": "v1=é"}, 1000, "not signed"),
        (BODY, signed() | {"corpusapp-timestamp": "1001"}, 1000, "not signed"),
        (BODY, signed(at="soon"), 1000, "not a number"),
        (BODY, signed(at="nan"), 1000, "more than 300"),
        (BODY, signed(), 1301, "301 s ago"),
        (BODY, signed(), 699, "check both clocks"),
    ],
)
def test_any_other_request_is_refused(body, headers, now, reason):
    with pytest.raises(InvalidSignature, match=reason):
        verify_webhook(body, headers, "s3cret", now=now)
