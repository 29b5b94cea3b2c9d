"""Why a span is suggested: the evidence of a range over REST."""

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import start_run
from tests import factories
from tests.suggesters.bases import UnsureSuggester

pytestmark = pytest.mark.django_db
TEXT = "{} boats came. Minister Odessa Larkin spoke in Damascus. The House read H.R. 51.\nReporting by Karl Brandt"


class UnsureWithDates(UnsureSuggester):
    """It also takes the boats for a date, which is kept as it is."""

    def propose_with_doubts(self, texts):
        texts = list(texts)
        for source, (proposals, doubts) in zip(texts, super().propose_with_doubts(texts), strict=True):
            start = source.text.index("boats")
            yield [*proposals, Proposal(start, start + 5, "DATE", 0.8)], doubts


UNSURE = UnsureWithDates("Odessa Larkin", {"ORG": 0.5, "PERSON": 0.45})


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def articles(corpus, editor):
    made = [factories.make_article(corpus, TEXT.format(number), title=f"Boats {number}") for number in ("Two", "Three")]
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk for article in made])
    process_pending(run=run, reader=NewsReader(UNSURE))
    learn_from_decisions(corpus=corpus)
    return made


def why(client, article, words):
    start = article.text.index(words)
    answer = client.get(f"/api/v1/articles/{article.pk}/evidence/?start={start}&end={start + len(words)}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_evidence_of_the_model_and_of_the_words_around(client, editor, articles):
    client.force_login(editor)
    found = why(client, articles[0], "Odessa Larkin")
    span = Span.objects.get(article=articles[0], start=found["start"])
    assert (found["origin"], found["text"], found["model_label"]) == ("model", "Odessa Larkin", "ORG")
    assert found["label"] == span.label.name
    assert found["probabilities"][0]["label"] == found["label"]
    assert sum(share["probability"] for share in found["probabilities"]) == pytest.approx(1, abs=0.001)
    about = {part["name"]: (part["about"], part["effect"]) for part in found["evidence"]}
    assert "role" in {name.rpartition(":")[2] for name in about}, "a minister's name"
    assert all("model" in text for name, (text, _) in about.items() if name.startswith(("base:", "here:")))
    effects = [abs(part["effect"]) for part in found["evidence"]]
    assert effects == sorted(effects, reverse=True)
    assert (found["decided"], found["alike"]) == ([], [])


def test_decisions_on_the_same_words_are_told_with_the_newest_ones(client, editor, articles, corpus):
    first, second = articles
    span = Span.objects.get(article=first, start=first.text.index("Odessa"))
    decide(
        user=editor,
        article=first,
        choices=[Choice("relabel", span=span.pk, revision=span.revision, label="LOC")],
    )
    learn_from_decisions(corpus=corpus)
    client.force_login(editor)
    found = why(client, second, "Odessa Larkin")
    assert found["decided"][0] == {"label": "LOC", "articles": 1}
    assert found["decided_after_word"] == {"word": "minister", "decided": found["decided"]}
    (alike, *others) = found["alike"]
    assert (alike["article"], alike["title"]) == (first.pk, first.headline)
    assert {(one["label"], one["state"]) for one in (alike, *others)} >= {("LOC", "confirmed")}
    assert found["label"] == "LOC"


def test_what_the_form_of_news_says(client, editor, articles):
    client.force_login(editor)
    assert why(client, articles[0], "H.R. 51")["origin"] == "rule"
    date = why(client, articles[0], "boats")
    assert (date["origin"], date["label"], date["probabilities"][0]["probability"]) == ("model", "DATE", 0.8)
    credited = why(client, articles[0], "Karl Brandt")
    assert (credited["origin"], credited["label"], credited["credit"]) == ("rule", "PERSON", "by")


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("start=0&end=3", 404, "nothing is suggested at [0, 3)"),
        ("start=5", 400, "start and end are needed"),
        ("start=9&end=5", 400, "end 5 does not lie after start 9"),
        ("start=0&end=5000", 400, "past the end of the text"),
        ("start=0&end=x", 400, "end"),
    ],
)
def test_a_range_without_a_suggestion_is_refused(client, editor, articles, query, status, words):
    client.force_login(editor)
    answer = client.get(f"/api/v1/articles/{articles[0].pk}/evidence/?{query}")
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_an_article_without_suggestions_has_no_evidence(client, editor, corpus):
    article = factories.make_article(corpus, "Other boats came.")
    client.force_login(editor)
    assert client.get(f"/api/v1/articles/{article.pk}/evidence/?start=0&end=5").status_code == 404
