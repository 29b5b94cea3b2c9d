"""How far the suggestions of an import have come, and asking for them again."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.review.forms import FilterForm
from annotations.suggestions.actions import runs as again
from annotations.suggestions.actions.cancel import cancel_run
from annotations.suggestions.actions.choose_suggester import choose_suggester
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.forms import SuggesterForm
from annotations.suggestions.pipelines.installed import spacy_pipelines
from annotations.suggestions.queries.runs import (
    batch_notices,
    batch_progress,
    first_articles,
    get_run,
    propagation,
    run_progress,
    suggester_of,
)
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.uploads import kept_files
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_article, get_batch, get_corpus, may
from corpusapp.articles.queries import duplicates, failed_items, notes
from corpusapp.core import jobs
from corpusapp.core.errors import Conflict, Invalid, NotFound

_PROBLEMS = 200


@login_required
@require_safe
def import_batch(request: UserRequest, slug: str, batch: int) -> HttpResponse:
    """What an import brought, what was wrong with the rest, and its suggestions so far."""
    corpus = get_corpus(request.user, slug)
    found = get_batch(corpus, batch)
    manages = may(request.user, corpus, Role.MANAGER)
    failures, kept = list(failed_items(found)[: _PROBLEMS + 1]), bool(kept_files(found))
    progress = batch_progress(found.pk)
    context = {
        "corpus": corpus,
        "manages": manages,
        "batch": found,
        "run": found.runs.select_related("cancelled_by").first(),
        "working": not found.ended or progress.pending,
        "worker": found.ended or jobs.worker_is_alive(),
        "failures": failures[:_PROBLEMS],
        "retryable": manages and found.ended and any(kept or failure.kept for failure in failures),
        "files_kept": kept,
        "duplicates": list(duplicates(found)[: _PROBLEMS + 1]),
        "notes": list(notes(found)[: _PROBLEMS + 1]),
        "most": _PROBLEMS,
        "progress": progress,
        "notices": batch_notices(found.pk),
        "articles": first_articles(found),
    }
    return render(request, "suggestions/import_batch.html", context)


@login_required
@require_safe
def run(request: UserRequest, slug: str, run: int) -> HttpResponse:
    """How far one run has come."""
    corpus = get_corpus(request.user, slug)
    found = get_run(corpus, run)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "run": found,
        "progress": run_progress(found.pk),
        "notices": found.notices,
    }
    return render(request, "suggestions/run.html", context)


@login_required
@require_POST
def suggest_over(request: UserRequest, slug: str) -> HttpResponse:
    """Have the open articles that a filter leaves read anew, or only have it counted what that would change."""
    corpus = get_corpus(request.user, slug)
    given = {name: value for name, value in request.POST.items() if name in FilterForm.base_fields and value}
    try:
        narrowed, dry = FilterForm(given).narrowed(request.user.pk), "dry" in request.POST
        run = again.suggest_again(user=request.user, corpus=corpus, narrowed=narrowed, given=given, dry=dry)
    except Invalid as refusal:
        messages.error(request, refusal.detail)
        return redirect("pipelines", slug)
    return redirect("suggestion-run", slug, run.pk)


@login_required
@require_POST
def carry_out(request: UserRequest, slug: str, run: int) -> HttpResponse:
    """Have done what a dry run counted."""
    found = get_run(get_corpus(request.user, slug), run)
    try:
        return redirect("suggestion-run", slug, again.carry_out(user=request.user, run=found).pk)
    except Conflict as refusal:
        messages.error(request, refusal.detail)
        return redirect("suggestion-run", slug, run)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, run: int) -> HttpResponse:
    """Read no more of a run's articles; back to its own page, or to that of the import that it follows."""
    found = get_run(get_corpus(request.user, slug, Role.MANAGER), run)
    try:
        left_out = cancel_run(user=request.user, run=found)
        messages.success(request, f"Cancelled: {left_out} articles were not processed. Existing suggestions are kept.")
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return redirect("import-batch", slug, found.batch_id) if found.batch_id else redirect("suggestion-run", slug, run)


@login_required
@require_POST
def suggest_again(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Ask for the article's suggestions anew; what people decided stays."""
    article = get_article(request.user, pk, Role.EDITOR)
    if article.corpus.slug != slug:
        raise NotFound(f"there is no article {pk} in {slug!r} that you can see")
    start_run(user=request.user, corpus=article.corpus, article_ids=[article.pk])
    messages.success(request, "New suggestions requested. Your decisions stay unchanged.")
    response = redirect("article", slug=slug, pk=pk)
    response.status_code = 303
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def suggester(request: UserRequest, slug: str) -> HttpResponse:
    """What makes the suggestions of a corpus; its managers choose."""
    corpus = get_corpus(request.user, slug)
    chosen, status = suggester_of(corpus), 200
    form = SuggesterForm(
        initial={
            "name": chosen.name,
            "option": chosen.option,
            "service_url": chosen.service_url,
            "service_kind": chosen.service_kind,
        }
    )
    if request.method == "POST":
        form = SuggesterForm(request.POST)
        if form.is_valid():
            try:
                _, begun, service = choose_suggester(user=request.user, corpus=corpus, **form.cleaned_data)
            except Invalid as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
            else:
                messages.success(request, "Suggestion settings saved.")
                if service:
                    messages.info(request, f"The service at {form.cleaned_data['service_url']} {service}.")
                return redirect("suggestion-run", slug, begun.pk) if begun else redirect("suggester", slug)
        status = 400
    context = {
        "corpus": corpus,
        "form": form,
        "manages": may(request.user, corpus, Role.MANAGER),
        "pipelines": spacy_pipelines(),
        "default": settings.SPACY_PIPELINE,
        "propagation": propagation(corpus.pk),
    }
    return render(request, "suggestions/suggester.html", context, status=status)
