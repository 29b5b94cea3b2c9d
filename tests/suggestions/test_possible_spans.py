"""Possible spans are stored with the suggestions, and served until a decision settles them."""

import json

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Span
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import PossibleSpans
from annotations.suggestions.queries.possible_spans import possible_spans
from corpusapp.articles.actions.erase import erase_articles
from tests import factories
from tests.suggesters.bases import UnsureSuggester

pytestmark = pytest.mark.django_db
TEXT = "The boat of Odessa Larkin came to the Quay Guard of the Harbour Board, and to the Mill Office, on Monday."


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus, TEXT)


def at(words):
    return TEXT.index(words), TEXT.index(words) + len(words)


def store(article, *rows):
    PossibleSpans.objects.create(article=article, data=json.dumps([[*at(words), *rest] for words, *rest in rows]))


def open_ones(article):
    return [(TEXT[span.start : span.end], span.label, span.suggestion) for span in possible_spans(article.pk)]


def test_those_of_a_suggestion_name_it_and_decisions_settle_them(article, editor):
    factories.suggest(article, (*at("Harbour Board"), "ORG"), (*at("Odessa Larkin"), "ORG"))
    board, larkin = Span.objects.filter(article=article).order_by("-start")
    store(
        article,
        ("Odessa Larkin", "PERSON", 0.4),
        ("Quay Guard of the Harbour Board", "ORG", 0.3),
        ("Mill Office", "ORG", 0.2),
        ("Harbour Board", "ORG", 0.2),
    )
    assert open_ones(article) == [
        ("Odessa Larkin", "PERSON", larkin.pk), ("Quay Guard of the Harbour Board", "ORG", board.pk),
        ("Mill Office", "ORG", None),
    ]  # fmt: skip
    decide(user=editor, article=article, choices=[Choice("relabel", span=larkin.pk, revision=1, label="PERSON")])
    decide(user=editor, article=article, choices=[Choice("confirm", span=board.pk, revision=1)])
    assert open_ones(article) == [("Mill Office", "ORG", None)]
    start, end = at("Mill Office")
    added = decide(user=editor, article=article, choices=[Choice("add", start=start, end=end, label="ORG")]).spans[0]
    assert open_ones(article) == []
    decide(user=editor, article=article, choices=[Choice("reject", span=added.id, revision=added.revision)])
    assert open_ones(article) == [], "what was rejected is not possible"


UNSURE = UnsureSuggester("Odessa Larkin", {"ORG": 0.75, "PERSON": 0.25})


def test_they_are_stored_with_the_suggestions_and_follow_what_is_learned(corpus, article, editor):
    other = factories.make_article(corpus, f"{TEXT} So it was.")
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk, other.pk])
    process_pending(run=run, reader=NewsReader(UNSURE))
    learn_from_decisions(corpus=corpus)
    (suggestion,) = Span.objects.filter(article=other, start=at("Odessa Larkin")[0])
    possible = {(span.start, span.end, span.label) for span in possible_spans(other.pk)}
    others = {"ORG", "PERSON"} - {suggestion.label.name}
    assert {(*at("Odessa Larkin"), label) for label in others} <= possible
    assert all(0.1 < span.score < 1 for span in possible_spans(other.pk))
    before = PossibleSpans.objects.get(article=other).data
    mine = Span.objects.get(article=article, start=at("Odessa Larkin")[0])
    decide(user=editor, article=article, choices=[Choice("reject", span=mine.pk, revision=mine.revision)])
    learn_from_decisions(corpus=corpus)
    assert PossibleSpans.objects.get(article=other).data != before


def test_they_go_with_their_article(article):
    store(article, ("Mill Office", "ORG", 0.2))
    erase_articles(user=factories.make_superuser(), corpus=article.corpus, article_ids=[article.pk])
    assert not PossibleSpans.objects.exists()


def test_over_rest(article, editor, client):
    address = f"/api/v1/articles/{article.pk}/possible/"
    client.force_login(editor)
    assert client.get(address).json() == {"results": [], "next": None}
    store(article, ("Mill Office", "ORG", 0.2))
    start, end = at("Mill Office")
    row = {"start": start, "end": end, "text": "Mill Office", "label": "ORG", "score": 0.2, "suggestion": None}
    assert client.get(address).json() == {"results": [row], "next": None}
    client.force_login(factories.make_member(factories.make_corpus("other"), username="stranger"))
    assert client.get(address).status_code == 404
