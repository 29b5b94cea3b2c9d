"""Decisions over REST: all or none, once per key, undone by new decisions, all in the log."""

from datetime import datetime

import pytest

from annotations.review.models import Decision, Span
from tests import factories
from tests.api.client import COUNTS, refusal


@pytest.fixture
def spans(article, editor) -> list[dict]:
    return editor.get(f"articles/{article.pk}/spans/").json()["results"]


def _shown_decision(spans) -> list[dict]:
    return [
        {"verb": "confirm", "span": spans[0]["id"], "revision": 1},
        {"verb": "relabel", "span": spans[1]["id"], "revision": 1, "label": "PERSON"},
        {"verb": "reject", "span": spans[2]["id"], "revision": 1},
        {"verb": "add", "start": 46, "end": 52, "label": "GPE"},
    ]


def test_decision_applies_its_verbs_in_order(article, editor, spans):
    response = editor.post(f"articles/{article.pk}/decisions/", {"decisions": _shown_decision(spans)})
    assert response.status_code == 201, response.content
    result = response.json()
    assert list(result) == ["decision", "verb", "spans", *COUNTS, "notices", "finished", "repeated"]
    assert [(span["text"], span["label"], span["state"]) for span in result["spans"]] == [
        ("Zarif", "PERSON", "confirmed"),
        ("Muallem", "PERSON", "confirmed"),
        ("Damascus", "GPE", "rejected"),
        ("Tehran", "GPE", "confirmed"),
    ]
    assert (result["verb"], result["left_out"], result["repeated"]) == ("several", [], False)
    assert editor.get(f"articles/{article.pk}/").json()["stage"] == "in_review"


def test_withdrawn_suggestion_is_decided_where_it_was_seen(article, editor, spans):
    gone = spans[0]
    factories.suggest(article, *((span["start"], span["end"], span["label"]) for span in spans[1:]))
    choice = {"verb": "relabel", "span": gone["id"], "revision": 1, "label": "ORG"}
    refusal(editor.post(f"articles/{article.pk}/decisions/", {"decisions": [choice]}), 404, "decisions[0].span")
    choice["seen"] = {name: gone[name] for name in ("start", "end", "label")}
    result = editor.post(f"articles/{article.pk}/decisions/", {"decisions": [choice], "idempotency_key": "k"}).json()
    assert [(span["text"], span["label"], span["state"]) for span in result["spans"]] == [("Zarif", "ORG", "confirmed")]
    assert "changed in the meantime" in result["notices"][0]
    again = editor.post(f"articles/{article.pk}/decisions/", {"decisions": [choice], "idempotency_key": "k"}).json()
    assert again == {**result, "repeated": True}
    assert editor.get(f"articles/{article.pk}/decisions/").json()["results"][0]["notices"] == result["notices"]


@pytest.mark.parametrize(
    "seen",
    [7, {"start": 0, "end": 5}, {"start": 0, "end": 5.0, "label": "ORG"}, {"start": 0, "end": 99, "label": "ORG"}],
)
def test_seen_needs_a_range_and_a_label(article, editor, seen):
    choice = {"verb": "confirm", "span": 10**9, "revision": 1, "seen": seen}
    document = editor.post(f"articles/{article.pk}/decisions/", {"decisions": [choice]})
    assert document.status_code == 400
    assert document.json()["field"].startswith("decisions[0].seen")


def test_conflict_names_the_user_and_time_of_the_other_decision(article, editor, manager, spans):
    assert manager.patch(f"spans/{spans[0]['id']}/", {"revision": 1, "state": "rejected"}).status_code == 200
    document = refusal(editor.patch(f"spans/{spans[0]['id']}/", {"revision": 1, "state": "confirmed"}), 409, "revision")
    assert (document["decided_by"], document["current"]["state"]) == ("manager", "rejected")
    assert datetime.fromisoformat(document["decided_at"]).tzinfo


