"""Bulk actions on articles of several corpora: which articles they change, and which they leave out."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages

from annotations.review.actions.undo import undo
from annotations.review.models import Decision, Review, Span, Stage
from annotations.suggestions.models import Run
from corpusapp.articles.actions.withdraw import withdraw_articles
from corpusapp.articles.admin import bulk
from corpusapp.articles.models import Article
from tests import factories
from tests.admin.addresses import page

ACTIONS = ("mark_done", "take_back", "withdraw", "restore", "suggest_again", "export")


def act(cast, name, action, *articles):
    return cast.client(name).post(
        page(Article, "changelist"), {"action": action, "_selected_action": [article.pk for article in articles]}
    )


def messages_of(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def stage(article):
    return Review.objects.get(article=article).stage


@pytest.fixture
def here(cast):
    return cast.rows[Article]


@pytest.fixture
def there(cast):
    return cast.others[Article]


def test_mark_done_and_reopen(cast, here, there):
    both = (here, there)
    assert messages_of(act(cast, "superuser", "mark_done", *both)) == ["Marked done 2 articles."]
    assert [stage(article) for article in both] == [Stage.DONE, Stage.DONE]
    assert [entry.user.username for entry in LogEntry.objects.all()] == ["root", "root"]
    again = messages_of(act(cast, "superuser", "mark_done", here))
    assert again == ["Left out 1 article: it is already done."]
    assert messages_of(act(cast, "superuser", "take_back", *both)) == ["Reopened 2 articles."]
    assert [stage(article) for article in both] == [Stage.IN_REVIEW, Stage.IN_REVIEW]
    assert Decision.objects.filter(article=here, verb="reopen").count() == 1


def test_many_are_marked_done_in_one_decision_for_each_corpus(cast, here, there):
    more = [factories.make_article(cast.here, f"Report {number}.") for number in range(3)]
    act(cast, "superuser", "mark_done", more[0])
    withdraw_articles(user=factories.make_superuser(), corpus=cast.here, article_ids=[more[1].pk])
    before = set(Decision.objects.values_list("pk", flat=True))
    assert messages_of(act(cast, "superuser", "mark_done", here, there, *more)) == [
        "Marked done 3 articles.", "Left out 1 article: withdrawn.", "Left out 1 article: it is already done.",
    ]  # fmt: skip
    first, second = Decision.objects.exclude(pk__in=before).order_by("corpus_id")
    assert [first.finished, second.finished] == [[here.pk, more[2].pk], [there.pk]]
    undo(user=factories.make_superuser(), decision=first)
    assert (stage(here), stage(more[2]), stage(there)) == ("in_review", "in_review", "done")


def test_withdraw_and_restore(cast, here, there):
    assert messages_of(act(cast, "superuser", "withdraw", here, there)) == ["Withdrew 2 articles."]
    assert not Article.objects.filter(withdrawn_at=None).exists()
    assert messages_of(act(cast, "superuser", "withdraw", here)) == ["Left out 1 article: already withdrawn."]
    assert messages_of(act(cast, "superuser", "mark_done", here)) == ["Left out 1 article: withdrawn."]
    assert messages_of(act(cast, "superuser", "suggest_again", here)) == ["Left out 1 article: withdrawn."]
    assert messages_of(act(cast, "superuser", "restore", here, there)) == ["Restored 2 articles."]
    assert messages_of(act(cast, "superuser", "restore", here)) == ["Left out 1 article: not withdrawn."]


def test_suggest_again_in_one_run_for_each_corpus(cast, here, there):
    more = factories.make_article(cast.here)
    before = Run.objects.count()
    assert messages_of(act(cast, "superuser", "suggest_again", here, there, more)) == [
        "Requested suggestions for 3 articles."
    ]
    runs = Run.objects.order_by("-pk")[: Run.objects.count() - before]
    assert sorted(run.items.count() for run in runs) == [1, 2]


def test_export(cast, here, there):
    Article.objects.filter(pk=there.pk).update(withdrawn_at="2026-01-01T00:00Z")
    response = act(cast, "superuser", "export", here, there)
    assert "attachment" in response["Content-Disposition"]
    (line,) = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert (line["id"], line["text"]) == (here.pk, here.text)
    assert [(span["text"], span["state"]) for span in line["spans"]] == [(here.text[:3], "confirmed")]
    assert messages_of(response) == ["Left out 1 article: withdrawn."]


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_of_a_manager_apply_to_own_articles_only(cast, here, there, action):
    if action in ("take_back", "restore"):
        act(cast, "superuser", "mark_done" if action == "take_back" else "withdraw", here, there)
    before = everything(there)
    response = act(cast, "manager", action, here, there)
    if action == "export":
        assert [json.loads(line)["id"] for line in b"".join(response.streaming_content).splitlines()] == [here.pk]
    else:
        assert any("1 article" in words for words in messages_of(response))
    assert everything(there) == before


@pytest.mark.parametrize("name", ["nobody", "stranger", "reader", "editor", "other"])
@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_refused_to_others(cast, here, name, action):
    before = everything(here)
    response = act(cast, name, action, here)
    assert response.status_code in (302, 403)
    assert everything(here) == before


def test_an_invalid_selection_is_refused(cast, here):
    client = cast.client("manager")
    response = client.post(page(Article, "changelist"), {"action": "withdraw", "_selected_action": ["x"]})
    assert "select rows in the list" in messages_of(response)[0]
    response = client.post(page(Article, "changelist"), {"action": "withdraw", "_selected_action": [10**20]})
    assert response.status_code == 302
    assert Article.objects.filter(withdrawn_at=None).count() == 2


def test_too_many_articles_at_once_are_refused(cast, here, monkeypatch):
    factories.make_article(cast.here)
    monkeypatch.setattr(bulk.chosen, "__kwdefaults__", {"most": 1})
    response = cast.client("manager").post(
        page(Article, "changelist"), {"action": "withdraw", "_selected_action": [here.pk], "select_across": "1"}
    )
    assert "more than 1 articles are selected" in messages_of(response)[0]
    assert Article.objects.filter(withdrawn_at=None).count() == 3


def test_articles_cannot_be_deleted(cast, here):
    act(cast, "superuser", "delete_selected", here)
    assert Article.objects.filter(pk=here.pk).exists()


def everything(article):
    return (
        Article.objects.filter(pk=article.pk).values("withdrawn_at", "text").get(),
        stage(article),
        list(Span.objects.filter(article=article).values_list("state", "revision")),
        Run.objects.filter(items__article=article).count(),
    )
