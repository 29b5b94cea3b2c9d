"""Signatures of webhooks, and offsets in other units."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.feed.webhook_client import signature
from corpusapp.client import InvalidSignature, Utf16Offsets, verify_webhook

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


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_offsets_in_utf16_and_back(text):
    offsets = Utf16Offsets(text)
    for at in range(len(text) + 1):
        units = len(text[:at].encode("utf-16-le")) // 2
        assert offsets.to_utf16(at) == units and offsets.to_code_points(units) == at
    for units in range(len(text.encode("utf-16-le")) // 2 + 1):
        before = text.encode("utf-16-le")[: 2 * units]
        try:
            before.decode("utf-16-le")
        except UnicodeDecodeError:
            with pytest.raises(ValueError, match="in the middle"):
                offsets.to_code_points(units)


def test_offsets_outside_of_the_text_are_refused():
    offsets = Utf16Offsets("🙂 Zarif")
    for refused in (lambda: offsets.to_utf16(8), lambda: offsets.to_utf16(-1), lambda: offsets.to_code_points(9)):
        with pytest.raises(ValueError, match="outside the text"):
            refused()
