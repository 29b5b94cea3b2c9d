"""Run a training in a separate process at low priority, record its result, and promote a better model."""

import signal
import subprocess
import sys
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotations.suggesters.comparison import Verdict
from annotations.suggestions.actions.promote_model import promote
from annotations.suggestions.actions.train_model import notify_of_failed_training
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.models.trained import OPEN
from annotations.suggestions.pipelines import weights
from annotations.suggestions.queries.reviewed_articles import ReviewedArticles
from corpusapp.articles.models import Corpus

State = TrainedModel.State
COMMAND = "train_corpus_model"
# How often to check whether the training was cancelled.
_POLL_SECONDS = 1.0


def begin_training(*, model_id: int, base: str) -> TrainedModel | None:
    """Mark a training as running; an interrupted one starts again. None if it has ended or was cancelled."""
    mine = TrainedModel.objects.filter(pk=model_id, state__in=OPEN)
    mine.update(state=State.TRAINING, base=base, started_at=timezone.now())
    return mine.select_related("corpus").first()


def fail_training(*, model_id: int, reason: str) -> None:
    """Record why a training failed; one that has ended does not change."""
    failed = TrainedModel.objects.filter(pk=model_id, state__in=OPEN).update(
        state=State.FAILED, reason=reason[:2000], finished_at=timezone.now()
    )
    if failed:
        notify_of_failed_training(model_id=model_id)


@transaction.atomic
def finish_training(
    *, model: TrainedModel, digest: str, name: str, reviewed: ReviewedArticles, verdict: Verdict, course: dict[str, Any]
) -> None:
    """Store the model with its scores, promote it if it is better, and delete old weights.

    In a withdrawn corpus, nothing is promoted. The weights of a cancelled training are deleted.
    """
    corpus = Corpus.objects.select_for_update().get(pk=model.corpus_id)
    if not TrainedModel.objects.select_for_update().filter(pk=model.pk).open().exists():
        if not TrainedModel.objects.filter(digest=digest).exists():
            transaction.on_commit(partial(weights.discard, digest))
        return
    present = TrainedModel.objects.filter(corpus=model.corpus_id, state=State.PROMOTED).first()
    model.state, model.digest, model.name, model.reason = State.KEPT, digest, name, verdict.reason
    model.before, model.after, model.course = verdict.before, verdict.after, course
    model.decisions, model.articles = reviewed.decisions, len(reviewed.training)
    model.held_back, model.finished_at = len(reviewed.held_back), timezone.now()
    model.save()
    if verdict.better and corpus.withdrawn_at is None and not (present and present.digest == digest):
        # Not as the user who requested it: they may have lost their role since.
        promote(model=model, user=None, reason="promoted automatically: significantly better")
    delete_old_weights(corpus=model.corpus)


def delete_old_weights(*, corpus: Corpus) -> None:
    """Delete the weights of all but the newest MODELS_KEPT trained models, once the transaction is committed.

    The weights of the promoted model, of its former model, and of added models stay.
    """
    models = TrainedModel.objects.exclude(digest="")
    mine = models.filter(corpus=corpus, origin=TrainedModel.Origin.TRAINED).order_by("-pk")
    old = set(mine[max(settings.MODELS_KEPT, 1) :].values_list("digest", flat=True))
    needed = set(models.exclude(corpus=corpus).filter(digest__in=old).values_list("digest", flat=True))
    needed |= set(mine[: max(settings.MODELS_KEPT, 1)].values_list("digest", flat=True))
    needed |= set(models.filter(origin=TrainedModel.Origin.ADDED).values_list("digest", flat=True))
    for promoted in models.filter(corpus=corpus, state=State.PROMOTED).select_related("former"):
        needed |= {promoted.digest, promoted.former.digest if promoted.former else "", promoted.base}
    for digest in sorted(old - needed):
        transaction.on_commit(partial(weights.discard, digest))


def run_training(*, model_id: int) -> None:
    """Run the training process to its end; if it crashes, the training fails with the reason.

    The training of a withdrawn corpus waits until the corpus is restored. If this worker is killed, so is the process,
    and another worker starts the training again.
    """
    if not TrainedModel.objects.filter(pk=model_id, corpus__withdrawn_at=None).exists():
        return
    command = [sys.executable, "manage.py", COMMAND, str(model_id)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)
    try:
        code = _wait_for(process, model_id)
    finally:
        process.kill()
        process.wait()
    if code:
        fail_training(model_id=model_id, reason=_failure_reason(code))


def _wait_for(process: "subprocess.Popen[bytes]", model_id: int) -> int:
    """The exit code of the process, which is killed if the training is cancelled."""
    unended = TrainedModel.objects.filter(pk=model_id).open()
    while True:
        try:
            return process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if not unended.exists():
                process.kill()


def _failure_reason(code: int) -> str:
    if code < 0:
        return (
            f"the training was ended by {signal.Signals(-code).name}: check whether the machine has memory "
            "enough, and train again"
        )
    return f"the training ended with exit code {code}: see the log of its worker"
