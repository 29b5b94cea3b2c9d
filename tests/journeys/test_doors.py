"""One record comes in by every door as the same article, or is refused by every door for the same reason."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from annotations.review.models import Span
from corpusapp.articles.models import Article, ImportBatch
from tests import factories
from tests.pages.reading import text_of

pytestmark = pytest.mark.django_db
NAMES = ["Zarif", "محمدجواد ظریف", "کتاب‌ها", "👩‍👩‍👧", "Ze\u0301rif", "Tehran"]
TEXT = "Zarif\r\n \u00a0met محمدجواد ظریف\rand کتاب‌ها, 👩‍👩‍👧 with Ze\u0301rif <b>&amp;\r\n\r\nin Tehran"
STORED = TEXT.replace("\r\n", "\n").replace("\r", "\n")


def by_command(corpus, client, line, folder):
    path = folder / "a.jsonl"
    path.write_bytes(line)
    said = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    try:
        call_command("import_articles", str(path), corpus=corpus.slug, no_suggest=True, **said)
    except CommandError as error:
        assert "nothing was imported" in str(error)


def by_form(corpus, client, line, folder):
    files = [SimpleUploadedFile("a.jsonl", line)]
    client.post(reverse("import", args=[corpus.slug]), {"files": files, "no_suggestions": "on"})
    factories.work_off()


def by_admin(corpus, client, line, folder):
    files = [SimpleUploadedFile("a.jsonl", line)]
    data = {"corpus": corpus.pk, "files": files, "no_suggestions": "on"}
    client.post(reverse("admin:articles_article_import"), data)
    factories.work_off()


def by_rest(corpus, client, line, folder):
    body = b"[" + line + b"]"
    client.post(f"/api/v1/articles/?corpus={corpus.slug}&suggest=0", body, content_type="application/json")


DOORS = {"command": by_command, "form": by_form, "admin": by_admin, "rest": by_rest}


@pytest.fixture(params=DOORS)
def come_in(request, client, tmp_path):
    """Bring a record in by one of the doors; returns the batch."""
    corpus = factories.make_corpus()
    client.force_login(factories.make_superuser())

    def bring(record):
        line = record if isinstance(record, bytes) else json.dumps(record).encode()
        DOORS[request.param](corpus, client, line, tmp_path)
        batch = ImportBatch.objects.get()
        assert batch.origin == request.param
        return batch

    return bring


def spans_of(text):
    return [[text.index(name), text.index(name) + len(name), "PERSON"] for name in NAMES]


def test_the_same_characters_by_every_door_and_back(come_in, client):
    batch = come_in({"text": TEXT, "spans": spans_of(TEXT), "zones": [[0, 5, "byline"]]})
    assert batch.added == 1
    article = Article.objects.get()
    assert article.text == STORED
    spans = Span.objects.filter(article=article).order_by("start")
    assert [article.text[span.start : span.end] for span in spans] == NAMES
    page = client.get(reverse("article", args=["desk", article.pk])).content.decode()
    assert text_of(page, "text") == STORED
    detail = client.get(f"/api/v1/articles/{article.pk}/").json()
    exported = json.loads(b"".join(client.get("/api/v1/corpora/desk/export/?format=jsonl&stage=any").streaming_content))
    for answer in (detail, exported):
        assert answer["text"] == STORED
        assert [span["text"] for span in answer["spans"]] == NAMES
        assert [answer["text"][span["start"] : span["end"]] for span in answer["spans"]] == NAMES


REFUSED = [
    ({"text": "abc", "spans": [[2, 1, "ORG"]]}, "spans[0].end", "does not lie after"),
    ({"text": "abc", "spans": [[-1, 1, "ORG"]]}, "spans[0].start", "before the beginning"),
    ({"text": "abc", "spans": [[0, 4, "ORG"]]}, "spans[0].end", "past the end"),
    ({"text": "abc", "spans": [[0, 10**20, "ORG"]]}, "spans[0].end", "past the end"),
    ({"text": "abc", "spans": [[0, 1.5, "ORG"]]}, "spans[0].end", "a fraction"),
    ({"text": "abc", "spans": [["0", 1, "ORG"]]}, "spans[0].start", "text"),
    ({"text": "abc", "spans": [[None, 1, "ORG"]]}, "spans[0].start", "null"),
    ({"text": "abc", "spans": [[0, 1, "MINISTER"]]}, "spans[0].label", "no label 'MINISTER'"),
    ({"text": "abc", "title": "x" * 501}, "title", "at most 500"),
    ({"text": "abc", "external_id": "x" * 256}, "external_id", "at most 255"),
    (b'{"text": "a\\ud800"}', "text", "lone surrogate"),
    (b'{"text": "a\\u0000b"}', "text", "NUL"),
]


@pytest.mark.parametrize(("record", "field", "reason"), REFUSED)
def test_the_same_refusal_by_every_door(come_in, record, field, reason):
    batch = come_in(record)
    assert (batch.added, batch.failed) == (0, 1)
    problem = batch.problems.get()
    assert problem.field == field
    assert reason in problem.reason
    assert not Article.objects.exists()
