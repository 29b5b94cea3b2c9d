"""The dashboard of a corpus, and the spans behind one of its disagreements."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from annotations.review.colours import colour_classes
from annotations.review.models import Change, Label, Verb
from annotations.review.queries.matches import context
from annotations.review.queries.progress import OUTCOMES, Outcome, changes_of, first_week, weeks_until
from annotations.review.queries.set_aside import parked_counts, with_parked
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.articles.queries import imports_to_look_at
from corpusapp.core.charts import Figure, stacked_bars
from corpusapp.core.errors import Invalid
from corpusapp.dashboard.attention import RECENT_IMPORTS
from corpusapp.dashboard.numbers import IDLE, WEEKS, Numbers, numbers_of
from corpusapp.dashboard.overview import progress_bar

# Rows of each list, and spans of a disagreement.
_LISTED, _SPANS = 6, 100
# The weeks of each range; None stands for all.
RANGES: dict[str, tuple[str, int | None]] = {
    "4": ("4 weeks", 4), "12": ("12 weeks", WEEKS), "52": ("a year", 52), "all": ("all", None),
}  # fmt: skip
# More weeks than these are shown as months.
_MOST_WEEKS = 26
_SHOWN_VERBS = (Verb.RELABEL, Verb.MOVE, Verb.REJECT, Verb.ADD)


@dataclass(frozen=True)
class EditorRow:
    """An editor's work in the range; `time` is the median time per article."""

    name: str
    spans: int
    finished: int
    time: str


@dataclass(frozen=True)
class ChangedSpan:
    """A span of a disagreement in its context: `text` is what was suggested, or added."""

    change: Change
    left: str
    text: str
    right: str
    moved: str


@login_required
@require_safe
def dashboard(request: UserRequest, slug: str) -> HttpResponse:
    corpus = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=corpus))
    label = next((label.name for label in labels if label.name == request.GET.get("label")), "")
    chosen = _range(request)
    found = numbers_of(corpus, _LISTED, RANGES[chosen][1])
    stages = dict(found.counts.by_stage)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "labels": labels,
        "label": label,
        "ranges": [(name, title) for name, (title, _) in RANGES.items()],
        "range": chosen,
        "range_title": RANGES[chosen][0],
        "found": found,
        "bar": progress_bar(with_parked(stages, parked_counts([corpus]).get(corpus.pk, {}))),
        "done": stages.get("done", 0),
        "left": found.counts.articles - stages.get("done", 0),
        "time": _duration(found.times.get("")),
        "editors": _editors(found),
        "imports": imports_to_look_at([corpus], timezone.now() - RECENT_IMPORTS)[:_LISTED],
        "idle_days": IDLE.days,
        **_figures(found, label),
        "by_label": _by_label(found.outcomes),
    }
    return render(request, "pages/dashboard.html", context)


@login_required
@require_safe
def disagreements(request: UserRequest, slug: str) -> HttpResponse:
    """The newest spans with which editors did what the address names: `suggested`, `verb` and `given`."""
    corpus = get_corpus(request.user, slug)
    chosen, verb = _range(request), request.GET.get("verb", "")
    labels = list(Label.objects.filter(corpus=corpus))
    names = {label.name: label for label in labels}
    suggested, given = request.GET.get("suggested", ""), request.GET.get("given", "")
    if verb not in _SHOWN_VERBS:
        raise Invalid(f"{verb[:40]!r} is not a correction: use {', '.join(_SHOWN_VERBS)}", field="verb")
    for field, name in (("given", given), ("suggested", suggested)):
        if name not in names and (name or field == ("given" if verb == Verb.ADD else "suggested")):
            raise Invalid(f"the corpus has no label {name[:64]!r}", field=field)
    rows = list(changes_of(corpus, _since(corpus, chosen), suggested, verb, given)[: _SPANS + 1])
    page = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "verb": verb,
        "suggested": suggested,
        "given": given,
        "colours": colour_classes(labels),
        "colour": colour_classes(labels).get(names[suggested or given].pk, ""),
        "range": chosen,
        "range_title": RANGES[chosen][0],
        "rows": [_in_context(change) for change in rows[:_SPANS]],
        "more": len(rows) > _SPANS,
    }
    return render(request, "pages/disagreements.html", page)


