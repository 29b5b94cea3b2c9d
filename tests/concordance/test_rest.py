"""The concordance and decisions on several articles over REST."""

import pytest

from annotations.review.models import Decision, Review, Span
from corpusapp.articles.models import Role
from tests import factories
from tests.api.client import Rest, refusal

PATH, DECISIONS = "corpora/desk/concordance/", "corpora/desk/decisions/"


@pytest.fixture
def rest(corpus):
    """A client for each role."""
    return {role: Rest(factories.make_member(corpus, Role(role), f"rest-{role}")) for role in Role.values}


def mentions(client, **query):
    answer = client.get(PATH, **query)
    assert answer.status_code == 200, answer.content
    return [(row["article"], row["start"], row["text"], row["label"], row["state"]) for row in answer.json()["results"]]


def test_mentions_in_context(rest, articles):
    first = articles[0]
    answer = rest["reader"].get(PATH, q="muallem").json()
    assert answer == {
        "results": [
            {
                "article": first.pk, "title": "Report 0", "source": "SANA", "published_on": "2018-09-03",
                "direction": "ltr", "span": None, "revision": None, "start": 16, "end": 23, "label": None,
                "state": None, "score": None, "left": "Envoy Zarif met ", "text": "Muallem",
                "right": " in Damascus. Later Zarif left.", "open": True, "entity": None,
            }
        ],
        "next": None, "total": 1, "forms": [{"surface": "Muallem", "count": 1}], "truncated": False,
    }  # fmt: skip


def test_modes_filters_and_orders(rest, articles):
    reader, (first, second, third) = rest["reader"], articles
    assert len(mentions(reader, q="Zarif", mode="exact")) == 4
    assert {row[2] for row in mentions(reader, q="zar", mode="prefix")} == {"Zarif", "Zarif Foundation", "zarif"}
    assert mentions(reader, q="zarif", label="ORG") == [
        (third.pk, 16, "Zarif", "ORG", "suggested"), (second.pk, 2, "Zarif Foundation", "ORG", "suggested"),
    ]  # fmt: skip
    assert [row[0] for row in mentions(reader, q="zarif", state="none")] == [second.pk, first.pk]
    assert [row[0] for row in mentions(reader, q="zarif", score_from="0.5", score_to="0.7")] == [third.pk]
    assert {row[0] for row in mentions(reader, q="zarif", source="IRNA")} == {third.pk}
    assert {row[0] for row in mentions(reader, q="zarif", published_from="2018-09-03")} == {first.pk}
    assert mentions(reader, q="zarif", surface="zarif") == [(second.pk, 27, "zarif", None, None)]
    assert [row[0] for row in mentions(reader, q="zarif", order="date")] == [first.pk] * 2 + [second.pk] * 2 + [
        third.pk
    ]
    assert [row[1] for row in mentions(reader, q="zarif", order="right")] == [27, 43, 6, 16, 2]
    # Scores of 0.4, 0.6 and 0.9, then two mentions without a score, newest article first.
    assert [row[1] for row in mentions(reader, q="zarif", order="score")] == [2, 16, 6, 27, 43]
    assert mentions(reader, q="Zarif met")[0][1:3] == (6, "Zarif met")
    assert len(mentions(reader, label="GPE")) == 2
    assert mentions(reader, label="NONESUCH", q="zarif") == []


@pytest.mark.parametrize(
    "query",
    [
        {"q": "zarif"},
        {"q": "zarif", "order": "left"},
        {"q": "zarif", "order": "date"},
        {"q": "zarif", "order": "score"},
        {},
    ],
)
def test_pages_show_each_mention_once(rest, articles, query):
    whole, pages, cursor = mentions(rest["reader"], **query), [], {}
    while True:
        answer = rest["reader"].get(PATH, **query, limit="2", **cursor).json()
        pages += [(row["article"], row["start"], row["text"], row["label"], row["state"]) for row in answer["results"]]
        if not answer["next"]:
            break
        cursor = {"cursor": answer["next"].rsplit("cursor=")[1].split("&")[0]}
    assert pages == whole and len(whole) == 5


