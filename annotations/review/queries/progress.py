"""Weekly statistics of decisions: by label, by editor, and where editors disagree with suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from django.db.models import Count, Exists, Func, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncWeek

from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Stage, State, Verb
from corpusapp.articles.models import Corpus

CONFIRMED, CORRECTED, REJECTED = "confirmed", "corrected", "rejected"
OUTCOMES = (CONFIRMED, CORRECTED, REJECTED)
_OUTCOME_OF = {
    Verb.CONFIRM: CONFIRMED, Verb.RELABEL: CORRECTED, Verb.MOVE: CORRECTED, Verb.REJECT: REJECTED,
}  # fmt: skip
_WEEK = TruncWeek("decision__created_at", tzinfo=UTC)


@dataclass(frozen=True)
class Outcome:
    """How many suggestions of a label had this outcome in a week, given by its Monday."""

    week: date
    label: str
    outcome: str
    count: int


@dataclass(frozen=True)
class WeeklyWork:
    """The work of an editor in a week: spans decided and articles finished."""

    week: date
    editor: str
    spans: int
    finished: int


def weeks_until(today: date, number: int) -> list[date]:
    """The Mondays of the last `number` weeks, oldest first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(number))]


def outcomes(corpus: Corpus, weeks: Sequence[date]) -> list[Outcome]:
    """Outcomes of suggestions, without undone decisions."""
    rows = _changes_in_force(corpus, weeks).filter(before_state=State.SUGGESTED, verb__in=list(_OUTCOME_OF))
    counts = rows.annotate(week=_WEEK).values_list("week", "before_label__name", "verb").annotate(n=Count("id"))
    return [
        Outcome(week.date(), label, _OUTCOME_OF[Verb(verb)], count) for week, label, verb, count in counts.order_by()
    ]


def weekly_work(corpus: Corpus, weeks: Sequence[date]) -> list[WeeklyWork]:
    """The work of each editor, without undone decisions."""
    rows = _changes_in_force(corpus, weeks).filter(verb__in=[*_OUTCOME_OF, Verb.ADD])
    by_editor = rows.annotate(week=_WEEK).values_list("week", "decision__user__username")
    spans = _by_editor(by_editor.annotate(n=Count("id")))
    # A finish that was undone and redone counts once, with the redo.
    finishes = Q(verb=Verb.FINISH) | Q(verb=Verb.REDO, finished__len__gt=0)
    decisions = _within(Decision.objects.filter(finishes, corpus=corpus, undone_by=None), "created_at", weeks)
    decisions = decisions.annotate(week=TruncWeek("created_at", tzinfo=UTC))
    several = Sum(Func("finished", function="cardinality"), filter=Q(article=None), output_field=IntegerField())
    number = Count("article", distinct=True) + Coalesce(several, 0)
    finished = _by_editor(decisions.values_list("week", "user__username").annotate(n=number))
    keys = sorted({*spans, *finished})
    return [
        WeeklyWork(week, editor, spans.get((week, editor), 0), finished.get((week, editor), 0)) for week, editor in keys
    ]


def disagreements(corpus: Corpus, since: date, limit: int = 12) -> list[tuple[str, str, str, int]]:
    """Corrections of suggestions: (label suggested, verb, label given, count), most frequent first."""
    rows = _changes_in_force(corpus, [since]).filter(
        before_state=State.SUGGESTED, verb__in=[Verb.RELABEL, Verb.MOVE, Verb.REJECT]
    )
    counted = rows.values_list("before_label__name", "verb", "after_label__name").annotate(n=Count("id"))
    return list(counted.order_by("-n", "before_label__name", "verb")[:limit])


def idle_reviews(corpus: Corpus, before: datetime) -> QuerySet[Review]:
    """Reviews without a decision since `before`, with article and editor, longest first."""
    reviews = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.IN_REVIEW)
    later = Change.objects.filter(article=OuterRef("article"), decision__created_at__gte=before)
    idle = reviews.filter(started_at__lt=before, article__withdrawn_at=None).exclude(Exists(later))
    rows = idle.select_related("editor", "article").defer("article__search_vector", "article__metadata")
    return rows.order_by("started_at")


def _changes_in_force(corpus: Corpus, weeks: Sequence[date]) -> QuerySet[Change]:
    """Explicit changes, without those of decisions that were undone and not redone."""
    in_force = Q(decision__undone_by=None) | Q(decision__undone_by__undone_by__isnull=False)
    rows = Change.objects.filter(in_force, decision__corpus=corpus, implicit=False, article__withdrawn_at=None)
    return _within(rows, "decision__created_at", weeks)


def _within(rows: QuerySet, column: str, weeks: Sequence[date]) -> QuerySet:
    return rows.filter(**{f"{column}__gte": datetime.combine(weeks[0], clock.min, UTC)})


def _by_editor(rows: QuerySet) -> dict[tuple[date, str], int]:
    return {(week.date(), editor): number for week, editor, number in rows.order_by()}
