"""Files and streams in responses: one range, conditions, digests, and gzip."""

import base64
import gzip
import hashlib
import io
import zlib

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.core.api.problem_details import PreconditionFailed, exception_handler
from corpusapp.core.downloads import file_response, stream_response
from corpusapp.core.errors import RangeNotSatisfiable
from corpusapp.core.middleware import refusal_page

# Closing a response ends the request, and looks at the connection.
pytestmark = pytest.mark.django_db
DATA = bytes(range(256)) * 4
SHA256 = hashlib.sha256(DATA).hexdigest()
ETAG = f'"{SHA256}"'
BINARY, LINES = "application/gzip", "application/x-ndjson"


def request(method: str = "GET", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().generic(method, "/api/v1/file/", headers=named)


def sent(content_type: str = BINARY, data: bytes = DATA, method: str = "GET", **headers: str):
    """(response, its bytes)."""
    sha256 = hashlib.sha256(data).hexdigest()
    response = file_response(
        request(method, **headers), io.BytesIO(data), name="file", content_type=content_type, sha256=sha256
    )
    body = b"".join(response) if response.streaming else response.content
    response.close()
    return response, body


def test_the_whole_file_names_its_digest_and_that_ranges_are_served():
    response, body = sent()
    assert (response.status_code, body) == (200, DATA)
    assert response["Content-Length"] == str(len(DATA)) and response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == ETAG
    algorithm, _, value = response["Repr-Digest"].partition("=")
    assert algorithm == "sha-256" and base64.b64decode(value.strip(":")).hex() == SHA256
    assert response["Content-Disposition"] == 'attachment; filename="file"'


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1023-", 1023, 1023),
        ("bytes=0-", 0, 1023),
        ("bytes=500-99999999999999999999999999999999", 500, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-1024", 0, 1023),
        (f"bytes=-{'9' * 5000}", 0, 1023),
        (f"bytes={'0' * 5000}7-9", 7, 9),
        ("Bytes= 10-19 ", 10, 19),
    ],
)
def test_a_range_is_a_part(asked, first, last):
    response, body = sent(Range=asked)
    assert response.status_code == 206
    assert body == DATA[first : last + 1]
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert response["Content-Length"] == str(len(body))
    assert response["ETag"] == ETAG and "Repr-Digest" in response


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=1024-2000", "bytes=-0", f"bytes={'9' * 5000}-"])
def test_a_range_past_the_end_is_refused_with_the_size(asked):
    with pytest.raises(RangeNotSatisfiable) as refused:
        sent(Range=asked)
    answer = exception_handler(refused.value, {})
    assert (answer.status_code, answer.data["type"]) == (416, "/api/problems/range-not-satisfiable/")
    assert answer["Content-Range"] == "bytes */1024" and "1024 bytes" in answer.data["detail"]
    assert len(answer.data["detail"]) < 200


def test_the_page_of_a_refused_range_has_the_size_too(rf):
    page = refusal_page(request(), RangeNotSatisfiable("the file has 3 bytes", size=3))
    assert (page.status_code, page["Content-Range"]) == (416, "bytes */3")


@pytest.mark.parametrize(
    "asked",
    [
        "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-2", "bytes=--5", "bytes=-5-", "bytes=1-2-3",
        "bytes=1.5-2", "bytes=+1-2", "bytes=\u0661-\u0662", "bytes=1 -2", "items=0-1", "octets=0-1", "bytes=0x1-0x2",
        "bytes=0-1,3-4", "bytes=0-0,-1", "bytes=5000-,6000-", ",".join(["bytes=0-"] + ["0-"] * 5000),
    ],
)  # fmt: skip
def test_what_is_not_a_single_range_is_answered_with_the_whole_file(asked):
    response, body = sent(Range=asked)
    assert (response.status_code, body, "Content-Range" in response) == (200, DATA, False)


def test_an_empty_file_has_no_range():
    assert sent(data=b"", Range="bytes=-5")[0].status_code == 200
    with pytest.raises(RangeNotSatisfiable):
        sent(data=b"", Range="bytes=0-")


def test_a_file_that_changed_is_sent_whole():
    assert sent(Range="bytes=5-9", If_Range=ETAG)[0].status_code == 206
    for other in ('"another"', f"W/{ETAG}", "Mon, 30 Nov 2026 10:00:00 GMT", "nonsense"):
        response, body = sent(Range="bytes=5-9", If_Range=other)
        assert (response.status_code, body) == (200, DATA)
    # What is past the end of this file may be within the one that was meant.
    assert sent(Range="bytes=5000-", If_Range='"another"')[0].status_code == 200


def test_what_the_client_has_is_not_sent_again():
    for known in (ETAG, f"W/{ETAG}", f'"a", {ETAG}', "*"):
        response, body = sent(If_None_Match=known, Range="bytes=5-9")
        assert (response.status_code, body, response["ETag"]) == (304, b"", ETAG)
        assert "Content-Range" not in response and "Content-Disposition" not in response
    assert sent(If_None_Match='"another"')[0].status_code == 200
    assert sent(If_Match=ETAG, Range="bytes=5-9")[0].status_code == 206
    with pytest.raises(PreconditionFailed):
        sent(If_Match='"another"', Range="bytes=5-9")


def test_head_has_the_headers_alone():
    response, body = sent(method="HEAD", Range="bytes=5-9")
    assert (response.status_code, body) == (200, b"")
    assert response["Content-Length"] == "1024" and response["Accept-Ranges"] == "bytes"
    response, body = sent(LINES, method="HEAD", Accept_Encoding="gzip")
    assert (body, response["Content-Encoding"], "Content-Length" in response) == (b"", "gzip", False)


