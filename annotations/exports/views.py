"""The page of exports: order, follow, download, cancel and delete them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.exports.actions.order import cancel_export, order_export, remove_export
from annotations.exports.format_choices import ABOUT, is_streamed, known_format
from annotations.exports.forms import ExportForm
from annotations.exports.models import Export
from annotations.exports.queries.exports import file_of, get_export, losses_of, recent_exports
from annotations.exports.queries.preview import preview_selection
from annotations.exports.queries.records import STAGE
from annotations.exports.selection import ANY
from annotations.formats import jsonl
from annotations.formats.registry import formats
from annotations.review.models import Stage
from annotations.review.queries import facets
from annotations.review.queries.counts import Facets
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core import jobs
from corpusapp.core.downloads import file_response
from corpusapp.core.errors import Conflict, Invalid

_SHOWN = 30


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: UserRequest, slug: str) -> HttpResponse:
    """The form, and the exports of the corpus. With `preview`, what the file would hold."""
    corpus = get_corpus(request.user, slug)
    form = ExportForm(request.POST if request.method == "POST" else None, corpus=corpus, initial=_initial(request))
    preview = None
    if form.is_bound and form.is_valid() and "preview" in request.POST:
        preview = preview_selection(corpus, form.selection())
    elif form.is_bound and form.is_valid():
        try:
            order_export(user=request.user, corpus=corpus, **form.order())
        except (Invalid, Conflict) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
        else:
            return _back(corpus)
    lacks = ABOUT[form.cleaned_data["format"]].lacks if preview else ""
    context = _context(request, corpus) | {"form": form, "preview": preview, "lacks": lacks}
    return render(request, "exports/export.html", context, status=400 if form.is_bound and not preview else 200)


@login_required
@require_safe
def download(request: UserRequest, slug: str, pk: int) -> HttpResponseBase:
    """Download the file of an export."""
    found = get_export(get_corpus(request.user, slug), pk)
    path, form = file_of(found), known_format(found.format)
    return file_response(request, path.open("rb"), name=found.name, content_type=form.media_type, sha256=found.sha256)


@login_required
@require_safe
def losses(request: UserRequest, slug: str, pk: int) -> HttpResponseBase:
    """Download all losses of an export as JSON Lines."""
    found = get_export(get_corpus(request.user, slug), pk)
    name = f"{found.name}.losses.jsonl"
    return file_response(request, losses_of(found).open("rb"), name=name, content_type=jsonl.MEDIA_TYPE)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Cancel a waiting or running export."""
    corpus = get_corpus(request.user, slug)
    try:
        cancel_export(user=request.user, export=get_export(corpus, pk))
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return _back(corpus)


@login_required
@require_POST
def remove(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Delete an export and its file."""
    corpus = get_corpus(request.user, slug)
    remove_export(user=request.user, export=get_export(corpus, pk))
    return _back(corpus)


def _initial(request: UserRequest) -> dict[str, Any]:
    named = request.GET.get("format", "")
    return {"format": named if named in ABOUT else "jsonl", "state": ["confirmed"], "stage": ["done"]}


def _context(request: UserRequest, corpus: Corpus) -> dict[str, Any]:
    exports, manages = recent_exports(corpus, _SHOWN), may(request.user, corpus, Role.MANAGER)
    found = facets(corpus)
    working = any(export.is_open for export in exports)
    return {
        "corpus": corpus,
        "manages": manages,
        "formats": [(form, ABOUT[form.name], is_streamed(form)) for form in formats.written()],
        "sources": [name for name, _ in found.sources],
        "stages": stage_choices(found),
        "exports": [_shown(export, request, manages) for export in exports],
        "working": working,
        "worker": not working or jobs.worker_is_alive(),
        "days": settings.EXPORT_DAYS,
        "kept": settings.EXPORTS_KEPT,
        "api": f"/api/v1/corpora/{corpus.slug}/export/",
    }


def stage_choices(found: Facets) -> list[tuple[str, str, int]]:
    """(value, name, number of articles) of every stage, and of `any`."""
    numbers = dict(found.stages)
    rows = [(value, str(label).lower(), numbers.get(value, 0)) for value, label in Stage.choices]
    return [*rows, (ANY, "any stage", sum(numbers.values()))]


def _shown(export: Export, request: UserRequest, manages: bool) -> dict[str, Any]:
    """An export for the template."""
    report = export.report or {"losses": {}, "faults": {}, "notes": {}, "examples": []}
    lost = report["losses"] | report["faults"]
    left_out = report.get("left_out", {}).get("articles", {})
    return {
        "row": export,
        "title": known_format(export.format).title,
        "selection": export.chosen,
        "lost": sum(lost.values()),
        "spans": report.get("written", {}).get("spans", report.get("spans")),
        "others": left_out.get(STAGE, 0),
        "losses": [entry["message"] for entry in report["examples"] if entry["kind"] in lost],
        "all_losses": lost and export.state in (Export.State.FINISHED, Export.State.REFUSED) and "written" in report,
        "notes": report["notes"],
        "cancellable": export.is_open and (manages or export.user_id == request.user.pk),
        "removable": manages or export.user_id == request.user.pk,
    }


def _back(corpus: Corpus) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('export', args=[corpus.slug])}#made", status=303)
