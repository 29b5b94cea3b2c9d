"""Work in bulk: many articles by their own names in one request, which says how much of it was done."""

import pytest

from annotations.review.models import Decision, Span
from corpusapp.articles.actions.withdraw import withdraw_articles
from tests import factories
from tests.api.client import COUNTS, Rest, refusal

DECISIONS, FINISH, REOPEN = "corpora/desk/decisions/", "corpora/desk/finish/", "corpora/desk/reopen/"
TEXT = "Zarif met Muallem in Damascus, as agency {} reports."
ZARIF, MUALLEM = {"start": 0, "end": 5, "label": "PERSON"}, {"start": 10, "end": 17, "label": "ORG"}


@pytest.fixture
def articles(corpus):
    """Three articles, `a-0` to `a-2`, with two suggestions each."""
    made = [factories.make_article(corpus, TEXT.format(n), external_id=f"a-{n}") for n in range(3)]
    for article in made:
        factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"))
    return made


def named(n: int, verb: str = "confirm", seen: dict | None = None, **more) -> dict:
    return {"external_id": f"a-{n}", "verb": verb, "seen": seen or ZARIF, **more}


def counts(answer) -> tuple:
    document = answer.json()
    assert document["left_out_count"] == len(document["left_out"])
    assert document["complete"] == (not document["left_out"])
    return answer.status_code, document["applied"], document["left_out_count"]


def states() -> list[tuple]:
    spans = Span.objects.order_by("article_id", "start", "label__name")
    return list(spans.values_list("article__external_id", "start", "end", "label__name", "state"))


def test_spans_are_decided_by_external_id_and_what_was_seen(editor, articles):
    relabelled = named(1, "relabel", MUALLEM, label="PERSON")
    moved = named(1, "move", start=0, end=9)
    added = {"external_id": "a-2", "verb": "add", "start": 21, "end": 29, "label": "GPE"}
    answer = editor.post(DECISIONS, {"decisions": [named(0), named(0, "reject", MUALLEM), relabelled, moved, added]})
    assert counts(answer) == (201, 5, 0)
    assert [(span["text"], span["label"], span["state"]) for span in answer.json()["spans"]] == [
        ("Zarif", "PERSON", "confirmed"),
        ("Muallem", "ORG", "rejected"),
        ("Muallem", "PERSON", "confirmed"),
        ("Zarif met", "PERSON", "confirmed"),
        ("Damascus", "GPE", "confirmed"),
    ]
    assert states() == [
        ("a-0", 0, 5, "PERSON", "confirmed"), ("a-0", 10, 17, "ORG", "rejected"),
        ("a-1", 0, 5, "PERSON", "rejected"), ("a-1", 0, 9, "PERSON", "confirmed"),
        ("a-1", 10, 17, "ORG", "rejected"), ("a-1", 10, 17, "PERSON", "confirmed"),
        ("a-2", 0, 5, "PERSON", "suggested"), ("a-2", 10, 17, "ORG", "suggested"),
        ("a-2", 21, 29, "GPE", "confirmed"),
    ]  # fmt: skip


def test_what_a_person_decided_since_is_left_out_unless_its_revision_is_given(editor, articles):
    span = editor.post(DECISIONS, {"decisions": [named(0, "reject")]}).json()["spans"][0]
    answer = editor.post(DECISIONS, {"decisions": [named(0), named(1)]})
    assert counts(answer) == (201, 1, 1)
    expected = {"item": 0, "article": articles[0].pk, "external_id": "a-0", **ZARIF}
    assert answer.json()["left_out"] == [{**expected, "reason": "it is already rejected"}]
    stale = editor.post(DECISIONS, {"decisions": [named(0, revision=1), named(2)]})
    assert counts(stale) == (201, 1, 1)
    assert stale.json()["left_out"][0]["reason"] == "it has changed: revision 2, rejected"
    assert counts(editor.post(DECISIONS, {"decisions": [named(0, revision=span["revision"])]})) == (201, 1, 0)
    assert states()[0] == ("a-0", 0, 5, "PERSON", "confirmed")


