"""What broke other desks, where no test of a part says it: strangers at the door, large articles, broken neighbours.

Offsets: tests/api/test_offsets.py. Bodies: tests/api/test_bodies.py. Ids of another corpus in every verb:
tests/api/test_matrix.py and test_isolation.py. At random: tests/api/test_fuzz.py.
"""

import json

import pytest
from django.test import Client
from django.urls import get_resolver

from annotations.review.models import Span
from corpusapp.accounts.models import User
from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.models import Article, ImportBatch
from tests import factories
from tests.api.client import refusal

pytestmark = pytest.mark.django_db
# 2,000 sentences, and a name in each.
SENTENCE = (
    "Zarif "
    + "spoke of the port and of the ships that wait before it, and of what is to come. ".ljust(2621, "x")
    + "\n"
)
MEGABYTES_5 = SENTENCE * 2000


def test_nobody_signs_up_without_an_invitation(client):
    """No address makes a user but for a superuser who is signed in."""
    users = User.objects.count()
    names = {"username": "mallory", "password1": factories.PASSWORD, "password2": factories.PASSWORD}
    for path in ("sign-up/", "signup/", "register/", "accounts/signup/", "user/signup/", "api/v1/users/", "users/"):
        assert client.post(f"/{path}", names).status_code in (401, 403, 404), path
    assert client.post("/admin/accounts/user/add/", names).status_code == 302
    client.force_login(factories.make_member(factories.make_corpus(), "manager"))
    assert client.post("/admin/accounts/user/add/", names).status_code in (302, 403, 404)
    assert User.objects.filter(username="mallory").count() == 0 and User.objects.count() > users
    assert not [name for name in get_resolver().reverse_dict if isinstance(name, str) and "sign-up" in name]


def test_thirty_wrong_passwords(settings):
    factories.make_user("zohreh")
    client, wrong = Client(), {"username": "zohreh", "password": "wrong"}
    statuses = [client.post("/sign-in/", wrong).status_code for _ in range(30)]
    assert statuses == [200] * settings.SIGN_IN_ATTEMPTS + [429] * (30 - settings.SIGN_IN_ATTEMPTS)
    # Neither does the right one open any more, until the quarter of an hour is over.
    right = client.post("/sign-in/", {"username": "zohreh", "password": factories.PASSWORD})
    assert right.status_code == 429 and "_auth_user_id" not in client.session


def test_a_large_article_is_opened_listed_and_exported(corpus, editor, client):
    spans = [[n * len(SENTENCE), n * len(SENTENCE) + 5, "PERSON"] for n in range(2000)]
    article = factories.make_article(corpus, MEGABYTES_5, title="Large", spans=spans)
    assert len(editor.get(f"articles/{article.pk}/spans/").json()["results"]) == 2000
    opened = editor.get(f"articles/{article.pk}/").json()
    assert opened["length"] == len(MEGABYTES_5) and opened["spans"][-1]["text"] == "Zarif"
    (row,) = editor.get("articles/").json()["results"]
    assert (row["confirmed"], row["length"]) == (2000, len(MEGABYTES_5))
    assert len(editor.get("spans/?limit=200").json()["results"]) == 200
    export = editor.get("corpora/desk/export/?stage=any")
    (line,) = b"".join(export.streaming_content).splitlines()
    assert len(json.loads(line)["spans"]) == 2000
    client.force_login(User.objects.get(username="editor"))
    for path in (
        f"/corpora/desk/articles/{article.pk}/",
        "/corpora/desk/articles/",
        "/corpora/desk/concordance/?q=Zarif",
    ):
        page = client.get(path)
        assert page.status_code == 200 and b"Zarif" in page.content, path
    result = editor.patch(f"spans/{Span.objects.first().pk}/", {"revision": 1, "label": "ORG"})
    assert result.status_code == 200


def test_a_text_of_nothing_but_one_word(corpus, reader):
    factories.make_article(corpus, "Zarif " * 20_000)
    found = reader.get("corpora/desk/concordance/?q=Zarif&limit=1").json()
    assert found["total"] == 10_000 and found["truncated"]


def test_one_broken_line_among_good_ones(corpus, manager):
    lines = [json.dumps({"text": f"Sound text {number}."}) for number in range(6)]
    lines[1] = '{"text": "cut off'
    lines[2] = "[" * 100_000
    lines[3] = '{"text": "a lone \\ud800 surrogate"}'
    lines[4] = '{"text": "a NUL \\u0000 here"}'
    answer = manager.post(
        "articles/?corpus=desk&suggest=0", "\n".join(lines).encode(), content_type="application/x-ndjson"
    )
    work_off_upload(batch=ImportBatch.objects.get(pk=answer.json()["id"]))
    report = manager.get(f"batches/{answer.json()['id']}/").json()
    reported = [(problem["item"], problem["line"]) for problem in report["problems"]]
    assert reported[:3] == [("articles.jsonl", number) for number in (2, 3, 4)] and report["added"] >= 2
    assert "/" not in "".join(problem["reason"] + problem["item"] for problem in report["problems"])
    # Nothing of it breaks what comes after.
    assert len(manager.get("articles/").json()["results"]) == report["added"] == Article.objects.count()
    assert b"".join(manager.get("corpora/desk/export/?stage=any").streaming_content).count(b"\n") == report["added"]


def test_an_exact_duplicate_is_one_span(article, editor):
    confirmed = {"start": 0, "end": 5, "label": "PERSON"}
    assert editor.post(f"articles/{article.pk}/spans/", confirmed).status_code == 201
    refusal(editor.post(f"articles/{article.pk}/spans/", confirmed), 409)
    assert Span.objects.filter(article=article, start=0, end=5).count() == 1


def test_labels_that_are_not_here(article, editor, stranger):
    stranger.post("corpora/other/labels/", {"name": "ELSEWHERE"})
    for label in ("NONE", "ELSEWHERE", "person", ""):
        refusal(editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": label}), 400, "label")
    assert not Span.objects.filter(article=article, state="confirmed").exists()


def test_put_by_strangers_tells_nothing(article, stranger, editor):
    for path in (f"articles/{article.pk}/", f"spans/{article.spans.first().pk}/", f"articles/{article.pk}/spans/"):
        by_stranger, by_editor = stranger.send("PUT", path, {}), editor.send("PUT", path, {})
        assert by_stranger.status_code == by_editor.status_code == 405
        assert by_stranger.json() == by_editor.json() and "Zarif" not in str(by_stranger.json())
