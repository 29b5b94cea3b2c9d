"""Every error below /api/ is a problem document, also where no view answers, and says nothing of the inside."""

import errno
import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from django.test import Client
from rest_framework.renderers import JSONRenderer

from corpusapp.core.api.problem_details import KINDS, exception_handler, meaning
from corpusapp.core.errors import Invalid
from corpusapp.core.pages.errors import UploadRefused, bad_request, forbidden, not_found, server_error
from tests.api.client import Rest, kind_of, refusal
from tests.api.test_schema import ROOT


@pytest.mark.parametrize(
    "path", ["", "v2/", "v1/", "v1/nothing/", "v1/articles", "v1/articles/abc/", "v1/corpora/a%00b/", "v1/%ff/"]
)
@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_addresses_that_do_not_exist(db, path, verb):
    document = refusal(Client().generic(verb, f"/api/{path}"), 404)
    assert ("end with a slash" in document["detail"]) == (path == "v1/articles")


def test_verbs_that_an_address_does_not_take(article, editor):
    response = editor.send("PUT", f"articles/{article.pk}/", {})
    refusal(response, 405)
    assert "GET" in response["Allow"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_can_be_looked_up(db, kind):
    found = Client().get(f"/api/problems/{kind}/").json()
    assert found["type"] == f"http://testserver/api/problems/{kind}/" and found["status"] == KINDS[kind][1]
    assert found["meaning"] == meaning(kind) and meaning(kind).endswith(".")


def test_browsers_get_a_page_of_each_type(db):
    page = Client().get("/api/problems/stale/", headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    assert page["Content-Type"].startswith("text/html") and "<code>decided_by</code>" in page.content.decode()


def test_the_documentation_has_a_section_of_each_type_in_the_same_words():
    _, *sections = (ROOT / "docs" / "problems.md").read_text().split("\n## ")
    found = {name: " ".join(text.split()) for name, _, text in (section.partition("\n") for section in sections)}
    assert found == {name: f"{status}, *{kind.title}*. {meaning(name)}" for name, (kind, status) in KINDS.items()}


def test_no_token_says_which_header_to_send(article, db):
    wrong = {"Authorization": "Bearer cap_unknown"}
    for headers in ({}, {"Authorization": "Basic YTpi"}, wrong, {"Authorization": "Bearer"}):
        answer = Client().get(f"/api/v1/articles/{article.pk}/", headers=headers)
        assert "Authorization: Bearer" in refusal(answer, 401)["detail"]
        assert kind_of(answer) == "unauthenticated" and answer["WWW-Authenticate"].startswith("Bearer")


def test_methods_media_types_and_lengths_have_their_types(article, editor):
    path = f"articles/{article.pk}/finish/"
    assert kind_of(editor.send("PUT", path, {})) == "method-not-allowed"
    assert "does not take PUT: it takes POST" in refusal(editor.send("PUT", path, {}), 405)["detail"]
    unread = editor.post(path, b"x", content_type="text/plain")
    assert kind_of(unread) == "unsupported-media-type" and "application/json" in refusal(unread, 415)["detail"]
    assert kind_of(editor.post(path, b"{")) == "invalid"
    chunked = Client().get("/api/v1/corpora/", headers={"Transfer-Encoding": "chunked"})
    assert kind_of(chunked) == "length-required" and refusal(chunked, 411)
    assert kind_of(Client().get("/api/v1/schema/", headers={"Accept": "text/csv"})) == "not-acceptable"


def test_errors_before_and_after_the_views_are_problem_documents_too(db, settings, rf):
    elsewhere = Client().get("/api/v1/corpora/", headers={"Host": "elsewhere.example"})
    assert elsewhere.json()["type"] == "/api/problems/invalid/", "a host that is not the desk's is not repeated"
    assert "ALLOWED_HOSTS" in elsewhere.json()["detail"]
    request = rf.get("/api/v1/corpora/")
    answers = {
        400: bad_request(request, SuspiciousOperation("x")), 403: forbidden(request, PermissionDenied()),
        404: not_found(request, Http404()), 500: server_error(request),
        507: bad_request(request, UploadRefused("full")),
    }  # fmt: skip
    for status, answer in answers.items():
        document = json.loads(answer.content)
        assert answer.status_code == document["status"] == status and document["type"].startswith("http://testserver/")
    assert bad_request(rf.get("/corpora/"), SuspiciousOperation("x"))["Content-Type"].startswith("text/html")


def test_an_unknown_type_is_not_found(db):
    refusal(Client().get("/api/problems/nosuch/"), 404)


def test_a_form_of_answer_that_there_is_not_is_answered_in_json(reader, corpus):
    for accept in ("text/html", "application/xml", "nonsense"):
        response = Client().get("/api/v1/corpora/", headers={"Accept": accept})
        refusal(response, 401)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (IntegrityError("duplicate key value violates secret_constraint"), 409),
        (DataError("integer out of range secret"), 400),
        (OperationalError("connection to secret lost"), 503),
        (RecursionError("secret"), 400),
        (ZeroDivisionError("secret"), 500),
    ],
)
def test_what_nobody_foresaw_tells_nothing_of_the_inside(error, status):
    response = exception_handler(error, {})
    assert (response.status_code, response.data["status"]) == (status, status)
    assert "secret" not in str(response.data)


def test_a_full_disk_is_told_of():
    answer = exception_handler(OSError(errno.ENOSPC, "No space left on device"), {})
    assert answer.status_code == 507 and "disk is full" in answer.data["detail"]
    assert exception_handler(OSError(errno.EACCES, "Permission denied"), {}).status_code == 500


def test_what_has_no_utf8_form_is_quoted_by_its_escape():
    response = exception_handler(Invalid("unknown key 'a\ud800'", field="a\ud800"), {})
    assert response.data["field"] == "a\\ud800"
    assert JSONRenderer().render(response.data)


def test_an_unknown_user_sees_no_more_than_401(db):
    refusal(Rest().get("articles/1/"), 401)
    refusal(Rest().get("corpora/nosuch/"), 401)


def test_what_clients_get_wrong_is_not_logged(article, editor, reader, caplog):
    """REST and pages: whoever asks for what is not there, or may not be seen, does not fill the log."""
    browser = Client(enforce_csrf_checks=True)
    answers = [
        Client().get("/api/v1/corpora/"), editor.get("articles/?limit=0"), editor.get("corpora/none/"),
        reader.post(f"articles/{article.pk}/finish/", {}), editor.send("PUT", f"articles/{article.pk}/", {}),
        editor.post(f"articles/{article.pk}/spans/", b"x", content_type="text/plain"), Client().get("/nothing/"),
        browser.post("/sign-in/", {"username": "anna", "password": "x"}), Client().get("/api/v1/no\x00/"),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [401, 400, 404, 403, 405, 415, 404, 403, 404]
    assert not caplog.records
