"""Spans over REST: each write applies a verb and names the revision that it saw."""

import pytest

from annotations.review.models import Span
from tests.api.client import refusal

SPAN_KEYS = ["id", "start", "end", "label", "text", "state", "score", "pipeline", "revision", "entity"]


@pytest.fixture
def spans(article, editor) -> list[dict]:
    return editor.get(f"articles/{article.pk}/spans/").json()["results"]


def test_span_has_the_same_json_in_every_response(article, editor, spans):
    detail = editor.get(f"articles/{article.pk}/").json()
    one = editor.get(f"spans/{spans[0]['id']}/")
    assert detail["spans"] == spans and one.json() == spans[0]
    assert list(spans[0]) == SPAN_KEYS
    assert spans[0]["text"] == "Zarif" and spans[0]["pipeline"] == "hand 1" and spans[0]["state"] == "suggested"
    assert one["ETag"] == '"1"'


def test_add_stores_a_confirmed_span(article, editor):
    response = editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"})
    assert response.status_code == 201, response.content
    added = response.json()
    assert (added["text"], added["state"], added["pipeline"], added["revision"]) == ("Zarif", "confirmed", None, 1)
    assert response["ETag"] == '"1"'


def test_adding_an_identical_confirmed_span_is_a_conflict_with_it(article, editor):
    first = editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"}).json()
    again = editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"})
    assert refusal(again, 409)["current"] == first


def test_adding_over_a_suggestion_confirms_it(article, editor, spans):
    response = editor.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "PERSON"})
    assert response.status_code == 201
    assert response.json() == {**spans[0], "state": "confirmed", "revision": 2}


def test_patch_confirms_and_rejects(editor, spans):
    url = f"spans/{spans[0]['id']}/"
    confirmed = editor.patch(url, {"revision": 1, "state": "confirmed"})
    assert (confirmed.status_code, confirmed.json()["state"], confirmed["ETag"]) == (200, "confirmed", '"2"')
    rejected = editor.patch(url, {"revision": 2, "state": "rejected"})
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")


def test_patch_relabels_and_keeps_the_former_label_as_rejected(article, editor, spans):
    relabelled = editor.patch(f"spans/{spans[1]['id']}/", {"revision": 1, "label": "PERSON"}).json()
    assert (relabelled["label"], relabelled["text"], relabelled["state"]) == ("PERSON", "Muallem", "confirmed")
    left = editor.get(f"articles/{article.pk}/spans/", state="rejected").json()["results"]
    assert [(span["text"], span["label"]) for span in left] == [("Muallem", "ORG")]


def test_patch_moves_with_or_without_a_label(editor, spans):
    moved = editor.patch(f"spans/{spans[2]['id']}/", {"revision": 1, "start": 18, "end": 29}).json()
    assert (moved["text"], moved["label"]) == ("in Damascus", "GPE")
    both = {"revision": moved["revision"], "start": 21, "end": 29, "label": "LOC"}
    assert editor.patch(f"spans/{moved['id']}/", both).json()["label"] == "LOC"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"state": "confirmed", "label": "ORG"}, "label"),
        ({"state": "suggested"}, "state"),
        ({"state": None}, "state"),
        ({"start": 3}, "end"),
        ({"label": "NOSUCH"}, "label"),
        ({"label": 7}, "label"),
        ({"score": 1}, None),
    ],
)
def test_patch_must_be_one_verb(editor, spans, change, field):
    response = editor.patch(f"spans/{spans[0]['id']}/", {"revision": 1, **change})
    refusal(response, 400, field)
    assert Span.objects.get(pk=spans[0]["id"]).revision == 1


def test_delete_rejects(editor, spans):
    by_query = editor.delete(f"spans/{spans[0]['id']}/?revision=1")
    by_body = editor.delete(f"spans/{spans[1]['id']}/", {"revision": 1})
    by_header = editor.delete(f"spans/{spans[2]['id']}/", if_match='"1"')
    for response in (by_query, by_body, by_header):
        assert (response.status_code, response.json()["state"]) == (200, "rejected")


def test_history_has_user_time_and_columns(editor, spans):
    url = f"spans/{spans[0]['id']}/"
    editor.patch(url, {"revision": 1, "state": "confirmed"})
    editor.patch(url, {"revision": 2, "label": "NORP"})
    first, second = editor.get(f"{url}history/").json()["results"]
    assert (first["verb"], first["user"], first["before"]["state"], first["after"]["state"]) == (
        "confirm", "editor", "suggested", "confirmed",
    )  # fmt: skip
    assert (second["before"]["label"], second["after"]["label"]) == ("PERSON", "NORP")
    assert first["at"] < second["at"]


def test_readers_see_spans_and_change_nothing(article, reader, spans):
    assert reader.get(f"spans/{spans[0]['id']}/").status_code == 200
    refusal(reader.patch(f"spans/{spans[0]['id']}/", {"revision": 1, "state": "confirmed"}), 403)
    refusal(reader.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"}), 403)
    refusal(reader.delete(f"spans/{spans[0]['id']}/?revision=1"), 403)
