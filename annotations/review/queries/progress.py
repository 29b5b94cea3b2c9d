"""What was decided week by week: on suggestions, by label and by editor, and where people and machine differed."""

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


@dataclass(frozen=True)
class Outcome:
    """How many suggestions of a label came out so in a week, which its Monday names."""

    week: date
    label: str
    outcome: str
    count: int


@dataclass(frozen=True)
class Pace:
    """What an editor did in a week: spans decided on, and articles finished."""

    week: date
    editor: str
    spans: int
    finished: int


def weeks_until(today: date, number: int) -> list[date]:
    """The Mondays of the last `number` weeks, oldest first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(number))]


def outcomes(corpus: Corpus, weeks: Sequence[date]) -> list[Outcome]:
    """What became of suggestions. Decisions that were taken back are left out."""
    rows = _standing_changes(corpus, weeks).filter(before_state=State.SUGGESTED, verb__in=list(_OUTCOME_OF))
    counted = rows.values_list("week", "before_label__name", "verb").annotate(n=Count("id")).order_by()
    return [Outcome(week.date(), label, _OUTCOME_OF[Verb(verb)], number) for week, label, verb, number in counted]


def paces(corpus: Corpus, weeks: Sequence[date]) -> list[Pace]:
    """What each editor did."""
    rows = _standing_changes(corpus, weeks).filter(verb__in=[*_OUTCOME_OF, Verb.ADD])
    spans = _by_editor(rows.values_list("week", "decision__user__username").annotate(n=Count("id")))
    # A finish that was taken back and done again counts with the redo.
    finishes = Q(verb=Verb.FINISH) | Q(verb=Verb.REDO, finished__len__gt=0)
    decisions = _within(Decision.objects.filter(finishes, corpus=corpus, undone_by=None), "created_at", weeks)
    decisions = decisions.annotate(week=TruncWeek("created_at", tzinfo=UTC))
    several = Sum(Func("finished", function="cardinality"), filter=Q(article=None), output_field=IntegerField())
    number = Count("article", distinct=True) + Coalesce(several, 0)
    finished = _by_editor(decisions.values_list("week", "user__username").annotate(n=number))
    keys = sorted({*spans, *finished})
    return [Pace(week, editor, spans.get((week, editor), 0), finished.get((week, editor), 0)) for week, editor in keys]


def disagreements(corpus: Corpus, since: date, limit: int = 12) -> list[tuple[str, str, str, int]]:
    """What people made of suggestions instead: (label suggested, verb, label given, how often), most frequent first."""
    rows = _standing_changes(corpus, [since]).filter(
        before_state=State.SUGGESTED, verb__in=[Verb.RELABEL, Verb.MOVE, Verb.REJECT]
    )
    counted = rows.values_list("before_label__name", "verb", "after_label__name").annotate(n=Count("id"))
    return list(counted.order_by("-n", "before_label__name", "verb")[:limit])


def untouched(corpus: Corpus, before: datetime) -> QuerySet[Review]:
    """Articles in review on which nothing was decided since, each with its editor, the longest first."""
    reviews = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.IN_REVIEW)
    later = Change.objects.filter(article=OuterRef("article"), decision__created_at__gte=before)
    waiting = reviews.filter(started_at__lt=before, article__withdrawn_at=None).exclude(Exists(later))
    rows = waiting.select_related("editor", "article").defer("article__search_vector", "article__metadata")
    return rows.order_by("started_at")


def _standing_changes(corpus: Corpus, weeks: Sequence[date]) -> QuerySet[Change]:
    """What people chose themselves, as `week` names it, but for decisions that were taken back and stayed so."""
    stands = Q(decision__undone_by=None) | Q(decision__undone_by__undone_by__isnull=False)
    rows = Change.objects.filter(stands, decision__corpus=corpus, implicit=False, article__withdrawn_at=None)
    rows = _within(rows, "decision__created_at", weeks)
    return rows.annotate(week=TruncWeek("decision__created_at", tzinfo=UTC))


def _within(rows: QuerySet, column: str, weeks: Sequence[date]) -> QuerySet:
    return rows.filter(**{f"{column}__gte": datetime.combine(weeks[0], clock.min, UTC)})


def _by_editor(rows: QuerySet) -> dict[tuple[date, str], int]:
    return {(week.date(), editor): number for week, editor, number in rows.order_by()}