def test_arabic_and_emoji(rest, corpus):
    arabic = factories.make_article(corpus, "وصل ظريف إلى دمشق", language="ar")
    factories.make_article(corpus, "A flag 🏳️‍🌈 flew.")
    row = rest["reader"].get(PATH, q="دمشق").json()["results"][0]
    assert (row["article"], row["direction"], row["left"]) == (arabic.pk, "rtl", "وصل ظريف إلى ")
    assert mentions(rest["reader"], q="🏳️‍🌈")[0][2] == "🏳️‍🌈"


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Der Außenmi\xadnister kam nach Zu\u0308rich.", "aussenminister", "Außenmi\xadnister"),
        ("Der Außenmi\xadnister kam nach Zu\u0308rich.", "Zürich", "Zu\u0308rich"),
        ("قال أحمد أمس", "احمد", "أحمد"),
        ("Iğdır'da kar var", "IGDIR", "Iğdır"),
        ("发言人王\u200b丽周一表示", "王丽", "王\u200b丽"),
    ],
)
def test_words_are_found_in_any_form_of_their_letters(rest, corpus, text, query, found):
    factories.make_article(corpus, text)
    (row,) = mentions(rest["reader"], q=query)
    assert row[2] == found and text[row[1] :].startswith(found)


def decisions_on(client, verb, **more):
    rows = client.get(PATH, q="Zarif", mode="exact", label="PERSON").json()["results"]
    return [{"article": row["article"], "verb": verb, "span": row["span"], "revision": row["revision"], **more}
            for row in rows]  # fmt: skip


def test_decision_changes_only_the_spans_it_names(rest, articles):
    first, second, third = articles
    wrong = third.spans.get(start=16)
    sent = [
        *decisions_on(rest["editor"], "confirm"),
        {"article": third.pk, "verb": "relabel", "span": wrong.pk, "revision": 1, "label": "PERSON"},
        {"article": first.pk, "verb": "add", "start": 43, "end": 48, "label": "PERSON"},
    ]
    answer = rest["editor"].post(DECISIONS, {"decisions": sent, "idempotency_key": "one"})
    assert answer.status_code == 201, answer.content
    result = answer.json()
    assert (result["verb"], result["left_out"], len(result["spans"])) == ("several", [], 3)
    assert set(Span.objects.filter(state="suggested").values_list("label__name", flat=True)) == {"GPE", "ORG"}
    assert Span.objects.get(article=second).state == "suggested"
    assert not Review.objects.exclude(editor=None).exists()
    again = rest["editor"].post(DECISIONS, {"decisions": sent, "idempotency_key": "one"})
    assert again.status_code == 200 and again.json()["repeated"]
    undone = rest["editor"].post(f"decisions/{result['decision']}/undo/", {})
    assert undone.status_code == 201 and undone.json()["left_out"] == []
    assert not Span.objects.exclude(state="suggested").exists()


def test_items_changed_since_are_left_out_and_reported(rest, articles):
    first, second, third = articles
    stale = third.spans.get(start=16)
    rest["manager"].patch(f"spans/{stale.pk}/", {"state": "confirmed", "revision": 1})
    rest["manager"].post(f"articles/{second.pk}/finish/", {})
    sent = [
        {"article": third.pk, "verb": "reject", "span": stale.pk, "revision": 1},
        {"article": second.pk, "verb": "confirm", "span": second.spans.get().pk, "revision": 1},
        {"article": first.pk, "verb": "add", "start": 6, "end": 11, "label": "ORG"},
        {"article": first.pk, "verb": "confirm", "span": 10**12, "revision": 2},
        {"article": 999_999, "verb": "confirm", "span": 1, "revision": 1},
        {"article": third.pk, "verb": "confirm", "span": third.spans.get(start=0).pk, "revision": 1},
    ]
    result = rest["editor"].post(DECISIONS, {"decisions": sent}).json()
    assert [span["article"] for span in result["spans"]] == [third.pk]
    reasons = [entry["reason"] for entry in result["left_out"]]
    assert [reason.split(":")[0] for reason in reasons] == [
        "it has changed", f"article {second.pk} is done", "there is a suggested span",
        f"article {first.pk} has no span {10**12}", "there is no article 999999 in this corpus",
    ]  # fmt: skip
    assert result["left_out"][2]["start"] == 6 and result["left_out"][0]["span"] == stale.pk


