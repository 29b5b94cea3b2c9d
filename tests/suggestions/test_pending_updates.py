"""Decisions mark their articles, and share a job that sees them all."""

import threading

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.suggestions.actions.pending_updates import LEARN, QUEUE, mark_decided, queue_forgotten
from annotations.suggestions.models import PendingUpdate
from corpusapp.articles.actions.withdraw import withdraw_corpus
from corpusapp.core import jobs
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
