"""The command that adds a pipeline as a model of a corpus."""

import pytest
import spacy
from django.core.management import CommandError, call_command

from annotations.suggestions.actions.add_pipeline import add_pipeline
from annotations.suggestions.actions.promote_model import promote_model, rollback_model
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines import readers, weights
from corpusapp.articles.models import Role
from corpusapp.core.errors import Invalid, NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def folder(tmp_path):
    nlp = spacy.blank("en", meta={"name": "harbour", "version": "1.2.0"})
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Larkin Quay"}])
    nlp.to_disk(tmp_path / "harbour")
    return tmp_path / "harbour"


def test_an_added_pipeline_is_copied_and_can_be_promoted(corpus, manager, folder):
    call_command("add_pipeline", folder, corpus="desk")
    model = TrainedModel.objects.get()
    assert (model.origin, model.state, model.name) == ("added", "kept", "en_harbour 1.2.0")
    assert weights.package_file(model.digest).name == "en_harbour-1.2.0-py3-none-any.whl"
    promote_model(user=manager, model=model)
    assert readers.reader_of(corpus.pk).base.name == "spacy en_harbour"
    assert readers.training_base(corpus.pk) == (model.digest, str(weights.pipeline_folder(model.digest)))
    rollback_model(user=manager, model=model)
    assert readers.reader_of(corpus.pk).base.name != "spacy en_harbour"


def test_the_same_folder_is_the_same_model(corpus, manager, folder):
    first = add_pipeline(user=manager, corpus=corpus, path=folder)
    assert add_pipeline(user=manager, corpus=corpus, path=folder) == first
    call_command("add_pipeline", folder, corpus="desk", promote=True)
    first.refresh_from_db()
    assert first.state == "promoted"


def test_invalid_folders_and_editors_are_refused(corpus, manager, folder, tmp_path):
    with pytest.raises(NotAllowed):
        add_pipeline(user=factories.make_member(corpus), corpus=corpus, path=folder)
    with pytest.raises(Invalid, match=r"contains config\.cfg and meta\.json"):
        add_pipeline(user=manager, corpus=corpus, path=tmp_path)
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(Invalid, match="no entity recognizer"):
        add_pipeline(user=manager, corpus=corpus, path=tmp_path / "blank")
    with pytest.raises(CommandError, match="no corpus"):
        call_command("add_pipeline", folder, corpus="nowhere")
    assert not TrainedModel.objects.exists()
    assert not list(weights.pipeline_folder("x" * 64) or ())
