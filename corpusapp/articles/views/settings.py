"""A new corpus, and the settings of one: general settings and guidelines."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.corpora import create_corpus, edit_corpus, edit_guidelines, guidelines_mark
from corpusapp.articles.forms import OWN_LABELS, GuidelinesForm, NewCorpusForm, SettingsForm
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from corpusapp.articles.permissions import get_corpus, may_create_corpora
from corpusapp.articles.ports import label_sets
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, Refusal, Stale
from corpusapp.core.licences import COMMON
from corpusapp.core.middleware import status_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_corpus(request: UserRequest) -> HttpResponse:
    """The form of a new corpus. A valid one creates it, and goes on to the import of its first articles."""
    if not may_create_corpora(request.user):
        raise NotAllowed("only superusers can create a corpus: ask one")
    first = {"language": "en", "label_set": label_sets()[0].key, "entities_enabled": True}
    form = NewCorpusForm(request.POST or None, initial=first)
    if form.is_bound and form.is_valid():
        try:
            corpus = create_corpus(user=request.user, **form.corpus())
        except (Conflict, Invalid) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
        else:
            messages.success(
                request,
                f"{corpus.name} is created. Next: import its first articles. Labels, guidelines and members are in its "
                "settings.",
            )
            return _to("import", corpus)
    context = {"form": form, "label_sets": label_sets(), "own": OWN_LABELS}
    return render(request, "settings/new.html", context, status=400 if form.is_bound else 200)


_FIELDS = ("name", "language", "nesting_allowed", "entities_enabled", *PUBLICATION_FIELDS)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def general(request: UserRequest, slug: str) -> HttpResponse:
    """Name, language, nesting, licence and the like of a corpus, and its withdrawal."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    now = {name: getattr(corpus, name) for name in _FIELDS}
    form = SettingsForm(request.POST or None, corpus=corpus, initial=now)
    if form.is_bound and form.is_valid():
        try:
            edit_corpus(user=request.user, corpus=corpus, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.detail)
        else:
            messages.success(request, "Settings saved.")
            return _to("corpus-settings", corpus)
    context = {"corpus": corpus, "manages": True, "present": "general", "form": form, "licences": COMMON}
    return render(request, "settings/general.html", context, status=400 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def guidelines(request: UserRequest, slug: str) -> HttpResponse:
    """The guidelines. `preview` shows what is typed; what another manager saved since is shown beside it, with 409."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    typed = corpus.guidelines
    refusal: Refusal | None = None
    form = GuidelinesForm(request.POST if request.method == "POST" else None)
    shown = request.POST.get("shown", "") or guidelines_mark(corpus.guidelines)
    if form.is_bound:
        typed = request.POST.get("guidelines", "")
        if form.is_valid():
            typed = form.cleaned_data["guidelines"]
            try:
                if "preview" not in request.POST:
                    edit_guidelines(user=request.user, corpus=corpus, guidelines=typed, shown=shown)
                    messages.success(request, "Guidelines saved.")
                    return _to("settings-guidelines", corpus)
            except Stale as stale:
                # Saving again is based on the text that this page shows.
                refusal, shown = stale, guidelines_mark(stale.current)
            except Invalid as invalid:
                refusal = invalid
    faulty = form.is_bound and not form.is_valid()
    context: dict[str, Any] = {
        "corpus": corpus,
        "manages": True,
        "present": "guidelines",
        "form": form,
        "typed": typed,
        "shown": shown,
        "refusal": refusal,
        "preview": form.is_bound and not faulty,
    }
    status = status_of(refusal) if refusal else 400 if faulty else 200
    return render(request, "settings/guidelines.html", context, status=status)


def _to(name: str, corpus: Corpus) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=[corpus.slug]), status=303)
