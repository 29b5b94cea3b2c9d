"""Comments on articles and spans: said, listed, resolved and reopened, by page and over REST."""

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from annotations.review.models import Comment
from corpusapp.articles.models import Role
from tests import factories
from tests.api.client import Rest, refusal


@pytest.fixture
def article(db):
    article = factories.make_article(factories.make_corpus(), title="Zarif in Damascus")
    factories.suggest(article, (0, 5, "PERSON"))
    return article


@pytest.fixture
def people(article):
    """(browser, REST client) for each role, and for a manager of another corpus."""
    members = {role: factories.make_member(article.corpus, Role(role), role) for role in Role.values}
    members["stranger"] = factories.make_member(factories.make_corpus("elsewhere"), Role.MANAGER, "stranger")
    people = {}
    for name, user in members.items():
        people[name] = (Client(), Rest(user))
        people[name][0].force_login(user)
    return people


def add_at(article):
    return reverse("comment-add", args=[article.corpus.slug, article.pk])


def turn_at(comment, verb):
    return reverse("comment-turn", args=[comment.corpus.slug, comment.pk, verb])


def test_a_comment_on_a_span_keeps_its_place(article, people):
    span = article.spans.get()
    answer = people["editor"][0].post(add_at(article), {"text": " Which Zarif?\r\nSure? ", "span": span.pk, "key": "k"})
    comment = Comment.objects.get()
    assert answer.status_code == 303 and answer["Location"].endswith(f"?span={span.pk}#comments")
    assert (comment.text, comment.span_id, comment.start, comment.end) == ("Which Zarif?\nSure?", span.pk, 0, 5)
    people["editor"][0].post(add_at(article), {"text": " Which Zarif?\r\nSure? ", "span": span.pk, "key": "k"})
    assert Comment.objects.count() == 1
    factories.suggest(article)
    page = " ".join(people["reader"][0].get(reverse("comments", args=["desk"])).content.decode().split())
    assert "Which Zarif?" in page and '<q dir="auto">Zarif</q>' in page and "Resolve<" not in page


def test_the_list_holds_what_is_open(article, people):
    client, _ = people["editor"]
    client.post(add_at(article), {"text": "Look at the dateline"})
    comment = Comment.objects.get()
    at = reverse("comments", args=["desk"])
    assert "Look at the dateline" in client.get(at).content.decode()
    answer = client.post(turn_at(comment, "resolve"), {"from": "list"})
    assert (answer.status_code, answer["Location"]) == (303, at)
    assert "Look at the dateline" not in client.get(at).content.decode()
    assert "resolved by editor" in client.get(at, {"state": "resolved"}).content.decode()
    assert client.post(turn_at(comment, "resolve")).status_code == 409
    assert client.post(turn_at(comment, "reopen")).status_code == 303
    assert client.post(turn_at(comment, "reopen")).status_code == 409
    assert Comment.objects.get().open


def test_who_may(article, people):
    comment = people["editor"][1].post(f"articles/{article.pk}/comments/", {"text": "Hm"}).json()
    found = Comment.objects.get(pk=comment["id"])
    for who, status in {"reader": 403, "stranger": 404}.items():
        client, rest = people[who]
        assert client.post(add_at(article), {"text": "x"}).status_code == status
        assert client.post(turn_at(found, "resolve")).status_code == status
        refusal(rest.post(f"articles/{article.pk}/comments/", {"text": "x"}), status)
        refusal(rest.post(f"comments/{found.pk}/resolve/"), status)
    assert people["stranger"][0].get(reverse("comments", args=["desk"])).status_code == 404
    assert Client().get(reverse("comments", args=["desk"])).status_code == 302
    refusal(people["stranger"][1].get("corpora/desk/comments/"), 404)
    assert people["manager"][1].post(f"comments/{found.pk}/resolve/").status_code == 200
    assert Comment.objects.count() == 1


def test_rest(article, people):
    reader, editor = people["reader"][1], people["editor"][1]
    span = article.spans.get()
    path = f"articles/{article.pk}/comments/"
    made = editor.post(path, {"text": "Which one?", "span": span.pk, "idempotency_key": "a"})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["quote"], body["start"], body["end"], body["user"]) == ("Zarif", 0, 5, "editor")
    assert editor.post(path, {"text": "Which one?", "span": span.pk, "idempotency_key": "a"}).json() == body
    refusal(editor.post(path, {"text": "Other", "idempotency_key": "a"}), 409, "idempotency_key")
    refusal(editor.post(path, {"text": " "}), 400, "text")
    refusal(editor.post(path, {"text": "x", "span": 999_999}), 404, "span")
    editor.post(path, {"text": "On all of it"})
    assert [row["text"] for row in reader.get(path).json()] == ["Which one?", "On all of it"]
    page = reader.get("corpora/desk/comments/", limit="1").json()
    assert page["results"][0]["text"] == "On all of it" and page["next"]
    resolved = editor.post(f"comments/{body['id']}/resolve/").json()
    assert resolved["resolved_by"] == "editor"
    refusal(editor.post(f"comments/{body['id']}/resolve/"), 409)
    assert [row["id"] for row in reader.get("corpora/desk/comments/", state="resolved").json()["results"]] == [
        body["id"]
    ]
    assert editor.post(f"comments/{body['id']}/reopen/").json()["resolved_by"] is None


def test_an_empty_comment_shows_the_article_with_the_sentence(article, people):
    answer = people["editor"][0].post(add_at(article), {"text": "  ", "form": "comment"})
    assert answer.status_code == 400 and "the comment is empty" in answer.content.decode().lower()


def test_the_database_binds_article_and_corpus(article, people):
    other = factories.make_corpus("other")
    with pytest.raises(IntegrityError):
        Comment.objects.create(corpus=other, article=article, text="x", user=factories.make_superuser())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
