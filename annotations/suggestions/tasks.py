"""Background jobs: load by id, call one action."""

from annotations.suggestions.actions import train_model as training
from annotations.suggestions.actions.start_run import SUGGEST
from annotations.suggestions.actions.unsettled import HEED, QUEUE
from annotations.suggestions.models import Run
from corpusapp import jobs
from corpusapp.articles.models import Corpus


@jobs.task(SUGGEST)
def suggest(run_id: int, first: int, last: int) -> None:
    """Make the suggestions of a run's pending articles between two ids."""
    # spaCy is imported here, in the worker, and never where this module is merely discovered.
    from annotations.suggestions.worker import work

    if run := Run.objects.select_related("corpus").filter(pk=run_id).first():
        work(run=run, first=first, last=last)


@jobs.task(HEED, queue=QUEUE)
def heed_decisions(corpus_id: int) -> None:
    """Learn from what was decided in a corpus, and bring the suggestions of its other articles up to date."""
    from annotations.suggestions.actions.heed import heed

    if corpus := Corpus.objects.filter(pk=corpus_id).first():
        heed(corpus=corpus)


@jobs.task(training.TRAIN, queue=jobs.TRAINING)
def train_model(model_id: int) -> None:
    """Train a model in a process of its own."""
    from annotations.suggestions.actions.run_training import run_training

    run_training(model_id=model_id)
