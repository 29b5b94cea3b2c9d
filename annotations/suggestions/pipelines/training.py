"""The training of a model, in a separate process of the worker. Imports spaCy."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotations.suggesters.comparison import Verdict, compare, is_held_back, propose_after
from annotations.suggesters.examples import TrainingArticle
from annotations.suggesters.gold import GoldArticle
from annotations.suggesters.packaging import write_wheel
from annotations.suggesters.protocol import Proposal, Suggester
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.spacy_ner import PipelineMissing, SpacyNer
from annotations.suggesters.training import Trained, TrainingImpossible, train
from annotations.suggestions.actions.run_training import begin_training, fail_training, finish_training
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines import weights
from annotations.suggestions.pipelines.readers import news_reader, reader_of, training_base
from annotations.suggestions.queries.reviewed_articles import ReviewedArticles, reviewed_articles
from corpusapp.core.errors import Refusal
from corpusapp.core.locks import Lock, held

logger = logging.getLogger(__name__)


def perform_training(*, model_id: int, heartbeat: Callable[[], None] = lambda: None) -> None:
    """Train the model of this row, and store it; a failure is stored with its reason.

    Waits while another process trains the same row. `heartbeat` is called between batches, and may raise to stop.
    """
    weights.sweep()
    with held(Lock.TRAINING, model_id):
        try:
            corpus_id = TrainedModel.objects.values_list("corpus", flat=True).get(pk=model_id)
            name, base = training_base(corpus_id)
            if model := begin_training(model_id=model_id, base=name):
                _train(model, base, heartbeat)
        except (PipelineMissing, TrainingImpossible, Refusal, OSError) as error:
            fail_training(model_id=model_id, reason=str(error))


def _train(model: TrainedModel, base: str, heartbeat: Callable[[], None]) -> None:
    started = time.monotonic()
    reviewed = reviewed_articles(model.corpus_id)
    trained = train(base, reviewed.training, reviewed.labels, seed=model.seed, heartbeat=heartbeat)
    with weights.making() as folder:
        trained.write(folder / "pipeline")
        after = news_reader(SpacyNer(str(folder / "pipeline")))
        verdict = _compare(reviewed, reader_of(model.corpus_id), after, model.seed)
        write_wheel(folder / "pipeline", folder)
        weights.keep(folder, trained.digest)
    course = _course(trained, time.monotonic() - started)
    name = f"{trained.nlp.lang}_{trained.nlp.meta['name']} {trained.nlp.meta['version']}"
    finish_training(model=model, digest=trained.digest, name=name, reviewed=reviewed, verdict=verdict, course=course)
    logger.info("%s: %s", model, verdict.reason)


def _compare(reviewed: ReviewedArticles, before: NewsReader, after: NewsReader, seed: int) -> Verdict:
    """Compare both readers on the held-back articles, each with the name statistics of the training articles."""

    def proposals(reader: NewsReader) -> list[list[Proposal]]:
        texts = [article.source for article in reviewed.held_back]
        return propose_after(reader, reviewed.training, texts, reviewed.labels) if texts else []

    truth = [article.spans for article in reviewed.held_back]
    return compare(truth, proposals(before), proposals(after), reviewed.labels, seed=seed)


def _course(trained: Trained, seconds: float) -> dict[str, Any]:
    return {
        "epochs": trained.epochs,
        "words": trained.words,
        "misaligned": trained.misaligned,
        "seconds": round(seconds, 1),
    }


@dataclass(frozen=True)
class LearningResult:
    """The proposals for each article. `digest` and `epochs` are those of the trained model, empty and 0 if none was
    trained; `reason` says whether it is used, and why.
    """

    proposals: list[list[Proposal]]
    digest: str = ""
    epochs: int = 0
    reason: str = ""


def propose_after_learning(
    pipeline: str,
    decided: Sequence[GoldArticle],
    rest: Sequence[GoldArticle],
    labels: Sequence[str],
    *,
    training: bool,
    reading: bool,
) -> LearningResult:
    """Learn from `decided` as done articles, and propose for `rest`. Stores nothing.

    With `reading`, the news reader learns names and the weights of its evidence. With `training`, a model is trained,
    too. As in a corpus, the reader uses it only if it is better on articles that are held back from its training.
    """
    articles = [TrainingArticle(article.source, article.spans) for article in decided]
    wanted = labels or sorted({span[2] for article in decided for span in article.spans})
    sources = [article.source for article in rest]
    if not reading:
        if not training:
            return LearningResult(list(SpacyNer(pipeline).propose(sources)))
        trained = train(pipeline, articles, wanted)
        return LearningResult(list(_open(trained).propose(sources)), trained.digest, trained.epochs, "used")
    reader = news_reader(SpacyNer(pipeline))
    if not training:
        return LearningResult(propose_after(reader, articles, sources, labels))
    held_back = [article for article in articles if is_held_back("", article.source.text)]
    rest_of_them = [article for article in articles if not is_held_back("", article.source.text)]
    trained = train(pipeline, rest_of_them, wanted)
    other = reader.with_base(_open(trained))
    texts = [article.source for article in held_back]
    before, after = (propose_after(each, rest_of_them, texts, wanted) if texts else [] for each in (reader, other))
    verdict = compare([article.spans for article in held_back], before, after, wanted)
    found = propose_after(other if verdict.better else reader, articles, sources, labels)
    return LearningResult(found, trained.digest, trained.epochs, verdict.reason)


def _open(trained: Trained) -> Suggester:
    with TemporaryDirectory() as folder:
        trained.write(Path(folder) / "pipeline")
        return SpacyNer(str(Path(folder) / "pipeline"))
