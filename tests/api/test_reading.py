"""Options of reads: changes since, selected fields, UTF-16 offsets, and ETags."""

import pytest

from annotations.review.models import Decision
from corpusapp.articles.models import Article
from tests import factories
from tests.api.client import refusal


def test_articles_changed_since(corpus, reader, editor):
    first = factories.make_article(corpus, "First.")
    Article.objects.update(created_at="2018-09-03T10:00:00Z")
    second = factories.make_article(corpus, "Second.")
    found = reader.get("articles/", updated_since="2018-09-03T10:00:01Z").json()["results"]
    assert [row["id"] for row in found] == [second.pk]
    assert editor.post(f"articles/{first.pk}/finish/").status_code == 200
    found = reader.get("articles/", updated_since="2018-09-04").json()["results"]
    assert [row["id"] for row in found] == [second.pk, first.pk]
    after = Decision.objects.latest("pk").created_at.replace(year=2200).isoformat()
    assert reader.get("articles/", updated_since=after).json()["results"] == []
    refusal(reader.get("articles/", updated_since="soon"), 400, "updated_since")


def test_selected_fields(article, reader):
    (row,) = reader.get("articles/", fields="id,title").json()["results"]
    assert row == {"id": article.pk, "title": "Zarif in Damascus"}
    assert set(reader.get(f"articles/{article.pk}/", fields="text, spans").json()) == {"text", "spans"}
    assert set(reader.get(f"articles/{article.pk}/spans/", fields="label,start").json()["results"][0]) == {
        "label",
        "start",
    }
    for path in ("articles/", f"articles/{article.pk}/", f"articles/{article.pk}/spans/"):
        assert "use some of" in refusal(reader.get(path, fields="id,titel"), 400, "fields")["detail"]


def test_every_field_can_be_selected(article, reader):
    detail, row = reader.get(f"articles/{article.pk}/").json(), reader.get("articles/").json()["results"][0]
    for path, record in ((f"articles/{article.pk}/", detail), ("articles/", row)):
        assert reader.get(path, fields=",".join(record)).status_code == 200


@pytest.fixture
def astral(corpus):
    article = factories.make_article(corpus, "😀 Zarif 😀.", zones=[[0, 1, "title"]])
    factories.suggest(article, (2, 7, "PERSON"))
    return article


def test_utf16_offsets(astral, reader):
    for offsets, start, end, length in (("code points", 2, 7, 10), ("utf16", 3, 8, 12)):
        detail = reader.get(f"articles/{astral.pk}/", offsets=offsets).json()
        assert (detail["offsets"], detail["length"]) == (offsets, length)
        assert detail["zones"][0]["end"] == (1 if offsets == "code points" else 2)
        spans = reader.get(f"articles/{astral.pk}/spans/", offsets=offsets)
        listed = spans.json()["results"][0]
        span = reader.get(f"spans/{listed['id']}/", offsets=offsets)
        for found in (detail["spans"][0], listed, span.json()):
            assert (found["start"], found["end"], found["text"]) == (start, end, "Zarif")
        zones = reader.get(f"articles/{astral.pk}/zones/", offsets=offsets)
        assert zones.json()["results"][0]["end"] == (1 if offsets == "code points" else 2)
        assert {answer["X-Offsets"] for answer in (spans, span, zones)} == {offsets}
    refusal(reader.get(f"articles/{astral.pk}/", offsets="bytes"), 400, "offsets")


@pytest.mark.parametrize("path", ["articles/", "articles/{}/", "articles/{}/spans/", "corpora/", "changes/", "labels/"])
def test_unchanged_response_is_304(article, reader, editor, path):
    path = path.format(article.pk) + ("?corpus=desk" if path == "labels/" else "")
    first = reader.get(path)
    assert first.status_code == 200 and first["ETag"] and "private" in first["Cache-Control"]
    again = reader.send("GET", path, if_none_match=first["ETag"])
    assert again.status_code == 304 and again.content == b""
    assert reader.send("GET", path, if_none_match='"other"').status_code == 200


def test_etag_of_a_span_is_its_revision(article, reader, editor):
    span = reader.get(f"articles/{article.pk}/spans/").json()["results"][0]
    path = f"spans/{span['id']}/"
    assert reader.send("GET", path, if_none_match='"1"').status_code == 304
    editor.patch(path, {"revision": 1, "state": "confirmed"})
    changed = reader.send("GET", path, if_none_match='"1"')
    assert changed.status_code == 200 and changed["ETag"] == '"2"'