def test_articles_of_another_corpus_cannot_be_decided(rest, articles):
    other = factories.make_article(factories.make_corpus("elsewhere"))
    span = factories.suggest(other, (0, 5, "PERSON"))[0]
    sent = [{"article": other.pk, "verb": "confirm", "span": span.pk, "revision": 1}]
    document = refusal(rest["manager"].post(DECISIONS, {"decisions": sent}), 409)
    assert "no article" in document["detail"]
    span.refresh_from_db()
    assert span.state == "suggested"


def test_refusals(rest, articles):
    one = decisions_on(rest["editor"], "confirm")[0]
    editor = rest["editor"]
    refusal(rest["reader"].post(DECISIONS, {"decisions": [one]}), 403)
    refusal(Rest(factories.make_user("nobody")).post(DECISIONS, {"decisions": [one]}), 404)
    refusal(Rest(factories.make_user("nobody-2")).get(PATH), 404)
    assert Rest().get(PATH).status_code == 401
    refusal(editor.post(DECISIONS, {"decisions": []}), 400, "decisions")
    refusal(editor.post(DECISIONS, {"decisions": [one, one]}), 400, "decisions[1]")
    refusal(editor.post(DECISIONS, {"decisions": [{**one, "revision": None}]}), 428, "decisions[0].revision")
    wrong = {**one, "verb": "relabel", "label": "NONESUCH"}
    refusal(editor.post(DECISIONS, {"decisions": [wrong]}), 400, "decisions[0].label")
    far = {"article": one["article"], "verb": "add", "start": 5, "end": 5000, "label": "ORG"}
    refusal(editor.post(DECISIONS, {"decisions": [far]}), 400, "decisions[0].end")
    refusal(editor.get(PATH, nonsense="1"), 400, "nonsense")
    refusal(editor.get(PATH, q="zarif", score_from="x"), 400, "score_from")
    assert not Decision.objects.exists()


def test_fixed_number_of_queries(rest, articles, corpus, django_assert_max_num_queries):
    for n in range(20):
        made = factories.make_article(corpus, f"On day {n} Zarif spoke of Zarif.")
        factories.suggest(made, *((made.text.index("Zarif"), made.text.index("Zarif") + 5, "PERSON"),))
    with django_assert_max_num_queries(16):
        assert len(mentions(rest["reader"], q="zarif", limit="200")) == 45
    sent = decisions_on(rest["editor"], "confirm")
    assert len(sent) == 21
    with django_assert_max_num_queries(40):
        assert rest["editor"].post(DECISIONS, {"decisions": sent}).status_code == 201


def test_counts_are_bounded_and_reported_as_truncated(rest, articles, monkeypatch):
    from annotations.review.queries import concordance

    monkeypatch.setattr(concordance, "LOOKED_ARTICLES", 2)
    answer = rest["reader"].get(PATH, q="zarif", limit="2").json()
    assert (answer["total"], answer["truncated"]) == (3, True)
    seen = [row["start"] for row in answer["results"]]
    while answer["next"]:
        cursor = answer["next"].rsplit("cursor=")[1].split("&")[0]
        answer = rest["reader"].get(PATH, q="zarif", limit="2", cursor=cursor).json()
        seen += [row["start"] for row in answer["results"]]
    assert seen == [16, 2, 27, 6, 43]
