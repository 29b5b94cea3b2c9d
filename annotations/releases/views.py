"""Pages of releases: list, data sheet with charts, and comparison."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.exports.queries.preview import preview_selection
from annotations.exports.views import stage_choices
from annotations.formats.records import STATES
from annotations.releases import store
from annotations.releases.actions.order import (
    SEED,
    SHARES,
    cancel_release,
    erase_release,
    order_release,
    order_release_export,
)
from annotations.releases.forms import FileForm, ReleaseForm
from annotations.releases.models import Release
from annotations.releases.queries.comparison import CHANGES, changed_labels, compare
from annotations.releases.queries.files import check_release, open_file
from annotations.releases.queries.manifest import manifest_bytes, versions_differ
from annotations.releases.queries.preview import preview_split
from annotations.releases.queries.releases import (
    erasure_counts,
    file_stem,
    get_made_release,
    get_release,
    made_releases,
    newest_release,
    releases_page,
)
from annotations.releases.split import PARTS, Split
from annotations.review.queries import facets
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core import jobs
from corpusapp.core.charts import Figure, stacked_rows
from corpusapp.core.downloads import file_response
from corpusapp.core.errors import Conflict, Invalid

_SHOWN = 30
# Rows of a chart. The others are one row of the chart, and all are in the table.
_DRAWN = 12


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def releases(request: UserRequest, slug: str) -> HttpResponse:
    """The releases of a corpus, and the form for the next one. With `preview`, what it would hold.

    A release with an empty part is created only with `anyway`; without it, the preview says which share would help.
    """
    corpus = get_corpus(request.user, slug, Role.MANAGER if request.method == "POST" else Role.READER)
    page = releases_page(corpus, cursor=request.GET.get("cursor", ""), size=_SHOWN)
    form = ReleaseForm(request.POST if request.method == "POST" else None, corpus=corpus, initial=_initial(corpus))
    preview = _preview(request, corpus, form) if form.is_bound and form.is_valid() else {}
    if form.is_bound and form.is_valid() and not preview:
        try:
            made, _ = order_release(user=request.user, corpus=corpus, **form.order(), client_key=_key(request))
        except (Invalid, Conflict) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
        else:
            return HttpResponseRedirect(reverse("release", args=[corpus.slug, made.number]), status=303)
    working, found = any(release.is_open for release in page.rows), facets(corpus)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "releases": page.rows,
        "next": page.next_cursor,
        "form": form,
        "sources": [name for name, _ in found.sources],
        "stages": stage_choices(found),
        "working": working,
        "worker": not working or jobs.worker_is_alive(),
        "api": f"/api/v1/corpora/{corpus.slug}/releases/",
        **preview,
    }
    refused = form.is_bound and "preview" not in request.POST
    return render(request, "releases/releases.html", context, status=400 if refused or form.errors else 200)


def _preview(request: UserRequest, corpus: Corpus, form: ReleaseForm) -> dict[str, Any]:
    """Context of the preview, if it was asked for, or if a part would be empty and nobody said `anyway`."""
    if "anyway" in request.POST:
        return {}
    order = form.order()
    shares = order["shares"]
    if sum(shares.values()) != 100:
        return {}
    parts = preview_split(corpus, order["selection"], Split(order["seed"], **shares))
    articles = sum(part.articles for part in parts)
    empty = [part for part in parts if part.empty] if articles else []
    if not empty and "preview" not in request.POST:
        return {}
    return {"preview": preview_selection(corpus, order["selection"]), "preview_parts": parts, "empty_parts": empty}


@login_required
@require_safe
def release(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """The data sheet of a release, or its progress. `?check=1` checks its file."""
    corpus = get_corpus(request.user, slug)
    found = get_release(corpus, number)
    manages = may(request.user, corpus, Role.MANAGER)
    context = {"corpus": corpus, "manages": manages, "release": found, "working": found.is_open}
    if manages and not found.is_open:
        counts = erasure_counts(found)
        context |= {"goes": [one for one in counts if one.goes], "stays": [one for one in counts if not one.goes]}
    if found.state == Release.State.MADE:
        context |= _sheet(request, found)
    else:
        context["worker"] = not found.is_open or jobs.worker_is_alive()
    return render(request, "releases/release.html", context)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Cancel a waiting or running release."""
    try:
        cancel_release(user=request.user, release=get_release(get_corpus(request.user, slug, Role.MANAGER), number))
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(reverse("release", args=[slug, number]), status=303)


