"""The page that imports a list of entities: upload, preview with a choice for each column, import."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotations.entities.actions.import_list import ListImport, import_list
from annotations.entities.actions.list_drafts import keep_draft, read_draft
from annotations.entities.queries.list_files import MAX_BYTES, MAX_ENTITIES, read_list_file
from annotations.entities.views.common import corpus_with_entities, counted, page_context, redirect_done
from annotations.linkers.lists import EntityList
from annotations.review.forms import client_key
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Refusal, TooMany
from corpusapp.core.middleware import status_of

_SHOWN, _LISTED = 10, 100
_COLUMN = "column:"
# What the page offers for a column; what it is taken for by its name is offered too.
_MEANINGS = (
    ("", "ignore"), ("name", "name"), ("label", "label"), ("description", "description"), ("aliases", "other names"),
    ("identifier:local", "identifier of this list"), ("identifier:wikidata", "Wikidata identifier"),
    ("identifier:viaf", "VIAF identifier"), ("identifier:gnd", "GND identifier"),
    ("identifier:geonames", "GeoNames identifier"),
)  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_entities(request: UserRequest, slug: str) -> HttpResponse:
    corpus = corpus_with_entities(request, slug)
    require(request.user, corpus, Role.MANAGER)
    context = page_context(request, corpus) | {
        "most": MAX_ENTITIES, "most_bytes": MAX_BYTES, "label": request.POST.get("label", ""), "meanings": _MEANINGS,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "entities/import.html", context)
    try:
        name, data, draft = _file(request, corpus)
        listed = read_list_file(data, corpus=corpus, name=name, columns=_columns(request.POST))
        outcome = _import(request, corpus, listed, draft)
    except Refusal as refusal:
        context["refusal"] = refusal
        return render(request, "entities/import.html", context, status=status_of(refusal))
    if "import" in request.POST:
        return _imported(request, corpus, outcome)
    shown = {
        "outcome": outcome,
        "listed": listed,
        "draft": draft,
        "key": secrets.token_urlsafe(9),
        "name": name,
        "columns": _choices(listed),
    }
    shown |= {"rows": outcome.rows[:_SHOWN], "left_out": outcome.left_out[:_LISTED]}
    return render(request, "entities/import.html", context | shown)


def _file(request: UserRequest, corpus: Corpus) -> tuple[str, bytes, str]:
    """Name and content of the file that is sent, or was, and what names it from now on."""
    file = request.FILES.get("file")
    if file is None:
        draft = request.POST.get("draft", "")
        return *read_draft(user=request.user, corpus=corpus, draft=draft), draft
    if (file.size or 0) > MAX_BYTES:
        raise TooMany(
            f"the file has {file.size:,} bytes: the limit is {MAX_BYTES:,}, import it by manage.py import_entities",
            field="file",
        )
    data = file.read()
    return file.name or "", data, keep_draft(user=request.user, corpus=corpus, name=file.name or "", data=data)


def _columns(data: Mapping[str, Any]) -> dict[str, str]:
    return {name.removeprefix(_COLUMN): str(data[name]) for name in data if name.startswith(_COLUMN)}


def _import(request: UserRequest, corpus: Corpus, listed: EntityList, draft: str) -> ListImport:
    """The import, which leaves out what the preview said; or the preview."""
    label = request.POST.get("label", "")
    return import_list(
        user=request.user, corpus=corpus, listed=listed, label=label, all_or_none=False,
        preview="import" not in request.POST,
        client_key=client_key(request.POST, draft, label, sorted(_columns(request.POST).items())),
    )  # fmt: skip


def _choices(listed: EntityList) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(column, what it means, what it may mean)."""
    known = {meaning for meaning, _ in _MEANINGS}
    return [
        (column, meaning, [*_MEANINGS, *([] if meaning in known else [(meaning, meaning.replace(":", " "))])])
        for column, meaning in listed.columns.items()
    ]


def _imported(request: UserRequest, corpus: Corpus, outcome: ListImport) -> HttpResponse:
    added = counted(outcome.added, "entity", "entities")
    updated = counted(outcome.updated, "entity", "entities")
    left_out = f" {counted(len(outcome.left_out), 'entry', 'entries')} left out." if outcome.left_out else ""
    messages.success(request, f"Imported {added}; {updated} gained something.{left_out}")
    done = [outcome.decision.pk] if outcome.decision else []
    return redirect_done(reverse("entities", args=[corpus.slug]), *done)
