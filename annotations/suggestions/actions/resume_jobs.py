"""Ask anew for what waited while a corpus was withdrawn: its jobs came, and left everything as it was."""

from django.db import transaction

from annotations.suggestions.actions.pending_updates import wake_learning
from annotations.suggestions.actions.runs import wake_suggesting
from annotations.suggestions.actions.train_model import TRAIN
from annotations.suggestions.models import RunItem, TrainedModel, Unsettled
from corpusapp.articles.models import Corpus
from corpusapp.core import jobs


@transaction.atomic
def resume_jobs(*, corpus: Corpus) -> None:
    """Runs, decisions that are to be heeded, and trainings."""
    if RunItem.objects.filter(run__corpus=corpus, state=RunItem.State.PENDING).exists():
        wake_suggesting(corpus_id=corpus.pk)
    if Unsettled.objects.filter(corpus=corpus).exists():
        wake_learning(corpus_id=corpus.pk)
    for model in TrainedModel.objects.filter(corpus=corpus).open():
        jobs.defer(TRAIN, queue=jobs.TRAINING, model_id=model.pk)
