"""Cancel a run or a training, and fail those whose job is gone."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.suggestions.actions.runs import SUGGEST, notify_of_failure
from annotations.suggestions.actions.train_model import TRAIN, notify_of_failed_training
from annotations.suggestions.models import Run, RunItem, TrainedModel
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs
from corpusapp.core.errors import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def cancel_run(*, user: "User", run: Run) -> int:
    """Cancel the pending articles of a run; returns how many. Stored suggestions stay.

    The few articles that a worker is processing are still done. Raises `Conflict` if the run has ended.
    """
    require(user, run.corpus, Role.MANAGER)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    pending = RunItem.objects.filter(run=run, state=RunItem.State.PENDING)
    if locked.cancelled_at is not None or not pending.exists():
        raise Conflict(f"run {run.pk} has ended: there is nothing to cancel", field="state")
    waiting = list(pending.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    RunItem.objects.filter(pk__in=waiting).update(state=RunItem.State.CANCELLED, finished_at=timezone.now())
    locked.cancelled_at, locked.cancelled_by = timezone.now(), user
    locked.save(update_fields=["cancelled_at", "cancelled_by"])
    return len(waiting)


@transaction.atomic
def cancel_training(*, user: "User", model: TrainedModel) -> TrainedModel:
    """Cancel a training. Its process ends within seconds; nothing of it is kept. Raises `Conflict` if it has ended."""
    require(user, model.corpus, Role.MANAGER)
    name = f"the training of model {model.pk}"
    jobs.cancel_row(model, name, f"cancelled by {user.username}; nothing of it was kept")
    return model


def end_lost_runs() -> int:
    """Fail the pending articles of corpora that have no job any more; returns how many articles."""
    pending = RunItem.objects.filter(state=RunItem.State.PENDING, run__corpus__withdrawn_at=None)
    corpora = set(pending.order_by().values_list("run__corpus_id", flat=True).distinct())
    if not corpora:
        return 0
    working = jobs.unfinished_arguments(SUGGEST, "corpus_id")
    # Jobs that an older version queued name a run instead of a corpus.
    working |= set(
        Run.objects.filter(pk__in=jobs.unfinished_arguments(SUGGEST, "run_id")).values_list("corpus_id", flat=True)
    )
    lost = RunItem.objects.filter(state=RunItem.State.PENDING, run__corpus__in=corpora - working)
    runs = set(lost.order_by().values_list("run_id", flat=True))
    failed = lost.update(state=RunItem.State.FAILED, error=jobs.GIVEN_UP, finished_at=timezone.now())
    for run_id in sorted(runs):
        notify_of_failure(run_id=run_id)
    return failed


def end_lost_trainings() -> int:
    """Fail the trainings that have no job any more; returns how many."""
    unended = TrainedModel.objects.filter(corpus__withdrawn_at=None).open()
    pks = list(unended.values_list("pk", flat=True))
    failed = jobs.fail_lost_rows(unended, TRAIN, "model_id")
    if failed:
        for pk in pks:
            notify_of_failed_training(model_id=pk)
    return failed
