"""The reader of a corpus, with its pipeline loaded. Imports spaCy: for workers and commands only."""

import logging
from functools import lru_cache

from django.conf import settings

from annotations.suggesters.by_language import ByLanguage, Relabelled
from annotations.suggesters.protocol import Suggester
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.registry import installed
from annotations.suggestions.models import CorpusSuggester, TrainedModel
from annotations.suggestions.pipelines import weights
from annotations.suggestions.pipelines.installed import SPACY

logger = logging.getLogger(__name__)


Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4)
def _reader(name: str, option: str, languages: Pairs, labels: Pairs) -> NewsReader:
    registry = installed()
    main = _relabelled(registry.make(name, option), labels)
    others = {code: _relabelled(registry.make(SPACY, pipeline), labels) for code, pipeline in languages}
    return news_reader(ByLanguage(main, others))


def _relabelled(base: Suggester, labels: Pairs) -> Suggester:
    """The suggester with the labels of the corpus, if it has the four of most languages in place of PERSON."""
    known: frozenset[str] = getattr(base, "labels", frozenset())
    return Relabelled(base, dict(labels)) if labels and "PER" in known and "PERSON" not in known else base


def news_reader(base: Suggester) -> NewsReader:
    """A news reader on a base suggester; a base without a `language` is taken to be English."""
    return NewsReader(base, english=getattr(base, "language", "en") == "en")


def reader_of(corpus_id: int) -> NewsReader:
    """The reader of a corpus, on its promoted model if it has one.

    Raises `PipelineMissing` if its pipeline is not installed, `UnknownSuggester` if its suggester is not.
    """
    chosen = _chosen(corpus_id)
    name, option = _suggester_and_option(corpus_id)
    return _reader(
        name,
        _promoted_folder(corpus_id, name) or option,
        tuple(sorted(chosen.languages.items())),
        tuple(sorted(chosen.label_map.items())),
    )


def training_base(corpus_id: int) -> tuple[str, str]:
    """The pipeline that a training of the corpus starts from: its name or digest, and its argument for `spacy.load`."""
    name, option = _suggester_and_option(corpus_id)
    promoted = TrainedModel.objects.promoted().filter(corpus=corpus_id).first()
    if name == SPACY and promoted:
        # Every training starts from the untrained base, so that nothing is learned twice.
        base = promoted.digest if promoted.origin == TrainedModel.Origin.ADDED else promoted.base
        if folder := weights.pipeline_folder(base):
            return base, str(folder)
    return option, option


def _chosen(corpus_id: int) -> CorpusSuggester:
    return CorpusSuggester.objects.filter(pk=corpus_id).first() or CorpusSuggester()


def _suggester_and_option(corpus_id: int) -> tuple[str, str]:
    chosen = _chosen(corpus_id)
    return chosen.name, chosen.option or (settings.SPACY_PIPELINE if chosen.name == SPACY else "")


def _promoted_folder(corpus_id: int, name: str) -> str:
    """The folder of the promoted model; empty if there is none, or, with an error in the log, if it is missing."""
    model = TrainedModel.objects.promoted().filter(corpus=corpus_id).first()
    if model is None or name != SPACY:
        return ""
    folder = weights.pipeline_folder(model.digest)
    if folder is None:
        logger.error(
            "The weights of %s (%s) are not in the home of this worker; its base is used instead. "
            "Restore them, or roll the model back",
            model,
            model.digest,
        )
    return str(folder or "")
