"""Have a model make the suggestions of its corpus, and go back to the former one."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.review.models import Review, Stage
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import Run, TrainedModel
from annotations.suggestions.models.trained import CHOOSABLE
from annotations.suggestions.pipelines import weights
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

State = TrainedModel.State


@transaction.atomic
def promote_model(*, user: "User", model: TrainedModel) -> Run | None:
    """Have it suggest from now on; every open article is read anew. What people decided stays.

    Refuses `Conflict` where it suggests already, is not finished, or its weights were cleared away.
    """
    require(user, model.corpus, Role.MANAGER)
    model = _locked(model)
    if model.state not in CHOOSABLE:
        raise Conflict(f"model {model.pk} is {model.state}: only a kept or retired model can be promoted")
    if weights.pipeline_folder(model.digest) is None:
        raise Conflict(f"the weights of model {model.pk} were deleted: train again, or promote another model")
    return put_to_work(model=model, user=user, reason=f"promoted by {user.username}")


def put_to_work(*, model: TrainedModel, user: "User | None", reason: str) -> Run | None:
    """Within a transaction: retire the present model for this one, and have open articles read anew."""
    former = TrainedModel.objects.select_for_update().filter(corpus=model.corpus, state=State.PROMOTED).first()
    if former:
        former.state = State.RETIRED
        former.save(update_fields=["state"])
    model.state, model.former, model.promoted_at = State.PROMOTED, former, timezone.now()
    model.reason = "\n".join(line for line in (model.reason, reason) if line)
    model.save(update_fields=["state", "former", "promoted_at", "reason"])
    return _read_anew(model.corpus, user)


@transaction.atomic
def rollback_model(*, user: "User", model: TrainedModel) -> Run | None:
    """Go back to what suggested before this model: the former one, or the bare pipeline.

    Refuses `Conflict` where the model does not suggest at present.
    """
    require(user, model.corpus, Role.MANAGER)
    model = _locked(model)
    if model.state != State.PROMOTED:
        raise Conflict(f"model {model.pk} is {model.state}: only the promoted one can be rolled back")
    retire(model=model, reason=f"rolled back by {user.username}")
    former = model.former
    if former and weights.pipeline_folder(former.digest):
        former.state = State.PROMOTED
        former.save(update_fields=["state"])
    return _read_anew(model.corpus, user)


def retire(*, model: TrainedModel, reason: str) -> None:
    """Have it suggest no longer."""
    model.state, model.reason = State.RETIRED, "\n".join(line for line in (model.reason, reason) if line)
    model.save(update_fields=["state", "reason"])


def _locked(model: TrainedModel) -> TrainedModel:
    # The corpus is the lock under which its models change places.
    Corpus.objects.select_for_update().get(pk=model.corpus_id)
    return TrainedModel.objects.select_related("corpus", "former").get(pk=model.pk)


def _read_anew(corpus: Corpus, user: "User | None") -> Run | None:
    open_ones = Review.objects.filter(corpus=corpus, article__withdrawn_at=None).exclude(stage=Stage.DONE)
    article_ids = list(open_ones.order_by("article").values_list("article_id", flat=True))
    return start_run(user=user or command_line_user(), corpus=corpus, article_ids=article_ids)
