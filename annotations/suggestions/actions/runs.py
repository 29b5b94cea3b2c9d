"""Ask for suggestions: rows for the articles and the jobs that process them; ask again after a corpus was restored."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from typing import TYPE_CHECKING

from annotations.review.models import MAIN_LAYER, Review, Stage
from annotations.review.queries import ArticleFilter, found_in
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

from annotations.suggestions.actions.pending_updates import wake_learning
from annotations.suggestions.actions.train_model import TRAIN
from annotations.suggestions.models import PendingUpdate, TrainedModel

SUGGEST = "suggest"
# After so many articles of one corpus, or so long, another corpus has its turn.
ARTICLES_A_TURN, SECONDS_A_TURN = 100, 20.0
# Workers that share the runs of one corpus, where there is enough to read and no other corpus waits.
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
    """A run over these articles of the corpus; the run of `batch` grows where there is one. None without articles, and
    where the run of `batch` was cancelled.

    A `dry` one counts what it would change, and changes nothing. `narrowed` is the filter that chose the articles.
    """
    require(user, corpus, Role.EDITOR)
    shown = Article.objects.filter(corpus=corpus, withdrawn_at=None, pk__in=article_ids)
    article_ids = list(shown.order_by("pk").values_list("pk", flat=True))
    if not article_ids:
        return None
    # Under a lock: who cancels the run waits.
    run = Run.objects.select_for_update().filter(batch=batch).first() if batch else None
    if run and run.cancelled_at:
        return None
    run = run or Run.objects.create(corpus=corpus, batch=batch, user=user, dry=dry, narrowed=narrowed or {})
    RunItem.objects.bulk_create([RunItem(run=run, article_id=pk) for pk in article_ids], 1000, ignore_conflicts=True)
    for lane in range(min(LANES, -(-len(article_ids) // ARTICLES_A_TURN))):
        wake_suggesting(corpus_id=corpus.pk, lane=lane)
    return run


def wake_suggesting(*, corpus_id: int, lane: int = 0) -> None:
    """Have a worker take a turn at what is pending in a corpus. First lanes go first: corpora take turns by them."""
    lock = f"{SUGGEST} {corpus_id} {lane}"
    jobs.defer_once(SUGGEST, queueing_lock=lock, priority=-lane, corpus_id=corpus_id, lane=lane)


@transaction.atomic
def suggest_again(
    *, user: "User", corpus: Corpus, narrowed: ArticleFilter, given: Mapping[str, str], dry: bool = False
) -> Run:
    """A run over the articles that `narrowed` leaves and that are not done; `given` is the same filter as it was sent.

    What people decided stays. A `dry` run counts what would come and go, and changes nothing. Refuses `Invalid` where
    no open article fits.
    """
    require(user, corpus, Role.MANAGER)
    done = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.DONE)
    found = found_in(corpus, narrowed).exclude(pk__in=done.values("article"))
    run = start_run(
        user=user, corpus=corpus, article_ids=list(found.values_list("pk", flat=True)), dry=dry, narrowed=given
    )
    if run is None:
        raise Invalid("no open articles match this filter: done articles do not change", field="filter")
    return run


@transaction.atomic
def carry_out(*, user: "User", run: Run) -> Run:
    """Do what a dry run counted: a run over the same articles, which may have been decided on or done meanwhile.

    Refuses `Conflict` a run that was not dry, and one of which no article is left.
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
def resume_jobs(*, corpus: Corpus) -> None:
    """Runs, decisions that are to be heeded, and trainings."""
    if RunItem.objects.filter(run__corpus=corpus, state=RunItem.State.PENDING).exists():
        wake_suggesting(corpus_id=corpus.pk)
    if PendingUpdate.objects.filter(corpus=corpus).exists():
        wake_learning(corpus_id=corpus.pk)
    for model in TrainedModel.objects.filter(corpus=corpus).open():
        jobs.defer(TRAIN, queue=jobs.TRAINING, model_id=model.pk)
