"""The extra service of a corpus, and its failures in a run, over REST."""

import pytest

from annotations.suggesters.http_client import Limits
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
