"""Expected decisions and uncertainty of an article are kept by triggers, and order lists."""

import pytest
from django.db import connection

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Review
from annotations.review.queries import ArticleFilter, list_articles
from corpusapp.core.errors import Invalid
from tests import factories
from tests.api.client import Rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def articles(corpus):
    """Articles with a high score, without suggestions, and with low scores."""
    little, bare, much = (
        factories.make_article(corpus, f"{name} met Mekdad.") for name in ("Zarif", "Nobody", "Assad")
    )
    factories.suggest(little, (0, 5, "PERSON"), score=0.98)
    factories.suggest(much, (0, 5, "PERSON"), score=0.5)
    factories.suggest(much, (0, 5, "PERSON"), (10, 16, "PERSON"), score=0.6)
    return little, bare, much


def estimates(article):
    return Review.objects.values_list("expected_actions", "uncertainty").get(article=article)


def test_expected_decisions_follow_from_scores(articles):
    little, bare, much = articles
    assert estimates(little) == pytest.approx((1 + 1.25 * 0.02 + 0.14, 0.04))
    assert estimates(bare) == (None, None)
    assert estimates(much) == pytest.approx((1 + 2 * (1.25 * 0.4 + 0.14), 0.8))


def test_decided_spans_do_not_count(corpus, articles):
    *_, much = articles
    editor = factories.make_member(corpus)
    first, second = much.spans.order_by("start")
    result = decide(user=editor, article=much, choices=[Choice("reject", span=first.pk, revision=1)])
    assert estimates(much) == pytest.approx((1 + 1.25 * 0.4 + 0.14, 0.8))
    decide(user=editor, article=much, choices=[Choice("relabel", span=second.pk, revision=1, label="ORG")])
    assert estimates(much) == (None, None)
    undo(user=editor, decision=result.decision)
    assert estimates(much) == pytest.approx((1 + 1.25 * 0.4 + 0.14, 0.8))


def test_any_change_of_spans_updates_the_review(articles):
    little, *_ = articles
    with connection.cursor() as cursor:
        cursor.execute("UPDATE review_span SET score = NULL WHERE article_id = %s", [little.pk])
        assert estimates(little) == pytest.approx((1 + 1.25 * 0.25 + 0.14, 0.5))
        cursor.execute("DELETE FROM review_span WHERE article_id = %s", [little.pk])
    assert estimates(little) == (None, None)


@pytest.mark.parametrize(("order", "expected"), [("work", [0, 2]), ("uncertainty", [2, 0])])
def test_lists_can_be_ordered_by_work_and_by_uncertainty(corpus, articles, order, expected):
    page = list_articles([corpus], ArticleFilter(order=order), size=1)
    second = list_articles([corpus], ArticleFilter(order=order), size=1, cursor=page.next_cursor)
    assert [page.rows[0].article, second.rows[0].article] == [articles[number] for number in expected]
    assert second.next_cursor is None
    finish(user=factories.make_member(corpus), article=articles[0])
    assert [row.article for row in list_articles([corpus], ArticleFilter(order=order)).rows] == [articles[2]]
    with pytest.raises(Invalid, match="is not an order"):
        list_articles([corpus], ArticleFilter(order="worst"))


def test_rest_and_the_list_show_expected_decisions(corpus, articles, client):
    reader = Rest(factories.make_member(corpus))
    rows = reader.get("articles/", corpus="desk", order="uncertainty").json()["results"]
    assert [(row["id"], round(row["expected_actions"], 2)) for row in rows] == [
        (articles[2].pk, 2.28),
        (articles[0].pk, 1.17),
    ]
    assert reader.get("articles/", corpus="desk", order="worst").json()["field"] == "order"
    client.force_login(factories.make_superuser())
    page = client.get("/corpora/desk/articles/", {"order": "work"}).text
    assert "about 1 decision" in page
    assert page.index("Zarif met") < page.index("Assad met")