def _range(request: UserRequest) -> str:
    return chosen if (chosen := request.GET.get("range", "")) in RANGES else str(WEEKS)


def _since(corpus: Corpus, chosen: str) -> date:
    today = timezone.now().date()
    if weeks := RANGES[chosen][1]:
        return weeks_until(today, weeks)[0]
    return first_week(corpus) or today


def _in_context(change: Change) -> ChangedSpan:
    """What was suggested, or what was added where nothing was."""
    text = change.article.text
    start, end = change.before_start, change.before_end
    if start is None or end is None:
        start, end = change.after_start or 0, change.after_end or 0
    moved = text[change.after_start : change.after_end] if change.verb == Verb.MOVE else ""
    left, right = context(text, start, end)
    return ChangedSpan(change, left, text[start:end], right, moved)


def _figures(found: Numbers, label: str) -> dict[str, Figure]:
    """The charts: by week, or by month if there are many weeks."""
    weeks, unit = list(found.weeks), "week"
    period = {week: week for week in weeks}
    if len(weeks) > _MOST_WEEKS:
        unit, period = "month", {week: week.replace(day=1) for week in weeks}
    paces = [pace for pace in found.paces if pace.week in period]
    decided = [row for row in found.outcomes if row.week in period and label in ("", row.label)]
    periods = sorted(set(period.values()))
    return {
        "finished": _figure(
            f"Articles finished per {unit}", unit, periods, ((period[p.week], "finished", p.finished) for p in paces)
        ),
        "outcomes": _figure(
            f"Suggestions decided per {unit}",
            unit,
            periods,
            ((period[row.week], row.outcome, row.count) for row in decided),
            OUTCOMES,
        ),
        "pace": _figure(
            f"Spans decided per {unit}, by editor", unit, periods, ((period[p.week], p.editor, p.spans) for p in paces)
        ),
    }


def _figure(
    title: str,
    unit: str,
    periods: Sequence[date],
    counted: Iterable[tuple[date, str, int]],
    series: Sequence[str] = (),
) -> Figure:
    """A chart of the sums by period and series. Without `series`, the series are sorted by name."""
    sums: Counter[tuple[date, str]] = Counter()
    for start, name, number in counted:
        sums[start, name] += number
    names = list(series) or sorted({name for _, name in sums})
    numbers = {name: [sums[start, name] for start in periods] for name in names}
    mark, day, head = ("%b %y", "F Y", "Month") if unit == "month" else ("%-d %b", "j M Y", "Week of")
    rows = [(date_format(start, day), [numbers[name][at] for name in names]) for at, start in enumerate(periods)]
    chart = stacked_bars(title, [f"{start:{mark}}" for start in periods], numbers)
    return Figure(title, head, names, rows[::-1], chart)


def _editors(found: Numbers) -> list[EditorRow]:
    """Everybody who decided or finished something in the range, who did most first."""
    spans: Counter[str] = Counter()
    finished: Counter[str] = Counter()
    for pace in found.paces:
        spans[pace.editor] += pace.spans
        finished[pace.editor] += pace.finished
    names = sorted({*spans, *finished}, key=lambda name: (-spans[name], name))
    return [EditorRow(name, spans[name], finished[name], _duration(found.times.get(name))) for name in names]


def _duration(time: timedelta | None) -> str:
    """A time in its largest unit: "12 min", "3 h", "2 days"; empty if there is none."""
    if time is None:
        return ""
    if (minutes := round(time.total_seconds() / 60)) < 1:
        return "< 1 min"
    if minutes < 90:
        return f"{minutes} min"
    if (hours := round(minutes / 60)) < 48:
        return f"{hours} h"
    days = round(hours / 24)
    return f"{days} day{pluralize(days)}"


def _by_label(found: Iterable[Outcome]) -> list[tuple[str, list[int], int]]:
    """(label, count by outcome, percent confirmed as suggested), the most frequent first."""
    sums: dict[str, Counter[str]] = {}
    for row in found:
        sums.setdefault(row.label, Counter())[row.outcome] += row.count
    ordered = sorted(sums.items(), key=lambda item: -item[1].total())
    return [(label, [by[name] for name in OUTCOMES], 100 * by[OUTCOMES[0]] // by.total()) for label, by in ordered]
