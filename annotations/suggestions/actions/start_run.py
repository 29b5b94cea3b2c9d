"""Ask for suggestions: rows for the articles, and the jobs that work them off, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from annotations.suggestions.models import Run, RunItem
from corpusapp import jobs
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

SUGGEST = "suggest"
# Small enough that several workers share a run, large enough that a job is worth its row.
ARTICLES_A_JOB = 100


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
    """A run over these articles of the corpus; the run of `batch` grows where there is one. None without articles.

    A `dry` one counts what it would change, and changes nothing. `narrowed` is the filter that chose the articles.
    """
    require(user, corpus, Role.EDITOR)
    shown = Article.objects.filter(corpus=corpus, withdrawn_at=None, pk__in=article_ids)
    article_ids = list(shown.order_by("pk").values_list("pk", flat=True))
    if not article_ids:
        return None
    run = Run.objects.filter(batch=batch).first() if batch else None
    run = run or Run.objects.create(corpus=corpus, batch=batch, user=user, dry=dry, narrowed=narrowed or {})
    for position in range(0, len(article_ids), ARTICLES_A_JOB):
        part = article_ids[position : position + ARTICLES_A_JOB]
        RunItem.objects.bulk_create([RunItem(run=run, article_id=pk) for pk in part], ignore_conflicts=True)
        jobs.defer(SUGGEST, run_id=run.pk, first=part[0], last=part[-1])
    return run
