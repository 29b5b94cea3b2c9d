"""What spans several apps: home, the page of a corpus, help."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.review.colours import version
from annotations.review.models import Label, Stage
from annotations.review.queries import corpus_counts, stage_counts
from annotations.suggestions.queries import corpus_pending
from corpusapp.accounts.keys import COMMANDS, FIXED, keys_of, yielded
from corpusapp.articles.models import Corpus, ImportBatch, Membership, Role
from corpusapp.articles.permissions import get_corpus, may


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The corpora that the user can see, with how far each has come; for managers the withdrawn ones below."""
    corpora = list(Corpus.objects.visible_to(request.user))
    counts = stage_counts(corpora)
    rows = [(corpus, _progress(counts.get(corpus.pk, {}))) for corpus in corpora]
    withdrawn = list(Corpus.objects.withdrawn_by(request.user))
    return render(request, "pages/home.html", {"rows": rows, "withdrawn": withdrawn})


def _progress(stages: dict[str, int]) -> dict[str, int]:
    return {
        "articles": sum(stages.values()),
        "done": stages.get(Stage.DONE, 0),
        "in_review": stages.get(Stage.IN_REVIEW, 0),
        "suggested": stages.get(Stage.SUGGESTED, 0),
    }


@login_required
@require_safe
def corpus(request: HttpRequest, slug: str) -> HttpResponse:
    """A corpus: how far it has come, how it is worked on, who works on it."""
    found = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=found))
    counts = corpus_counts(found)
    context = {
        "corpus": found,
        "counts": counts,
        "stages": [(Stage(stage), number) for stage, number in counts.by_stage],
        "labels": labels,
        "labels_version": version(labels),
        "members": Membership.objects.filter(corpus=found).select_related("user").order_by("role", "user__username"),
        "batches": ImportBatch.objects.filter(corpus=found).select_related("user")[:8],
        "pending": corpus_pending(found.pk),
        "manages": may(request.user, found, Role.MANAGER),
    }
    return render(request, "pages/corpus.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    chosen = keys_of(request.user.preferences.get("keys", {}) if request.user.is_authenticated else {})
    keys = [(command, chosen[command.name], yielded(chosen).get(command.name)) for command in COMMANDS]
    return render(request, "pages/help.html", {"keys": keys, "fixed_keys": FIXED})
