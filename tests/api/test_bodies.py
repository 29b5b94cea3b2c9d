"""Invalid bodies are refused with a problem document, never with a server error."""

import pytest

from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.models import ImportBatch
from tests.api.client import refusal

DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = [
    (b'"a string"', 400),
    (b"[1, 2, 3]", 400),
    (b"7", 400),
    (b"null", 400),
    (b"true", 400),
    (b"[]", 400),
    (b"{", 400),
    (b"", 400),
    (b"\xff\xfe", 400),
    (b'{"start": NaN, "end": Infinity}', 400),
    (b'{"start": ' + b"9" * 5000 + b"}", 400),
    (b'{"text": "Zarif", "metadata": {"n": -1e999}}', 400),
    (b'{"text": "Zarif", "metadata": {"a": 1, "a": 2}}', 400),
    (DEEP, 400),
    (b'{"decisions": ' + DEEP + b"}", 400),
    (b'{"articles": ' + DEEP + b"}", 400),
    (b"[" * 500 + b"]" * 500, 400),
    ('{"text": "Zarif"}'.encode("utf-16"), 400),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=range(len(BODIES)))
def test_invalid_bodies_are_refused(article, editor, manager, body, status):
    for path in ("decisions", "spans", "confirm", "zones"):
        refusal(editor.post(f"articles/{article.pk}/{path}/", body), status)
    refusal(manager.post("articles/?corpus=desk", body), status)
    refusal(manager.post("labels/?corpus=desk", body), status)
    refusal(editor.patch(f"spans/{article.spans.first().pk}/", body), status)


@pytest.mark.parametrize("key", ["score", "published_on", "title", "any"])
@pytest.mark.parametrize(("more", "reason"), [("1e999", "1e999"), ('1, "%s": 2', "'%s' stands twice")])
def test_infinite_numbers_and_repeated_keys_are_refused(corpus, manager, key, more, reason):
    """In the record, in its metadata, in a list, and in lines that a worker reads."""
    more, reason = more.replace("%s", key), reason.replace("%s", key)
    for record in (f'{{"text": "Zarif", "{key}": {more}}}', f'{{"text": "Zarif", "metadata": {{"{key}": {more}}}}}'):
        for body in (record, f"[{record}]", f'{{"corpus": "desk", "articles": [{record}]}}'):
            document = refusal(manager.post("articles/?corpus=desk", body.encode()), 400)
            assert reason in document["detail"]
        lines = manager.post("articles/?corpus=desk", record.encode(), content_type="application/x-ndjson").json()
        batch = work_off_upload(batch=ImportBatch.objects.get(pk=lines["id"]))
        assert batch.failed == 1 and batch.finished_at and reason in batch.problems.get().reason
    valid = '{"text": "Zarif", "metadata": {"n": 2.5e3, "inner": {"n": 1}}}'
    assert manager.post("articles/?corpus=desk", valid.encode()).json()["metadata"]["n"] == 2500


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_content_types_are_refused(article, editor, content_type):
    response = editor.post(f"articles/{article.pk}/spans/", b"start=0&end=5&label=ORG", content_type=content_type)
    refusal(response, 415)


def test_charset_of_json_is_ignored(article, manager):
    body = '{"text": "Aleppo حلب"}'.encode()
    response = manager.post("articles/?corpus=desk", body, content_type="application/json; charset=latin-1")
    assert response.status_code == 201 and response.json()["text"] == "Aleppo حلب"


def test_too_large_body_is_refused(article, manager, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    refusal(manager.post("articles/?corpus=desk", {"text": "x" * 1001}), 413)
    assert manager.post("articles/?corpus=desk", {"text": "x" * 900}).status_code == 201


def test_body_without_length_is_refused(corpus, manager):
    refusal(manager.post("articles/?corpus=desk", transfer_encoding="chunked"), 411)


@pytest.mark.parametrize("bad", ["\ud800", "a\udfffb", "\0", "a\0b"])
def test_lone_surrogates_and_nul_are_refused_with_their_field(article, editor, manager, bad):
    refusal(editor.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": bad}), 400, "label")
    refusal(editor.post(f"articles/{article.pk}/zones/", {"start": 0, "end": 5, "kind": bad}), 400, "kind")
    refusal(manager.post("labels/?corpus=desk", {"name": bad}), 400, "name")
    refusal(manager.post("labels/?corpus=desk", {"name": "OK", "definition": bad}), 400, "definition")
    for field in ("text", "title", "url", "source", "external_id", "language"):
        refusal(manager.post("articles/?corpus=desk", {"text": "text", field: bad}), 400, field)
    refusal(manager.post("articles/?corpus=desk", {"text": "text", "metadata": {"a": [bad]}}), 400, "metadata")
    refusal(manager.post("articles/?corpus=desk", {"text": "text", "metadata": {bad: 1}}), 400, "metadata")
    refusal(manager.post("articles/?corpus=desk", {"text": "text", bad: 1}), 400)
    refusal(manager.post("articles/", {"corpus": bad, "articles": []}), 400, "corpus")
    unknown = {"decisions": [{"verb": bad}], bad: 1}
    refusal(editor.post(f"articles/{article.pk}/decisions/", unknown), 400)


@pytest.mark.parametrize(
    ("field", "length"), [("title", 501), ("url", 2001), ("source", 201), ("external_id", 256), ("language", 17)]
)
def test_too_long_values_are_refused_with_their_field(corpus, manager, field, length):
    refusal(manager.post("articles/?corpus=desk", {"text": "text", field: "x" * length}), 400, field)
    fits = {"text": "text", field: "é" * (length - 1)}
    assert manager.post("articles/?corpus=desk", fits).json()[field] == "é" * (length - 1)


@pytest.mark.parametrize(
    "query",
    ["q=%00", "source=a%00", "label=%00", "corpus=%00", "corpus=x%27", "q=" + "x" * 501, "stage=ready", "limit=0",
     "limit=201", "limit=a", "limit=1.0", "limit=" + "9" * 5000, "cursor=abc", "cursor=%00", "cursor=é",
     "published_from=3.9.2018", "published_to=2018-13-01", "order=worst", "page=2", "q=a&q=b", "%00=1"],
)  # fmt: skip
def test_invalid_parameters_of_a_list_are_refused(article, editor, query):
    refusal(editor.get(f"articles/?{query}"), 404 if query.startswith("corpus=x") else 400)
    assert editor.get("articles/?q=Zarif&source=SANA&stage=suggested&label=GPE&limit=1").status_code == 200
