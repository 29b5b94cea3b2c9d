"""Ask for suggestions: rows for the articles, and the jobs that work them off, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

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
