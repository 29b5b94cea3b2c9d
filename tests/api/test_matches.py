"""Matches over REST: preview, one decision on the shown ones, and undo."""

import pytest

from annotations.review.models import Decision, Span
from tests import factories
from tests.api.client import COUNTS, refusal

OTHER = "Tehran, Sunday.\nOn Monday Zarif spoke.\nZarif spoke again."


@pytest.fixture
def other(corpus):
    """Another article with two matches of the first span of `article`, and one span with another label."""
    article = factories.make_article(corpus, OTHER)
    factories.suggest(article, (26, 31, "PERSON"), (39, 44, "PERSON"), (0, 6, "GPE"))
    return article


@pytest.fixture
def choice(article, editor) -> dict:
    """Relabel the first Zarif as ORG."""
    span = editor.get(f"articles/{article.pk}/spans/").json()["results"][0]
    return {"verb": "relabel", "span": span["id"], "revision": 1, "label": "ORG"}


def _preview(client, article, choice, scope="corpus"):
    return client.post(f"articles/{article.pk}/alike/preview/", {"choice": choice, "scope": scope})


def _apply(client, article, choice, matches, **more):
    return client.post(f"articles/{article.pk}/alike/", {"choice": choice, "matches": matches, **more})


def _named(matches, *keys):
    return [{key: match[key] for key in keys} for match in matches]


def test_preview_shows_matches_in_context(article, other, editor, choice):
    answer = _preview(editor, article, choice)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert list(found) == ["surface", "scope", "count", "truncated", "matches"]
    assert (found["surface"], found["scope"], found["count"], found["truncated"]) == ("Zarif", "corpus", 2, False)
    spans = list(Span.objects.filter(article=other, label__name="PERSON").values_list("pk", flat=True))
    assert found["matches"] == [
        {
            "article": other.pk, "title": "Tehran, Sunday.", "span": spans[0], "revision": 1, "start": 26, "end": 31,
            "label": "PERSON", "left": "On Monday ", "text": "Zarif", "right": " spoke.", "entity": None,
        },
        {
            "article": other.pk, "title": "Tehran, Sunday.", "span": spans[1], "revision": 1, "start": 39, "end": 44,
            "label": "PERSON", "left": "", "text": "Zarif", "right": " spoke again.",
            "entity": None,
        },
    ]  # fmt: skip
    assert _preview(editor, article, choice, "article").json()["count"] == 0
    assert not Decision.objects.exists()


def test_one_decision_on_shown_matches_and_one_undo(article, other, editor, choice):
    matches = _named(_preview(editor, article, choice).json()["matches"], "article", "span", "revision")
    answer = _apply(editor, article, choice, matches)
    assert answer.status_code == 201, answer.content
    result = answer.json()
    assert list(result) == ["decision", "verb", "spans", *COUNTS, "notices", "finished", "repeated"]
    assert (result["verb"], result["left_out"], result["repeated"]) == ("relabel", [], False)
    assert [(span["article"], span["text"], span["label"], span["state"]) for span in result["spans"]] == [
        (article.pk, "Zarif", "ORG", "confirmed"),
        (other.pk, "Zarif", "ORG", "confirmed"),
        (other.pk, "Zarif", "ORG", "confirmed"),
    ]
    (logged,) = editor.get(f"articles/{other.pk}/decisions/").json()["results"]
    assert (logged["id"], logged["article"], len(logged["changes"])) == (result["decision"], None, 4)
    undone = editor.post(f"decisions/{result['decision']}/undo/").json()
    assert (undone["verb"], len(undone["spans"]), undone["left_out"]) == ("undo", 3, [])
    assert {span["state"] for span in editor.get(f"articles/{other.pk}/spans/").json()["results"]} == {"suggested"}


def test_matches_of_a_new_span(article, other, corpus, editor):
    factories.make_article(corpus, "Tehran and Tehran's Tehranis.")
    choice = {"verb": "add", "start": 46, "end": 52, "label": "GPE"}
    found = _preview(editor, article, choice).json()
    assert [(match["start"], match["end"], match["span"], match["label"]) for match in found["matches"]] == [
        (0, 6, None, "GPE"),
        (11, 17, None, "GPE"),
    ]
    matches = _named(found["matches"], "article", "start", "end")
    result = _apply(editor, article, choice, matches).json()
    assert [span["text"] for span in result["spans"]] == ["Tehran"] * 3
    assert editor.post(f"decisions/{result['decision']}/undo/").status_code == 201


def test_matches_changed_since_are_left_out_and_reported(article, other, editor, choice):
    matches = _named(_preview(editor, article, choice).json()["matches"], "article", "span", "revision")
    editor.patch(f"spans/{matches[0]['span']}/", {"revision": 1, "state": "confirmed"})
    matches += [{"article": other.pk, "span": 10**9, "revision": 1}, {"article": 10**9, "span": 1, "revision": 1}]
    result = _apply(editor, article, choice, matches).json()
    assert len(result["spans"]) == 2
    assert [(left["article"], left["span"]) for left in result["left_out"]] == [
        (other.pk, matches[0]["span"]),
        (other.pk, 10**9),
        (10**9, 1),
    ]
    assert "revision 2, confirmed" in result["left_out"][0]["reason"]


