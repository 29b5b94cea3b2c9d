"""A write names the revision that it saw, in the body (409 if stale) or by If-Match (412), or gets 428."""

import pytest

from tests.api.client import kind_of, refusal


@pytest.fixture
def span(article, editor) -> dict:
    """A span at revision 2."""
    first = editor.get(f"articles/{article.pk}/spans/").json()["results"][0]
    return editor.patch(f"spans/{first['id']}/", {"revision": 1, "state": "confirmed"}).json()


def test_current_revision_is_accepted_in_body_and_header(span, editor):
    url = f"spans/{span['id']}/"
    assert editor.patch(url, {"label": "NORP"}, if_match='"2"').status_code == 200
    assert editor.patch(url, {"label": "GPE", "revision": 3}).status_code == 200
    assert editor.patch(url, {"label": "ORG", "revision": 4}, if_match='W/"4"').status_code == 200


def test_stale_revision_is_409_with_the_current_span(span, editor):
    for response in (
        editor.patch(f"spans/{span['id']}/", {"label": "NORP", "revision": 1}),
        editor.delete(f"spans/{span['id']}/?revision=1"),
    ):
        document = refusal(response, 409, "revision")
        assert document["current"] == span and kind_of(response) == "stale"


def test_stale_if_match_is_412(span, editor):
    for response in (
        editor.patch(f"spans/{span['id']}/", {"label": "NORP"}, if_match='"1"'),
        editor.delete(f"spans/{span['id']}/", if_match='"1"'),
    ):
        assert refusal(response, 412, "If-Match")["current"] == span


def test_missing_revision_is_428(span, editor, article):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP"}), 428, "revision")
    refusal(editor.delete(f"spans/{span['id']}/"), 428, "revision")
    result = {"decisions": [{"verb": "reject", "span": span["id"]}]}
    refusal(editor.post(f"articles/{article.pk}/decisions/", result), 428, "decisions[0].revision")


@pytest.mark.parametrize("header", ["2", "*", '"a"', '"1", "2"', '"' + "9" * 30 + '"', ""])
def test_if_match_must_be_one_etag(span, editor, header):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP"}, if_match=header), 400, "If-Match")


def test_two_different_revisions_are_refused(span, editor):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP", "revision": 2}, if_match='"1"'), 400, "revision")


@pytest.mark.parametrize("revision", ["2", 2.0, True, [2]])
def test_revision_must_be_a_whole_number(span, editor, revision):
    refusal(editor.patch(f"spans/{span['id']}/", {"label": "NORP", "revision": revision}), 400, "revision")
