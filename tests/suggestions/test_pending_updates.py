"""Decisions mark their articles, and share a job that sees them all."""

import io
import threading

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.review.actions.labels import add_label
from annotations.suggestions.actions.pending_updates import LEARN, QUEUE, mark_decided, queue_forgotten
from annotations.suggestions.models import PendingUpdate
from corpusapp.articles.actions import import_articles as importing
from corpusapp.articles.actions.import_state import Cancelled, cancel_import
from corpusapp.articles.actions.retry import retry_problem
from corpusapp.articles.actions.uploads import receive_upload, work_off_upload
from corpusapp.articles.actions.withdraw import withdraw_corpus
from corpusapp.core import jobs
from corpusapp.intake.draft import draft_from_record
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def articles(corpus):
    return [factories.make_article(corpus, f"Report {number}.").pk for number in range(3)]


def waiting(status="todo"):
    return list(ProcrastinateJob.objects.filter(task_name=LEARN, status=status).order_by("pk"))


def marked():
    return list(PendingUpdate.objects.order_by("pk").values_list("article", flat=True))


def make_due():
    execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 second' WHERE task_name = %s", LEARN)


def execute(query, *arguments):
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchone()[0] if cursor.description else None


def fetch():
    """The job that a worker would run now."""
    return execute("SELECT (procrastinate_fetch_job_v2(ARRAY[%s], NULL)).id", QUEUE)


def in_a_thread(action):
    found = []

    def run():
        found.append(action())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive(), "it waits for the open transaction"
    return found[0]


def test_marks_and_job_take_one_statement(corpus, articles, django_assert_num_queries):
    with django_assert_num_queries(1):
        mark_decided(corpus_id=corpus.pk, article_ids=articles[:2])
    assert marked() == articles[:2]
    (job,) = waiting()
    assert (job.queue_name, job.args) == (QUEUE, {"corpus_id": corpus.pk})
    assert job.scheduled_at is not None


def test_without_articles_there_is_no_job(corpus):
    mark_decided(corpus_id=corpus.pk, article_ids=[])
    assert (marked(), waiting()) == ([], [])


def test_decisions_share_a_job_until_it_is_due(corpus, articles):
    for article in articles[:2]:
        mark_decided(corpus_id=corpus.pk, article_ids=[article])
    assert marked() == articles[:2] and len(waiting()) == 1
    make_due()
    # Tests run in one transaction, by which jobs are named.
    execute("UPDATE procrastinate_jobs SET queueing_lock = 'of another transaction'")
    mark_decided(corpus_id=corpus.pk, article_ids=articles[2:])
    assert len(waiting()) == 2


def test_each_corpus_has_a_job_of_its_own(corpus, articles):
    other = factories.make_corpus("other")
    mark_decided(corpus_id=corpus.pk, article_ids=articles[:1])
    mark_decided(corpus_id=other.pk, article_ids=[factories.make_article(other).pk])
    assert {job.args["corpus_id"] for job in waiting()} == {corpus.pk, other.pk}


def test_a_job_that_runs_is_not_relied_on(corpus, articles):
    mark_decided(corpus_id=corpus.pk, article_ids=articles[:1])
    make_due()
    assert fetch()
    mark_decided(corpus_id=corpus.pk, article_ids=articles[1:])
    assert len(waiting("doing")) == len(waiting()) == 1


def clear():
    execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.mark.django_db(transaction=True)
def test_a_shared_job_starts_after_the_last_commit(corpus, articles):
    mark_decided(corpus_id=corpus.pk, article_ids=articles[:1])
    with transaction.atomic():
        mark_decided(corpus_id=corpus.pk, article_ids=articles[1:2])
        in_a_thread(make_due)
        assert in_a_thread(fetch) is None
        # A decision meanwhile does not hold it up further: it gets a job of its own.
        in_a_thread(lambda: mark_decided(corpus_id=corpus.pk, article_ids=articles[2:]))
    assert len(waiting()) == 2
    assert fetch() == waiting("doing")[0].pk
    assert sorted(marked()) == articles
    clear()


