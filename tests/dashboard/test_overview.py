"""The overview of a corpus: the article to open next, progress, who did what, labels with their counts."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.queries import corpus_counts
from annotations.review.queries.counts import span_counts
from corpusapp.articles.models import Article, CopyGroup, ImportBatch, Role
from corpusapp.dashboard import overview
from corpusapp.dashboard.activity import recent_activity
from tests import factories
from tests.releases import cast


@pytest.fixture
def articles(db):
    corpus = factories.make_corpus(name="The desk", guidelines="Titles stay out. " * 40)
    made = factories.make_articles(corpus, *({"text": f"Zarif met Muallem. {n}", "title": f"No {n}"} for n in range(3)))
    for article in made:
        factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), score=0.9)
    return made


@pytest.fixture
def corpus(articles):
    return articles[0].corpus


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus, Role.EDITOR, "nora")


def page(user):
    client = Client()
    client.force_login(user)
    return client.get(reverse("corpus", args=["desk"])).content.decode()


def decide_all(user, article, *verbs):
    spans = article.spans.filter(state="suggested").order_by("start")
    choices = [Choice(verb, span.pk, span.revision) for verb, span in zip(verbs, spans, strict=False)]
    return decide(user=user, article=article, choices=choices)


def events(corpus):
    return [(event.who, event.what, event.subject) for event in recent_activity(corpus)]


def test_one_button_opens_the_next_article(articles, editor):
    html = page(editor)
    assert html.count("button primary") == 1
    assert reverse("article", args=["desk", articles[2].pk]) in html and "Review next article, 2 left" in html
    decide_all(editor, articles[0], "confirm")
    html = page(editor)
    assert html.count("button primary") == 1 and "Continue, 1 left" in html
    assert "button primary" not in page(factories.make_member(articles[0].corpus, Role.READER))


def test_half_done_articles_are_listed_to_everybody(articles, editor, corpus):
    decide_all(editor, articles[0], "confirm")
    html = page(factories.make_member(corpus, Role.READER))
    assert "1 left · nora" in html and "1 in review, 2 suggested, of 3 articles" in html


def test_decisions_are_joined_by_person_and_article(articles, editor, corpus):
    other = factories.make_member(corpus, Role.EDITOR, "zaid")
    decide_all(editor, articles[0], "confirm")
    decide_all(other, articles[1], "confirm", "reject")
    decide_all(editor, articles[0], "confirm")
    finish(user=editor, article=articles[0])
    found = events(corpus)
    assert found[:2] == [("nora", "finished, confirmed 2", "No 0"), ("zaid", "confirmed 1, rejected 1", "No 1")]
    undo(user=other, decision=other.decisions.get())
    assert events(corpus)[0] == ("zaid", "undid, confirmed 1, rejected 1", "No 1")


def test_imports_comments_and_releases_are_activity(articles, editor, corpus):
    add_comment(user=editor, article=articles[0], text="Is it he?", span=None)
    cast.make(corpus)
    found = events(corpus)
    assert found[0][1:] == ("created", "release 1")
    assert found[1] == ("nora", "commented on", "No 0")
    assert found[2][1:] == ("imported", "3 articles")


def test_imports_say_how_they_stand(articles, editor, corpus):
    made = {"corpus": corpus, "user": editor, "origin": "form"}
    ended = made | {"finished_at": timezone.now()}
    ImportBatch.objects.create(**made, state="running", added=4, read_bytes=40, total_bytes=100)
    ImportBatch.objects.create(**ended, state="failed", added=1, failed=2)
    ImportBatch.objects.create(**ended, state="done", duplicates=5)
    assert events(corpus)[:2] == [
        ("nora", "imported", "1 article, 2 failed, then ended: failed"), ("nora", "is importing", "4 articles, 40 %"),
    ]  # fmt: skip


def test_activity_on_withdrawn_articles_and_in_other_corpora_is_hidden(articles, editor, corpus):
    decide_all(editor, articles[0], "confirm")
    add_comment(user=editor, article=articles[0], text="Is it he?", span=None)
    Article.objects.filter(pk=articles[0].pk).update(withdrawn_at=timezone.now())
    assert [event[1] for event in events(corpus)] == ["imported"]
    assert recent_activity(factories.make_corpus("elsewhere")) == []


def test_spans_are_counted_by_label_and_state(articles, editor, corpus):
    decide_all(editor, articles[0], "confirm", "reject")
    labels = dict(corpus.labels.values_list("name", "pk"))
    assert span_counts(corpus)[labels["PERSON"]] == {"confirmed": 1, "suggested": 2}
    assert span_counts(corpus)[labels["ORG"]] == {"rejected": 1, "suggested": 2}
    html = page(editor)
    assert "Spans: 4 suggested, 1 confirmed, 1 rejected." in html
    Article.objects.filter(pk=articles[0].pk).update(withdrawn_at=timezone.now())
    group = CopyGroup.objects.create(corpus=corpus, counted_once=True)
    Article.objects.filter(pk__in=[articles[1].pk, articles[2].pk]).update(copy_group=group)
    counts = corpus_counts(corpus)
    assert (counts.articles, counts.folded, counts.by_state) == (1, 1, {"suggested": 2})


def test_the_guidelines_are_an_excerpt(editor):
    html = page(editor)
    assert html.count("Titles stay out.") == 20 and reverse("guidelines", args=["desk"]) in html


def test_an_empty_corpus(db):
    corpus = factories.make_corpus()
    html = page(factories.make_member(corpus, Role.MANAGER))
    assert "No articles yet." in html and "Import articles" in html and "Nothing yet." in html


def test_an_overview_takes_a_fixed_number_of_queries(articles, editor, django_assert_max_num_queries):
    client = Client()
    client.force_login(editor)
    for article in articles:
        decide_all(editor, article, "confirm")
    with django_assert_max_num_queries(33):
        client.get(reverse("corpus", args=["desk"]))


def test_counts_of_a_large_corpus_are_kept_for_a_while(articles, editor, corpus, monkeypatch):
    monkeypatch.setattr(overview, "_LARGE", 3)
    cache.clear()
    before = page(editor)
    decide_all(editor, articles[0], "confirm", "confirm")
    assert "Spans: 6 suggested" in before and "Spans: 6 suggested" in page(editor)
    cache.clear()
    assert "Spans: 4 suggested" in page(editor)
