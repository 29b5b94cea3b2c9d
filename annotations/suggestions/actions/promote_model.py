"""Promote a model to be used for suggestions, roll it back, and retire it."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.review.models import Review, Stage
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import Run, TrainedModel
from annotations.suggestions.models.trained import PROMOTABLE
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
    """Use the model for suggestions from now on, and update those of all open articles. Decisions do not change.

    Raises `Conflict` if it is promoted already, not finished, or if its weights were deleted.
    """
    require(user, model.corpus, Role.MANAGER)
    model = _locked(model)
    if model.state not in PROMOTABLE:
        raise Conflict(f"model {model.pk} is {model.state}: only a kept or retired model can be promoted")
    if weights.pipeline_folder(model.digest) is None:
        raise Conflict(f"the weights of model {model.pk} were deleted: train again, or promote another model")
    return promote(model=model, user=user, reason=f"promoted by {user.username}")


def promote(*, model: TrainedModel, user: "User | None", reason: str) -> Run | None:
    """Replace the promoted model by this one, and update open articles. Call it in a transaction."""
    former = TrainedModel.objects.select_for_update().filter(corpus=model.corpus, state=State.PROMOTED).first()
    if former:
        former.state = State.RETIRED
        former.save(update_fields=["state"])
    model.state, model.former, model.promoted_at = State.PROMOTED, former, timezone.now()
    model.reason = "\n".join(line for line in (model.reason, reason) if line)
    model.save(update_fields=["state", "former", "promoted_at", "reason"])
    return _update_open_articles(model.corpus, user)


@transaction.atomic
def rollback_model(*, user: "User", model: TrainedModel) -> Run | None:
    """Go back to the model that was promoted before this one, or to the base pipeline.

    Raises `Conflict` if the model is not promoted.
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
    return _update_open_articles(model.corpus, user)


def retire(*, model: TrainedModel, reason: str) -> None:
    """Stop using the model for suggestions."""
    model.state, model.reason = State.RETIRED, "\n".join(line for line in (model.reason, reason) if line)
    model.save(update_fields=["state", "reason"])


def _locked(model: TrainedModel) -> TrainedModel:
    # Promotions in a corpus are serialized by a lock on its row.
    Corpus.objects.select_for_update().get(pk=model.corpus_id)
    return TrainedModel.objects.select_related("corpus", "former").get(pk=model.pk)


def _update_open_articles(corpus: Corpus, user: "User | None") -> Run | None:
    open_reviews = Review.objects.filter(corpus=corpus, article__withdrawn_at=None).exclude(stage=Stage.DONE)
    article_ids = list(open_reviews.order_by("article").values_list("article_id", flat=True))
    return start_run(user=user or command_line_user(), corpus=corpus, article_ids=article_ids)