def test_a_withdrawn_suggestion_is_decided_where_it_was_seen(editor, articles):
    factories.suggest(articles[0], (10, 17, "ORG"))
    answer = editor.post(DECISIONS, {"decisions": [named(0), named(0, "reject", MUALLEM)]})
    assert counts(answer) == (201, 2, 0)
    assert answer.json()["notices"] == [
        "the suggestion “PERSON” at [0, 5) changed in the meantime: your decision was applied there"
    ]
    assert states()[:2] == [("a-0", 0, 5, "PERSON", "confirmed"), ("a-0", 10, 17, "ORG", "rejected")]


def test_an_unknown_external_id_is_left_out(editor, articles):
    answer = editor.post(DECISIONS, {"decisions": [named(7), named(0)]})
    assert counts(answer) == (201, 1, 1)
    (left,) = answer.json()["left_out"]
    assert (left["item"], left["article"], left["external_id"]) == (0, None, "a-7")
    assert left["reason"] == "there is no article with the external ID 'a-7' in this corpus: it may be withdrawn"
    document = refusal(editor.post(DECISIONS, {"decisions": [named(7)]}), 409, "decisions")
    assert "there is no article with the external ID 'a-7'" in document["detail"]


def test_all_or_none_does_nothing_if_one_item_is_stale(editor, articles):
    editor.post(DECISIONS, {"decisions": [named(1, "reject")]})
    before, decisions = states(), Decision.objects.count()
    wanted = [named(0), named(1), named(2), named(7)]
    document = refusal(editor.post(DECISIONS, {"decisions": wanted, "all_or_none": True}), 409, "decisions")
    assert document["type"].endswith("/api/problems/left-out/")
    assert [(entry["item"], entry["external_id"]) for entry in document["left_out"]] == [(1, "a-1"), (3, "a-7")]
    assert (states(), Decision.objects.count()) == (before, decisions)
    answer = editor.post(DECISIONS, {"decisions": [named(0), named(2)], "all_or_none": True})
    assert counts(answer) == (201, 2, 0)


def test_an_external_id_means_the_newest_version_in_the_corpus(editor, manager, articles, stranger):
    other = factories.make_article(articles[0].corpus.__class__.objects.get(slug="other"), "Zarif.", external_id="a-0")
    newer = factories.make_article(articles[0].corpus, "Zarif met nobody.", external_id="a-0")
    answer = editor.post(DECISIONS, {"decisions": [named(0)]})
    assert [span["article"] for span in answer.json()["spans"]] == [newer.pk]
    assert not other.spans.exists()
    withdraw_articles(user=factories.make_superuser(), corpus=newer.corpus, article_ids=[newer.pk])
    answer = editor.post(DECISIONS, {"decisions": [named(0, "reject")]})
    assert [span["article"] for span in answer.json()["spans"]] == [articles[0].pk]


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"verb": "confirm", "seen": ZARIF}, "decisions[0].article"),
        ({"article": 1, "external_id": "a-0", "verb": "confirm", "seen": ZARIF}, "decisions[0].article"),
        ({"external_id": "a-0", "verb": "confirm"}, "decisions[0].span"),
        ({"external_id": "a-0", "verb": "confirm", "span": 1}, "decisions[0].revision"),
        ({"external_id": "a-0", "verb": "confirm", "seen": {**ZARIF, "end": 999}}, "decisions[0].seen.end"),
        ({"external_id": "a-0", "verb": "confirm", "seen": {**ZARIF, "label": "NO"}}, "decisions[0].seen.label"),
        ({"external_id": "", "verb": "confirm", "seen": ZARIF}, "decisions[0].external_id"),
        ({"external_id": 7, "verb": "confirm", "seen": ZARIF}, "decisions[0].external_id"),
    ],
)
def test_items_that_name_no_article_or_no_span_are_refused(editor, articles, item, field):
    before = states()
    status = 428 if field.endswith("revision") else 400
    refusal(editor.post(DECISIONS, {"decisions": [item]}), status, field)
    assert states() == before


