"""Upload files by the browser, and try again what failed; withdraw and restore a corpus."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.ending import cancel_import
from corpusapp.articles.actions.retry import READ_AGAIN_SECONDS, retry_problem
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.actions.withdraw import restore_corpus, withdraw_corpus
from corpusapp.articles.forms import ImportForm
from corpusapp.articles.models import Corpus, ImportBatch, ImportProblem, Role
from corpusapp.articles.permissions import find_corpus, get_batch, get_corpus
from corpusapp.articles.queries import failed_items, get_problem
from corpusapp.core.errors import Conflict, Invalid

# Each is read and stored while the person waits.
RETRIED_AT_ONCE = 200
# In bytes.
READ_AGAIN_AT_ONCE = 5_000_000


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_files(request: UserRequest, slug: str) -> HttpResponse:
    """The upload form; a sound one is kept for a worker, and leads to the import's own page."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid():
        try:
            batch = receive_upload(user=request.user, corpus=corpus, origin=ImportBatch.Origin.FORM, **form.upload())
        except Invalid as invalid:
            form.add_error(invalid.field if invalid.field in form.fields else None, invalid.detail)
        else:
            return _to_batch(corpus, batch)
    context = {
        "corpus": corpus,
        "form": form,
        "manages": True,
        "most_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "most_bytes": settings.IMPORT_MAX_UPLOAD_BYTES,
    }
    return render(request, "articles/import.html", context, status=400 if form.is_bound else 200)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, batch: int) -> HttpResponse:
    """Stop an import; what came in stays."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    found = get_batch(corpus, batch)
    try:
        ended = cancel_import(user=request.user, batch=found)
        messages.success(request, f"Import cancelled. {ended.added} added articles are kept.")
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return _to_batch(corpus, found)


@login_required
@require_POST
def retry_one(request: UserRequest, slug: str, batch: int, problem: int) -> HttpResponse:
    """Import one failed item again; a second failure says why now."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    found = get_batch(corpus, batch)
    failed = get_problem(found, problem)
    if retry_problem(user=request.user, problem=failed):
        messages.success(request, f"{failed.item} is imported.")
    else:
        failed.refresh_from_db(fields=["reason"])
        messages.warning(request, f"{failed.item} failed again: {failed.reason}")
    return _to_batch(corpus, found)


@login_required
@require_POST
def retry_all(request: UserRequest, slug: str, batch: int) -> HttpResponse:
    """Import the failed items again, one after the other; each stands or falls by itself."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    found = get_batch(corpus, batch)
    # Where an item's bytes were not kept by themselves, its whole file is read again.
    cheap = found.total_bytes <= READ_AGAIN_AT_ONCE
    problems = [problem for problem in failed_items(found)[:RETRIED_AT_ONCE] if problem.kept or cheap]
    end = time.monotonic() + READ_AGAIN_SECONDS
    tried = [_comes_in(request, problem) for problem in problems if time.monotonic() < end]
    came_in, failed = tried.count(True), tried.count(False)
    tell = messages.success if came_in and not failed else messages.warning
    late = len(problems) - len(tried)
    more = f" {late} more were not tried because of the time limit." if late else ""
    tell(request, f"Tried again: {came_in} imported, {failed} failed.{more}")
    return _to_batch(corpus, found)


def _comes_in(request: UserRequest, problem: ImportProblem) -> bool:
    try:
        return retry_problem(user=request.user, problem=problem)
    except Conflict:
        # Its bytes are gone, or somebody else was quicker.
        return False


def _to_batch(corpus: Corpus, batch: ImportBatch) -> HttpResponse:
    return HttpResponseRedirect(reverse("import-batch", args=[corpus.slug, batch.pk]), status=303)


@login_required
@require_POST
def withdraw(request: UserRequest, slug: str) -> HttpResponse:
    """Hide the corpus; its managers find it below the others."""
    corpus = find_corpus(request.user, slug)
    withdraw_corpus(user=request.user, corpus=corpus)
    messages.success(request, f"{corpus.name} is withdrawn. It is hidden until a manager restores it.")
    return HttpResponseRedirect(reverse("home"), status=303)


@login_required
@require_POST
def restore(request: UserRequest, slug: str) -> HttpResponse:
    """Show it again."""
    corpus = find_corpus(request.user, slug)
    restore_corpus(user=request.user, corpus=corpus)
    messages.success(request, f"{corpus.name} is restored.")
    return HttpResponseRedirect(reverse("corpus", args=[slug]), status=303)
