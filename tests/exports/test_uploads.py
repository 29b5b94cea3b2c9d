"""Uploads of files of other tools."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from corpusapp.articles.actions.uploads import kept_files, work_off_upload
from corpusapp.articles.models import Corpus, ImportBatch, Role
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports import cast

DOCCANO = {"id": 1, "text": "Zarif met Assad in Lattakia.", "label": [[0, 5, "PERSON"], [19, 27, "PORT"]]}


@pytest.fixture
def corpus(db):
    return factories.make_corpus()


@pytest.fixture
def manager(corpus) -> Rest:
    return Rest(factories.make_member(corpus, Role.MANAGER))


def lines(*records: dict) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def spans(slug: str = "desk") -> list:
    return [row[-1] for row in cast.held(Corpus.objects.get(slug=slug))]


def test_lines_of_doccano_over_rest(corpus, manager):
    path = "articles/?corpus=desk&format=doccano&add_labels=1&suggest=0"
    answer = manager.post(path, lines(DOCCANO, {"id": 2}), content_type="application/x-ndjson")
    assert answer.status_code == 202, answer.content
    batch = work_off_upload(batch=ImportBatch.objects.get())
    assert (batch.added, batch.failed, kept_files(batch)) == (1, 1, [])
    assert batch.problems.get(kind="failed").item == "articles.jsonl: line 2"
    assert spans() == [[(0, 5, "PERSON", "confirmed", None), (19, 27, "PORT", "confirmed", None)]]


def test_the_former_name_of_the_format_says_that_it_is_so(corpus, manager):
    path = "articles/?corpus=desk&as=doccano&add_labels=1&suggest=0"
    answer = manager.post(path, lines(DOCCANO), content_type="application/octet-stream")
    assert answer.status_code == 202 and "as: use format" in answer["Link"] and answer["Deprecation"].startswith("@")
    assert work_off_upload(batch=ImportBatch.objects.get()).added == 1


def test_the_same_lines_are_ordinary_ones_where_nothing_is_asked_for(corpus, manager):
    manager.post("articles/?corpus=desk&suggest=0", lines(DOCCANO), content_type="application/x-ndjson")
    assert work_off_upload(batch=ImportBatch.objects.get()).added == 1
    assert spans() == [[]]


def test_an_unknown_tool_and_a_body_that_is_no_file_are_refused(manager):
    document = refusal(
        manager.post("articles/?corpus=desk&format=word", lines(DOCCANO), content_type="application/x-ndjson"),
        400,
        "format",
    )
    both = "articles/?corpus=desk&format=doccano&as=doccano"
    refusal(manager.post(both, lines(DOCCANO), content_type="application/x-ndjson"), 400, "as")
    assert "doccano" in document["detail"]
    refusal(manager.post("articles/?corpus=desk&format=doccano", DOCCANO), 400, "format")
    assert not ImportBatch.objects.exists()


def test_an_encoding_of_a_project_over_rest_and_by_the_form(corpus, manager, client):
    lines = "Wójcik B-PERSON\n"
    path = "articles/?corpus=desk&format={0}&encoding=cp852&add_labels=1&suggest=0"
    sent = {"body": lines.encode("cp852"), "content_type": "application/x-ndjson"}
    answer = manager.post(path.format("conll"), **sent)
    assert answer.status_code == 202, answer.content
    assert work_off_upload(batch=ImportBatch.objects.get()).added == 1
    document = refusal(manager.post(path.format("jsonl"), **sent), 400, "encoding")
    assert "name no encoding for it, only for conll, brat, webanno-tsv" in document["detail"]
    client.force_login(factories.make_member(corpus, Role.MANAGER, "mary"))
    file = SimpleUploadedFile("b.conll", lines.replace("W", "M").encode("cp852"))
    fields = {"files": [file], "project": "conll", "encoding": "cp852", "add_labels": "on", "no_suggestions": "on"}
    assert client.post("/corpora/desk/import/", fields).status_code == 303
    assert work_off_upload(batch=ImportBatch.objects.latest("pk")).added == 1
    refused = client.post(
        "/corpora/desk/import/", {**fields, "files": [SimpleUploadedFile("c", b"x")], "project": "jsonl"}
    )
    assert refused.status_code == 400 and "name no encoding for it, only for conll" in refused.text
    assert [row[-1] for row in cast.held(corpus)] == [[(0, 6, "PERSON", "confirmed", None)]] * 2
    assert set(corpus.articles.values_list("text", flat=True)) == {"Wójcik", "Mójcik"}


def test_a_project_by_the_form(corpus, client):
    client.force_login(factories.make_member(corpus, Role.MANAGER, "mary"))
    assert "doccano JSONL" in client.get("/corpora/desk/import/").text
    file = SimpleUploadedFile("all.jsonl", lines(DOCCANO))
    fields = {"files": [file], "project": "doccano", "add_labels": "on", "no_suggestions": "on"}
    assert client.post("/corpora/desk/import/", fields).status_code == 303
    assert work_off_upload(batch=ImportBatch.objects.get()).added == 1
    assert len(spans()[0]) == 2


@pytest.mark.parametrize("form", ["cas-xmi", "jsonl", "label-studio"])
def test_what_came_out_comes_in_by_the_upload_door(db, form):
    first = cast.make_desk()
    data = b"".join(Rest(factories.make_superuser()).get(
        f"corpora/desk/export/?format={form}&stage=any&chrome=1&state=confirmed,suggested,rejected"
    ).streaming_content)  # fmt: skip
    again = factories.make_corpus("again")
    batch = factories.upload(again, ("all.zip", data), project=form, add_labels=True)
    assert (batch.added, batch.failed) == (2, 0)
    assert cast.held(again) == cast.held(first)