def test_a_file_without_a_known_digest_has_an_etag(tmp_path):
    path = tmp_path / "package.whl"
    path.write_bytes(DATA)
    answers = [
        file_response(request(), path.open("rb"), name="p", content_type=BINARY, headers={"Cache-Control": "no-store"})
        for _ in range(2)
    ]
    assert answers[0]["ETag"] == answers[1]["ETag"] and "Repr-Digest" not in answers[0]
    assert answers[0]["Cache-Control"] == "no-store"
    path.write_bytes(DATA + b"1")
    changed = file_response(request(), path.open("rb"), name="p", content_type=BINARY)
    assert changed["ETag"] != answers[0]["ETag"]
    for answer in (*answers, changed):
        answer.close()


def test_files_are_closed():
    for options in (
        {},
        {"Range": "bytes=1-2"},
        {"If_None_Match": ETAG},
        {"method": "HEAD"},
        {"Accept_Encoding": "gzip"},
    ):
        file, method = io.BytesIO(DATA), options.pop("method", "GET")
        response = file_response(request(method, **options), file, name="f", content_type=LINES, sha256=SHA256)
        response.close()
        assert file.closed, options
    file = io.BytesIO(DATA)
    with pytest.raises(RangeNotSatisfiable):
        file_response(request(Range="bytes=9999-"), file, name="f", content_type=LINES, sha256=SHA256)
    assert file.closed


@pytest.mark.parametrize(
    "accepted", ["gzip", "br, gzip;q=0.5", "gzip, deflate, br, zstd", "deflate,GZIP ; q=1.0", "x-gzip"]
)
def test_text_is_compressed_where_it_is_asked_for(accepted):
    response, body = sent(LINES, Accept_Encoding=accepted)
    assert (response["Content-Encoding"], gzip.decompress(body)) == ("gzip", DATA)
    assert response["ETag"] == f"W/{ETAG}" and response["Vary"] == "Accept-Encoding"
    assert not {"Content-Length", "Accept-Ranges", "Repr-Digest"} & set(response.headers)


@pytest.mark.parametrize(
    "accepted", ["", "br", "identity", "gzip;q=0", "gzip;q=0.000", "br, gzip; q=0", "notgzip", "gzip-x"]
)
def test_it_is_not_compressed_otherwise(accepted):
    response, body = sent(LINES, Accept_Encoding=accepted)
    assert (body, "Content-Encoding" in response, response["Vary"]) == (DATA, False, "Accept-Encoding")


def test_what_is_compressed_already_is_not_compressed_again():
    for kind in (BINARY, "application/zip", "application/octet-stream"):
        response, body = sent(kind, Accept_Encoding="gzip")
        assert (body, "Content-Encoding" in response, "Vary" in response) == (DATA, False, False)


def test_a_range_is_never_compressed():
    response, body = sent(LINES, Accept_Encoding="gzip", Range="bytes=5-9")
    assert (response.status_code, body, "Content-Encoding" in response) == (206, DATA[5:10], False)
    assert response["ETag"] == ETAG


def test_the_first_bytes_of_a_compressed_stream_come_first():
    """Before the second chunk is asked for; later ones when there is enough of them."""
    asked = []

    def chunks():
        for number in range(20):
            asked.append(number)
            yield b"%05d" % number * 2000

    response = stream_response(request(Accept_Encoding="gzip"), chunks(), content_type=LINES)
    parts, reader = iter(response), zlib.decompressobj(31)
    assert reader.decompress(next(parts)) == b"00000" * 2000
    assert asked == [0]
    assert reader.decompress(b"".join(parts)) == b"".join(b"%05d" % number * 2000 for number in range(1, 20))
    assert reader.eof


def test_nothing_of_a_stream_is_made_for_head():
    def never():
        raise AssertionError
        yield b""

    response = stream_response(request("HEAD", Accept_Encoding="gzip"), never(), content_type=LINES, headers={"A": "b"})
    assert (response.content, response["Content-Type"], response["A"]) == (b"", LINES, "b")


def test_a_stream_that_is_given_up_is_closed():
    ended = []

    def chunks():
        try:
            yield from [b"a"] * 5
        finally:
            ended.append(True)

    response = stream_response(request(Accept_Encoding="gzip"), chunks(), content_type=LINES)
    next(iter(response))
    response.close()
    assert ended


@given(data=st.binary(max_size=300), first=st.integers(0, 400), length=st.integers(1, 400))
def test_parts_make_the_whole(data, first, length):
    asked = f"bytes={first}-{first + length - 1}"
    if first >= len(data):
        with pytest.raises(RangeNotSatisfiable):
            sent(data=data, Range=asked)
    else:
        response, body = sent(data=data, Range=asked)
        assert body == data[first : first + length]
        assert response["Content-Range"] == f"bytes {first}-{first + len(body) - 1}/{len(data)}"


@given(asked=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40))
def test_no_header_breaks_it(asked):
    for value in (asked, f"bytes={asked}"):
        try:
            response, body = sent(Range=value, If_Range=ETAG, Accept_Encoding=asked)
        except RangeNotSatisfiable:
            continue
        assert response.status_code in (200, 206) and body in DATA


@given(chunks=st.lists(st.binary(max_size=50), max_size=20))
def test_a_compressed_stream_is_the_stream(chunks):
    response = stream_response(request(Accept_Encoding="gzip"), iter(chunks), content_type=LINES)
    assert gzip.decompress(b"".join(response)) == b"".join(chunks)
