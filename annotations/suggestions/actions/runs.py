"""Request suggestions: run items and the jobs that process them; resume them after a restore."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from annotations.review.models import MAIN_LAYER, Review, Stage
from annotations.review.queries import ArticleFilter, search_articles
from annotations.suggestions.actions.pending_updates import queue_learning
from annotations.suggestions.actions.train_model import TRAIN
from annotations.suggestions.models import PendingUpdate, Run, RunItem, TrainedModel
from corpusapp.accounts.actions.notices import notify
from corpusapp.accounts.models import Notice
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

SUGGEST = "suggest"
# The limits of one turn, after which other corpora have theirs.
ARTICLES_PER_TURN, SECONDS_PER_TURN = 100, 20.0
# Workers that can share the runs of one corpus, if no other corpus waits.
LANES = 8


@transaction.atomic
def start_run(
    *,
    user: "User",
    corpus: Corpus,
    article_ids: Sequence[int],
    batch: ImportBatch | None = None,
    dry: bool = False,
    narrowed: Mapping[str, str] | None = None,
) -> Run | None:
    """Create a run on these articles, or add them to the run of `batch`; returns the run.

    None if no article is left after withdrawn ones, or if the run of `batch` was cancelled. A `dry` run only counts
    what it would change. `narrowed` records the filter that selected the articles, as a form sends it.
    """
    require(user, corpus, Role.EDITOR)
    shown = Article.objects.filter(corpus=corpus, withdrawn_at=None, pk__in=article_ids)
    article_ids = list(shown.order_by("pk").values_list("pk", flat=True))
    if not article_ids:
        return None
    # Locked, so that a concurrent cancel waits.
    run = Run.objects.select_for_update().filter(batch=batch).first() if batch else None
    if run and run.cancelled_at:
        return None
    run = run or Run.objects.create(corpus=corpus, batch=batch, user=user, dry=dry, narrowed=narrowed or {})
    RunItem.objects.bulk_create([RunItem(run=run, article_id=pk) for pk in article_ids], 1000, ignore_conflicts=True)
    for lane in range(min(LANES, -(-len(article_ids) // ARTICLES_PER_TURN))):
        queue_suggestions(corpus_id=corpus.pk, lane=lane)
    return run


def queue_suggestions(*, corpus_id: int, lane: int = 0) -> None:
    """Queue one turn on the pending articles of a corpus. Lower lanes have priority, so that corpora alternate."""
    lock = f"{SUGGEST} {corpus_id} {lane}"
    jobs.defer_once(SUGGEST, queueing_lock=lock, priority=-lane, corpus_id=corpus_id, lane=lane)


@transaction.atomic
def suggest_again(
    *, user: "User", corpus: Corpus, article_filter: ArticleFilter, form_values: Mapping[str, str], dry: bool = False
) -> Run:
    """Create a run on the open articles that match the filter; `form_values` is the same filter as a form sends it.

    Decisions do not change. A `dry` run only counts. Raises `Invalid` if no open article matches.
    """
    require(user, corpus, Role.MANAGER)
    done = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.DONE)
    found = search_articles(corpus, article_filter).exclude(pk__in=done.values("article"))
    run = start_run(
        user=user, corpus=corpus, article_ids=list(found.values_list("pk", flat=True)), dry=dry, narrowed=form_values
    )
    if run is None:
        raise Invalid("no open articles match this filter: done articles do not change", field="filter")
    return run


@transaction.atomic
def carry_out(*, user: "User", run: Run) -> Run:
    """Create a real run on the articles of a dry run, some of which may have been reviewed since.

    Raises `Conflict` if the run was not dry, or if all its articles are withdrawn.
    """
    require(user, run.corpus, Role.MANAGER)
    if not run.dry:
        raise Conflict(f"run {run.pk} is not a dry run: there is nothing to carry out")
    article_ids = list(run.items.values_list("article_id", flat=True))
    done = start_run(user=user, corpus=run.corpus, article_ids=article_ids, narrowed=run.narrowed)
    if done is None:
        raise Conflict(f"all articles of run {run.pk} are withdrawn")
    return done


@transaction.atomic
def notify_of_failure(*, run_id: int) -> None:
    """Notify who requested a run that has failed on all of its articles. Called when a run may have ended.

    The run is locked, so that workers that process it together notify once.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("corpus", "user").get(pk=run_id)
    if RunItem.objects.filter(run=run).exclude(state=RunItem.State.FAILED).exists():
        return
    address = reverse("suggestion-run", args=[run.corpus.slug, run.pk])
    notify(users=[run.user], kind=Notice.Kind.RUN_FAILED, corpus=run.corpus, address=address, once=True)


@transaction.atomic
def resume_jobs(*, corpus: Corpus) -> None:
    """Queue the pending runs, learning and trainings of a corpus again."""
    if RunItem.objects.filter(run__corpus=corpus, state=RunItem.State.PENDING).exists():
        queue_suggestions(corpus_id=corpus.pk)
    if PendingUpdate.objects.filter(corpus=corpus).exists():
        queue_learning(corpus_id=corpus.pk)
    for model in TrainedModel.objects.filter(corpus=corpus).open():
        jobs.defer(TRAIN, queue=jobs.TRAINING, model_id=model.pk)