@pytest.mark.django_db(transaction=True)
def test_first_decisions_side_by_side_do_not_wait_for_each_other(corpus, articles):
    with transaction.atomic():
        mark_decided(corpus_id=corpus.pk, article_ids=articles[:1])
        in_a_thread(lambda: mark_decided(corpus_id=corpus.pk, article_ids=articles[1:2]))
    # If the first is rolled back, the second has its job all the same.
    assert len(waiting()) == 2
    clear()


def test_upkeep_queues_a_job_for_marks_without_one(corpus, articles):
    mark_decided(corpus_id=corpus.pk, article_ids=articles)
    assert queue_forgotten() == 0
    execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert queue_forgotten() == 1
    assert [job.args["corpus_id"] for job in waiting()] == [corpus.pk]


def test_upkeep_leaves_withdrawn_corpora(corpus, articles):
    mark_decided(corpus_id=corpus.pk, article_ids=articles)
    execute("UPDATE procrastinate_jobs SET status = 'failed'")
    withdraw_corpus(user=factories.make_superuser(), corpus=corpus)
    assert queue_forgotten() == 0


def test_only_a_worker_of_its_queue_waits_for_a_job_that_starts_soon(corpus, articles):
    assert not jobs.some_start_soon(None)
    mark_decided(corpus_id=corpus.pk, article_ids=articles)
    assert jobs.some_start_soon(None) and jobs.some_start_soon([QUEUE])
    assert not jobs.some_start_soon(["exports"])


def decided_drafts(number):
    for at in range(number):
        yield draft_from_record({"text": f"Zarif {at}", "spans": [[0, 5, "PERSON"]]})


def import_in_twos(corpus, monkeypatch, drafts, progress):
    monkeypatch.setattr(importing, "CHUNK", 2)
    return importing.import_articles(
        user=factories.make_superuser(),
        corpus=corpus,
        items=drafts,
        origin="command",
        suggest=False,
        progress=progress,
    )


def test_an_import_is_learned_from_by_one_job_when_it_has_ended(corpus, monkeypatch):
    meanwhile = []

    def look(batch):
        meanwhile.append((len(marked()), len(waiting())))

    import_in_twos(corpus, monkeypatch, decided_drafts(5), look)
    assert meanwhile == [(2, 0), (4, 0), (5, 0)]
    assert [job.args for job in waiting()] == [{"corpus_id": corpus.pk}] and len(marked()) == 5


def test_a_decision_during_an_import_does_not_wait_for_its_end(corpus, articles, monkeypatch):
    jobs_meanwhile = []

    def decide(batch):
        mark_decided(corpus_id=corpus.pk, article_ids=articles[:1])
        jobs_meanwhile.append(len(waiting()))

    import_in_twos(corpus, monkeypatch, decided_drafts(2), decide)
    assert jobs_meanwhile == [1]


def test_an_import_without_decisions_has_no_job(corpus, monkeypatch):
    import_in_twos(corpus, monkeypatch, (draft_from_record({"text": f"{at}"}) for at in range(3)), lambda batch: None)
    assert (marked(), waiting()) == ([], [])


def test_what_a_cancelled_import_brought_is_learned_from(corpus, monkeypatch):
    keeper = factories.make_superuser()
    with pytest.raises(Cancelled):
        import_in_twos(corpus, monkeypatch, decided_drafts(6), lambda batch: cancel_import(user=keeper, batch=batch))
    assert (len(marked()), len(waiting())) == (2, 1)


def test_what_an_import_brought_before_it_failed_is_learned_from(corpus, monkeypatch):
    def drafts():
        yield from decided_drafts(12)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        import_in_twos(corpus, monkeypatch, drafts(), lambda batch: None)
    assert len(marked()) > 0 and len(waiting()) == 1


def test_an_item_that_is_imported_by_a_retry_is_learned_from(corpus):
    upload = receive_upload(
        user=factories.make_superuser(),
        corpus=corpus,
        files=[("a.jsonl", io.BytesIO(b'{"text": "Zarif", "spans": [[0, 5, "MINISTER"]]}'))],
        origin="form",
        suggest=False,
    )
    problem = work_off_upload(batch=upload).problems.get()
    add_label(user=upload.user, corpus=corpus, name="MINISTER")
    assert waiting() == []
    assert retry_problem(user=upload.user, problem=problem)
    assert (len(marked()), len(waiting())) == (1, 1)
