"""Make releases by the browser; their data sheets; what changed between two."""

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.exports.views import stage_choices
from annotations.releases import store
from annotations.releases.actions.erase import erase_release
from annotations.releases.actions.order import SEED, SHARES, cancel_release, order_release, order_release_export
from annotations.releases.comparison import CHANGES, changed_labels, compare
from annotations.releases.figures import figures_of
from annotations.releases.forms import FileForm, ReleaseForm
from annotations.releases.models import OPEN, Release
from annotations.releases.queries import (
    account,
    check_release,
    file_stem,
    get_made_release,
    get_release,
    made_releases,
    manifest_bytes,
    newest_release,
    open_file,
    releases_page,
    versions_differ,
)
from annotations.review.queries import facets
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core import jobs
from corpusapp.core.errors import Conflict, Invalid

_SHOWN = 30


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def releases(request: UserRequest, slug: str) -> HttpResponse:
    """The releases of a corpus, and for its managers the form by which the next is made."""
    corpus = get_corpus(request.user, slug, Role.MANAGER if request.method == "POST" else Role.READER)
    page = releases_page(corpus, cursor=request.GET.get("cursor", ""), size=_SHOWN)
    form = ReleaseForm(request.POST if request.method == "POST" else None, corpus=corpus, initial=_initial(corpus))
    if form.is_bound and form.is_valid():
        try:
            made, _ = order_release(user=request.user, corpus=corpus, **form.order(), client_key=_key(request))
        except (Invalid, Conflict) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
        else:
            return HttpResponseRedirect(reverse("release", args=[corpus.slug, made.number]), status=303)
    working, known = any(release.state in OPEN for release in page.rows), facets(corpus)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "releases": page.rows,
        "next": page.next_cursor,
        "form": form,
        "sources": [name for name, _ in known.sources],
        "stages": stage_choices(known),
        "working": working,
        "worker": not working or jobs.worker_is_alive(),
        "api": f"/api/v1/corpora/{corpus.slug}/releases/",
    }
    return render(request, "releases/releases.html", context, status=400 if form.is_bound else 200)


@login_required
@require_safe
def release(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """The data sheet; how far the release is, while it is made. `?check=1` reads its file again."""
    corpus = get_corpus(request.user, slug)
    found = get_release(corpus, number)
    manages = may(request.user, corpus, Role.MANAGER)
    context = {"corpus": corpus, "manages": manages, "release": found, "working": found.state in OPEN}
    if manages and found.state not in OPEN:
        held = account(found)
        context |= {"goes": [one for one in held if one.goes], "stays": [one for one in held if not one.goes]}
    if found.state == Release.State.MADE:
        context |= _sheet(request, found)
    else:
        context["worker"] = found.state not in OPEN or jobs.worker_is_alive()
    return render(request, "releases/release.html", context)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Stop a release that waits or is made."""
    try:
        cancel_release(user=request.user, release=get_release(get_corpus(request.user, slug, Role.MANAGER), number))
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(reverse("release", args=[slug, number]), status=303)


@login_required
@require_POST
def erase(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Erase it, where the box is ticked that says so."""
    found = get_release(get_corpus(request.user, slug, Role.MANAGER), number)
    if request.POST.get("confirmed") != "yes":
        raise Invalid("tick the box to confirm: erasing cannot be undone", field="confirmed")
    erase_release(user=request.user, release=found)
    messages.success(request, f"Release {number} is erased permanently.")
    return HttpResponseRedirect(reverse("releases", args=[slug]), status=303)


@login_required
@require_safe
def download(request: UserRequest, slug: str, number: int) -> FileResponse:
    """The release's own file."""
    found = get_made_release(get_corpus(request.user, slug), number)
    name = f"{file_stem(found)}{store.SUFFIX}"
    return FileResponse(open_file(found), as_attachment=True, filename=name, content_type="application/gzip")


@login_required
@require_safe
def manifest(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """The manifest as a file."""
    found = get_made_release(get_corpus(request.user, slug), number)
    headers = {"Content-Disposition": f'attachment; filename="{file_stem(found)}.manifest.json"'}
    return HttpResponse(manifest_bytes(found), content_type="application/json", headers=headers)


@login_required
@require_POST
def export(request: UserRequest, slug: str, number: int) -> HttpResponse:
    """Have a file of it made in another format; it comes to the files of the export page."""
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
    """What changed between this release and another one, the lower number first."""
    corpus = get_corpus(request.user, slug)
    other = request.GET.get("with", "")
    if not (other.isascii() and other.isdigit() and len(other) < 10):
        raise Invalid("choose another release of this corpus", field="with")
    before, after = (get_made_release(corpus, each) for each in sorted([number, int(other)]))
    tally = compare(before, after)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "before": before,
        "after": after,
        "changes": CHANGES,
        "counts": [("articles", _row(tally.articles)), ("spans", _row(tally.spans))],
        "labels": [(name, list(held.values())) for name, held in tally.as_json()["labels"].items()],
        "tally": tally,
        "label_set": changed_labels(before, after),
        "guidelines": before.manifest["guidelines"] != after.manifest["guidelines"],
        "api": f"/api/v1/corpora/{slug}/releases/{before.number}/compare/{after.number}/",
    }
    return render(request, "releases/comparison.html", context)


def _key(request: UserRequest) -> str:
    """One page sent twice, by a second click, makes one release: each page has a token of its own."""
    return f"form {hashlib.sha256(request.POST.urlencode().encode()).hexdigest()}"


def _initial(corpus: Corpus) -> dict[str, Any]:
    """As the last release, so that no article changes its part."""
    newest = newest_release(corpus)
    shares, seed = (newest.shares, newest.seed) if newest else (SHARES, SEED)
    return {"state": ["confirmed"], "stage": ["done"], "seed": seed, **shares}


def _sheet(request: UserRequest, found: Release) -> dict[str, Any]:
    about = found.manifest
    return {
        "manifest": about,
        "counts": about["counts"],
        "file": next(iter(about["files"].items())),
        "parts": [(part, share, about["counts"]["parts"][part]) for part, share in found.shares.items()],
        "figures": figures_of(about["counts"]),
        "differ": versions_differ(found),
        "form": FileForm(),
        "others": [other for other in made_releases(found.corpus) if other.pk != found.pk],
        "check": check_release(found) if request.GET.get("check") else None,
    }


def _row(counted: Any) -> list[int]:
    return [counted[change] for change in CHANGES]
