"""Request the training of a model, by a manager or automatically."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from annotations.review.models import Change, Decision, Review, Span, Stage
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines.installed import SPACY
from annotations.suggestions.queries.runs import suggester_of
from corpusapp.accounts.actions.notices import notify
from corpusapp.accounts.models import Notice
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

TRAIN = "train_model"
# Done articles that an automatic training needs.
MIN_DONE_ARTICLES = 10


@transaction.atomic
def train_model(*, user: "User", corpus: Corpus) -> TrainedModel:
    """Queue a training of the corpus's pipeline on its decided spans.

    Raises `Conflict` while another training of the corpus waits or runs, `Invalid` if the suggester cannot be trained
    or nothing is decided yet.
    """
    require(user, corpus, Role.MANAGER)
    disk.require_room()
    chosen = suggester_of(corpus)
    if chosen.name != SPACY:
        raise Invalid(f"the suggester {chosen.name!r} cannot be trained here: choose {SPACY} first")
    if not Span.objects.decided().filter(corpus=corpus).exists():
        raise Invalid("this corpus has no decisions yet: review some articles first")
    model = _queue(corpus, user)
    if model is None:
        raise Conflict("a training of this corpus is waiting or running: wait until it has ended")
    return model


def train_if_due(*, corpus: Corpus) -> TrainedModel | None:
    """Queue a training if there are enough new decisions and done articles; otherwise None."""
    needed = settings.TRAIN_AFTER_DECISIONS
    models = TrainedModel.objects.filter(corpus=corpus)
    if not needed or models.open().exists():
        return None
    chosen = suggester_of(corpus)
    since = models.aggregate(last=Max("last_decision"))["last"] or 0
    new_changes = Change.objects.filter(decision_id__gt=since, decision__corpus=corpus, implicit=False).order_by()
    if chosen.name != SPACY or new_changes[:needed].count() < needed:
        return None
    done = Review.objects.filter(corpus=corpus, stage=Stage.DONE).order_by()
    if done[:MIN_DONE_ARTICLES].count() < MIN_DONE_ARTICLES:
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


def notify_of_failed_training(*, model_id: int) -> None:
    """Notify who requested a training that has failed, if a person did."""
    failed = TrainedModel.objects.filter(pk=model_id, state=TrainedModel.State.FAILED, user__isnull=False)
    for model in failed.select_related("corpus", "user"):
        address = reverse("model", args=[model.corpus.slug, model.pk])
        users = [model.user] if model.user else []
        notify(users=users, kind=Notice.Kind.TRAINING_FAILED, corpus=model.corpus, address=address, once=True)
