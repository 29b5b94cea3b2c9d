"""What a generated client does all day, at a running desk: import, read, decide, export, release, follow."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from tests.api.generated import Generated, as_json, shape
from tests.desk.conftest import Desk, free_port
from tests.embedded.conftest import new_place

pytestmark = pytest.mark.slow
TEXT = "Zarif met Muallem in Damascus. Zarif left for Tehran."
CORPUS = "generated"


@dataclass(frozen=True)
class AtDesk:
    """The client at a running desk, as its admin."""

    generated: Generated
    client: Any

    @property
    def models(self) -> Any:
        return self.generated.models

    def call(self, operation: str, *path: Any, **options: Any) -> Any:
        """The response of an operation. All of its JSON has to be read."""
        response = self.generated.call(operation, *path, client=self.client, **options)
        if response.parsed is not None and not isinstance(response.parsed, self.generated.types.File):
            assert shape(as_json(response.parsed)) == shape(json.loads(response.content))
        return response

    def ok(self, operation: str, *path: Any, **options: Any) -> Any:
        """What the client read of a success."""
        response = self.call(operation, *path, **options)
        assert response.status_code < 300, response.content
        return response.parsed

    def problem(self, status: int, operation: str, *path: Any, **options: Any) -> Any:
        response = self.call(operation, *path, **options)
        assert response.status_code == status == response.parsed.status, response.content
        return response.parsed

    def done(self, operation: str, *path: Any) -> Any:
        """A job, when it has ended."""
        end = time.monotonic() + 120
        while True:
            job = self.ok(operation, *path)
            if job.done:
                return job
            assert time.monotonic() < end, job
            time.sleep(0.1)

    def file(self, data: bytes, name: str = "") -> Any:
        return self.generated.types.File(payload=io.BytesIO(data), file_name=name or None)

    def lines(self, response: Any, model: str) -> list[Any]:
        """The lines of a response, each read by the model of its line."""
        read = [json.loads(line) for line in response.splitlines()]
        parsed = [getattr(self.models, model).from_dict(line) for line in read]
        assert [shape(as_json(line)) for line in parsed] == [shape(line) for line in read]
        return parsed


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtDesk]:
    generated = Generated(tmp_path_factory.mktemp("generated"))
    with new_place() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBHOOKS_TO_PRIVATE_ADDRESSES", "1")
        running = Desk(folder / "home", free_port())
        try:
            command = [sys.executable, "manage.py", "create_token", "admin"]
            made = subprocess.run(
                command, cwd=settings.BASE_DIR, env=running.environment, capture_output=True, text=True, check=True
            )
            at = AtDesk(generated, generated.client(running.url.rstrip("/"), made.stdout.strip()))
            at.ok("corpora_create", body={"slug": CORPUS, "name": "Generated"})
            yield at
        finally:
            running.stop()
            running.process.stdout.close()


@pytest.fixture(scope="module")
def article(desk: AtDesk) -> Any:
    body = {"text": TEXT, "title": "Zarif in Damascus", "external_id": "seed"}
    return desk.ok("articles_create", corpus=CORPUS, suggest=False, body=body)


@pytest.fixture(scope="module")
def span(desk: AtDesk, article: Any) -> Any:
    body = {"start": 0, "end": 5, "label": "PERSON"}
    return desk.ok("spans_create", article.id, body=body)


def test_an_article_is_imported_as_json(article):
    assert article.text == TEXT and article.external_id == "seed" and article.spans == []


def test_a_list_is_imported_as_json(desk):
    body = {"corpus": CORPUS, "articles": [{"text": "One."}, {"text": "Two."}]}
    report = desk.ok("articles_create", suggest=False, body=body)
    assert (report.added, report.failed) == (2, 0)
    again = desk.call("articles_create", suggest=False, body=body)
    assert again.status_code == 200 and again.parsed.duplicates == 2


def test_a_list_of_which_all_failed_is_a_problem_with_the_report(desk):
    body = {"corpus": CORPUS, "articles": [{"text": ""}]}
    refused = desk.problem(400, "articles_create", body=body)
    assert refused.failed == 1 and refused.problems[0].item == "articles[0]"


def _imported(desk: AtDesk, uploaded: Any) -> Any:
    return desk.done("batches_retrieve", uploaded.id)


def test_lines_are_imported(desk):
    lines = b"".join(json.dumps({"text": f"Line {number}."}).encode() + b"\n" for number in range(3))
    uploaded = desk.ok("articles_create", corpus=CORPUS, suggest=False, body=desk.file(lines))
    assert _imported(desk, uploaded).added == 3


def test_files_are_imported(desk):
    page = (
        b"<html><body><article><p>" + b"Mekdad met Lavrov in Moscow on Monday. " * 8 + b"</p></article></body></html>"
    )
    body = desk.models.FilesBody(files=[desk.file(b"A plain text.", "plain.txt"), desk.file(page, "page.html")])
    uploaded = desk.ok("articles_create", corpus=CORPUS, suggest=False, body=body)
    assert _imported(desk, uploaded).added == 2


def test_a_list_gives_the_fields_that_are_asked_for(desk, article):
    desk.ok("articles_create", corpus=CORPUS, suggest=False, body={"text": "Another text.", "title": "Another"})
    page = desk.ok("articles_list", corpus=CORPUS, fields="id,title", limit=1)
    assert {name for row in page.results for name in row.to_dict()} == {"id", "title"}
    following = page.next_
    assert following.startswith("http") and "cursor=" in following
    assert desk.ok("articles_retrieve", article.id, fields="text").to_dict() == {"text": TEXT}


def test_an_article_is_read_whole(desk, article):
    assert desk.ok("articles_retrieve", article.id).text == TEXT
    etag = desk.call("articles_retrieve", article.id).headers["ETag"]
    assert desk.call("articles_retrieve", article.id, if_none_match=etag).status_code == 304


def test_texts_are_read_by_their_ids(desk, article):
    (row,) = desk.ok("articles_list", ids=str(article.id), fields="id,text,spans").results
    assert (row.id, row.text) == (article.id, TEXT)


def test_many_are_decided_by_external_ids(desk, article, span):
    body = {"text": "Lavrov met Zarif.", "external_id": "talks"}
    desk.ok("articles_create", corpus=CORPUS, suggest=False, body=body)
    added = {"verb": "add", "external_id": "talks", "start": 0, "end": 6, "label": "PERSON"}
    stale = {"verb": "reject", "external_id": "seed", "span": span.id, "revision": 10**6}
    made = desk.ok("corpus_decisions_create", CORPUS, body={"decisions": [added, stale]})
    assert (made.applied, made.left_out_count, made.complete) == (1, 1, False)
    assert made.left_out[0].item == 1
    refused = desk.problem(409, "corpus_decisions_create", CORPUS, body={"decisions": [stale], "all_or_none": True})
    assert refused.type_.endswith("/left-out/")
    assert desk.ok("corpora_finish", CORPUS, body={"external_ids": ["talks"]}).complete
    assert desk.ok("corpora_reopen", CORPUS, body={"external_ids": ["talks"]}).complete


def test_a_span_is_decided_and_the_decision_undone(desk, article, span):
    seen = desk.ok("spans_retrieve", span.id)
    choice = {"verb": "relabel", "span": span.id, "revision": seen.revision, "label": "ORG"}
    made = desk.ok("decisions_create", article.id, body={"decisions": [choice]})
    assert [decided.label for decided in made.spans] == ["ORG"]
    undone = desk.ok("decisions_undo", made.decision)
    assert [decided.label for decided in undone.spans] == ["PERSON"]


def test_refusals_are_read_as_problems(desk, span):
    assert "span" in desk.problem(404, "spans_retrieve", 10**9).detail
    rejected = {"state": "rejected"}
    assert desk.problem(428, "spans_update", span.id, body=rejected).type_.endswith("/revision-missing/")
    stale = {**rejected, "revision": 10**6}
    assert desk.problem(409, "spans_update", span.id, body=stale).current["id"] == span.id
    nobody = desk.generated.client(desk.client._base_url, "cap_nobody")
    response = desk.generated.call("account_retrieve", client=nobody)
    assert response.status_code == 401 == response.parsed.status


def test_too_many_requests_are_read_as_a_problem(desk):
    body = {"current": "not the password", "new": "another one, not taken"}
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        assert desk.call("account_password_update", body=body).status_code == 400
    response = desk.call("account_password_update", body=body)
    assert response.status_code == 429 == response.parsed.status
    assert int(response.headers["Retry-After"]) > 0


def test_every_format_is_streamed(desk, article, span):
    for form in desk.models.CorporaExportFormat:
        answer = desk.call("corpora_export", CORPUS, format_=form, stage="any")
        assert answer.status_code == 200 and answer.parsed.payload.read() == answer.content, form
    lines = desk.lines(desk.call("corpora_export", CORPUS, stage="any").content, "ExportLine")
    (line,) = [line for line in lines if line.id == article.id]
    assert (line.external_id, line.text, line.spans[0].text) == ("seed", TEXT, "Zarif")


def test_every_format_is_made_as_a_file(desk, article, span):
    for form in desk.models.FileFormat:
        body = {"format": form.value, "stage": ["any"]}
        made = desk.done("exports_retrieve", CORPUS, desk.ok("exports_create", CORPUS, body=body).id)
        assert made.job_state == "done", made
        data = desk.ok("exports_file", CORPUS, made.id).payload.read()
        assert hashlib.sha256(data).hexdigest() == made.sha256, form
        losses = desk.ok("exports_losses", CORPUS, made.id).payload.read().splitlines()
        desk.lines(b"\n".join(losses[:-1]), "ExportLoss")
        if form.value.startswith("jsonl"):
            assert any(line.id == article.id for line in desk.lines(data, "ExportLine"))


def test_releases_are_made_and_compared(desk, article, span):
    made = [_release(desk, name) for name in ("May", "June")]
    desk.ok("spans_create", article.id, body={"start": 21, "end": 29, "label": "GPE"})
    made.append(_release(desk, "July"))
    manifest = desk.ok("releases_manifest", CORPUS, made[0].number)
    assert manifest.counts.articles == made[0].articles and manifest.corpus.slug == CORPUS
    packed = desk.ok("releases_file", CORPUS, made[0].number).payload.read()
    assert hashlib.sha256(packed).hexdigest() == made[0].sha256
    assert all(line.split in ("train", "dev", "test") for line in desk.lines(gzip.decompress(packed), "ExportLine"))
    compared = desk.ok("releases_compare", CORPUS, made[1].number, made[2].number)
    assert (compared.articles.changed, compared.spans.added) == (1, 1)
    differing = desk.ok("releases_differences", CORPUS, made[1].number, made[2].number).payload.read()
    (line,) = desk.lines(differing, "ArticleDifference")
    assert (line.article.id, line.spans[0].after.text) == (article.id, "Damascus")


def _release(desk: AtDesk, name: str) -> Any:
    body = {"name": name, "filter": {"stage": ["any"]}}
    return desk.done("releases_retrieve", CORPUS, desk.ok("releases_create", CORPUS, body=body).number)


def test_the_feed_is_followed(desk, article, span):
    events, after = [], desk.generated.types.UNSET
    more = True
    while more:
        page = desk.ok("changes_list", corpus=CORPUS, after=after, limit=5)
        events, after, more = [*events, *page.results], page.cursor, page.more
    assert any(event.type_ == "span" and event.span.id == span.id for event in events)
    assert desk.ok("changes_list", after="latest").results == []
    waiting = desk.call("changes_list", after=after, corpus=CORPUS, wait=1)
    assert waiting.status_code == 200 or (waiting.status_code == 307 and waiting.headers["Location"])


def test_webhooks_are_made_stopped_and_deleted(desk):
    body = {"url": "http://127.0.0.1:9/desk"}
    made = desk.ok("webhooks_create", CORPUS, body=body)
    assert made.secret and made.active
    sent = desk.ok("webhooks_test", CORPUS, made.id)
    assert sent.status is None and sent.error
    stopped = {"active": False}
    assert desk.ok("webhooks_update", CORPUS, made.id, body=stopped).active is False
    assert desk.call("webhooks_deliveries", CORPUS, made.id).status_code == 200
    assert desk.call("webhooks_destroy", CORPUS, made.id).status_code == 204
    desk.problem(404, "webhooks_retrieve", CORPUS, made.id)
