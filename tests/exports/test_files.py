"""Every address that answers with a file serves ranges; those of text are compressed where a client asks for it."""

import gzip
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.models import ImportBatch, Original, Role
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports import cast
from tests.releases import cast as releases

PAGE = b"<!DOCTYPE html><html><body><article><p>" + b"Zarif met Muallem in Damascus. " * 9 + b"</p></article></html>"
DIGEST = "d" * 64


@pytest.fixture
def files(db):
    """The addresses of files, over REST and of pages."""
    corpus = cast.make_desk()
    cast.finish_all(corpus)
    releases.make(corpus)
    manager = factories.make_member(corpus, Role.MANAGER)
    rest, browser = Rest(manager), Client()
    browser.force_login(manager)
    upload = {"file": SimpleUploadedFile("page.html", PAGE)}
    rest._http.post("/api/v1/articles/?corpus=desk&suggest=0", upload, headers=rest._headers)
    work_off_upload(batch=ImportBatch.objects.latest("pk"))
    article, export = Original.objects.get().article_id, cast.made(corpus, "jsonl").pk
    model = corpus.trained_models.create(base="base", digest=DIGEST)
    folder = settings.HOME.folder("models") / DIGEST
    folder.mkdir(exist_ok=True)
    (folder / "model.whl").write_bytes(PAGE)
    return SimpleNamespace(
        rest=rest,
        browser=browser,
        api={
            "release": "corpora/desk/releases/1/file/",
            "export": f"corpora/desk/exports/{export}/file/",
            "losses": f"corpora/desk/exports/{export}/losses/",
            "original": f"articles/{article}/original/",
            "package": f"corpora/desk/models/{model.pk}/package/",
        },
        pages=[
            "/corpora/desk/releases/1/file/",
            f"/corpora/desk/exports/{export}/file/",
            f"/corpora/desk/exports/{export}/losses/",
            f"/corpora/desk/articles/{article}/original/",
        ],
    )


def test_each_file_is_served_in_parts(files):
    for what, path in files.api.items():
        whole = files.rest.get(path)
        body, etag = whole.getvalue(), whole["ETag"]
        assert (whole["Accept-Ranges"], whole["Content-Length"]) == ("bytes", str(len(body))), what
        assert ("Repr-Digest" in whole) == (what in ("release", "export", "original")), what
        part = files.rest.send("GET", path, range="bytes=5-", if_range=etag)
        assert (part.status_code, part.getvalue()) == (206, body[5:]), what
        assert part["Content-Range"] == f"bytes 5-{len(body) - 1}/{len(body)}"
        assert part["Content-Disposition"] == whole["Content-Disposition"]
        assert part["Cache-Control"] == whole["Cache-Control"]
        refused = files.rest.send("GET", path, range=f"bytes={len(body)}-")
        assert refusal(refused, 416, "Range")["type"].endswith("/api/problems/range-not-satisfiable/")
        assert refused["Content-Range"] == f"bytes */{len(body)}"
        assert files.rest.send("GET", path, if_none_match=etag).status_code == 304
        assert files.rest.send("GET", path, range="bytes=0-0,2-3").status_code == 200
        head = files.rest.send("HEAD", path)
        assert (head.status_code, head["Content-Length"], head["ETag"]) == (200, str(len(body)), etag), what


def test_pages_serve_the_same(files):
    for path in files.pages:
        body = files.browser.get(path).getvalue()
        assert files.browser.get(path, headers={"Range": "bytes=-9"}).getvalue() == body[-9:]
        refused = files.browser.get(path, headers={"Range": f"bytes={len(body)}-"})
        assert (refused.status_code, refused["Content-Range"]) == (416, f"bytes */{len(body)}")
        assert "leave Range out" in refused.content.decode()


def test_files_and_streams_of_text_are_compressed(files):
    export = files.rest.get("corpora/desk/export/")
    export.getvalue()
    report = export["Link"].partition("/api/v1/")[2].partition(">")[0]
    streams = ["corpora/desk/export/", "corpora/desk/export/?format=tei", "corpora/desk/releases/1/export/"]
    streams += ["corpora/desk/releases/1/compare/1/lines/", f"{report}losses/"]
    for path in (*streams, files.api["export"], files.api["losses"]):
        plain = files.rest.get(path)
        body = plain.getvalue()
        compressed = files.rest.send("GET", path, accept_encoding="br, gzip")
        assert compressed["Content-Encoding"] == "gzip" and gzip.decompress(compressed.getvalue()) == body, path
        assert "Accept-Encoding" in compressed["Vary"] and "Accept-Encoding" in plain["Vary"]
        assert "Content-Encoding" not in plain
    for path in ("corpora/desk/export/?format=brat", files.api["release"], files.api["original"]):
        assert "Content-Encoding" not in files.rest.send("GET", path, accept_encoding="gzip")
