"""Suggesting again updates suggestions and never changes decided spans."""

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.models import Review, Span
from corpusapp.articles.actions.withdraw import withdraw_articles
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus)


def rows(article):
    values = ("start", "end", "label__name", "state", "score")
    return list(Span.objects.filter(article=article).order_by("start", "end", "label").values_list(*values))


def test_repeated_proposal_keeps_its_id_and_revision(article):
    first, second = factories.suggest(article, (0, 5, "PERSON"), (10, 17, "PERSON"), score=0.5)
    again = factories.suggest(article, (0, 5, "PERSON"), (21, 29, "GPE"), score=0.75)
    assert (again[0].pk, again[0].revision, again[0].score) == (first.pk, 1, 0.75)
    assert [(span.start, span.end) for span in again] == [(0, 5), (21, 29)]
    assert not Span.objects.filter(pk=second.pk).exists()
    assert Review.objects.get(article=article).stage == "suggested"


def test_decided_spans_are_not_changed_or_suggested_again(article):
    editor = factories.make_superuser()
    person, place = factories.suggest(article, (0, 5, "PERSON"), (21, 29, "GPE"))
    decide(user=editor, article=article, choices=[Choice("confirm", person.pk, 1), Choice("reject", place.pk, 1)])
    before = rows(article)
    for proposals in ([(0, 5, "PERSON"), (21, 29, "GPE")], []):
        factories.suggest(article, *proposals, score=0.9)
        assert rows(article) == before


def test_no_suggestion_overlaps_a_confirmed_span(article):
    editor = factories.make_superuser()
    decide(user=editor, article=article, choices=[Choice("add", start=10, end=17, label="PERSON")])
    across = [(10, 17, "ORG"), (12, 20, "ORG"), (6, 29, "ORG"), (11, 12, "ORG")]
    assert factories.suggest(article, *across, (21, 29, "GPE"))[0].start == 21
    assert len(rows(article)) == 2
    article.corpus.nesting_allowed = True
    assert len(factories.suggest(article, *across, (21, 29, "GPE"))) == 5


def test_done_and_withdrawn_articles_get_no_suggestions(corpus, article):
    user = factories.make_superuser()
    finish(user=user, article=article)
    assert factories.suggest(article, (0, 5, "PERSON")) == []
    other = factories.make_article(corpus, "Another text")
    withdraw_articles(user=user, corpus=corpus, article_ids=[other.pk])
    assert factories.suggest(other, (0, 5, "PERSON")) == []


def test_duplicate_proposals_make_one_suggestion(article):
    assert len(factories.suggest(article, (0, 5, "PERSON"), (0, 5, "PERSON"))) == 1
