"""Statistics of decisions by week: outcomes of suggestions, work by editor, and where people and machine disagree.

One query counts the changes of a period in every way that the dashboard needs (`decided_spans`); the functions below it
add these counts up.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from django.db.models import Aggregate, Count, DurationField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncWeek

from annotations.review.models import MAIN_LAYER, Change, Decision, Label, Review, Stage, State, Verb
from corpusapp.accounts.models import User
from corpusapp.articles.models import Corpus

CONFIRMED, CORRECTED, REJECTED = "confirmed", "corrected", "rejected"
OUTCOMES = (CONFIRMED, CORRECTED, REJECTED)
_OUTCOME_OF: dict[str, str] = {
    Verb.CONFIRM: CONFIRMED, Verb.RELABEL: CORRECTED, Verb.MOVE: CORRECTED, Verb.REJECT: REJECTED,
}  # fmt: skip
_WEEK = TruncWeek("decision__created_at", tzinfo=UTC)
# Ids follow time, but those of decisions under way together may be in another order.
_DISORDER = 10_000


@dataclass(frozen=True)
class DecidedSpans:
    """How many spans an editor decided in one way in a week, given by its Monday.

    `suggested`: they were suggestions. `before` and `after` are the names of their labels, None for no span.
    """

    week: date
    editor: str
    verb: str
    suggested: bool
    before: str | None
    after: str | None
    count: int


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


@dataclass(frozen=True)
class Disagreement:
    """How often editors did this with a suggestion of a label; or added a span, if `label` is None."""

    label: str | None
    verb: str
    given: str | None
    count: int


def weeks_until(today: date, number: int) -> list[date]:
    """The Mondays of the last `number` weeks, oldest first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(number))]


def first_week(corpus: Corpus) -> date | None:
    """The Monday of the week of the first decision."""
    first = Decision.objects.filter(corpus=corpus).order_by("id").values_list("created_at", flat=True).first()
    return first.astimezone(UTC).date() - timedelta(days=first.astimezone(UTC).weekday()) if first else None


def decided_spans(corpus: Corpus, since: date) -> list[DecidedSpans]:
    """Counts of the spans that editors decided, without undone decisions and side effects."""
    rows = _changes_in_force(corpus, since).filter(verb__in=[*_OUTCOME_OF, Verb.ADD]).order_by()
    counted = rows.annotate(week=_WEEK).values_list(
        "week", "decision__user", "verb", "before_state", "before_label", "after_label"
    )
    found = list(counted.annotate(n=Count("id")))
    # By id, as names would be sorted: of half a million changes, that takes longer than all else.
    names: dict[int | None, str] = dict(Label.objects.filter(corpus=corpus).values_list("pk", "name"))
    users = User.objects.filter(pk__in={user for _, user, *_ in found})
    editors = dict(users.values_list("pk", "username"))
    return [
        DecidedSpans(
            week.date(), editors[user], verb, state == State.SUGGESTED, names.get(before), names.get(after), number
        )
        for week, user, verb, state, before, after, number in found
    ]


def outcomes(decided: Iterable[DecidedSpans]) -> list[Outcome]:
    """Outcomes of suggestions, by week and label."""
    sums: Counter[tuple[date, str, str]] = Counter()
    for row in decided:
        if row.suggested and row.before and row.verb in _OUTCOME_OF:
            sums[row.week, row.before, _OUTCOME_OF[row.verb]] += row.count
    return [Outcome(*key, number) for key, number in sums.items()]


def weekly_work(corpus: Corpus, decided: Iterable[DecidedSpans], since: date) -> list[WeeklyWork]:
    """The work of each editor, without undone decisions."""
    spans: Counter[tuple[date, str]] = Counter()
    for row in decided:
        spans[row.week, row.editor] += row.count
    # A finish that was undone and redone counts once, with the redo.
    finishes = Q(verb=Verb.FINISH) | Q(verb=Verb.REDO, finished__len__gt=0)
    decisions = _since(Decision.objects.filter(finishes, corpus=corpus, undone_by=None), since, "")
    decisions = decisions.annotate(week=TruncWeek("created_at", tzinfo=UTC)).order_by()
    several = Sum(Func("finished", function="cardinality"), filter=Q(article=None), output_field=IntegerField())
    number = Count("article", distinct=True) + Coalesce(several, 0)
    counted = decisions.values_list("week", "user__username").annotate(n=number)
    finished = {(week.date(), editor): number for week, editor, number in counted}
    keys = sorted({*spans, *finished})
    return [WeeklyWork(week, editor, spans[week, editor], finished.get((week, editor), 0)) for week, editor in keys]


