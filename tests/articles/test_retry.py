"""Retrying failed items from their stored bytes."""

import io

import pytest

from annotations.review.actions.labels import add_label
from corpusapp.articles.actions import retry
from corpusapp.articles.actions.retry import retry_problem
from corpusapp.articles.actions.uploads import receive_upload, work_off_upload
from corpusapp.articles.models import Article, Role
from corpusapp.core.errors import Conflict, NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


def upload(corpus, name, data, **options):
    batch = receive_upload(
        user=factories.make_superuser(),
        corpus=corpus,
        files=[(name, io.BytesIO(data))],
        origin="form",
        suggest=False,
        **options,
    )
    return work_off_upload(batch=batch)


def test_an_item_is_imported_after_its_label_was_added(corpus):
    user = factories.make_superuser()
    batch = upload(corpus, "a.jsonl", b'{"text": "Zarif", "spans": [[0, 5, "MINISTER"]]}', source="Wire")
    problem = batch.problems.get()
    assert (problem.kind, problem.field) == ("failed", "spans[0].label")
    assert retry_problem(user=user, problem=problem) is False
    add_label(user=user, corpus=corpus, name="MINISTER")
    assert retry_problem(user=user, problem=problem) is True
    batch.refresh_from_db()
    assert (batch.added, batch.failed) == (1, 0)
    article = Article.objects.get()
    assert (article.spans.get().label.name, article.source.name) == ("MINISTER", "Wire")
    with pytest.raises(Conflict, match="already imported"):
        retry_problem(user=user, problem=problem)


def test_an_item_that_could_not_be_read_is_read_again_from_its_file(corpus):
    batch = upload(corpus, "a.jsonl", b'{"text": "Good."}\n{"text": 5}')
    problem = batch.problems.get()
    assert retry_problem(user=factories.make_superuser(), problem=problem) is False
    problem.refresh_from_db()
    assert problem.retried_at is None


def test_reading_an_upload_again_has_a_time_limit(corpus, monkeypatch, settings):
    settings.IMPORT_MAX_LINE_BYTES = 20
    batch = upload(corpus, "a.jsonl", b'{"text": "Good."}\n{"text": "Longer than that."}')
    problem, user = batch.problems.get(), factories.make_superuser()
    settings.IMPORT_MAX_LINE_BYTES = 200
    monkeypatch.setattr(retry, "READ_AGAIN_SECONDS", -1.0)
    with pytest.raises(Conflict, match="import it separately"):
        retry_problem(user=user, problem=problem)
    monkeypatch.undo()
    assert retry_problem(user=user, problem=problem) is True


def test_only_managers_retry(corpus):
    problem = upload(corpus, "a.jsonl", b"{").problems.get()
    with pytest.raises(NotAllowed):
        retry_problem(user=factories.make_member(corpus, Role.EDITOR), problem=problem)


def test_only_failed_items_are_retried(corpus):
    upload(corpus, "a.txt", b"One text.")
    problem = upload(corpus, "a.txt", b"One text.").problems.get()
    assert (problem.kind, problem.article) == ("duplicate", Article.objects.get())
    with pytest.raises(Conflict, match="did not fail"):
        retry_problem(user=factories.make_superuser(), problem=problem)
