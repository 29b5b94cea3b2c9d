"""An erased article leaves its number in the log and in the feed, and no word anywhere."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import Error
from django.utils import timezone

from annotations.releases.models import Release
from annotations.review.models import Change, Decision, Span
from annotations.suggestions.models import NameCount
from corpusapp.articles.actions.erase import erase_articles
from corpusapp.articles.actions.uploads import kept_files
from corpusapp.articles.actions.withdraw import restore_articles
from corpusapp.articles.models import Article, ImportBatch, Source
from corpusapp.core.errors import Conflict, NotAllowed
from tests import factories
from tests.api.client import Rest, refusal
from tests.erasing.world import NAME, WORDS, have_read, holders_of, make_retried
from tests.feed.copying import Follower, held

pytestmark = pytest.mark.django_db


def make_release(corpus, **values) -> Release:
    return Release.objects.create(
        corpus=corpus, user=factories.make_superuser(), number=1, seed="s", train=80, dev=10, test=10, **values
    )


def erase(*articles, user=None) -> int:
    return erase_articles(
        user=user or factories.make_superuser(), corpus=articles[0].corpus, article_ids=[one.pk for one in articles]
    )


def test_no_word_is_left_in_any_table(story, corpus):
    assert {
        "articles_article", "articles_original", "articles_source", "articles_importproblem", "review_comment",
        "review_setaside",
        "suggestions_articlereading", "suggestions_articlelesson", "suggestions_namecount", "django_admin_log",
    } <= holders_of(NAME)  # fmt: skip
    changes = list(Change.objects.order_by("pk").values())
    assert erase(story) == 1
    # What a manager typed when it came in: the source for all of the import, and the names of the files.
    assert {table for word in WORDS for table in holders_of(word)} == {"articles_importbatch"}
    assert list(Change.objects.order_by("pk").values()) == changes and Decision.objects.filter(article=story).exists()
    assert not Span.objects.filter(article=story).exists() and not Source.objects.filter(corpus=corpus).exists()
    assert erase(story) == 0


def test_what_others_taught_stays(story, corpus):
    other = factories.make_article(corpus, f"{NAME} again, elsewhere.", source="SANA")
    have_read(other)
    seen = NameCount.objects.filter(kind="s", surface=NAME, label="PERSON")
    assert seen.get().articles == pytest.approx(2)
    erase(story)
    assert seen.get().articles == pytest.approx(1) and "suggestions_articlelesson" not in holders_of(NAME)
    other.refresh_from_db()
    assert other.text.startswith(NAME) and other.source.name == "SANA"


def test_what_came_in_at_a_second_try_is_not_kept_twice(corpus):
    article = make_retried(corpus)
    assert holders_of(NAME) >= {"articles_article", "articles_original"}
    erase(article)
    assert holders_of(NAME) == set()


def test_the_upload_goes_with_it(corpus, django_capture_on_commit_callbacks):
    lines = b'{"text": "Xylokastro."}\nno JSON\n'
    batch = factories.upload(corpus, ("two.jsonl", lines))
    assert kept_files(batch)
    with django_capture_on_commit_callbacks(execute=True):
        erase(Article.objects.get(batch=batch))
    assert kept_files(batch) == []


def test_not_while_its_import_is_read(story):
    ImportBatch.objects.filter(pk=story.batch_id).update(state="running", finished_at=None)
    with pytest.raises(Conflict, match="may add more articles"):
        erase(story)
    story.refresh_from_db()
    assert story.text and Span.objects.filter(article=story).exists()


def test_releases_are_told_of_and_waited_for(story, corpus, manager):
    release = make_release(corpus, state="making")
    refusal(manager.post(f"articles/{story.pk}/erase/", {"confirm": True}), 409)
    Release.objects.filter(pk=release.pk).update(
        state="made", sha256="0" * 64, size=1, manifest={"counts": {}}, finished_at=timezone.now()
    )
    stays = manager.get(f"articles/{story.pk}/erase/").json()["stays"]
    assert {"what": "releases, whose files and manifests do not change", "count": 1} in stays
    assert erase(story) == 1


def test_all_or_none(story, corpus, monkeypatch):
    monkeypatch.setattr("corpusapp.articles.actions.erase._empty", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        erase(story)
    assert Span.objects.filter(article=story).exists() and "review_comment" in holders_of(NAME)


def test_nothing_brings_it_back(story, corpus):
    decision = Decision.objects.filter(article=story, verb="confirm").get()
    erase(story)
    assert restore_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[story.pk]) == 0
    root = Rest(factories.make_superuser())
    assert "erased permanently" in refusal(root.post(f"articles/{story.pk}/restore/"), 409)["detail"]
    refusal(root.post(f"decisions/{decision.pk}/undo/", {}), 404)
    refusal(root.get(f"articles/{story.pk}/"), 404)
    for change in ({"text": "Again."}, {"erased_at": None}, {"title": "Again"}, {"withdrawn_at": None}):
        with pytest.raises(Error), transaction.atomic():
            Article.objects.filter(pk=story.pk).update(**change)


def test_a_key_that_made_it_shows_nothing_of_it(corpus, manager):
    path, body = "articles/?corpus=desk&suggest=0", {"text": f"{NAME} is here.", "title": NAME}
    made = manager.post(path, body, idempotency_key="k").json()["id"]
    erase(Article.objects.get(pk=made))
    assert holders_of(NAME) == set()
    assert NAME not in str(refusal(manager.post(path, body, idempotency_key="k"), 410))
    assert holders_of(NAME) == set()


def test_the_same_text_may_come_in_again(story, corpus):
    text = story.text
    erase(story)
    again = factories.make_article(corpus, text)
    assert again.pk != story.pk and again.previous_id is None


def test_the_database_refuses_to_empty_what_is_not_erased(story):
    with pytest.raises(Error), transaction.atomic():
        Article.objects.filter(pk=story.pk).update(text="")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET erased_at = now(), withdrawn_at = now() WHERE id = %s", [story.pk])


def test_a_client_of_the_feed_drops_it(story, corpus, reader):
    client = Follower(reader)
    client.follow()
    assert client.articles == held("desk")
    erase(story)
    client.follow()
    assert client.articles == held("desk") == {}
    late = Follower(reader)
    late.follow()
    assert late.articles == {}
    events = reader.get("changes/", limit=1000).json()["results"]
    assert events[-1]["type"] == "article.erased" and events[-1]["article"] == story.pk
    assert all(event.get("withheld") for event in events[:-1] if event["article"] == story.pk)
    assert NAME not in str(events)


def test_managers_alone_erase(story, editor, reader, stranger, manager):
    path = f"articles/{story.pk}/erase/"
    for client, status in ((reader, 403), (editor, 403), (stranger, 404), (Rest(), 401)):
        refusal(client.get(path), status)
        refusal(client.post(path, {"confirm": True}), status)
    with pytest.raises(NotAllowed):
        erase(story, user=factories.make_member(story.corpus, "editor"))
    refusal(manager.post(path, {"confirm": False}), 400, "confirm")
    refusal(manager.post(path, {}), 400, "confirm")
    asked = manager.get(path).json()
    goes = {row["what"]: row["count"] for row in asked["goes"]}
    assert goes["articles"] == 1 and goes["spans"] == 4 and goes["comments"] == 1 and goes["originals"] == 1
    assert any("log entries" in row["what"] for row in asked["stays"])
    assert manager.post(path, {"confirm": True}).json() == {"articles": 1}
    for verb in ("GET", "POST"):
        refusal(manager.send(verb, path, {"confirm": True}), 409)
    refusal(editor.post(path, {"confirm": True}), 404)


def test_withdrawn_and_restored(story, manager, editor, reader):
    path = f"articles/{story.pk}/"
    refusal(editor.post(f"{path}withdraw/"), 403)
    assert manager.post(f"{path}withdraw/").json() == {"article": story.pk, "withdrawn": True}
    refusal(reader.get(path), 404)
    refusal(editor.post(f"{path}restore/"), 404)
    refusal(manager.post(f"{path}withdraw/"), 409)
    assert manager.post(f"{path}restore/").json() == {"article": story.pk, "withdrawn": False}
    refusal(manager.post(f"{path}restore/"), 409)
    assert reader.get(path).status_code == 200