def disagreements(decided: Iterable[DecidedSpans], limit: int = 12) -> list[Disagreement]:
    """Corrections and rejections of suggestions, most frequent first."""
    return _counted(
        (row for row in decided if row.suggested and row.verb in _OUTCOME_OF and row.verb != Verb.CONFIRM), limit
    )


def added_spans(decided: Iterable[DecidedSpans], limit: int = 12) -> list[Disagreement]:
    """Spans that editors added where nothing was suggested, by label, most frequent first."""
    return _counted((row for row in decided if row.verb == Verb.ADD and not row.suggested), limit)


def _counted(rows: Iterable[DecidedSpans], limit: int) -> list[Disagreement]:
    sums: Counter[tuple[str | None, str, str | None]] = Counter()
    for row in rows:
        sums[row.before if row.suggested else None, row.verb, row.after] += row.count
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1], item[0][2] or ""))
    return [Disagreement(*key, number) for key, number in ordered[:limit]]


def changes_of(corpus: Corpus, since: date, label: str, verb: str, given: str) -> QuerySet[Change]:
    """The changes that one `Disagreement` counts, newest first, with their editors, labels and articles."""
    rows = _changes_in_force(corpus, since).filter(verb=verb)
    if verb == Verb.ADD:
        rows = rows.filter(after_label__name=given).exclude(before_state=State.SUGGESTED)
    else:
        rows = rows.filter(before_state=State.SUGGESTED, before_label__name=label)
        rows = rows.filter(after_label__name=given) if given else rows
    rows = rows.select_related("decision__user", "before_label", "after_label", "article")
    return rows.defer("article__search_vector", "article__metadata").order_by("-id")


def idle_reviews(corpus: Corpus, before: datetime) -> QuerySet[Review]:
    """Reviews without a decision since `before`, with article and editor, longest first."""
    reviews = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.IN_REVIEW)
    later = Change.objects.filter(article=OuterRef("article"), decision__created_at__gte=before)
    idle = reviews.filter(started_at__lt=before, article__withdrawn_at=None).exclude(Exists(later))
    rows = idle.select_related("editor", "article").defer("article__search_vector", "article__metadata")
    return rows.order_by("started_at")


def conflicts(corpus: Corpus, since: date) -> QuerySet[Decision]:
    """Decisions that left out spans, because somebody else had changed them meanwhile; newest first."""
    rows = _since(Decision.objects.filter(corpus=corpus).exclude(left_out=[]), since, "")
    rows = rows.filter(Q(article=None) | Q(article__withdrawn_at=None)).select_related("user", "article")
    return rows.defer("article__search_vector", "article__metadata").order_by("-id")


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def time_per_article(corpus: Corpus, since: date) -> dict[str, timedelta]:
    """The median time from the first decision on an article to its end, by editor; under "" that of all of them."""
    done = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.DONE, done_at__gte=_midnight(since))
    done = done.filter(started_at__isnull=False, done_at__gte=F("started_at")).order_by()
    median = _Median(F("done_at") - F("started_at"), output_field=DurationField())
    by_editor = dict(done.values_list("done_by__username").annotate(median=median))
    return by_editor | {"": done.aggregate(median=median)["median"]} if by_editor else {}


def _changes_in_force(corpus: Corpus, since: date) -> QuerySet[Change]:
    """Explicit changes, without those of decisions that were undone and not redone."""
    in_force = Q(decision__undone_by=None) | Q(decision__undone_by__undone_by__isnull=False)
    rows = Change.objects.filter(in_force, decision__corpus=corpus, implicit=False, article__withdrawn_at=None)
    return _since(rows, since, "decision__")


def _since(rows: QuerySet, since: date, decision: str) -> QuerySet:
    """Rows of decisions since then. The bound by id lets the database read only the end of the log."""
    older = Decision.objects.filter(created_at__lt=_midnight(since)).order_by("-id").values_list("pk", flat=True)
    bound = (older.first() or 0) - _DISORDER
    by_id = f"{decision}id__gt" if not decision else "decision_id__gt"
    return rows.filter(**{by_id: bound, f"{decision}created_at__gte": _midnight(since)})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, clock.min, UTC)