def test_an_item_that_is_listed_twice_is_refused(editor, articles):
    document = refusal(editor.post(DECISIONS, {"decisions": [named(0), named(1), named(0)]}), 400, "decisions[2]")
    assert "listed twice" in document["detail"]
    # By two names, it is decided once.
    twice = [named(0), {"article": articles[0].pk, "verb": "confirm", "seen": ZARIF}]
    answer = editor.post(DECISIONS, {"decisions": twice})
    assert counts(answer) == (201, 1, 1)
    assert answer.json()["left_out"][0]["reason"] == "this decision already changed it"


def test_a_repeated_key_answers_the_same_counts(editor, articles):
    body = {"decisions": [named(0), named(1, "relabel", label="ORG"), named(7)]}
    first = editor.post(DECISIONS, body, idempotency_key="k")
    # By now, the external ID means another article.
    factories.make_article(articles[0].corpus, "Zarif met nobody.", external_id="a-0")
    again = editor.post(DECISIONS, body, idempotency_key="k")
    assert counts(first) == (201, 2, 1) and counts(again) == (200, 2, 1)
    assert again.json() == {**first.json(), "repeated": True}
    assert Decision.objects.count() == 1
    refusal(editor.post(DECISIONS, {**body, "all_or_none": True}, idempotency_key="k"), 409, "idempotency_key")


def test_undo_of_a_bulk_decision_answers_counts(editor, articles):
    body = {"decisions": [named(0), named(1, "relabel", label="ORG"), named(2, "reject")]}
    decision = editor.post(DECISIONS, body).json()["decision"]
    span = articles[0].spans.get(start=0)
    editor.patch(f"spans/{span.pk}/", {"revision": 2, "state": "rejected"})
    undone = editor.post(f"decisions/{decision}/undo/", {}, idempotency_key="u")
    assert counts(undone) == (201, 2, 1)
    assert counts(editor.post(f"decisions/{decision}/undo/", {}, idempotency_key="u")) == (200, 2, 1)


def test_too_many_decisions_are_refused(editor, articles):
    item = {"article": 1, "verb": "confirm", "revision": 1}
    document = refusal(editor.post(DECISIONS, {"decisions": [{**item, "span": n} for n in range(5001)]}), 400)
    assert document["type"].endswith("/api/problems/too-many/")


def test_one_article_takes_decisions_by_what_was_seen(editor, articles):
    path = f"articles/{articles[0].pk}/decisions/"
    answer = editor.post(path, {"decisions": [{"verb": "confirm", "seen": ZARIF}]})
    assert counts(answer) == (201, 1, 0) and answer.json()["notices"] == []
    document = refusal(editor.post(path, {"decisions": [{"verb": "reject", "seen": ZARIF}]}), 409)
    assert document["type"].endswith("/stale/") and document["current"]["state"] == "confirmed"
    refusal(editor.post(path, {"decisions": [{"verb": "reject", "seen": ZARIF, "revision": 1}]}), 409)
    answer = editor.post(path, {"decisions": [{"verb": "reject", "seen": ZARIF, "revision": 2}]})
    assert counts(answer) == (201, 1, 0)