def test_refused_choice_changes_nothing(article, other, editor, choice):
    matches = _named(_preview(editor, article, choice).json()["matches"], "article", "span", "revision")
    stale = {**choice, "revision": 7}
    document = refusal(_apply(editor, article, stale, matches), 409, "choice.revision")
    assert document["current"]["revision"] == 1
    refusal(_preview(editor, article, stale), 409, "choice.revision")
    refusal(_apply(editor, article, {**choice, "revision": None}, matches), 428, "choice.revision")
    refusal(_apply(editor, article, {**choice, "label": "NOSUCH"}, matches), 400, "choice.label")
    refusal(_apply(editor, article, {**choice, "span": matches[0]["span"]}, []), 404, "choice.span")
    assert not Decision.objects.exists()
    assert _apply(editor, article, choice, matches).status_code == 201


def test_repeated_key_returns_the_same_decision(article, other, editor, choice):
    matches = _named(_preview(editor, article, choice).json()["matches"], "article", "span", "revision")
    first = _apply(editor, article, choice, matches, idempotency_key="k")
    again = _apply(editor, article, choice, matches, idempotency_key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "repeated": True}
    refusal(_apply(editor, article, choice, matches[:1], idempotency_key="k"), 409, "idempotency_key")


@pytest.mark.parametrize(
    ("match", "field"),
    [
        ({"article": 1, "span": 1}, "matches[0].revision"),
        ({"article": 1, "revision": 1}, "matches[0].span"),
        ({"span": 1, "revision": 1}, "matches[0].article"),
        ({"article": 1, "span": 1, "revision": 1, "start": 3}, "matches[0].start"),
        ({"article": 1, "span": 1, "revision": 1, "title": "x"}, "matches[0]"),
        ({"article": "1", "span": 1, "revision": 1}, "matches[0].article"),
        (7, "matches[0]"),
    ],
)
def test_invalid_match_is_refused_with_its_field(article, editor, choice, match, field):
    refusal(_apply(editor, article, choice, [match]), 400, field)


def test_invalid_match_of_add_is_refused(article, editor):
    choice = {"verb": "add", "start": 46, "end": 52, "label": "GPE"}
    refusal(_apply(editor, article, choice, [{"article": article.pk, "start": 3}]), 400, "matches[0].end")
    match = {"article": article.pk, "start": 0, "end": 5, "span": 3}
    refusal(_apply(editor, article, choice, [match]), 400, "matches[0].span")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "choice"),
        ({"choice": {"verb": "erase"}, "scope": "corpus"}, "choice.verb"),
        ({"choice": {"verb": "confirm", "span": 1, "revision": 1}, "scope": "world"}, "scope"),
        ({"choice": {"verb": "confirm", "span": 1, "revision": 1}}, "scope"),
        ({"choice": {"verb": "add", "start": 0, "end": 999, "label": "GPE"}, "scope": "corpus"}, "choice.end"),
    ],
)
def test_invalid_preview_is_refused(article, editor, body, field):
    refusal(editor.post(f"articles/{article.pk}/alike/preview/", body), 400, field)


def test_match_listed_twice_is_refused(article, other, editor, choice):
    (first, _) = _named(_preview(editor, article, choice).json()["matches"], "article", "span", "revision")
    refusal(_apply(editor, article, choice, [first, first]), 400, "matches[1]")
    itself = {"article": article.pk, "span": choice["span"], "revision": 1}
    refusal(_apply(editor, article, choice, [itself]), 400, "matches[0]")


def test_only_editors_may_apply_and_preview(article, other, reader, stranger, editor, choice):
    for send in (_preview, lambda *scene: _apply(*scene, [])):
        refusal(send(reader, article, choice), 403)
        refusal(send(stranger, article, choice), 404)
    editor.post(f"articles/{article.pk}/finish/")
    refusal(_preview(editor, article, choice), 409)
    refusal(_apply(editor, article, choice, []), 409)


def test_other_corpora_have_no_matches(article, choice, editor, stranger):
    from corpusapp.articles.models import Corpus

    hidden = factories.make_article(Corpus.objects.get(slug="other"), OTHER)
    (span,) = factories.suggest(hidden, (26, 31, "PERSON"))
    assert _preview(editor, article, choice).json()["count"] == 0
    result = _apply(editor, article, choice, [{"article": hidden.pk, "span": span.pk, "revision": 1}]).json()
    assert len(result["spans"]) == 1 and len(result["left_out"]) == 1
    # Nor can a span of a hidden article be decided through a visible one.
    second = factories.make_article(article.corpus, OTHER)
    choice = {"verb": "add", "start": 46, "end": 52, "label": "GPE"}
    assert _apply(editor, article, choice, [{"article": hidden.pk, "start": 0, "end": 6}]).json()["left_out"]
    again = _preview(editor, second, {"verb": "add", "start": 0, "end": 6, "label": "GPE"}).json()
    assert hidden.pk not in {match["article"] for match in again["matches"]}
