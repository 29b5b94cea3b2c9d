"""Which suggester works for a corpus. Only the worker's side calls this: it imports spaCy."""

import logging
from functools import lru_cache

from django.conf import settings

from annotations.suggesters.protocol import Suggester
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.registry import installed
from annotations.suggestions.models import CorpusSuggester, TrainedModel
from annotations.suggestions.pipelines import weights
from annotations.suggestions.pipelines.installed import SPACY

logger = logging.getLogger(__name__)


@lru_cache(maxsize=4)
def _reader(name: str, option: str) -> NewsReader:
    return reader_over(installed().make(name, option))


def reader_over(base: Suggester) -> NewsReader:
    """The reader upon a base suggester; a base that does not say its language is taken for English."""
    return NewsReader(base, english=getattr(base, "language", "en") == "en")


def reader_of(corpus_id: int) -> NewsReader:
    """The reader of a corpus, upon its promoted model where it has one.

    Raises `PipelineMissing` where its pipeline is not installed, `UnknownSuggester`.
    """
    name, option = _chosen(corpus_id)
    return _reader(name, _promoted(corpus_id, name) or option)


def trainable_of(corpus_id: int) -> tuple[str, str]:
    """What a training of the corpus begins with: its name or digest, and what `spacy.load` takes."""
    name, option = _chosen(corpus_id)
    present = TrainedModel.objects.filter(corpus=corpus_id, state=TrainedModel.State.PROMOTED).first()
    if name == SPACY and present:
        # Every training begins with what was there before any, so that nothing is learned twice.
        base = present.digest if present.origin == TrainedModel.Origin.ADDED else present.base
        if folder := weights.pipeline_folder(base):
            return base, str(folder)
    return option, option


def _chosen(corpus_id: int) -> tuple[str, str]:
    chosen = CorpusSuggester.objects.filter(pk=corpus_id).first() or CorpusSuggester()
    return chosen.name, chosen.option or (settings.SPACY_PIPELINE if chosen.name == SPACY else "")


def _promoted(corpus_id: int, name: str) -> str:
    """The folder of the promoted model; empty where there is none, or, with an error in the log, where it is gone."""
    model = TrainedModel.objects.filter(corpus=corpus_id, state=TrainedModel.State.PROMOTED).first()
    if model is None or name != SPACY:
        return ""
    folder = weights.pipeline_folder(model.digest)
    if folder is None:
        logger.error(
            "The weights of %s (%s) are not in the home of this worker: what it was trained upon suggests instead. "
            "Bring them back, or roll the model back",
            model,
            model.digest,
        )
    return str(folder or "")