def test_refused_decision_changes_nothing(article, editor, spans):
    result = [*_shown_decision(spans), {"verb": "confirm", "span": 10**9, "revision": 1}]
    refusal(editor.post(f"articles/{article.pk}/decisions/", {"decisions": result}), 404, "decisions[4].span")
    stale = [*_shown_decision(spans)[:2], {"verb": "reject", "span": spans[2]["id"], "revision": 9}]
    document = refusal(
        editor.post(f"articles/{article.pk}/decisions/", {"decisions": stale}), 409, "decisions[2].revision"
    )
    assert document["current"] == spans[2]
    assert editor.get(f"articles/{article.pk}/spans/").json()["results"] == spans
    assert not Decision.objects.exists()


def test_current_of_a_conflict_is_the_stored_span(article, editor, spans):
    twice = [
        {"verb": "confirm", "span": spans[0]["id"], "revision": 1},
        {"verb": "confirm", "span": spans[0]["id"], "revision": 1},
    ]
    assert refusal(editor.post(f"articles/{article.pk}/decisions/", {"decisions": twice}), 409)["current"] == spans[0]


@pytest.mark.parametrize("by_header", [True, False])
def test_repeated_key_returns_the_same_decision(article, editor, spans, by_header):
    body, headers = {"decisions": _shown_decision(spans)}, {}
    if by_header:
        headers = {"idempotency_key": "key-1"}
    else:
        body["idempotency_key"] = "key-1"
    first = editor.post(f"articles/{article.pk}/decisions/", body, **headers)
    again = editor.post(f"articles/{article.pk}/decisions/", body, **headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "repeated": True}
    assert Decision.objects.count() == 1


def test_key_of_another_request_is_refused(article, editor, spans):
    body = {"idempotency_key": "key-1", "decisions": _shown_decision(spans)[:1]}
    assert editor.post(f"articles/{article.pk}/decisions/", body).status_code == 201
    other = {"idempotency_key": "key-1", "decisions": _shown_decision(spans)[1:2]}
    refusal(editor.post(f"articles/{article.pk}/decisions/", other), 409, "idempotency_key")
    differ = editor.post(f"articles/{article.pk}/decisions/", other, idempotency_key="key-2")
    refusal(differ, 400, "idempotency_key")


@pytest.mark.parametrize("key", ["", "x" * 101, "\0", "\ud800", 7, ["a"]])
def test_invalid_key_is_refused(article, editor, spans, key):
    body = {"idempotency_key": key, "decisions": _shown_decision(spans)}
    refusal(editor.post(f"articles/{article.pk}/decisions/", body), 400, "idempotency_key")


def test_single_verbs_take_keys(article, editor, spans):
    new = {"start": 31, "end": 36, "label": "PERSON"}
    first = editor.post(f"articles/{article.pk}/spans/", new, idempotency_key="add")
    again = editor.post(f"articles/{article.pk}/spans/", new, idempotency_key="add")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    url = f"spans/{spans[0]['id']}/"
    confirm = {"revision": 1, "state": "confirmed", "idempotency_key": "confirm"}
    assert editor.patch(url, confirm).json() == editor.patch(url, confirm).json()


@pytest.mark.parametrize(
    ("decision", "field"),
    [
        ({"verb": "erase", "span": 1, "revision": 1}, "decisions[0].verb"),
        ({"verb": ["add"]}, "decisions[0].verb"),
        ({"span": 1, "revision": 1}, "decisions[0].verb"),
        ({"verb": "confirm", "span": 1, "revision": 1, "colour": "red"}, "decisions[0]"),
        ({"verb": "confirm", "span": 1, "revision": 1, "label": "ORG"}, "decisions[0].label"),
        ({"verb": "confirm", "revision": 1}, "decisions[0].span"),
        ({"verb": "confirm", "span": "1", "revision": 1}, "decisions[0].span"),
        ({"verb": "add", "start": 0, "label": "ORG"}, "decisions[0].end"),
        ({"verb": "add", "start": 0, "end": 5}, "decisions[0].label"),
        ({"verb": "add", "start": 0, "end": 5, "label": "NOSUCH"}, "decisions[0].label"),
        ({"verb": "add", "start": 0, "end": 5, "label": "ORG", "span": 3}, "decisions[0].span"),
        (7, "decisions[0]"),
        (None, "decisions[0]"),
    ],
)
def test_invalid_decision_is_refused_with_its_field(article, editor, decision, field):
    refusal(editor.post(f"articles/{article.pk}/decisions/", {"decisions": [decision]}), 400, field)


