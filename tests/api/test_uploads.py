"""`POST /api/v1/articles/` with lines or files: kept as they come, read by a worker."""

import gzip
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client

from corpusapp.articles.actions import import_state
from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.models import Article, ImportBatch
from tests import factories
from tests.api.client import Rest, refusal

LINES = "application/x-ndjson"
PAGE = (
    b"<!DOCTYPE html><html><head><title>Talks</title></head><body><article><h1>Talks</h1>"
    + (b"<p>Zarif met Muallem in Damascus on Monday, and both spoke at length of the road to Tehran.</p>" * 3)
    + b"</article></body></html>"
)


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def send_files(client, path, *files):
    """A multipart body as curl --form makes it."""
    return client._http.post(f"/api/v1/{path}", {"file": list(files)}, headers=client._headers)


def finished(response):
    """The import that was begun, after a worker has been at it."""
    assert response.status_code == 202, response.content
    batch = ImportBatch.objects.get(pk=response.json()["id"])
    return work_off_upload(batch=batch)


def test_lines_are_kept_and_read_by_a_worker(corpus, manager):
    body = lines({"text": "One."}, {"text": "One."}, {"text": "Bad", "spans": [[0, 9, "ORG"]]}) + b"no json\n"
    response = manager.post("articles/?corpus=desk&source=Wire&suggest=0", body, content_type=LINES)
    assert response["Location"] == response.json()["url"]
    path = response.json()["url"].removeprefix("http://testserver/api/v1/")
    before = manager.get(path).json()
    assert (before["state"], before["percent"], before["files"]) == ("waiting", 0, ["articles.jsonl"])
    assert before["total_bytes"] == len(body) and not Article.objects.exists()
    finished(response)
    after = manager.get(path).json()
    assert (after["state"], after["percent"], after["items"]) == ("finished", 100, 4)
    assert (after["added"], after["duplicates"], after["failed"]) == (1, 1, 2)
    article = Article.objects.get()
    assert article.source.name == "Wire"
    assert after["repeats"] == [{"item": "articles.jsonl", "line": 2, "duplicate_of": article.pk}]
    reported = [(problem["line"], problem["field"], problem["retryable"]) for problem in after["problems"]]
    assert reported == [(3, "spans[0].end", True), (4, "", True)]


