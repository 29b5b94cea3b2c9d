"""What waits for somebody in the corpora that a user manages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from annotations.review.queries.comments import open_comments
from annotations.suggestions.queries.runs import failed_and_pending
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.articles.queries import imports_to_look_at
from corpusapp.core.job_states import JobState

# Failed imports that are older are no news.
RECENT_IMPORTS = timedelta(days=30)
_LISTED = 5


@dataclass(frozen=True)
class Attention:
    """Something to look at: `failed` says that it will not end by itself."""

    corpus: Corpus
    text: str
    address: str
    failed: bool = False


def attention(corpora: Sequence[Corpus]) -> list[Attention]:
    """Failed imports and suggestions first, then open comments and what is in progress; in four queries."""
    if not corpora:
        return []
    failed, pending = failed_and_pending(corpora)
    comments = dict(open_comments(corpora).order_by().values_list("corpus").annotate(n=Count("id")))
    found = [_import(batch) for batch in recent_failures(corpora)[:_LISTED]]
    for corpus in corpora:
        if number := failed.get(corpus.pk):
            text = f"Suggestions failed for {number} article{pluralize(number)}"
            found.append(Attention(corpus, text, reverse("dashboard", args=[corpus.slug]), failed=True))
    for corpus in corpora:
        if number := comments.get(corpus.pk):
            text = f"{number} open comment{pluralize(number)}"
            found.append(Attention(corpus, text, reverse("comments", args=[corpus.slug])))
        if number := pending.get(corpus.pk):
            text = f"Suggestions in progress for {number} article{pluralize(number)}"
            found.append(Attention(corpus, text, reverse("pipelines", args=[corpus.slug])))
    return found


def recent_failures(corpora: Sequence[Corpus]) -> QuerySet[ImportBatch]:
    """The failed imports, and those with failed items, of the last 30 days, newest first."""
    return imports_to_look_at(corpora, timezone.now() - RECENT_IMPORTS)


def _import(batch: ImportBatch) -> Attention:
    text = f"{batch.failed} item{pluralize(batch.failed)} of an import failed"
    if batch.state == JobState.FAILED:
        text = f"An import failed: {batch.reason}" if batch.reason else "An import failed"
    return Attention(batch.corpus, text, reverse("import-batch", args=[batch.corpus.slug, batch.pk]), failed=True)
