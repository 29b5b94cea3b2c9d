"""The numbers of a corpus's dashboard, for its page and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from annotations.review.models import Review
from annotations.review.queries import CorpusCounts, corpus_counts
from annotations.review.queries.comments import count_open
from annotations.review.queries.progress import (
    Outcome,
    WeeklyWork,
    disagreements,
    idle_reviews,
    outcomes,
    weekly_work,
    weeks_until,
)
from annotations.suggestions.models import RunItem
from annotations.suggestions.queries.runs import Propagation, corpus_pending, failed_suggestions, propagation
from corpusapp.articles.models import Corpus

WEEKS = 12
IDLE = timedelta(days=14)


@dataclass(frozen=True)
class Numbers:
    """Numbers of the last `WEEKS` weeks, given by their Mondays, oldest first; `disagreements` are of the last week.

    A disagreement is (suggested label, verb, chosen label, count). `failed` and `idle` are the first of `failed_count`
    and `idle_count` rows.
    """

    weeks: Sequence[date]
    counts: CorpusCounts
    outcomes: Sequence[Outcome]
    paces: Sequence[WeeklyWork]
    disagreements: Sequence[tuple[str, str, str, int]]
    open_comments: int
    failed_count: int
    failed: Sequence[RunItem]
    idle_count: int
    idle: Sequence[Review]
    pending: int
    propagation: Propagation


def numbers_of(corpus: Corpus, listed: int) -> Numbers:
    """The numbers of a corpus, with at most `listed` failed and as many idle articles."""
    now = timezone.now()
    weeks = weeks_until(now.date(), WEEKS)
    failed, idle = failed_suggestions(corpus), idle_reviews(corpus, now - IDLE)
    return Numbers(
        weeks=weeks,
        counts=corpus_counts(corpus),
        outcomes=outcomes(corpus, weeks),
        paces=weekly_work(corpus, weeks),
        disagreements=disagreements(corpus, weeks[-1]),
        open_comments=count_open(corpus),
        failed_count=failed.count(),
        failed=list(failed[:listed]),
        idle_count=idle.count(),
        idle=list(idle[:listed]),
        pending=corpus_pending(corpus.pk),
        propagation=propagation(corpus.pk),
    )
