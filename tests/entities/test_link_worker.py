"""A real worker links what is suggested, and what a decision changes, also after it was killed."""

import os
import signal

import pytest

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.merge import merge_entities
from annotations.entities.actions.pending_links import queue_linking
from annotations.entities.models import Entity, Link, PendingLink, Unlinked
from tests.factories import make_article, make_corpus, make_member, suggest
from tests.processes import running, wait_until

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.desk.settings"}
ARTICLES = 300
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def article(corpus, number):
    made = make_article(corpus, f"Report {number} says that Drelnik and Orvany{number % 7} have a new bridge.")
    places = [made.text.index(name) for name in ("Drelnik", "Orvany")]
    suggest(made, (places[0], places[0] + 7, "GPE"), (places[1], places[1] + 7, "GPE"))
    return made


def test_a_decision_reaches_other_articles_without_being_asked():
    corpus = make_corpus()
    editor = make_member(corpus)
    pair = [create_entity(user=editor, corpus=corpus, name="Drelnik", label="GPE").entities[0] for _ in "ab"]
    article(corpus, 1)
    with running("run_worker", **SETTINGS):
        wait_until(lambda: Unlinked.objects.filter(reason="ambiguous").count() == 1)
        merge_entities(user=editor, source=pair[1], target=pair[0], source_revision=1, target_revision=1)
        wait_until(lambda: Link.objects.filter(entity=pair[0], state="suggested").count() == 1)
    assert not Unlinked.objects.exists() and not PendingLink.objects.exists()


def test_a_killed_worker_loses_and_doubles_nothing():
    corpus = make_corpus()
    for number in range(ARTICLES):
        article(corpus, number)
    queue_linking(corpus_id=corpus.pk)
    for _ in range(2):
        with running("run_worker", **SETTINGS) as worker:
            before = PendingLink.objects.count()
            wait_until(lambda before=before: PendingLink.objects.count() < before)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    with running("run_worker", **SETTINGS):
        wait_until(lambda: not PendingLink.objects.exists(), seconds=90)
    assert Link.objects.filter(corpus=corpus).count() == ARTICLES * 2
    counted = dict(Entity.objects.values_list("name", "mentions"))
    assert sum(counted.values()) == ARTICLES * 2 and counted["Drelnik"] == ARTICLES
    assert len(counted) == 8
