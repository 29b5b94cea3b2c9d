"""WARC: pages and plain texts with status 200; items are named by URL."""

import io

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpusapp.intake.limits import Limits
from tests.intake.forms import LONG, PAGE, drafts, failures, read


def warc(*answers, gzip=True):
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=gzip)
    for url, status, kind, body, *more in answers:
        headers = StatusAndHeaders(status, [("Content-Type", kind), *more], protocol="HTTP/1.0")
        dated = {"WARC-Date": "2020-02-02T00:00:00Z"}
        record = writer.create_warc_record(
            url, "response", io.BytesIO(body), http_headers=headers, warc_headers_dict=dated
        )
        writer.write_record(record)
    return file.getvalue()


ANSWERS = [
    ("https://example.org/1", "200 OK", "text/html; charset=utf-8", PAGE.encode()),
    ("https://example.org/a.png", "200 OK", "image/png", b"\x89PNG"),
    ("https://example.org/gone", "404 Not Found", "text/html", PAGE.encode()),
    ("https://example.org/empty", "200 OK", "text/html", b""),
    ("https://example.org/false", "200 OK", "text/html", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    ("https://example.org/2", "200 OK", "text/plain; charset=iso-8859-1", LONG.encode()),
]


@pytest.mark.parametrize(("gzip", "name"), [(True, "a.warc.gz"), (False, "a.warc"), (True, "no-ending")])
def test_pages_and_texts(gzip, name):
    items = read(warc(*ANSWERS, gzip=gzip), name)
    assert [(draft.item, draft.url, draft.form) for draft in drafts(items)] == [
        (f"{name}#https://example.org/1", "https://example.org/1", "html"),
        (f"{name}#https://example.org/2", "https://example.org/2", "txt"),
    ]
    assert drafts(items)[0].raw == PAGE.encode()
    assert drafts(items)[0].metadata["crawled"] == "2020-02-02T00:00:00Z"
    assert drafts(items)[0].published_on is None
    assert [failure.item.partition("#")[2] for failure in failures(items)] == [
        "https://example.org/empty",
        "https://example.org/false",
    ]


def test_the_servers_charset_is_used_if_the_page_declares_none():
    body = "<html><body><article><p>" + "Новый мост откроется до весны. " * 20 + "</p></article></body></html>"
    items = read(
        warc(("https://example.org/1", "200 OK", "text/html; charset=koi8-r", body.encode("koi8-r"))), "a.warc"
    )
    assert "Новый мост" in items[0].text
    assert items[0].encoding == "koi8-r"
    assert items[0].raw == body.encode("koi8-r")


def test_compressed_responses():
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packer.compress(PAGE.encode()) + packer.flush()
    answer = ("https://example.org/1", "200 OK", "text/html", body, ("Content-Encoding", "gzip"))
    (draft,) = read(warc(answer), "a.warc.gz")
    assert draft.raw == PAGE.encode()


@pytest.mark.parametrize("gzip", [True, False])
def test_a_truncated_file(gzip):
    whole = warc(*[(f"https://example.org/{n}", "200 OK", "text/html", PAGE.encode()) for n in range(9)], gzip=gzip)
    items = read(whole[: len(whole) // 2], "a.warc")
    assert 2 < len(drafts(items)) < 6
    assert len(failures(items)) == 1


def test_only_a_page_over_the_limit_fails():
    answers = [("https://example.org/1", "200 OK", "text/html", b"<html>" + b"x" * 9000), ANSWERS[0]]
    items = read(warc(*answers), "a.warc.gz", limits=Limits(page_bytes=5000))
    assert "more than 5000 bytes" in failures(items)[0].reason
    assert len(drafts(items)) == 1


def test_an_invalid_warc_after_its_first_bytes():
    assert failures(read(b"WARC/1.0\r\nnonsense\r\n\r\n" + b"x" * 100, "a.warc"))
