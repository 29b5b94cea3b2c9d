"""Ask for a training, and have it done in a process of its own at low priority."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from annotations.review.models import Change, Decision, Review, Span, Stage
from annotations.suggestions.installed import SPACY
from annotations.suggestions.models import CorpusSuggester, TrainedModel
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
import signal
import subprocess
import sys

from annotations.suggestions.actions.finish_training import fail_training

TRAIN = "train_model"
# Before so many articles are done, a training does not begin by itself.
FEWEST_DONE = 10


@transaction.atomic
def train_model(*, user: "User", corpus: Corpus) -> TrainedModel:
    """Have the corpus's pipeline trained on what was decided.

    Refuses `Conflict` while another training of the corpus waits or runs, `Invalid` where nothing can be trained.
    """
    require(user, corpus, Role.MANAGER)
    disk.require_room()
    chosen = CorpusSuggester.objects.filter(pk=corpus.pk).first() or CorpusSuggester()
    if chosen.name != SPACY:
        raise Invalid(f"the suggester {chosen.name!r} cannot be trained here: choose {SPACY} and train then")
    if not Span.objects.decided().filter(corpus=corpus).exists():
        raise Invalid("nothing in this corpus was decided yet: review some articles and train then")
    model = _queue(corpus, user)
    if model is None:
        raise Conflict("a training of this corpus waits or runs: see how it ends")
    return model


def train_if_due(*, corpus: Corpus) -> TrainedModel | None:
    """Begin a training where enough was decided since the last one; None where it is not time."""
    needed = settings.TRAIN_AFTER_DECISIONS
    models = TrainedModel.objects.filter(corpus=corpus)
    if not needed or models.open().exists():
        return None
    chosen = CorpusSuggester.objects.filter(pk=corpus.pk).first() or CorpusSuggester()
    since = models.aggregate(last=Max("last_decision"))["last"] or 0
    news = Change.objects.filter(decision_id__gt=since, decision__corpus=corpus, implicit=False).order_by()
    if chosen.name != SPACY or news[:needed].count() < needed:
        return None
    done = Review.objects.filter(corpus=corpus, stage=Stage.DONE).order_by()
    if done[:FEWEST_DONE].count() < FEWEST_DONE:
        return None
    with transaction.atomic():
        return _queue(corpus, None)


def _queue(corpus: Corpus, user: "User | None") -> TrainedModel | None:
    last = Decision.objects.filter(corpus=corpus).aggregate(last=Max("pk"))["last"] or 0
    try:
        with transaction.atomic():
            model = TrainedModel.objects.create(corpus=corpus, user=user, last_decision=last)
    except IntegrityError:
        return None
    jobs.defer(TRAIN, queue=jobs.TRAINING, model_id=model.pk)
    return model


COMMAND = "train_corpus_model"
# How often it is asked whether somebody cancelled the training.
_ASK_SECONDS = 1.0


def run_training(*, model_id: int) -> None:
    """Return when the training has ended, however it did; a process that died leaves its row as failed.

    That of a withdrawn corpus is left waiting until it is restored.

    Where this worker is killed, so is the process, and another worker takes the job up from the start.
    """
    if not TrainedModel.objects.filter(pk=model_id, corpus__withdrawn_at=None).exists():
        return
    command = [sys.executable, "manage.py", COMMAND, str(model_id)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)
    try:
        code = _ended(process, model_id)
    finally:
        process.kill()
        process.wait()
    if code:
        fail_training(model_id=model_id, reason=_reason(code))


def _ended(process: "subprocess.Popen[bytes]", model_id: int) -> int:
    """The exit code of the process, which is killed where the training was cancelled."""
    unended = TrainedModel.objects.filter(pk=model_id).open()
    while True:
        try:
            return process.wait(_ASK_SECONDS)
        except subprocess.TimeoutExpired:
            if not unended.exists():
                process.kill()


def _reason(code: int) -> str:
    if code < 0:
        return (
            f"the training's process was ended by {signal.Signals(-code).name}: see whether the machine has memory "
            "enough, and train again"
        )
    return f"the training's process ended with exit code {code}: the log of its worker says why"
