"""A write names the revision it saw: by the body (409 when stale), or by If-Match (412); neither is 428."""

import pytest

from tests.api.client import refusal


@pytest.fixture
def span(article, editor) -> dict:
    """A span at revision 2."""
    first = editor.get(f"articles/{article.pk}/spans/").json()[0]
    return editor.patch(f"spans/{first['id']}/", {"revision": 1, "state": "confirmed"}).json()


def test_the_present_revision_is_taken_by_either_way(span, editor):
    url = f"spans/{span['id']}/"
    assert editor.patch(url, {"label": "NORP"}, if_match='"2"').status_code == 200
    assert editor.patch(url, {"label": "GPE", "revision": 3}).status_code == 200
    assert editor.patch(url, {"label": "ORG", "revision": 4}, if_match='W/"4"').status_code == 200


def test_a_stale_revision_conflicts_and_shows_what_stands(span, editor):
    for response in (
        editor.patch(f"spans/{span['id']}/", {"label": "NORP", "revision": 1}),
        editor.delete(f"spans/{span['id']}/?revision=1"),
    ):
        document = refusal(response, 409, "revision")
        assert document["current"] == span and document["type"] == "/api/problems/stale/"


def test_a_stale_if_match_is_a_failed_precondition(span, editor):
    for response in (
        editor.patch(f"spans/{span['id']}/", {"label": "NORP"}, if_match='"1"'),
        editor.delete(f"spans/{span['id']}/", if_match='"1"'),
    ):
        assert refusal(response, 412, "If-Match")["current"] == span


def test_no_revision_is_refused(span, editor, article):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP"}), 428, "revision")
    refusal(editor.delete(f"spans/{span['id']}/"), 428, "revision")
    result = {"decisions": [{"verb": "reject", "span": span["id"]}]}
    refusal(editor.post(f"articles/{article.pk}/decisions/", result), 428, "decisions[0].revision")


@pytest.mark.parametrize("header", ["2", "*", '"a"', '"1", "2"', '"' + "9" * 30 + '"', ""])
def test_an_if_match_must_be_one_etag(span, editor, header):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP"}, if_match=header), 400, "If-Match")


def test_two_different_revisions_are_refused(span, editor):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP", "revision": 2}, if_match='"1"'), 400, "revision")


@pytest.mark.parametrize("revision", ["2", 2.0, True, [2]])
def test_a_revision_is_a_whole_number(span, editor, revision):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP", "revision": revision}), 400, "revision")
