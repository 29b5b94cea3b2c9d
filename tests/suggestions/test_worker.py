"""A worker that is killed and started again stores the same spans, once each."""

import os
import signal

import pytest

from annotations.review.models import Span
from annotations.suggestions.actions.pending_updates import mark_decided
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.models import PendingUpdate, Run, RunItem
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.intake.draft import draft_from_record
from tests import factories
from tests.processes import running, wait_until

ARTICLES = 240
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.desk.settings"}
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def texts():
    for number in range(ARTICLES):
        yield f"Report {number}: Sergei Lavrov met Walid al-Muallem in Moscow on Monday. " * 12


def fill(slug):
    corpus = factories.make_corpus(slug)
    import_articles(
        user=factories.make_superuser(),
        corpus=corpus,
        items=[draft_from_record({"text": text}) for text in texts()],
        origin="command",
    )
    return corpus


def spans(corpus):
    columns = ("article__text_sha256", "start", "end", "label__name", "state")
    return sorted((bytes(row[0]), *row[1:]) for row in Span.objects.filter(corpus=corpus).values_list(*columns))


def pending(corpus):
    return RunItem.objects.filter(run__corpus=corpus, state="pending").count()


def test_a_killed_worker_continues_after_a_restart():
    expected = fill("here")
    for run in Run.objects.all():
        process_run(run=run)
    corpus = fill("there")
    for _ in range(2):
        with running("run_worker", **SETTINGS) as worker:
            before = pending(corpus)
            wait_until(lambda before=before: pending(corpus) < before)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    assert pending(corpus) > 0
    with running("run_worker", **SETTINGS):
        wait_until(lambda: pending(corpus) == 0, seconds=90)
    assert spans(corpus) == spans(expected)


def test_a_worker_learns_from_the_last_decisions_before_it_is_idle():
    corpus = factories.make_corpus()
    article = factories.make_article(corpus)
    mark_decided(corpus_id=corpus.pk, article_ids=[article.pk])
    with running("run_worker", "--until-idle", **SETTINGS) as worker:
        assert worker.wait(timeout=60) == 0
    assert not PendingUpdate.objects.exists()
