"""The home page: where a person goes on, what is offered to whom, what is new, the first steps."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment, resolve_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.presence import record_presence
from annotations.review.actions.set_aside import set_aside
from annotations.review.actions.stages import finish
from annotations.review.models import Review
from annotations.review.queries.resume import article_to_continue, article_to_start
from annotations.suggestions.management.commands import load_sample
from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import ImportBatch, Membership, Role
from corpusapp.core.charts import segmented_bar
from corpusapp.dashboard.overview import SAMPLE
from tests import factories


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The desk")


@pytest.fixture
def articles(corpus):
    """Three, oldest first, with two suggestions each."""
    made = factories.make_articles(corpus, *({"text": f"Zarif met Muallem. {n}", "title": f"No {n}"} for n in range(3)))
    for article in made:
        factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), score=0.9)
    return made


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus, Role.EDITOR, "nora")


def home(user):
    client = Client()
    client.force_login(user)
    return client.get(reverse("home")).content.decode()


def decide_first(user, article):
    span = article.spans.filter(state="suggested").first()
    decide(user=user, article=article, choices=[Choice("confirm", span.pk, span.revision)])


def test_the_newest_article_with_suggestions_is_offered(articles, editor, corpus):
    offer = article_to_start(editor, corpus)
    assert (offer.article, offer.left, offer.begun) == (articles[2], 2, False)
    html = home(editor)
    assert reverse("article", args=["desk", articles[2].pk]) in html and "Review next article, 2 left" in html
    record_presence(user=factories.make_member(corpus), article=articles[2])
    assert article_to_start(editor, corpus).article == articles[1]


def test_parked_articles_are_not_offered_and_own_skips_only_if_nothing_else_is_left(articles, editor, corpus):
    other = factories.make_member(corpus, Role.EDITOR, "zoe")
    for article in articles[:2]:
        decide_first(editor, article)
    assert article_to_continue(editor, [corpus]).article == articles[1]
    set_aside(user=other, article=articles[1], kind="park", reason="Waits.")
    assert article_to_continue(editor, [corpus]).article == articles[0]
    set_aside(user=editor, article=articles[0], kind="skip")
    assert article_to_continue(editor, [corpus]) is None
    newest = factories.make_article(corpus, "Zarif left.")
    factories.suggest(newest, (0, 5, "PERSON"))
    set_aside(user=editor, article=newest, kind="skip")
    assert article_to_start(editor, corpus).article == articles[2]
    assert article_to_start(other, corpus).article == newest
    set_aside(user=other, article=articles[2], kind="park", reason="Waits.")
    assert article_to_start(editor, corpus).article == newest


def test_the_article_that_was_decided_last_is_continued(articles, editor, corpus):
    other = factories.make_article(factories.make_corpus("elsewhere"), "Zarif left.", title="Elsewhere")
    factories.suggest(other, (0, 5, "PERSON"))
    Membership.objects.create(user=editor, corpus=other.corpus, role=Role.EDITOR)
    decide_first(editor, articles[0])
    decide_first(editor, other)
    decide_first(editor, articles[1])
    decide_first(editor, articles[0])
    offer = article_to_continue(editor, [corpus, other.corpus])
    assert (offer.article, offer.left, offer.begun) == (articles[0], 0, True)
    assert "Continue and finish" in home(editor)
    finish(user=editor, article=articles[0])
    assert article_to_continue(editor, [corpus, other.corpus]).article == articles[1]
    assert article_to_continue(editor, [other.corpus]).article == other
    assert "Continue, 1 left" in home(editor)


def test_an_article_that_is_open_is_continued(articles, editor, corpus):
    record_presence(user=editor, article=articles[1])
    assert article_to_continue(editor, [corpus]).article == articles[1]
    finish(user=editor, article=articles[1])
    assert article_to_continue(editor, [corpus]) is None


def test_the_reviews_of_others_are_not_continued(articles, editor, corpus):
    decide_first(factories.make_member(corpus), articles[0])
    assert article_to_continue(editor, [corpus]) is None


def test_withdrawn_articles_are_not_offered(articles, editor, corpus):
    decide_first(editor, articles[2])
    type(articles[2]).objects.filter(pk=articles[2].pk).update(withdrawn_at=timezone.now())
    assert article_to_continue(editor, [corpus]) is None
    assert article_to_start(editor, corpus).article == articles[1]


def test_nothing_to_decide_is_not_offered(articles, editor, corpus):
    for article in articles:
        finish(user=editor, article=article)
    html = home(editor)
    assert "Review next article" not in html and "Next article" not in html and "Continue" not in html
    assert "<strong>3</strong> done" in html and "suggested" not in html


def test_readers_are_offered_nothing_to_decide(articles, corpus):
    html = home(factories.make_member(corpus, Role.READER))
    assert "Review next article" not in html and "Next article" not in html and "Import" not in html
    assert "All 3 articles" in html


def test_what_is_new(articles, editor, corpus):
    manager = factories.make_member(corpus, Role.MANAGER, "noor")
    add_comment(user=manager, article=articles[0], text="Is it he?", span=None)
    add_comment(user=editor, article=articles[0], text="It is he.", span=None)
    html = home(editor)
    assert "Is it he?" in html and "It is he." not in html
    assert "3 imported" in html and "1 comment<" in html
    ImportBatch.objects.update(started_at=timezone.now() - timedelta(days=8))
    assert "imported" not in home(editor)


def test_resolved_comments_need_nothing(articles, editor, corpus):
    comment = add_comment(user=factories.make_superuser(), article=articles[0], text="Is it he?", span=None)
    resolve_comment(user=editor, comment=getattr(comment, "comment", comment))
    assert "Is it he?" not in home(editor)


def test_managers_see_what_needs_attention(articles, editor, corpus):
    manager = factories.make_member(corpus, Role.MANAGER, "noor")
    run = Run.objects.create(corpus=corpus, user=manager)
    RunItem.objects.create(run=run, article=articles[0], state="failed", error="the service is away")
    RunItem.objects.create(run=run, article=articles[1])
    factories.upload(corpus, ("broken.jsonl", b"{broken\n"))
    ImportBatch.objects.create(
        corpus=corpus, user=manager, origin="form", state="failed", reason="The disk is full.",
        finished_at=timezone.now(),
    )  # fmt: skip
    add_comment(user=editor, article=articles[0], text="Is it he?", span=None)
    html = home(manager)
    for words in (
        "1 item of an import failed", "An import failed: The disk is full.", "Suggestions failed for 1 article",
        "Suggestions in progress for 1 article", "1 open comment", reverse("import", args=["desk"]),
    ):  # fmt: skip
        assert words in html, words
    assert "Needs attention" not in home(editor)
    assert "desk" not in home(factories.make_member(factories.make_corpus("elsewhere"), Role.MANAGER))


def test_the_number_of_queries_does_not_grow_with_corpora(articles, editor, django_assert_max_num_queries):
    for number in range(5):
        corpus = factories.make_corpus(f"more-{number}")
        Membership.objects.create(user=editor, corpus=corpus, role=Role.MANAGER)
        factories.make_article(corpus, f"It rained in Homs {number}.")
    client = Client()
    client.force_login(editor)
    with django_assert_max_num_queries(28):
        client.get(reverse("home"))


def test_first_steps_until_there_is_more_than_the_sample(db):
    assert load_sample.SLUG == SAMPLE
    root = factories.make_superuser()
    assert "First steps" in home(root) and "load_sample" in home(root)
    sample = factories.make_corpus(SAMPLE, name="Sample")
    factories.suggest(factories.make_article(sample), (0, 5, "PERSON"))
    html = home(root)
    assert "First steps" in html and "Open the article" in html and "Import into Sample" in html
    factories.make_article(factories.make_corpus(), "It rained in Homs.")
    assert "First steps" not in home(root)


def test_only_those_who_may_create_corpora_are_offered_it(corpus, editor):
    assert "New corpus" in home(factories.make_superuser())
    assert "New corpus" not in home(factories.make_member(corpus, Role.MANAGER))
    assert "Ask the manager" in home(factories.make_user("stranger"))


def test_a_bar_has_a_segment_for_each_number_above_zero():
    bar = segmented_bar([("done", "done", 1), ("in_review", "in review", 0), ("suggested", "suggested", 99_999)])
    assert [(part.name, part.number) for part in bar] == [("done", 1), ("suggested", 99_999)]
    assert float(bar[0].width[:-1]) > 0.9
    assert bar[1].start == bar[0].width
    assert abs(sum(float(part.width[:-1]) for part in bar) - 100) < 0.1
    assert segmented_bar([("done", "done", 0)]) == []


def test_the_bar_of_a_corpus(articles, editor):
    decide_first(editor, articles[0])
    finish(user=editor, article=articles[1])
    html = home(editor)
    assert "1 done, 1 in review, 1 suggested, of 3 articles" in html
    assert re.findall(r'<rect class="(\w+)" x=', html) == ["done", "in_review", "suggested"]
    assert "parked" not in html
    assert Review.objects.filter(stage="in_review").count() == 1
