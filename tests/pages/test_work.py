"""Keys of one's own, what an open page asks, who is there, and which article comes next."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.presence import be_present
from annotations.review.models import Presence, Review
from annotations.review.queries.work import ORDERS, next_to_review
from corpusapp.accounts.keys import letters
from corpusapp.core.errors import Invalid
from tests import factories


def pulse(article):
    return reverse("article-pulse", args=[article.corpus.slug, article.pk])


def test_a_pulse_is_not_modified_until_something_changes(article, editor):
    first = editor.get(pulse(article))
    etag = first.headers["ETag"]
    assert editor.get(pulse(article), headers={"if-none-match": etag}).status_code == 304
    span = article.spans.first()
    article.spans.filter(pk=span.pk).update(revision=span.revision + 1)
    again = editor.get(pulse(article), headers={"if-none-match": etag})
    assert again.status_code == 200
    assert again.json()["mark"] != first.json()["mark"]


def test_a_pulse_is_for_those_who_see_the_article(article, visitors):
    assert {name: visitor.get(pulse(article)).status_code for name, visitor in visitors.items()} == {
        "nobody": 401, "stranger": 404, "reader": 200, "editor": 200, "manager": 200,
    }  # fmt: skip


def test_who_is_here_and_who_left(article, visitors):
    visitors["manager"].post(pulse(article))
    assert visitors["editor"].get(pulse(article)).json()["here"] == ["manager"]
    assert visitors["manager"].get(pulse(article)).json()["here"] == []
    visitors["manager"].post(pulse(article), {"left": "1"})
    assert visitors["editor"].get(pulse(article)).json()["here"] == []


def test_a_page_that_says_nothing_is_closed(article, visitors):
    visitors["manager"].post(pulse(article))
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert visitors["editor"].get(pulse(article)).json()["here"] == []


@pytest.fixture
def work(corpus):
    """Three articles: sure, unsure and without suggestions; and somebody to work on them."""
    sure, unsure, bare = (factories.make_article(corpus, f"{name} spoke.") for name in ("Zarif", "Assad", "Nobody"))
    factories.suggest(sure, (0, 5, "PERSON"), score=0.99)
    factories.suggest(unsure, (0, 5, "PERSON"), (6, 11, "ORG"), score=0.5)
    return factories.make_member(corpus), sure, unsure, bare


def test_orders_of_work(corpus, work):
    editor, sure, unsure, bare = work
    found = {order: next_to_review(editor, corpus, order=order) for order in ORDERS}
    assert found["list"] == bare.pk
    assert found["uncertainty"] == unsure.pk
    assert found["work"] == sure.pk
    assert found["random"] in (sure.pk, unsure.pk, bare.pk)
    assert next_to_review(editor, corpus, after=bare.pk) == unsure.pk
    assert next_to_review(editor, corpus, after=sure.pk) == bare.pk
    assert next_to_review(editor, corpus, query="Zarif") == sure.pk
    with pytest.raises(Invalid, match="is not an order"):
        next_to_review(editor, corpus, order="best")


def test_neither_what_is_done_nor_what_somebody_has_open_is_offered(corpus, work):
    editor, sure, unsure, bare = work
    be_present(user=factories.make_member(corpus), article=bare)
    Review.objects.filter(article=unsure).update(stage="done", editor=editor)
    assert next_to_review(editor, corpus) == sure.pk
    be_present(user=editor, article=sure)
    assert next_to_review(editor, corpus) == sure.pk


def test_keys_are_chosen_and_refused_beside_their_field(article, editor):
    assert editor.post(reverse("keys"), {"confirm": "j"}).status_code == 302
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert "&quot;confirm&quot;: &quot;j&quot;" in page
    for key, reason in (("x", "is already the shortcut of"), ("1", "cannot be a shortcut")):
        refused = editor.post(reverse("keys"), {"confirm": key})
        assert refused.status_code == 400
        assert reason in refused.content.decode()
    editor.post(reverse("keys"), {"reset": "1"})
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert "&quot;confirm&quot;: &quot;a&quot;" in page


def test_a_key_that_was_chosen_before_it_became_usual_stays(article, editor, django_user_model):
    person = django_user_model.objects.get(pk=editor.session["_auth_user_id"])
    person.preferences = {"keys": {"confirm": "k"}}
    person.save()
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert "&quot;confirm&quot;: &quot;k&quot;" in page
    assert "&quot;find-label&quot;: &quot;&quot;" in page
    for name in ("keys", "help"):
        page = editor.get(reverse(name)).content.decode()
        assert "default key, k, for" in page
    assert editor.post(reverse("keys"), {"confirm": "k", "reject": "y"}).status_code == 302
    person.refresh_from_db()
    assert person.preferences == {"keys": {"confirm": "k", "reject": "y"}}
    assert editor.post(reverse("keys"), {"confirm": "k", "find-label": "k"}).status_code == 400


def test_letters_of_labels():
    assert letters(["PERSON", "PRODUCT", "ORG", "PPP"], "ax") == {"PERSON": "p", "PRODUCT": "r", "ORG": "o", "PPP": ""}


def test_guidelines_show_what_was_confirmed(article, editor):
    article.spans.filter(label__name="GPE").update(state="confirmed")
    page = editor.get(reverse("guidelines", args=[article.corpus.slug])).content.decode()
    assert "Titles stay out." in page
    assert ">Damascus</a>" in page