def test_json_that_takes_long_to_complete_goes_to_a_worker(corpus, manager):
    """A text of very many lines, and a list of many texts; what is refused is refused as at once."""
    many_lines = {"text": "ab\n" * 10_001, "title": "Table"}
    response = manager.post("articles/?corpus=desk&suggest=0", many_lines, idempotency_key="once")
    batch = finished(response)
    assert (batch.added, batch.failed, batch.options["suggest"]) == (1, 0, False)
    article = Article.objects.get()
    assert (article.text, article.title) == (many_lines["text"], "Table")
    assert article.original.form == "json" and batch.files == ["articles.json"]
    again = manager.post("articles/?corpus=desk&suggest=0", many_lines, idempotency_key="once")
    assert (again.status_code, again.json()) == (202, {**response.json(), "job_state": "done", "done": True})
    refusal(manager.post("articles/?corpus=desk", {**many_lines, "headline": "No"}), 400, "headline")
    records = [*({"text": f"Zarif met {number}."} for number in range(1000)), {"text": "Bad", "headline": "No"}]
    batch = finished(manager.post("articles/?corpus=desk&suggest=0", records))
    assert (batch.added, batch.failed) == (1000, 1)
    problem = batch.problems.get()
    assert (problem.item, problem.field) == ("articles[1000]", "headline")
    unusual = [{"text": "cd\n" * 10_001}, {"text": "Bad \ud800"}, {"text": "Large.", "metadata": {"number": 2**70}}]
    batch = finished(manager.post("articles/?corpus=desk&suggest=0", unusual))
    assert [problem.item for problem in batch.problems.all()] == ["articles[1]"]
    assert Article.objects.get(batch=batch, text="Large.").metadata == {"number": 2**70}
    assert manager.post("articles/?corpus=desk", {"text": "ab\n" * 9_999}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_answered_with_its_report_while_a_worker_runs():
    manager = Rest(factories.make_member(factories.make_corpus(), role="manager"))
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")

    def work(number):
        while (batch := ImportBatch.objects.filter(pk__gt=number).first()) is None:
            time.sleep(0.01)
        work_off_upload(batch=batch)
        connections.close_all()
        return batch.pk

    records = [*({"text": f"Zarif met {number}."} for number in range(1000)), {"text": "Bad", "headline": "No"}]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(work, 0)
        answer = manager.post("articles/?corpus=desk&suggest=0", records)
        again = pool.submit(work, first.result())
        repeated = manager.post("articles/?corpus=desk&suggest=0", records[:1001])
        again.result()
        bad = pool.submit(work, again.result())
        refused = manager.post("articles/?corpus=desk&suggest=0", [{"text": "Bad", "headline": "No"}] * 1001)
        bad.result()
    assert (answer.status_code, answer.json()["added"], answer.json()["failed"]) == (201, 1000, 1)
    assert answer.json()["problems"][0]["item"] == "articles[1000]"
    assert (repeated.status_code, repeated.json()["added"], repeated.json()["duplicates"]) == (200, 0, 1000)
    assert refusal(refused, 400)["failed"] == 1001


def long_list_while_nobody_imports(manager):
    """The answer to a list that a worker, which is alive, does not begin in time."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    return manager.post("articles/?corpus=desk&suggest=0", [{"text": f"Zarif met {n}."} for n in range(1001)])


def test_a_long_list_that_takes_longer_is_answered_with_its_address(corpus, manager, monkeypatch):
    monkeypatch.setattr(import_state, "_WAIT_SECONDS", 0.1)
    answer = long_list_while_nobody_imports(manager)
    assert answer.status_code == 202 and answer.headers["Location"].endswith(answer.json()["url"])
    assert finished(answer).added == 1001


def test_a_second_long_list_does_not_wait_beside_the_first(corpus, manager, monkeypatch):
    """Nor could this test, for an hour."""
    monkeypatch.setattr(import_state, "_WAIT_SECONDS", 3600.0)
    with import_state._waiting:
        answer = long_list_while_nobody_imports(manager)
    assert answer.status_code == 202 and finished(answer).added == 1001
    assert import_state._waiting.acquire(blocking=False)
    import_state._waiting.release()


def test_files_of_any_form_in_one_request(corpus, manager):
    files = [
        SimpleUploadedFile("page.html", PAGE),
        SimpleUploadedFile("rows.csv", b"Headline,Inhalt\nOne,First text.\n"),
        SimpleUploadedFile("../../etc/a.jsonl.gz", gzip.compress(lines({"text": "Packed."}))),
    ]
    path = "articles/?corpus=desk&suggest=0&columns=Headline=title,Inhalt=text"
    batch = finished(send_files(manager, path, *files))
    assert (batch.added, batch.failed, batch.files) == (3, 0, ["page.html", "rows.csv", "a.jsonl.gz"])
    assert Article.objects.get(title="One").text == "First text."
    assert sorted(Article.objects.values_list("original__form", flat=True)) == ["csv", "html", "json"]


def test_an_encoding_is_named_in_the_address(corpus, manager):
    file = SimpleUploadedFile("rows.csv", "text\nŁódź czeka\n".encode("cp852"))
    finished(send_files(manager, "articles/?corpus=desk&suggest=0&encoding=cp852", file))
    assert Article.objects.get().text == "Łódź czeka"


def test_options_are_read_as_strictly_as_ever(corpus, manager):
    body = lines({"text": "One."})
    for path, status, field in [
        ("articles/", 400, "corpus"),
        ("articles/?corpus=nosuch", 404, None),
        ("articles/?corpus=desk&columns=Inhalt", 400, "columns"),
        ("articles/?corpus=desk&columns=Inhalt=text,Inhalt=title", 400, "columns"),
        ("articles/?corpus=desk&columns=Inhalt=nosuch", 400, "columns"),
        ("articles/?corpus=desk&suggest=maybe", 400, "suggest"),
        ("articles/?corpus=desk&encoding=klingon", 400, "encoding"),
        ("articles/?corpus=desk&form=html", 400, "form"),
    ]:
        refusal(manager.post(path, body, content_type=LINES), status, field)
    refusal(manager.post("articles/?corpus=desk&source=Wire", {"text": "One."}), 400, "source")
    assert not ImportBatch.objects.exists()


def test_nothing_sent_and_fields_that_are_no_files_are_refused(corpus, manager):
    refusal(manager.post("articles/?corpus=desk", b"", content_type=LINES), 400)
    refusal(send_files(manager, "articles/?corpus=desk"), 400, "files")
    mixed = {"file": SimpleUploadedFile("a.txt", b"One."), "source": "Wire"}
    refusal(manager._http.post("/api/v1/articles/?corpus=desk", mixed, headers=manager._headers), 400, "source")
    broken = manager.post("articles/?corpus=desk", b"--x", content_type="multipart/form-data; boundary=y")
    refusal(broken, 400)
    assert not ImportBatch.objects.exists()


def test_what_is_too_large_is_refused_before_it_is_read(corpus, manager, settings):
    settings.IMPORT_MAX_UPLOAD_BYTES = 100
    refusal(manager.post("articles/?corpus=desk", b"x" * 101, content_type=LINES), 413)
    refusal(send_files(manager, "articles/?corpus=desk", SimpleUploadedFile("a.txt", b"x" * 101)), 413)
    assert not ImportBatch.objects.exists()
    assert manager.post("articles/?corpus=desk", lines({"text": "One."}), content_type=LINES).status_code == 202


def test_lines_are_no_matter_of_memory(corpus, manager, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = lines(*({"text": f"Text {number}."} for number in range(500)))
    assert finished(manager.post("articles/?corpus=desk&suggest=0", body, content_type=LINES)).added == 500


def test_a_body_that_breaks_off_is_not_taken(corpus, manager):
    environ = {"CONTENT_LENGTH": "500", "CONTENT_TYPE": LINES, "wsgi.input": io.BytesIO(lines({"text": "One."}))}
    response = manager._http.request(
        PATH_INFO="/api/v1/articles/", QUERY_STRING="corpus=desk", REQUEST_METHOD="POST",
        HTTP_AUTHORIZATION=manager._headers["Authorization"], **environ,
    )  # fmt: skip
    assert "is incomplete" in refusal(response, 400)["detail"]
    assert not ImportBatch.objects.exists()


def test_a_body_in_chunks_needs_its_length(corpus, manager):
    refusal(manager.post("articles/?corpus=desk", b"", content_type=LINES, transfer_encoding="chunked"), 411)


def test_only_managers_send_files(corpus, editor, reader, stranger):
    for client, status in ((editor, 403), (reader, 403), (stranger, 404)):
        refusal(client.post("articles/?corpus=desk", lines({"text": "One."}), content_type=LINES), status)
        refusal(send_files(client, "articles/?corpus=desk", SimpleUploadedFile("a.txt", b"One.")), status)
    assert not ImportBatch.objects.exists()


def test_a_browser_that_is_signed_in_sends_files_with_its_token(corpus):
    member = factories.make_member(corpus, "manager")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    path = "/api/v1/articles/?corpus=desk&suggest=0"
    assert browser.post(path, {"file": SimpleUploadedFile("a.txt", b"One.")}).status_code == 403
    browser.get("/sign-in/")
    browser.cookies["csrftoken"] = token = "a" * 32
    sent = {"file": SimpleUploadedFile("a.txt", b"One."), "csrfmiddlewaretoken": token}
    assert finished(browser.post(path, sent)).added == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/csv"])
def test_other_types_are_not_taken(corpus, manager, content_type):
    refusal(manager.post("articles/?corpus=desk", b"text=One", content_type=content_type), 415)
