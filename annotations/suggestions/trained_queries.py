"""Reads of the models of a corpus."""

from annotations.suggestions.models import TrainedModel
from corpusapp import keyset
from corpusapp.articles.models import Corpus
from corpusapp.refusals import NotFound


def get_model(corpus: Corpus, pk: int) -> TrainedModel:
    """A model of this corpus, which the caller has looked up for the user."""
    model = TrainedModel.objects.select_related("corpus", "user").filter(corpus=corpus, pk=pk).first()
    if model is None:
        raise NotFound(f"there is no model {pk} in {corpus.slug!r}")
    return model


def models_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[TrainedModel]:
    """The models of a corpus, newest first: read backwards, their scores are its learning curve."""
    models = TrainedModel.objects.select_related("corpus", "user").filter(corpus=corpus).order_by("-pk")
    if cursor:
        models = models.filter(pk__lt=keyset.decode(cursor, int)[0])
    rows = list(models[: size + 1])
    return keyset.Page(rows[:size], keyset.encode(rows[size - 1].pk) if len(rows) > size else None)


def is_training(corpus_id: int) -> bool:
    """Whether a training of the corpus waits or runs."""
    return TrainedModel.objects.open().filter(corpus=corpus_id).exists()
