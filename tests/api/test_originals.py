"""What an article was made from: its bytes, and what a new reading of them changes."""

import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.models import Article, ImportBatch, Original
from tests import factories
from tests.api.client import refusal

TEXT = b"TEHRAN, Aug. 8 (MNA) -- Zarif arrived in Damascus.\r\nYour Comment\r\n"

PAGE = (
    b"<!DOCTYPE html><html><head><title>Talks</title></head><body><article><h1>Talks in Damascus</h1>"
    + b"<p>Zarif met Muallem in Damascus on Monday, and both spoke at length of the road to Tehran.</p>" * 3
    + b"</article><footer>All rights reserved</footer></body></html>"
)


@pytest.fixture
def read(corpus, manager):
    """An article that came in as a file."""
    path, file = "/api/v1/articles/?corpus=desk&suggest=0", SimpleUploadedFile("<b>zarif</b>.txt", TEXT)
    response = manager._http.post(path, {"file": file}, headers=manager._headers)
    work_off_upload(batch=ImportBatch.objects.get(pk=response.json()["id"]))
    return Article.objects.get()


def test_the_original_is_a_download_byte_for_byte(read, reader):
    response = reader.get(f"articles/{read.pk}/original/")
    assert response.getvalue() == TEXT
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; filename=") and "<" not in disposition and ".txt" in disposition
    assert reader.get(f"articles/{read.pk}/").json()["original"]["size"] == len(TEXT)


def test_an_article_without_an_original_says_so(corpus, reader, editor):
    article = factories.make_article(corpus)
    assert reader.get(f"articles/{article.pk}/").json()["original"] is None
    refusal(reader.get(f"articles/{article.pk}/original/"), 404)
    refusal(reader.get(f"articles/{article.pk}/reading/"), 404)
    refusal(editor.post(f"articles/{article.pk}/reading/"), 404)


def test_what_a_page_drops_can_be_seen(corpus, manager, reader):
    file = SimpleUploadedFile("page.html", PAGE)
    response = manager._http.post("/api/v1/articles/?corpus=desk", {"file": file}, headers=manager._headers)
    work_off_upload(batch=ImportBatch.objects.get(pk=response.json()["id"]))
    reading = reader.get(f"articles/{Article.objects.get().pk}/reading/").json()
    dropped = [block for block in reading["left_out"] if "All rights reserved" in block["text"]]
    assert dropped and dropped[0]["reason"] and "All rights reserved" not in reading["text"]


def test_a_new_reading_is_compared_and_changes_the_zones_alone(read, reader, editor):
    reading = reader.get(f"articles/{read.pk}/reading/").json()
    assert (reading["same_text"], reading["same_zones"], reading["text"]) == (True, True, read.text)
    zones = [{key: zone[key] for key in ("start", "end", "kind")} for zone in
             reader.get(f"articles/{read.pk}/zones/").json()["results"]]  # fmt: skip
    assert zones and reading["zones"] == zones and reading["left_out"] == []
    editor.delete(f"zones/{read.zones.first().pk}/")
    assert reader.get(f"articles/{read.pk}/reading/").json()["same_zones"] is False
    applied = editor.post(f"articles/{read.pk}/reading/")
    assert (applied.status_code, applied.json()) == (200, {"article": read.pk, "version": 1, "previous": None})
    assert applied["Location"].endswith(f"/api/v1/articles/{read.pk}/")
    assert reader.get(f"articles/{read.pk}/reading/").json()["same_zones"] is True


def test_another_text_is_a_new_version_and_spans_stay_where_they_are(read, editor):
    # As if the reader that made the text of it had made something else.
    Original.objects.filter(article=read).update(data=zlib.compress(b"Zarif arrived in Damascus on Monday."))
    span = {"start": 24, "end": 29, "label": "PERSON"}
    assert editor.post(f"articles/{read.pk}/spans/", span).status_code == 201
    assert editor.get(f"articles/{read.pk}/reading/").json()["same_text"] is False
    applied = editor.post(f"articles/{read.pk}/reading/")
    assert applied.status_code == 201, applied.content
    new = applied.json()
    assert (new["version"], new["previous"]) == (2, read.pk)
    assert editor.get(f"articles/{new['article']}/").json()["text"] == "Zarif arrived in Damascus on Monday."
    (kept,) = editor.get(f"articles/{read.pk}/spans/").json()["results"]
    assert (kept["text"], kept["state"]) == ("Zarif", "confirmed")
    refusal(editor.post(f"articles/{read.pk}/reading/"), 409)
