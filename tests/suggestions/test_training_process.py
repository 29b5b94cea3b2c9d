"""A training runs in its own process, and may be killed at any moment."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from annotations.review.models import Span
from annotations.suggestions.actions.cancel import cancel_training
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.actions.train_model import train_model
from annotations.suggestions.models import RunItem, TrainedModel
from annotations.suggestions.pipelines import weights
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.intake.draft import draft_from_record
from tests import factories
from tests.processes import running, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.desk.settings"}
TEXT = "Report {number}: the tram from Larkin Quay was late. Odessa Marlow said so on Monday."


def reviewed_corpus(articles=8):
    """A corpus of articles that were imported with confirmed spans."""
    corpus = factories.make_corpus()
    records = []
    for number in range(articles):
        text = TEXT.format(number=number)
        names = (("Larkin Quay", "ORG"), ("Odessa Marlow", "PERSON"))
        spans = [
            {"start": text.index(name), "end": text.index(name) + len(name), "label": label, "state": "confirmed"}
            for name, label in names
        ]
        records.append({"text": text, "spans": spans})
    items = [draft_from_record(record) for record in records]
    import_articles(user=factories.make_superuser(), corpus=corpus, items=items, origin="command", suggest=False)
    return corpus


def start(corpus):
    return train_model(user=factories.make_superuser(), corpus=corpus)


def state(model):
    return TrainedModel.objects.values_list("state", flat=True).get(pk=model.pk)


def child_of(worker):
    """The id of the training process of this worker; None before there is one."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(entry.name)
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == worker.pid and b"train_corpus_model" in (entry / "cmdline").read_bytes():
                return pid
    return None


def in_training(worker, model):
    wait_until(lambda: state(model) == "training" and child_of(worker) is not None)
    return child_of(worker)


def weight_folders():
    """The folders of weights, after leftovers are swept."""
    weights.sweep()
    return sorted(path.name for path in settings.HOME.folder("models").iterdir())


def is_gone(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_the_training_of_a_killed_worker_is_done_by_another(tmp_path):
    model, before = start(reviewed_corpus()), weight_folders()
    with running("run_worker", "--queues", "training", **SETTINGS) as worker:
        child = in_training(worker, model)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        wait_until(lambda: is_gone(child))
    assert state(model) == "training"
    assert weight_folders() == before
    with running("run_worker", "--queues", "training", **SETTINGS):
        wait_until(lambda: state(model) not in ("queued", "training"), seconds=120)
    model.refresh_from_db()
    assert (model.state, model.base) == ("kept", settings.SPACY_PIPELINE)
    assert model.decisions == 2 * model.articles
    assert "are needed to compare" in model.reason
    assert model.course["misaligned"] == 0
    code = (
        "import sys, spacy; nlp = spacy.load(sys.argv[1]);"
        "print([(e.text, e.label_) for e in nlp('They met at Larkin Quay on Monday.').ents])"
    )
    folder = weights.pipeline_folder(model.digest)
    ran = subprocess.run([sys.executable, "-c", code, folder], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "'Monday', 'DATE'" in ran.stdout
    assert weights.package_file(model.digest).name.startswith("en_core_web_sm")


def test_runs_do_not_wait_for_a_training_and_a_killed_training_fails():
    corpus = reviewed_corpus()
    model, before = start(corpus), weight_folders()
    article = factories.make_article(corpus, "Sergei Lavrov met Walid al-Muallem in Moscow.")
    # A worker of all queues, as a small desk has one.
    with running("run_worker", **SETTINGS) as worker:
        child = in_training(worker, model)
        os.kill(child, signal.SIGSTOP)
        try:
            start_run(user=factories.make_superuser(), corpus=corpus, article_ids=[article.pk])
            wait_until(lambda: RunItem.objects.filter(article=article, state="done").exists())
            assert state(model) == "training"
            assert os.getpriority(os.PRIO_PROCESS, child) == 19
        finally:
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: state(model) == "failed")
    assert Span.objects.filter(article=article, label__name="PERSON").exists()
    model.refresh_from_db()
    assert "SIGKILL" in model.reason
    assert weight_folders() == before


def test_a_cancelled_training_ends_and_leaves_no_weights():
    model, before = start(reviewed_corpus()), weight_folders()
    with running("run_worker", "--queues", "training", **SETTINGS) as worker:
        child = in_training(worker, model)
        cancel_training(user=factories.make_superuser(), model=model)
        wait_until(lambda: is_gone(child))
        assert worker.poll() is None
    model.refresh_from_db()
    assert (model.state, model.digest) == ("cancelled", "")
    assert weight_folders() == before
