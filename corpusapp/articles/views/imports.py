"""Pages to upload files, cancel imports, retry failed items, and withdraw and restore a corpus."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.import_state import cancel_import
from corpusapp.articles.actions.retry import READ_AGAIN_SECONDS, retry_problem
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.actions.withdraw import restore_corpus, withdraw_corpus
from corpusapp.articles.forms import ImportForm
from corpusapp.articles.models import Corpus, ImportBatch, ImportProblem, Role
from corpusapp.articles.permissions import find_corpus, get_batch, get_corpus
from corpusapp.articles.queries import failed_items, get_problem
from corpusapp.core.errors import Conflict, Invalid

# Maximum items that are retried while the user waits.
RETRIED_AT_ONCE = 200
# Maximum size of an upload that is read again for its items, in bytes.
READ_AGAIN_AT_ONCE = 5_000_000


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_files(request: UserRequest, slug: str) -> HttpResponse:
    """The upload form. A valid one stores the files for a worker, and redirects to the page of the import."""
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
    """Cancel an import; imported articles stay."""
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
    """Retry one failed item; if it fails again, show the reason."""
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
    """Retry the failed items one by one, up to a time limit."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    found = get_batch(corpus, batch)
    # If an item's bytes are not stored, its whole file is read again.
    cheap = found.total_bytes <= READ_AGAIN_AT_ONCE
    problems = [problem for problem in failed_items(found)[:RETRIED_AT_ONCE] if problem.kept or cheap]
    end = time.monotonic() + READ_AGAIN_SECONDS
    tried = [_is_imported(request, problem) for problem in problems if time.monotonic() < end]
    imported, failed = tried.count(True), tried.count(False)
    notify = messages.success if imported and not failed else messages.warning
    late = len(problems) - len(tried)
    more = f" {late} more were not tried because of the time limit." if late else ""
    notify(request, f"Tried again: {imported} imported, {failed} failed.{more}")
    return _to_batch(corpus, found)


def _is_imported(request: UserRequest, problem: ImportProblem) -> bool:
    try:
        return retry_problem(user=request.user, problem=problem)
    except Conflict:
        # Its bytes are deleted, or another user has retried it.
        return False


def _to_batch(corpus: Corpus, batch: ImportBatch) -> HttpResponse:
    return HttpResponseRedirect(reverse("import-batch", args=[corpus.slug, batch.pk]), status=303)


@login_required
@require_POST
def withdraw(request: UserRequest, slug: str) -> HttpResponse:
    """Withdraw the corpus; its managers find it below the others."""
    corpus = find_corpus(request.user, slug)
    withdraw_corpus(user=request.user, corpus=corpus)
    messages.success(request, f"{corpus.name} is withdrawn. It is hidden until a manager restores it.")
    return HttpResponseRedirect(reverse("home"), status=303)


@login_required
@require_POST
def restore(request: UserRequest, slug: str) -> HttpResponse:
    """Restore a withdrawn corpus."""
    corpus = find_corpus(request.user, slug)
    restore_corpus(user=request.user, corpus=corpus)
    messages.success(request, f"{corpus.name} is restored.")
    return HttpResponseRedirect(reverse("corpus", args=[slug]), status=303)
