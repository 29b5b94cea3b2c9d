"""Runs and trainings end or fail with a reason, can be cancelled, and corpora take turns."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import DataError, OperationalError
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.review.models import Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggestions import tasks
from annotations.suggestions.actions import cancel, process_run, runs
from annotations.suggestions.actions.run_training import begin_training
from annotations.suggestions.models import Run, RunItem, TrainedModel
from annotations.suggestions.queries.runs import run_progress, run_reason
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db


class Fixed:
    """Proposes the first word."""

    name, version, digest = "fixed", "1", "fixed"

    def propose(self, texts):
        for source in texts:
            yield [Proposal(0, source.text.index(" "), "DATE")]


READER = NewsReader(Fixed())


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def fixed(monkeypatch):
    monkeypatch.setattr(process_run, "reader_of", lambda corpus_id: READER)


def start(corpus, number=3, **options) -> Run:
    articles = [factories.make_article(corpus, f"Person{place} went to {corpus.slug}.") for place in range(number)]
    return start_on(corpus, articles, **options)


def start_on(corpus, articles, **options) -> Run:
    ids = [article.pk for article in articles]
    return runs.start_run(user=factories.make_superuser(), corpus=corpus, article_ids=ids, **options)


def states(run) -> list[str]:
    return list(run.items.order_by("article_id").values_list("state", flat=True))


def jobs_of(task="suggest"):
    return ProcrastinateJob.objects.filter(task_name=task, status="todo").order_by("-priority", "id")


def delete_jobs(task="suggest") -> None:
    jobs_of(task)._raw_delete("default")


def test_an_article_whose_suggestions_cannot_be_stored_fails_alone(corpus, monkeypatch):
    run, plain = start(corpus), process_run.write_proposals
    bad = run.items.order_by("article_id")[1].article_id

    def write(*, corpus, pipeline_id, resolved):
        if bad in resolved:
            raise DataError("invalid input syntax")
        return plain(corpus=corpus, pipeline_id=pipeline_id, resolved=resolved)

    monkeypatch.setattr(process_run, "write_proposals", write)
    assert process_run.process_pending(run=run, reader=READER) == 3
    assert states(run) == ["done", "failed", "done"]
    assert run_progress(run.pk).failures == (
        (bad, "its suggestions cannot be stored (DataError: invalid input syntax)"),
    )


def test_a_lost_connection_leaves_the_articles_to_the_next_attempt(corpus, monkeypatch):
    run = start(corpus)

    def lost(**values):
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(process_run, "write_proposals", lost)
        process_run.process_pending(run=run, reader=READER)
    assert states(run) == ["pending"] * 3
    assert process_run.process_pending(run=run, reader=READER) == 3


def test_an_article_that_crashes_its_worker_fails_alone(corpus, monkeypatch):
    """KeyboardInterrupt stands for the crash: it leaves the same rows."""
    run, plain = start(corpus), process_run.write_proposals
    bad = run.items.order_by("article_id")[1].article_id

    def write(*, corpus, pipeline_id, resolved):
        if bad in resolved:
            raise KeyboardInterrupt
        return plain(corpus=corpus, pipeline_id=pipeline_id, resolved=resolved)

    monkeypatch.setattr(process_run, "write_proposals", write)
    with pytest.raises(KeyboardInterrupt):
        process_run.process_pending(run=run, reader=READER, one_by_one=True)
    assert states(run) == ["done", "pending", "pending"]
    process_run.process_pending(run=run, reader=READER, one_by_one=True)
    assert states(run) == ["done", "failed", "done"]
    assert "crashed the worker twice" in run_progress(run.pk).failures[0][1]
    assert not run.items.filter(state="done").exclude(error="").exists()


def test_an_error_outside_the_articles_fails_the_run_with_its_reason(corpus, monkeypatch):
    run = start(corpus)

    def broken(corpus_id):
        raise KeyError("no weights")

    monkeypatch.setattr(process_run, "reader_of", broken)
    process_run.take_turn(corpus=corpus, lane=0)
    progress = run_progress(run.pk)
    assert progress.state == "failed" and "KeyError: 'no weights'" in run_reason(run, progress)


def test_a_job_of_an_older_version_is_processed(corpus, fixed):
    run, context = start(corpus), SimpleNamespace(job=SimpleNamespace(attempts=0))
    tasks.suggest.func(context, run_id=run.pk, first=0, last=2**62)
    assert states(run) == ["done"] * 3


def test_a_run_whose_job_is_gone_fails(corpus):
    run = start(corpus)
    assert cancel.end_lost_runs() == 0
    delete_jobs()
    assert cancel.end_lost_runs() == 3
    progress = run_progress(run.pk)
    assert progress.state == "failed" and "try again" in run_reason(run, progress)


def test_corpora_take_turns(corpus, fixed, monkeypatch):
    """A large run of one corpus does not delay a small one of another."""
    monkeypatch.setattr(runs, "ARTICLES_PER_TURN", 2)
    monkeypatch.setattr(process_run, "ARTICLES_PER_TURN", 2)
    monkeypatch.setattr(process_run, "BATCH_SIZE", 2)
    other = factories.make_corpus("other")
    large, small = start(corpus, 7), start(other, 1)
    order = [(job.args["corpus_id"], job.args["lane"]) for job in jobs_of()]
    assert order == [(corpus.pk, 0), (other.pk, 0), (corpus.pk, 1), (corpus.pk, 2), (corpus.pk, 3)]
    turns = []
    while job := jobs_of().first():
        args = job.args
        ProcrastinateJob.objects.filter(pk=job.pk)._raw_delete("default")
        before = RunItem.objects.filter(state="pending").count()
        process_run.take_turn(corpus=corpus if args["corpus_id"] == corpus.pk else other, lane=args["lane"])
        turns.append((args["corpus_id"], before - RunItem.objects.filter(state="pending").count()))
    assert turns[:4] == [(corpus.pk, 2), (other.pk, 1), (corpus.pk, 2), (corpus.pk, 2)]
    assert states(large) == ["done"] * 7 and states(small) == ["done"]


def test_a_turn_is_limited_by_time_and_a_batch_by_length(corpus, fixed, monkeypatch):
    run = start(corpus, 5)
    monkeypatch.setattr(process_run, "BATCH_LENGTH", 50)
    process_run.process_pending(run=run, reader=READER, seconds=0)
    # 21 code points each: a batch has two, and then the time is over.
    assert states(run) == ["done", "done", "pending", "pending", "pending"]
    monkeypatch.setattr(process_run, "BATCH_LENGTH", 1)
    monkeypatch.setattr(process_run, "SECONDS_PER_TURN", 0.0)
    process_run.take_turn(corpus=corpus, lane=0)
    assert states(run) == ["done", "done", "done", "pending", "pending"]


def test_a_text_over_the_limit_fails_alone(corpus, monkeypatch):
    monkeypatch.setattr(process_run, "MAX_LENGTH", 100)
    long = factories.make_article(corpus, "Zarif left. " * 20)
    other = factories.make_article(corpus, "Zarif left.")
    run = start_on(corpus, [long, other])
    process_run.process_pending(run=run, reader=READER)
    assert states(run) == ["failed", "done"]
    assert run.items.get(article=long).error.startswith(
        "the text has 240 code points, and the limit for suggestions is"
    )
    assert Span.objects.get().article == other


def test_the_shortest_run_of_a_corpus_goes_first(corpus, fixed, monkeypatch):
    monkeypatch.setattr(process_run, "ARTICLES_PER_TURN", 1)
    monkeypatch.setattr(process_run, "BATCH_SIZE", 1)
    large = start(corpus, 3)
    one = start_on(corpus, [item.article for item in large.items.all()][:1])
    process_run.take_turn(corpus=corpus, lane=0)
    assert states(one) == ["done"] and "done" not in states(large)


def test_managers_cancel_a_run_by_action_page_and_command(corpus, fixed, monkeypatch, capsys):
    monkeypatch.setattr(process_run, "ARTICLES_PER_TURN", 1)
    monkeypatch.setattr(process_run, "BATCH_SIZE", 1)
    run = start(corpus)
    with pytest.raises(NotAllowed):
        cancel.cancel_run(user=factories.make_member(corpus, Role.EDITOR), run=run)
    process_run.take_turn(corpus=corpus, lane=0)
    page, visitor = f"/corpora/desk/runs/{run.pk}/", Client()
    visitor.force_login(factories.make_member(corpus, Role.EDITOR, "ed"))
    assert "Cancel suggestions" not in visitor.get(page).content.decode()
    assert visitor.post(f"{page}cancel/").status_code == 403
    visitor.force_login(factories.make_member(corpus, Role.MANAGER, "manager"))
    assert "Cancel suggestions" in visitor.get(page).content.decode()
    answer = " ".join(visitor.post(f"{page}cancel/", follow=True).text.split())
    assert "2 articles were not processed" in answer
    assert "1 of 3 articles processed; their suggestions are kept" in answer
    assert states(run) == ["done", "cancelled", "cancelled"] and Span.objects.count() == 1
    run.refresh_from_db()
    progress = run_progress(run.pk)
    assert (progress.state, progress.pending, progress.percent) == ("cancelled", 0, 100)
    assert run_reason(run, progress).startswith("cancelled by manager")
    process_run.take_turn(corpus=corpus, lane=0)
    assert Span.objects.count() == 1
    with pytest.raises(Conflict, match="has ended"):
        cancel.cancel_run(user=factories.make_superuser(), run=run)
    other = start_on(corpus, [item.article for item in run.items.all()])
    call_command("cancel_job", "run", str(other.pk))
    assert "3 articles are not processed" in capsys.readouterr().out


def test_a_cancelled_run_of_an_import_gets_no_more_articles(corpus):
    article = factories.make_article(corpus, "One went there.", suggest=True)
    cancel.cancel_run(user=factories.make_superuser(), run=Run.objects.get())
    assert start_on(corpus, [article], batch=article.batch) is None


def test_a_waiting_or_running_training_can_be_cancelled(corpus, capsys):
    manager = factories.make_member(corpus, Role.MANAGER, "manager")
    for state in ("queued", "training"):
        model = TrainedModel.objects.create(corpus=corpus, base="hand", state=state)
        with pytest.raises(NotAllowed):
            cancel.cancel_training(user=factories.make_member(corpus, Role.EDITOR), model=model)
        visitor = Client()
        visitor.force_login(manager)
        assert "Cancel training" in visitor.get("/corpora/desk/pipelines/").content.decode()
        assert visitor.post(f"/corpora/desk/pipelines/{model.pk}/cancel/").status_code == 302
        model.refresh_from_db()
        assert (model.state, model.job_state, model.former_state) == ("cancelled", "cancelled", "failed")
        assert "by manager" in model.reason and begin_training(model_id=model.pk, base="hand") is None
        assert "Cancel training" not in visitor.get("/corpora/desk/pipelines/").content.decode()
    other = TrainedModel.objects.create(corpus=corpus, base="hand")
    call_command("cancel_job", "training", str(other.pk))
    assert "nothing of it is kept" in capsys.readouterr().out


def test_a_training_whose_job_is_gone_fails(corpus):
    model = TrainedModel.objects.create(corpus=corpus, base="hand", state="training")
    assert cancel.end_lost_trainings() == 1
    model.refresh_from_db()
    assert model.state == "failed" and "try again" in model.reason