@pytest.mark.parametrize("body", [{}, {"decisions": []}, {"decisions": {}}, {"decisions": None}, {"decisions": "add"}])
def test_decisions_must_be_a_list_of_verbs(article, editor, body):
    assert refusal(editor.post(f"articles/{article.pk}/decisions/", body), 400)["field"].startswith("decisions")


def test_span_of_another_article_is_not_found(article, corpus, editor, spans):
    from tests import factories

    other = factories.make_article(corpus, "Another text, about Tehran.")
    result = {"decisions": [{"verb": "confirm", "span": spans[0]["id"], "revision": 1}]}
    refusal(editor.post(f"articles/{other.pk}/decisions/", result), 404, "decisions[0].span")


def test_undo_and_redo(article, editor, spans):
    result = editor.post(f"articles/{article.pk}/decisions/", {"decisions": _shown_decision(spans)}).json()
    undone = editor.post(f"decisions/{result['decision']}/undo/")
    assert (undone.status_code, undone.json()["verb"]) == (201, "undo")
    plain = [(s["start"], s["end"], s["label"], s["state"]) for s in spans]
    now = editor.get(f"articles/{article.pk}/spans/").json()["results"]
    assert [(s["start"], s["end"], s["label"], s["state"]) for s in now] == plain
    refusal(editor.post(f"decisions/{result['decision']}/undo/"), 409)
    assert editor.post(f"decisions/{undone.json()['decision']}/undo/").json()["verb"] == "redo"


def test_only_managers_undo_decisions_of_others(article, editor, manager, reader, corpus, spans):
    result = editor.post(f"articles/{article.pk}/decisions/", {"decisions": _shown_decision(spans)}).json()
    refusal(reader.post(f"decisions/{result['decision']}/undo/"), 403)
    assert manager.post(f"decisions/{result['decision']}/undo/", idempotency_key="u").status_code == 201
    assert manager.post(f"decisions/{result['decision']}/undo/", idempotency_key="u").status_code == 200


def test_confirm_reports_suggestions_changed_since(article, editor, spans):
    editor.patch(f"spans/{spans[1]['id']}/", {"revision": 1, "state": "rejected"})
    shown = [{"span": span["id"], "revision": 1} for span in spans]
    response = editor.post(f"articles/{article.pk}/confirm/", {"shown": shown})
    assert response.status_code == 201
    assert [span["text"] for span in response.json()["spans"]] == ["Zarif", "Damascus"]
    assert [left["span"] for left in response.json()["left_out"]] == [spans[1]["id"]]
    refusal(editor.post(f"articles/{article.pk}/confirm/", {"shown": shown}), 409)


@pytest.mark.parametrize(
    ("shown", "field"),
    [
        ([], "shown"),
        ([{"span": 1}], "shown[0].revision"),
        ([{"span": 1, "revision": 1}, {"span": 1, "revision": 1}], "shown[1].span"),
        ([1], "shown[0]"),
        ("all", "shown"),
    ],
)
def test_confirm_refuses_invalid_lists(article, editor, shown, field):
    refusal(editor.post(f"articles/{article.pk}/confirm/", {"shown": shown}), 400, field)


