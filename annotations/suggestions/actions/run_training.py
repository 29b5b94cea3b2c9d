"""Run a training in a process of its own at low priority, record how it went, and put a better model to work."""

import signal
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotations.suggesters.comparison import Verdict
from annotations.suggestions.actions.promote_model import put_to_work
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.models.trained import OPEN
from annotations.suggestions.pipelines import weights
from annotations.suggestions.queries.reviewed_articles import Reviewed
from corpusapp.articles.models import Corpus

State = TrainedModel.State


def begin_training(*, model_id: int, base: str) -> TrainedModel | None:
    """Mark it as running; None where it waits no longer. One that was broken off begins anew."""
    mine = TrainedModel.objects.filter(pk=model_id, state__in=OPEN)
    mine.update(state=State.TRAINING, base=base, started_at=timezone.now())
    return mine.select_related("corpus").first()


def fail_training(*, model_id: int, reason: str) -> None:
    """Say why nothing came of it; what is finished stays as it is."""
    TrainedModel.objects.filter(pk=model_id, state__in=OPEN).update(
        state=State.FAILED, reason=reason[:2000], finished_at=timezone.now()
    )


@transaction.atomic
def finish_training(
    *, model: TrainedModel, digest: str, name: str, reviewed: Reviewed, verdict: Verdict, course: dict[str, Any]
) -> None:
    """Keep the model with its scores, promote it where it is better, and clear older weights away.

    In a corpus that was withdrawn meanwhile nothing is promoted by itself; of a cancelled training nothing is kept.
    """
    corpus = Corpus.objects.select_for_update().get(pk=model.corpus_id)
    if not TrainedModel.objects.select_for_update().filter(pk=model.pk).open().exists():
        if not TrainedModel.objects.filter(digest=digest).exists():
            transaction.on_commit(lambda: weights.discard(digest))
        return
    present = TrainedModel.objects.filter(corpus=model.corpus_id, state=State.PROMOTED).first()
    model.state, model.digest, model.name, model.reason = State.KEPT, digest, name, verdict.reason
    model.before, model.after, model.course = verdict.before, verdict.after, course
    model.decisions, model.articles = reviewed.decisions, len(reviewed.taught)
    model.held_back, model.finished_at = len(reviewed.held_back), timezone.now()
    model.save()
    if verdict.better and corpus.withdrawn_at is None and not (present and present.digest == digest):
        # In nobody's name: who asked for it may have left since.
        put_to_work(model=model, user=None, reason="promoted automatically: significantly better")
    clear_away(corpus=model.corpus)


def clear_away(*, corpus: Corpus) -> None:
    """Delete the weights of all but the newest models that the settings have kept, once this is committed.

    The promoted model, and the one that its rollback leads to, stay whatever their age.
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
        transaction.on_commit(lambda digest=digest: weights.discard(digest))


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
            f"the training was ended by {signal.Signals(-code).name}: check whether the machine has memory "
            "enough, and train again"
        )
    return f"the training ended with exit code {code}: see the log of its worker"