def test_articles_are_finished_and_reopened_by_external_id(editor, articles):
    wanted = {"external_ids": ["a-0", "a-7", "a-1", "a-0"]}
    done = editor.post(FINISH, wanted, idempotency_key="k")
    assert counts(done) == (201, 2, 1)
    assert done.json()["finished"] == [articles[0].pk, articles[1].pk]
    (left,) = done.json()["left_out"]
    assert (left["item"], left["article"], left["external_id"]) == (1, None, "a-7")
    assert counts(editor.post(FINISH, wanted, idempotency_key="k")) == (200, 2, 1)
    reopened = editor.post(REOPEN, {"external_ids": ["a-0", "a-2"]})
    assert counts(reopened) == (200, 1, 1)
    assert list(reopened.json()) == ["articles", *COUNTS]
    assert reopened.json()["articles"] == [articles[0].pk]
    assert reopened.json()["left_out"][0]["reason"] == "it is not done"
    refusal(editor.post(REOPEN, {"external_ids": ["a-0", "a-2"]}), 409, "external_ids")
    # Its undo puts the other article back in review.
    undone = editor.post(f"decisions/{done.json()['decision']}/undo/", {}, idempotency_key="u")
    assert counts(undone) == (201, 1, 1)
    assert counts(editor.post(f"decisions/{done.json()['decision']}/undo/", {}, idempotency_key="u")) == (200, 1, 1)


def test_a_repeated_key_reopens_once(editor, articles):
    first, *others = [article.pk for article in articles]
    editor.post(FINISH, {"articles": [first, *others]})
    body = {"articles": [first, 10**9]}
    reopened = editor.post(REOPEN, body, idempotency_key="k")
    editor.post(FINISH, {"articles": [first]})
    again = editor.post(REOPEN, body, idempotency_key="k")
    assert again.json() == reopened.json() and counts(again) == (200, 1, 1)
    assert "Idempotency-Replayed" not in reopened and again["Idempotency-Replayed"] == "true"
    assert editor.get(f"articles/{first}/").json()["stage"] == "done"
    refusal(editor.post(REOPEN, {"articles": others}, idempotency_key="k"), 409, "idempotency_key")
    assert counts(editor.post(REOPEN, {"articles": others}, idempotency_key="l")) == (200, 2, 0)


@pytest.mark.parametrize("path", [FINISH, REOPEN])
def test_finish_and_reopen_do_all_or_none(editor, articles, path):
    editor.post(FINISH, {"articles": [articles[0].pk]})
    wanted = {"articles": [article.pk for article in articles], "all_or_none": True}
    before = [article["stage"] for article in editor.get("articles/?corpus=desk").json()["results"]]
    document = refusal(editor.post(path, wanted), 409, "articles")
    assert document["type"].endswith("/api/problems/left-out/")
    assert [entry["item"] for entry in document["left_out"]] == ([0] if path == FINISH else [1, 2])
    assert [article["stage"] for article in editor.get("articles/?corpus=desk").json()["results"]] == before
    rest = [article.pk for article in (articles[1:] if path == FINISH else articles[:1])]
    assert counts(editor.post(path, {"articles": rest, "all_or_none": True}))[1:] == (len(rest), 0)


@pytest.mark.parametrize("path", [FINISH, REOPEN])
@pytest.mark.parametrize(
    ("body", "field", "kind"),
    [
        ({}, "articles", "invalid"),
        ({"articles": [1], "external_ids": ["a-0"]}, "articles", "invalid"),
        ({"articles": []}, "articles", "invalid"),
        ({"external_ids": [7]}, "external_ids[0]", "invalid"),
        ({"external_ids": [""]}, "external_ids[0]", "invalid"),
        ({"articles": [1], "all_or_none": 1}, "all_or_none", "invalid"),
        ({"external_ids": [f"a-{n}" for n in range(1001)]}, "external_ids", "too-many"),
    ],
)
def test_refusals_of_named_articles(editor, articles, path, body, field, kind):
    assert refusal(editor.post(path, body), 400, field)["type"].endswith(f"/api/problems/{kind}/")


def test_assignment_answers_counts(editor, articles):
    manager = Rest(factories.make_superuser())
    first, *others = (article.pk for article in articles)
    manager.post("corpora/desk/assign/", {"articles": others, "assignee": "root"})
    answer = editor.post("corpora/desk/assign/", {"articles": [first, *others], "assignee": "editor"})
    assert counts(answer) == (200, 1, 2)
