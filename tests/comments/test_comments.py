"""Comments on articles and spans: said, replied to, listed, resolved and reopened, by page and over REST."""

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from annotations.review.actions.comments import add_comment
from annotations.review.models import Comment
from corpusapp.accounts.models import Notice
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
    assert [row["text"] for row in reader.get(path).json()["results"]] == ["Which one?", "On all of it"]
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


def told(username):
    return list(Notice.objects.filter(user__username=username).order_by("pk").values_list("kind", flat=True))


def test_a_reply_stands_under_its_comment_and_is_resolved_with_it(article, people):
    client, rest = people["editor"]
    path = f"articles/{article.pk}/comments/"
    span = article.spans.get()
    first = rest.post(path, {"text": "Which one?", "span": span.pk}).json()
    answer = client.post(add_at(article), {"text": "The minister", "reply_to": first["id"], "from": "list"})
    assert (answer.status_code, answer["Location"]) == (303, reverse("comments", args=["desk"]))
    reply = Comment.objects.latest("pk")
    assert (reply.parent_id, reply.span_id, reply.start) == (first["id"], None, None)
    deeper = rest.post(path, {"text": "Sure", "reply_to": reply.pk})
    assert deeper.status_code == 201 and deeper.json()["reply_to"] == first["id"], "threads have one level"
    (listed,) = rest.get(path).json()["results"]
    assert [row["text"] for row in listed["replies"]] == ["The minister", "Sure"]
    for at in (reverse("comments", args=["desk"]), reverse("article", args=["desk", article.pk])):
        page = people["reader"][0].get(at).content.decode()
        assert page.index("Which one?") < page.index("The minister") < page.index("Sure")
    assert rest.get("corpora/desk/comments/").json()["results"] == [listed]
    assert rest.get("corpora/desk/dashboard/").json()["open_comments"] == 1
    for verb in ("resolve", "reopen"):
        refusal(rest.post(f"comments/{reply.pk}/{verb}/"), 409)
    assert rest.post(f"comments/{first['id']}/resolve/").status_code == 200
    assert rest.get("corpora/desk/comments/").json()["results"] == []


def test_a_reply_to_nothing_or_with_a_span_is_refused(article, people):
    client, rest = people["editor"]
    path = f"articles/{article.pk}/comments/"
    other = factories.make_article(article.corpus, "Another one.")
    elsewhere = rest.post(f"articles/{other.pk}/comments/", {"text": "Hm"}).json()["id"]
    for reply_to in (elsewhere, 10**6, -1, 10**30):
        refusal(rest.post(path, {"text": "x", "reply_to": reply_to}), 404, "reply_to")
    first = rest.post(path, {"text": "Hm"}).json()["id"]
    refusal(rest.post(path, {"text": "x", "reply_to": first, "span": article.spans.get().pk}), 400, "span")
    refusal(people["reader"][1].post(path, {"text": "x", "reply_to": first}), 403)
    answer = client.post(add_at(article), {"text": " ", "reply_to": first, "form": "reply"})
    assert answer.status_code == 400 and '<details class="reply" open>' in answer.content.decode()
    body = {"text": "x", "reply_to": first, "idempotency_key": "a"}
    assert rest.post(path, body).json() == rest.post(path, body).json()
    refusal(rest.post(path, {"text": "x", "idempotency_key": "a"}), 409, "idempotency_key")
    assert Comment.objects.count() == 3
    with pytest.raises(IntegrityError):
        Comment.objects.create(corpus=other.corpus, article=other, parent_id=first, text="x", user=article.batch.user)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_mentions_notify_members_of_the_corpus_alone(article, people):
    rest = people["editor"][1]
    anna = factories.make_member(article.corpus, Role.EDITOR, "anna.k")
    text = "@Anna.K, @manager: see @reader@example.org, mail@reader, @stranger, @nobody and @editor."
    rest.post(f"articles/{article.pk}/comments/", {"text": text, "span": article.spans.get().pk})
    assert told("anna.k") == told("manager") == ["mentioned"]
    assert told("reader") == told("stranger") == told("editor") == []
    notice = Notice.objects.get(user=anna)
    assert notice.article == article and notice.address == (
        reverse("article", args=["desk", article.pk]) + f"?span={article.spans.get().pk}#comments"
    )
    body = {"text": "@anna.k again", "idempotency_key": "a"}
    for _ in range(2):
        rest.post(f"articles/{article.pk}/comments/", body)
    assert told("anna.k") == ["mentioned"] * 2


def test_a_reply_notifies_who_wrote_in_its_thread_once(article, people):
    manager = people["manager"][1]
    path = f"articles/{article.pk}/comments/"
    first = manager.post(path, {"text": "Which one?"}).json()["id"]
    people["editor"][1].post(path, {"text": "The minister", "reply_to": first})
    assert told("manager") == ["replied"] and told("editor") == []
    manager.post(path, {"text": "Sure, @editor?", "reply_to": first})
    assert told("editor") == ["mentioned"] and told("manager") == ["replied"]


def test_one_who_left_the_corpus_is_not_notified(article, people):
    editor = people["editor"][1]
    path = f"articles/{article.pk}/comments/"
    first = editor.post(path, {"text": "Which one?"}).json()["id"]
    article.corpus.memberships.filter(user__username="editor").delete()
    add_comment(user=factories.make_superuser(), article=article, text="@editor, see", reply_to=first)
    assert told("editor") == []
