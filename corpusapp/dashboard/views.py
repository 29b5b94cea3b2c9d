"""The pages that use several apps: home, a corpus and its dashboard, help."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from annotations.review.colours import colour_classes
from annotations.review.models import Label, Stage, State
from annotations.review.queries import corpus_counts, stage_counts
from annotations.review.queries.comments import list_comments
from annotations.review.queries.progress import OUTCOMES
from annotations.review.queries.resume import article_to_continue, article_to_start, reviews_under_way
from annotations.suggestions.queries.runs import corpus_pending
from corpusapp.accounts.keys import COMMANDS, FIXED, displaced, keys_of
from corpusapp.accounts.models import User
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Membership, Role
from corpusapp.articles.permissions import get_corpus, may, may_create_corpora
from corpusapp.core.charts import Figure, stacked_bars
from corpusapp.dashboard.activity import recent_activity
from corpusapp.dashboard.attention import attention
from corpusapp.dashboard.navigation import optional_address
from corpusapp.dashboard.numbers import IDLE, numbers_of
from corpusapp.dashboard.overview import home_of, progress_bar, span_counts_of

# Articles and comments of each list on the dashboard; reviews under way on a corpus's page.
_LISTED, _UNDER_WAY = 6, 5


@login_required
@require_safe
def home(request: UserRequest) -> HttpResponse:
    """Where to go on, the corpora that the user can see with their progress, what is new, what needs attention."""
    found = home_of(request.user)
    context = {
        "found": found,
        "first_run": found.first_run,
        "attention": attention(found.managed),
        "withdrawn": list(Corpus.objects.withdrawn_by(request.user)),
        "new_corpus": _new_corpus(request.user),
        "can_import": found.managed[0] if found.managed else None,
        "member_pages": {corpus.pk: optional_address("corpus-members", corpus.slug) for corpus in found.managed},
    }
    return render(request, "pages/home.html", context)


def _new_corpus(user: User) -> str:
    """The address of the form that creates a corpus; an empty text if the user may create none."""
    if not may_create_corpora(user):
        return ""
    return optional_address("corpus-new") or reverse("admin:articles_corpus_add")


@login_required
@require_safe
def corpus(request: UserRequest, slug: str) -> HttpResponse:
    """A corpus: the article to open next, its progress, recent activity, labels, guidelines and members."""
    found = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=found))
    stages = stage_counts([found]).get(found.pk, {})
    spans = span_counts_of(found, sum(stages.values()))
    edits = may(request.user, found, Role.EDITOR)
    offer = edits and (article_to_continue(request.user, [found]) or article_to_start(request.user, found))
    context = {
        "corpus": found,
        "counts": corpus_counts(found, stages, spans),
        "bar": progress_bar(stages),
        "offer": offer,
        "under_way": reviews_under_way(found, _UNDER_WAY),
        "in_review": stages.get(Stage.IN_REVIEW, 0),
        "activity": recent_activity(found),
        "labels": labels,
        "chips": [(label, *_numbers(spans.get(label.pk, {}))) for label in labels],
        "colours": colour_classes(labels),
        "members": Membership.objects.filter(corpus=found).select_related("user").order_by("role", "user__username"),
        "members_page": optional_address("corpus-members", slug),
        "settings_page": optional_address("corpus-settings", slug),
        "pending": corpus_pending(found.pk),
        "manages": may(request.user, found, Role.MANAGER),
    }
    return render(request, "pages/corpus.html", context)


def _numbers(by_state: dict[str, int]) -> tuple[int, int]:
    """Confirmed and suggested spans."""
    return by_state.get(State.CONFIRMED, 0), by_state.get(State.SUGGESTED, 0)


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