@login_required
@require_POST
def erase(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Erase a release, if the box was ticked."""
    found = get_release(get_corpus(request.user, slug, Role.MANAGER), number)
    if request.POST.get("confirmed") != "yes":
        raise Invalid("tick the box to confirm: erasing cannot be undone", field="confirmed")
    erase_release(user=request.user, release=found)
    messages.success(request, f"Release {number} is erased permanently.")
    return HttpResponseRedirect(reverse("releases", args=[slug]), status=303)


@login_required
@require_safe
def download(request: UserRequest, slug: str, number: int) -> HttpResponseBase:
    """Download the file of a release."""
    found = get_made_release(get_corpus(request.user, slug), number)
    name = f"{file_stem(found)}{store.SUFFIX}"
    return file_response(request, open_file(found), name=name, content_type="application/gzip", sha256=found.sha256)


@login_required
@require_safe
def manifest(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Download the manifest."""
    found = get_made_release(get_corpus(request.user, slug), number)
    headers = {"Content-Disposition": f'attachment; filename="{file_stem(found)}.manifest.json"'}
    return HttpResponse(manifest_bytes(found), content_type="application/json", headers=headers)


@login_required
@require_POST
def export(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Order a file of the release in another format. It is listed on the page of exports."""
    found = get_made_release(get_corpus(request.user, slug), number)
    form = FileForm(request.POST)
    if not form.is_valid():
        (field, reasons), *_ = form.errors.items()
        raise Invalid(f"{field}: {reasons[0]}", field=field)
    order_release_export(user=request.user, release=found, **form.cleaned_data)
    return HttpResponseRedirect(f"{reverse('export', args=[slug])}#made", status=303)


@login_required
@require_safe
def comparison(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """What changed between two releases, the lower number first."""
    corpus = get_corpus(request.user, slug)
    other = request.GET.get("with", "")
    if not (other.isascii() and other.isdigit() and len(other) < 10):
        raise Invalid("choose another release of this corpus", field="with")
    before, after = (get_made_release(corpus, each) for each in sorted([number, int(other)]))
    found = compare(before, after)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "before": before,
        "after": after,
        "changes": CHANGES,
        "counts": [("articles", _row(found.articles)), ("spans", _row(found.spans))],
        "labels": [(name, list(counts.values())) for name, counts in found.as_json()["labels"].items()],
        "tally": found,
        "label_set": changed_labels(before, after),
        "guidelines": before.made_manifest["guidelines"] != after.made_manifest["guidelines"],
        "api": f"/api/v1/corpora/{slug}/releases/{before.number}/compare/{after.number}/",
    }
    return render(request, "releases/comparison.html", context)


def _key(request: UserRequest) -> str:
    """A key of the submitted form, so that a double click makes one release. Each page has its own CSRF token."""
    return f"form {hashlib.sha256(request.POST.urlencode().encode()).hexdigest()}"


def _initial(corpus: Corpus) -> dict[str, Any]:
    """The values of the last release, so that no article changes its part."""
    newest = newest_release(corpus)
    shares, seed = (newest.shares, newest.seed) if newest else (SHARES, SEED)
    return {"state": ["confirmed"], "stage": ["done"], "seed": seed, **shares}


def _sheet(request: UserRequest, found: Release) -> dict[str, Any]:
    about = found.made_manifest
    return {
        "manifest": about,
        "counts": about["counts"],
        "file": next(iter(about["files"].items())),
        "parts": [(part, share, about["counts"]["parts"][part]) for part, share in found.shares.items()],
        "figures": _figures(about["counts"]),
        "differ": versions_differ(found),
        "form": FileForm(),
        "others": [other for other in made_releases(found.corpus) if other.pk != found.pk],
        "check": check_release(found) if request.GET.get("check") else None,
    }


def _row(counts: Mapping[str, int]) -> list[int]:
    return [counts[change] for change in CHANGES]


def _figures(counts: Mapping[str, Any]) -> list[Figure]:
    """The charts of a manifest's counts."""
    parts, labels = counts["parts"], counts["labels"]
    figures = [
        _figure("Articles by part", "Part", ["articles"], [(part, [parts[part]["articles"]]) for part in PARTS]),
        _figure(
            "Spans by label and part",
            "Label",
            PARTS,
            _by_frequency((label, [counted[part] for part in PARTS]) for label, counted in labels.items()),
        ),
    ]
    states = [state for state in STATES if counts["states"][state]]
    if len(states) > 1:
        by_state = _by_frequency((label, [counted[state] for state in states]) for label, counted in labels.items())
        figures.append(_figure("Spans by label and state", "Label", states, by_state))
    sources = _by_frequency(
        (source or "no source", [counted["articles"]]) for source, counted in counts["sources"].items()
    )
    figures.append(_figure("Articles by source", "Source", ["articles"], sources))
    years = [(year or "no date", [number]) for year, number in counts["years"].items()]
    figures.append(_figure("Articles by year", "Year", ["articles"], years))
    stages = [(stage.replace("_", " "), [number]) for stage, number in counts["stages"].items()]
    figures.append(_figure("Articles by stage", "Stage", ["articles"], stages))
    return figures


def _by_frequency(rows: Iterable[tuple[str, list[int]]]) -> list[tuple[str, list[int]]]:
    return sorted(rows, key=lambda row: (-sum(row[1]), row[0]))


def _figure(title: str, head: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> Figure:
    drawn = list(rows[:_DRAWN])
    if rest := rows[_DRAWN:]:
        drawn.append(
            (f"{len(rest)} more", [sum(column) for column in zip(*(numbers for _, numbers in rest), strict=True)])
        )
    numbers = {name: [row[1][at] for row in drawn] for at, name in enumerate(series)}
    return Figure(title, head, list(series), list(rows), stacked_rows(title, [mark for mark, _ in drawn], numbers))
