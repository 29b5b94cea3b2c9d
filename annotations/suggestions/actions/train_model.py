"""Ask for a training: a row and the job that does it, in one transaction."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max

from annotations.review.models import Change, Decision, Review, Span, Stage
from annotations.suggestions.models import CorpusSuggester, TrainedModel
from annotations.suggestions.pipelines.installed import SPACY
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

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
        raise Invalid(f"the suggester {chosen.name!r} cannot be trained here: choose {SPACY} first")
    if not Span.objects.decided().filter(corpus=corpus).exists():
        raise Invalid("this corpus has no decisions yet: review some articles first")
    model = _queue(corpus, user)
    if model is None:
        raise Conflict("a training of this corpus is waiting or running: wait until it has ended")
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
