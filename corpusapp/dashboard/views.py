"""The pages that use several apps: home, a corpus and its dashboard, help."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from annotations.review.colours import colour_classes
from annotations.review.models import Label, Stage
from annotations.review.queries import corpus_counts, stage_counts
from annotations.review.queries.comments import list_comments
from annotations.review.queries.progress import OUTCOMES
from annotations.review.queries.set_aside import parked_counts, with_parked
from annotations.suggestions.queries.runs import corpus_pending
from corpusapp.accounts.keys import COMMANDS, FIXED, displaced, keys_of
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, ImportBatch, Membership, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core.charts import Figure, stacked_bars
from corpusapp.dashboard.numbers import IDLE, numbers_of

# Articles and comments of each list on the dashboard.
_LISTED = 6


@login_required
@require_safe
def home(request: UserRequest) -> HttpResponse:
    """The corpora that the user can see, with their progress; for managers, also the withdrawn ones."""
    corpora = list(Corpus.objects.visible_to(request.user))
    counts, parked = stage_counts(corpora), parked_counts(corpora)
    rows = [
        (corpus, _progress(with_parked(counts.get(corpus.pk, {}), parked.get(corpus.pk, {})))) for corpus in corpora
    ]
    withdrawn = list(Corpus.objects.withdrawn_by(request.user))
    return render(request, "pages/home.html", {"rows": rows, "withdrawn": withdrawn})


def _progress(stages: dict[str, int]) -> dict[str, int]:
    return {
        "articles": sum(stages.values()),
        "done": stages.get(Stage.DONE, 0),
        "in_review": stages.get(Stage.IN_REVIEW, 0),
        "suggested": stages.get(Stage.SUGGESTED, 0),
        "parked": stages["parked"],
    }


@login_required
@require_safe
def corpus(request: UserRequest, slug: str) -> HttpResponse:
    """A corpus: its progress, labels, imports and members."""
    found = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=found))
    counts = corpus_counts(found)
    context = {
        "corpus": found,
        "counts": counts,
        "stages": [(Stage(stage), number) for stage, number in counts.by_stage],
        "labels": labels,
        "colours": colour_classes(labels),
        "members": Membership.objects.filter(corpus=found).select_related("user").order_by("role", "user__username"),
        "batches": ImportBatch.objects.filter(corpus=found).select_related("user")[:8],
        "pending": corpus_pending(found.pk),
        "manages": may(request.user, found, Role.MANAGER),
    }
    return render(request, "pages/corpus.html", context)


@require_safe
def help_page(request: UserRequest) -> HttpResponse:
    chosen = keys_of(request.user.preferences.get("keys", {}) if request.user.is_authenticated else {})
    keys = [(command, chosen[command.name], displaced(chosen).get(command.name)) for command in COMMANDS]
    return render(request, "pages/help.html", {"keys": keys, "fixed_keys": FIXED})


@login_required
@require_safe
def dashboard(request: UserRequest, slug: str) -> HttpResponse:
    corpus = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=corpus))
    label = next((label.name for label in labels if label.name == request.GET.get("label")), "")
    found = numbers_of(corpus, _LISTED)
    weeks = found.weeks
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "labels": labels,
        "label": label,
        "found": found,
        "stages": [(Stage(stage), number) for stage, number in found.counts.by_stage],
        "finished": _figure(
            "Articles finished per week", weeks, ((p.week, "finished", p.finished) for p in found.paces)
        ),
        "outcomes": _figure(
            "Suggestions decided per week",
            weeks,
            ((row.week, row.outcome, row.count) for row in found.outcomes if label in ("", row.label)),
            OUTCOMES,
        ),
        "by_label": _by_label(found.outcomes),
        "pace": _figure("Spans decided per week, by editor", weeks, ((p.week, p.editor, p.spans) for p in found.paces)),
        "comments": list_comments(corpus, size=_LISTED).rows,
        "idle_days": IDLE.days,
    }
    return render(request, "pages/dashboard.html", context)


def _figure(
    title: str, weeks: Sequence[date], counted: Iterable[tuple[date, str, int]], series: Sequence[str] = ()
) -> Figure:
    """A chart of the sums by week and series. Without `series`, the series are sorted by name."""
    sums: dict[tuple[date, str], int] = {}
    for week, name, number in counted:
        sums[week, name] = sums.get((week, name), 0) + number
    names = list(series) or sorted({name for _, name in sums})
    numbers = {name: [sums.get((week, name), 0) for week in weeks] for name in names}
    marks = [f"{week:%-d %b}" for week in weeks]
    rows = [(date_format(week, "j M Y"), [numbers[name][at] for name in names]) for at, week in enumerate(weeks)]
    return Figure(title, "Week of", names, rows[::-1], stacked_bars(title, marks, numbers))


def _by_label(found: Iterable) -> list[tuple[str, list[int], int]]:
    """(label, count by outcome, percent confirmed as suggested), the most frequent first."""
    sums: dict[str, dict[str, int]] = {}
    for row in found:
        by_outcome = sums.setdefault(row.label, {})
        by_outcome[row.outcome] = by_outcome.get(row.outcome, 0) + row.count
    ordered = sorted(sums.items(), key=lambda item: -sum(item[1].values()))
    return [
        (label, [by.get(name, 0) for name in OUTCOMES], 100 * by.get(OUTCOMES[0], 0) // sum(by.values()))
        for label, by in ordered
    ]
