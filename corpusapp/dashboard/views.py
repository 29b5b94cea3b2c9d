"""The pages that use several apps: home, a corpus, help."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from annotations.review.colours import colour_classes
from annotations.review.models import Label, Stage, State
from annotations.review.queries import corpus_counts, stage_counts
from annotations.review.queries.resume import article_to_continue, article_to_start, reviews_under_way
from annotations.review.queries.set_aside import parked_counts, with_parked
from annotations.suggestions.queries.runs import corpus_pending
from corpusapp.accounts.keys import COMMANDS, FIXED, displaced, keys_of
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Membership, Role
from corpusapp.articles.permissions import get_corpus, may, may_create_corpora
from corpusapp.dashboard.activity import recent_activity
from corpusapp.dashboard.attention import attention
from corpusapp.dashboard.overview import home_of, progress_bar, span_counts_of

# Reviews under way on a corpus's page.
_UNDER_WAY = 5


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
        "new_corpus": reverse("corpus-new") if may_create_corpora(request.user) else "",
        "can_import": found.managed[0] if found.managed else None,
    }
    return render(request, "pages/home.html", context)


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
        "bar": progress_bar(with_parked(stages, parked_counts([found]).get(found.pk, {}))),
        "offer": offer,
        "under_way": reviews_under_way(found, _UNDER_WAY),
        "in_review": stages.get(Stage.IN_REVIEW, 0),
        "activity": recent_activity(found),
        "labels": labels,
        "chips": [(label, *_numbers(spans.get(label.pk, {}))) for label in labels if not label.hidden],
        "colours": colour_classes(labels),
        "members": Membership.objects.filter(corpus=found).select_related("user").order_by("role", "user__username"),
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
