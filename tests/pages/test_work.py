"""Heartbeat, presence, the next article, shortcuts and guidelines."""

from datetime import timedelta
from string import ascii_lowercase

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.presence import record_presence
from annotations.review.models import Presence, Review
from annotations.review.queries import ArticleFilter
from annotations.review.queries.work import ORDERS, next_to_review
from corpusapp.accounts.keys import letters
from corpusapp.core.errors import Invalid
from tests import factories


def heartbeat(article):
    return reverse("article-pulse", args=[article.corpus.slug, article.pk])


def test_heartbeat_is_304_until_something_changes(article, editor):
    first = editor.get(heartbeat(article))
    etag = first.headers["ETag"]
    assert editor.get(heartbeat(article), headers={"if-none-match": etag}).status_code == 304
    span = article.spans.first()
    article.spans.filter(pk=span.pk).update(revision=span.revision + 1)
    again = editor.get(heartbeat(article), headers={"if-none-match": etag})
    assert again.status_code == 200
    assert again.json()["mark"] != first.json()["mark"]


def test_heartbeat_needs_access_to_the_article(article, visitors):
    assert {name: visitor.get(heartbeat(article)).status_code for name, visitor in visitors.items()} == {
        "nobody": 401, "stranger": 404, "reader": 200, "editor": 200, "manager": 200,
    }  # fmt: skip


def test_heartbeat_lists_other_users_until_they_leave(article, visitors):
    visitors["manager"].post(heartbeat(article))
    assert visitors["editor"].get(heartbeat(article)).json()["here"] == ["manager"]
    assert visitors["manager"].get(heartbeat(article)).json()["here"] == []
    visitors["manager"].post(heartbeat(article), {"left": "1"})
    assert visitors["editor"].get(heartbeat(article)).json()["here"] == []


def test_presence_expires(article, visitors):
    visitors["manager"].post(heartbeat(article))
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert visitors["editor"].get(heartbeat(article)).json()["here"] == []


@pytest.fixture
def work(corpus):
    """Articles with certain, uncertain and no suggestions, and an editor."""
    sure, unsure, bare = (factories.make_article(corpus, f"{name} spoke.") for name in ("Zarif", "Assad", "Nobody"))
    factories.suggest(sure, (0, 5, "PERSON"), score=0.99)
    factories.suggest(unsure, (0, 5, "PERSON"), (6, 11, "ORG"), score=0.5)
    return factories.make_member(corpus), sure, unsure, bare


def test_orders_of_the_next_article(corpus, work):
    editor, sure, unsure, bare = work
    found = {order: next_to_review(editor, corpus, order=order) for order in ORDERS}
    assert found["list"] == bare.pk
    assert found["uncertainty"] == unsure.pk
    assert found["work"] == sure.pk
    assert found["random"] in (sure.pk, unsure.pk, bare.pk)
    assert next_to_review(editor, corpus, after=bare.pk) == unsure.pk
    assert next_to_review(editor, corpus, after=sure.pk) == bare.pk
    assert next_to_review(editor, corpus, filters=ArticleFilter(query="Zarif")) == sure.pk
    with pytest.raises(Invalid, match="is not an order"):
        next_to_review(editor, corpus, order="worst")


def test_done_and_open_articles_are_not_offered(corpus, work):
    editor, sure, unsure, bare = work
    record_presence(user=factories.make_member(corpus), article=bare)
    Review.objects.filter(article=unsure).update(stage="done", editor=editor)
    assert next_to_review(editor, corpus) == sure.pk
    record_presence(user=editor, article=sure)
    assert next_to_review(editor, corpus) == sure.pk


def test_shortcuts_are_saved_or_refused_with_their_field(article, editor):
    assert editor.post(reverse("keys"), {"confirm": "z"}).status_code == 302
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert "&quot;confirm&quot;: &quot;z&quot;" in page
    for key, reason in (("x", "is already the shortcut of"), ("1", "cannot be a shortcut")):
        refused = editor.post(reverse("keys"), {"confirm": key})
        assert refused.status_code == 400
        assert reason in refused.content.decode()
    editor.post(reverse("keys"), {"reset": "1"})
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert "&quot;confirm&quot;: &quot;a&quot;" in page


def test_chosen_shortcut_survives_a_new_default(article, editor, django_user_model):
    person = django_user_model.objects.get(pk=editor.session["_auth_user_id"])
    person.preferences = {"keys": {"confirm": "l"}}
    person.save()
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert "&quot;confirm&quot;: &quot;l&quot;" in page
    assert "&quot;find-label&quot;: &quot;&quot;" in page
    for name in ("keys", "help"):
        page = editor.get(reverse(name)).content.decode()
        assert "default key, l, for" in page
    assert editor.post(reverse("keys"), {"confirm": "l", "reject": "z"}).status_code == 302
    person.refresh_from_db()
    assert person.preferences == {"keys": {"confirm": "l", "reject": "z"}}
    assert editor.post(reverse("keys"), {"confirm": "l", "find-label": "l"}).status_code == 400


def test_labels_get_letters():
    names = ["PERSON", "PRODUCT", "ORG", "PPP"]
    found = {"PERSON": "p", "PRODUCT": "r", "ORG": "o", "PPP": ""}
    assert letters(names, "ax") == found
    # A label that has no digit has some key.
    assert letters(names, "ax", ["PPP"]) == {**found, "PPP": "b"}
    assert letters(names, f"ax{ascii_lowercase}", ["ORG", "PPP"]) == {
        "PERSON": "", "PRODUCT": "", "ORG": "A", "PPP": "B",
    }  # fmt: skip


def test_guidelines_show_confirmed_examples(article, editor):
    article.spans.filter(label__name="GPE").update(state="confirmed")
    page = editor.get(reverse("guidelines", args=[article.corpus.slug])).content.decode()
    assert "Titles stay out." in page
    assert ">Damascus</a>" in page
