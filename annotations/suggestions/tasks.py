"""Background jobs: load rows by id and call one action."""

from typing import TYPE_CHECKING

from procrastinate import JobContext

from annotations.suggestions.actions import cancel, pending_updates
from annotations.suggestions.actions import train_model as training
from annotations.suggestions.actions.pending_updates import LEARN, LEARN_NAMES, QUEUE, queue_forgotten
from annotations.suggestions.actions.runs import SUGGEST
from annotations.suggestions.queries.runs import find_run
from annotations.suggestions.queries.trained_models import find_model
from corpusapp.articles.models import Corpus
from corpusapp.core import jobs, upkeep

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@jobs.task(SUGGEST, pass_context=True)
def suggest(context: JobContext, corpus_id: int = 0, lane: int = 0, run_id: int = 0, **_: int) -> None:
    """Process some pending articles of a corpus. Jobs of older versions name a run instead."""
    # Imports spaCy, which only workers may: every process imports this module.
    from annotations.suggestions.actions.process_run import take_turn

    which = {"pk": corpus_id} if corpus_id else {"runs": run_id}
    if corpus := Corpus.objects.filter(**which).first():
        take_turn(corpus=corpus, lane=lane, attempts=context.job.attempts)


@jobs.task(LEARN, queue=QUEUE)
def learn(corpus_id: int) -> None:
    """Learn from the decisions in a corpus, and update the suggestions of its other articles."""
    from annotations.suggestions.actions.learn import learn_from_decisions

    if corpus := Corpus.objects.filter(pk=corpus_id).first():
        learn_from_decisions(corpus=corpus)


@jobs.task(LEARN_NAMES, queue=QUEUE)
def learn_names(corpus_id: int, decision_id: int) -> None:
    """Update the suggestions of articles with names that a decision on entities changed."""
    pending_updates.learn_names(corpus_id=corpus_id, decision_id=decision_id)


@jobs.task(training.TRAIN, queue=jobs.TRAINING)
def train_model(model_id: int) -> None:
    """Train a model in a separate process."""
    from annotations.suggestions.actions.run_training import run_training

    run_training(model_id=model_id)


def _cancel_run(user: "User", pk: str) -> str:
    left_out = cancel.cancel_run(user=user, run=find_run(user, upkeep.parse_id(pk)))
    return f"run {pk} is cancelled: {left_out} articles are not processed, and stored suggestions stay"


def _cancel_training(user: "User", pk: str) -> str:
    model = cancel.cancel_training(user=user, model=find_model(user, upkeep.parse_id(pk)))
    return f"the training of model {model.pk} is cancelled: nothing of it is kept"


upkeep.register(upkeep.JobKind("run", _cancel_run, cancel.end_lost_runs))
upkeep.register(upkeep.JobKind("training", _cancel_training, cancel.end_lost_trainings))
upkeep.minutely("learning", queue_forgotten)
