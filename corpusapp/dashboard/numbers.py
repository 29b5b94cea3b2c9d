"""The numbers of a corpus's dashboard, for its page and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from annotations.review.models import Comment, Decision, Review
from annotations.review.queries import CorpusCounts, corpus_counts, stage_counts
from annotations.review.queries.comments import open_comments
from annotations.review.queries.progress import (
    CONFIRMED,
    DecidedSpans,
    Disagreement,
    Outcome,
    WeeklyWork,
    added_spans,
    conflicts,
    decided_spans,
    disagreements,
    first_week,
    idle_reviews,
    outcomes,
    time_per_article,
    weekly_work,
    weeks_until,
)
from annotations.suggestions.models import RunItem
from annotations.suggestions.queries.runs import Propagation, corpus_pending, failed_suggestions, propagation
from corpusapp.articles.models import Corpus
from corpusapp.dashboard.overview import kept_if_large, span_counts_of

_Row = TypeVar("_Row", bound=Model)

WEEKS = 12
IDLE = timedelta(days=14)


@dataclass(frozen=True)
class Numbers:
    """Numbers of some weeks, given by their Mondays, oldest first.

    `failed`, `idle`, `conflicts` and `comments` are the first of `failed_count`, `idle_count`, `conflict_count` and
    `open_comments` rows. `times` is `time_per_article`.
    """

    weeks: Sequence[date]
    counts: CorpusCounts
    decided: Sequence[DecidedSpans]
    outcomes: Sequence[Outcome]
    paces: Sequence[WeeklyWork]
    times: dict[str, timedelta]
    open_comments: int
    comments: Sequence[Comment]
    failed_count: int
    failed: Sequence[RunItem]
    idle_count: int
    idle: Sequence[Review]
    conflict_count: int
    conflicts: Sequence[Decision]
    pending: int
    propagation: Propagation

    @property
    def disagreements(self) -> list[Disagreement]:
        return disagreements(self.decided)

    @property
    def disagreements_this_week(self) -> list[Disagreement]:
        return disagreements(row for row in self.decided if row.week == self.weeks[-1])

    @property
    def added(self) -> list[Disagreement]:
        return added_spans(self.decided)

    @property
    def decided_this_week(self) -> int:
        return sum(row.count for row in self.decided if row.week == self.weeks[-1])

    @property
    def right(self) -> int | None:
        """Percent of the decided suggestions that were confirmed as suggested; None if none was decided."""
        total = sum(row.count for row in self.outcomes)
        return 100 * sum(row.count for row in self.outcomes if row.outcome == CONFIRMED) // total if total else None

    @property
    def missed(self) -> int:
        """Spans that were added, because nothing was suggested there."""
        return sum(row.count for row in added_spans(self.decided, limit=len(self.decided)))


def numbers_of(corpus: Corpus, listed: int, weeks: int | None = WEEKS) -> Numbers:
    """The numbers of the last `weeks` weeks of a corpus, or of all; with at most `listed` rows of each list.

    Of a large corpus, the counts of spans and of decided spans may be some minutes old.
    """
    now = timezone.now()
    shown = weeks_until(now.date(), weeks or _all_weeks(corpus, now.date()))
    since = shown[0]
    stages = stage_counts([corpus]).get(corpus.pk, {})
    articles = sum(stages.values())
    decided = kept_if_large(f"decided-{corpus.pk}-{since}", articles, lambda: decided_spans(corpus, since))
    failed, failed_count = _first(failed_suggestions(corpus), listed)
    idle, idle_count = _first(idle_reviews(corpus, now - IDLE), listed)
    disputed, conflict_count = _first(conflicts(corpus, since), listed)
    oldest = open_comments([corpus]).select_related("user", "article").order_by("id")
    comments, comment_count = _first(oldest.defer("article__search_vector", "article__metadata"), listed)
    return Numbers(
        weeks=shown,
        counts=corpus_counts(corpus, stages, span_counts_of(corpus, articles)),
        decided=decided,
        outcomes=outcomes(decided),
        paces=weekly_work(corpus, decided, since),
        times=time_per_article(corpus, since),
        open_comments=comment_count,
        comments=comments,
        failed_count=failed_count,
        failed=failed,
        idle_count=idle_count,
        idle=idle,
        conflict_count=conflict_count,
        conflicts=disputed,
        pending=corpus_pending(corpus.pk),
        propagation=propagation(corpus.pk),
    )


def _first(rows: QuerySet[_Row], listed: int) -> tuple[list[_Row], int]:
    """The first rows and the number of all, which is only asked for if there may be more."""
    first = list(rows[:listed])
    return first, len(first) if len(first) < listed else rows.count()


def _all_weeks(corpus: Corpus, today: date) -> int:
    first = first_week(corpus)
    return max(1, (today - first).days // 7 + 1) if first else 1