def test_repeated_key_finishes_once(article, editor, spans):
    path, shown = f"articles/{article.pk}/finish/", [{"span": span["id"], "revision": 1} for span in spans]
    first = editor.post(path, {"shown": shown, "idempotency_key": "k"})
    again = editor.post(path, {"idempotency_key": "k"})
    assert again.json()["stroke"]["decision"] == first.json()["stroke"]["decision"]
    assert len(again.json()["stroke"]["spans"]) == 3 and again.json()["stage"] == "done"
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    by_header = editor.post(path, idempotency_key="k")
    assert by_header.status_code == 200 and by_header["Idempotency-Replayed"] == "true"
    refusal(editor.post(path, idempotency_key="another"), 409)
    refusal(
        editor.post(f"articles/{article.pk}/confirm/", {"shown": shown}, idempotency_key="k"), 409, "idempotency_key"
    )


def test_finish_and_reopen(article, editor, reader, spans):
    refusal(reader.post(f"articles/{article.pk}/finish/"), 403)
    shown = [{"span": span["id"], "revision": 1} for span in spans]
    done = editor.post(f"articles/{article.pk}/finish/", {"shown": shown}).json()
    assert (done["stage"], done["editor"], len(done["stroke"]["spans"])) == ("done", "editor", 3)
    refusal(editor.post(f"articles/{article.pk}/finish/"), 409)
    refusal(editor.patch(f"spans/{spans[0]['id']}/", {"revision": 2, "state": "rejected"}), 409)
    assert (done["finished_by"], done["finished_at"] is None) == ("editor", False)
    assert editor.post(f"articles/{article.pk}/reopen/").json() == {
        "stage": "in_review", "editor": "editor", "finished_at": None, "finished_by": None
    }  # fmt: skip
    refusal(editor.post(f"articles/{article.pk}/reopen/"), 409)
    bare = editor.post(f"articles/{article.pk}/finish/").json()["stroke"]
    assert (bare["verb"], bare["spans"]) == ("finish", [])
    assert editor.post(f"decisions/{bare['decision']}/undo/").status_code == 201
    assert editor.get(f"articles/{article.pk}/").json()["stage"] == "in_review"


def test_finish_many_in_one_decision(corpus, article, editor, reader):
    other, path = factories.make_article(corpus, "Another one."), "corpora/desk/finish/"
    body = {"articles": [article.pk, other.pk, 10**9], "idempotency_key": "k-1"}
    refusal(reader.post(path, body), 403)
    result = editor.post(path, body)
    assert (result.status_code, result.json()["finished"]) == (201, [article.pk, other.pk])
    assert [entry["article"] for entry in result.json()["left_out"]] == [10**9]
    assert editor.post(path, body).status_code == 200
    assert refusal(editor.post(path, {"articles": [other.pk]}), 409)["current"][0]["article"] == other.pk
    for wrong in ([], ["1"], None, [other.pk] * 1 + list(range(1001))):
        refusal(editor.post(path, {"articles": wrong}), 400)
    assert editor.post(f"decisions/{result.json()['decision']}/undo/").status_code == 201
    assert editor.get(f"articles/{other.pk}/").json()["stage"] == "in_review"
    assert [span["stage"] for span in editor.get("spans/").json()["results"]][:1] == ["in_review"]


def test_log_is_paged_and_gives_the_decided_spans(article, editor, spans):
    editor.post(f"articles/{article.pk}/decisions/", {"decisions": _shown_decision(spans)})
    editor.patch(f"spans/{spans[0]['id']}/", {"revision": 2, "label": "NORP"})
    editor.post(f"articles/{article.pk}/finish/")
    log, url = [], f"articles/{article.pk}/decisions/?limit=1"
    while url:
        page = editor.get(url.removeprefix("http://testserver/api/v1/")).json()
        log += page["results"]
        url = page["next"]
    assert [decision["verb"] for decision in log] == ["several", "relabel", "finish"]
    assert len(log[0]["changes"]) == 5 and log[1]["changes"][1]["implicit"]
    state = {change["span"]: change["after"] for decision in log for change in decision["changes"]}
    assert {span.pk: (span.start, span.state, span.revision) for span in Span.objects.all()} == {
        pk: (after["start"], after["state"], after["revision"]) for pk, after in state.items()
    }
