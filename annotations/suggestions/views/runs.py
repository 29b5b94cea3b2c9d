"""The pages of imports, runs and suggestion settings."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.review.forms import FilterForm
from annotations.suggestions.actions import runs as actions
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
    """Show an import: its articles, problems, and the progress of its suggestions."""
    corpus = get_corpus(request.user, slug)
    found = get_batch(corpus, batch)
    manages = may(request.user, corpus, Role.MANAGER)
    failures = list(failed_items(found)[: _PROBLEMS + 1])
    kept = bool(kept_files(found))
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
    """Show a run and its progress."""
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
    """Update the suggestions of open articles that match a filter, or only count the changes."""
    corpus = get_corpus(request.user, slug)
    values = {
        name: value
        for name, value in request.POST.items()
        if name in FilterForm.base_fields and isinstance(value, str) and value
    }
    try:
        found, dry = FilterForm(values).article_filter(request.user), "dry" in request.POST
        run = actions.suggest_again(user=request.user, corpus=corpus, article_filter=found, form_values=values, dry=dry)
    except Invalid as refusal:
        messages.error(request, refusal.detail)
        return redirect("pipelines", slug)
    return redirect("suggestion-run", slug, run.pk)


@login_required
@require_POST
def carry_out(request: UserRequest, slug: str, run: int) -> HttpResponse:
    """Carry out a dry run."""
    found = get_run(get_corpus(request.user, slug), run)
    try:
        return redirect("suggestion-run", slug, actions.carry_out(user=request.user, run=found).pk)
    except Conflict as refusal:
        messages.error(request, refusal.detail)
        return redirect("suggestion-run", slug, run)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, run: int) -> HttpResponse:
    """Cancel a run, and go back to its import, or to its own page."""
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
    """Update the suggestions of one article. Decisions do not change."""
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
    """Show the suggestion settings of a corpus, and save them for managers."""
    corpus = get_corpus(request.user, slug)
    chosen, status = suggester_of(corpus), 200
    form = SuggesterForm(
        initial={
            "name": chosen.name,
            "option": chosen.option,
            "service_url": chosen.service_url,
            "service_kind": chosen.service_kind,
            "languages": chosen.languages,
            "label_map": chosen.label_map,
            "bylines": chosen.bylines,
        }
    )
    if request.method == "POST":
        form = SuggesterForm(request.POST)
        if form.is_valid():
            try:
                _, started, service = choose_suggester(user=request.user, corpus=corpus, **form.cleaned_data)
            except Invalid as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
            else:
                messages.success(request, "Suggestion settings saved.")
                if service:
                    messages.info(request, f"The service at {form.cleaned_data['service_url']} {service}.")
                return redirect("suggestion-run", slug, started.pk) if started else redirect("suggester", slug)
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
