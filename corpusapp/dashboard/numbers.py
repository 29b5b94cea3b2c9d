"""The numbers of a corpus's dashboard, as the page draws them and the API gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from annotations.review.models import Review
from annotations.review.queries import CorpusCounts, corpus_counts
from annotations.review.queries.comments import count_open
from annotations.review.queries.progress import (
    Outcome,
    Pace,
    disagreements,
    outcomes,
    paces,
    untouched,
    weeks_until,
)
from annotations.suggestions.models import RunItem
from annotations.suggestions.queries.runs import Propagation, corpus_pending, failed_suggestions, propagation
from corpusapp.articles.models import Corpus

WEEKS = 12
IDLE = timedelta(days=14)


@dataclass(frozen=True)
class Numbers:
    """Of so many weeks, each named by its Monday, oldest first; `disagreements` are of the last one.

    A disagreement is (label suggested, verb, label given, how often). `failed` and `idle` are the first few of as many
    as their counts say.
    """

    weeks: Sequence[date]
    counts: CorpusCounts
    outcomes: Sequence[Outcome]
    paces: Sequence[Pace]
    disagreements: Sequence[tuple[str, str, str, int]]
    open_comments: int
    failed_count: int
    failed: Sequence[RunItem]
    idle_count: int
    idle: Sequence[Review]
    pending: int
    propagation: Propagation


def numbers_of(corpus: Corpus, listed: int) -> Numbers:
    """With at most `listed` articles of each kind that something is in the way of."""
    now = timezone.now()
    weeks = weeks_until(now.date(), WEEKS)
    failed, idle = failed_suggestions(corpus), untouched(corpus, now - IDLE)
    return Numbers(
        weeks=weeks,
        counts=corpus_counts(corpus),
        outcomes=outcomes(corpus, weeks),
        paces=paces(corpus, weeks),
        disagreements=disagreements(corpus, weeks[-1]),
        open_comments=count_open(corpus),
        failed_count=failed.count(),
        failed=failed[:listed],
        idle_count=idle.count(),
        idle=idle[:listed],
        pending=corpus_pending(corpus.pk),
        propagation=propagation(corpus.pk),
    )
