"""The list of a corpus's entities, and the form of a new one."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from annotations.entities.actions.entities import create_entity
from annotations.entities.forms import NewEntityForm
from annotations.entities.models import STANDING, Entity, EntityState
from annotations.entities.queries.index import COUNTED, EntityFilter, list_and_count
from annotations.entities.queries.queues import queue_counts
from annotations.entities.views import figures
from annotations.entities.views.common import corpus_with_entities, page_context, redirect_done
from annotations.entities.views.downloads import entities_csv
from annotations.entities.views.entity import page_of
from annotations.review.forms import client_key
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid, Refusal
from corpusapp.core.keyset import Page
from corpusapp.core.middleware import status_of

_ORDERS = (("-mentions", "mentions"), ("name", "name"), ("-id", "newest"))
_STATES = [(str(state), str(state.label).lower()) for state in EntityState]


@login_required
@require_safe
def entities(request: UserRequest, slug: str) -> HttpResponseBase:
    """List the entities, with filters. An invalid filter is shown with its refusal."""
    corpus, given = corpus_with_entities(request, slug), request.GET
    order = given.get("order") or _ORDERS[0][0]
    page: Page[Entity] = Page([], None)
    filters, refusal, total = EntityFilter(), None, 0
    try:
        filters = _filters(given)
        if given.get("download") == "csv":
            return entities_csv(request, corpus, filters, order)
        page, total = list_and_count(corpus, filters, order, given.get("cursor", ""))
    except Invalid as invalid:
        refusal = invalid
    context = page_context(request, corpus) | {
        "page": page,
        "trends": figures.trend_pictures([entity.pk for entity in page.rows]),
        "total": total,
        "counted": COUNTED,
        "queues": queue_counts(corpus),
        "asked": filters,
        "given": given,
        "order": order,
        "orders": _ORDERS,
        "states": _STATES,
        "standing": STANDING,
        "refusal": refusal,
        "filtered": bool(filters.search or filters.label or given.getlist("state") or filters.scheme),
        "address": _without(given, "cursor", "done"),
        "unordered": _without(given, "cursor", "done", "order"),
    }
    return render(request, "entities/index.html", context, status=status_of(refusal) if refusal else 200)


def _filters(given: QueryDict) -> EntityFilter:
    states = tuple(dict.fromkeys(state for state in given.getlist("state") if state))
    return EntityFilter(
        search=given.get("q", "").strip(),
        label=given.get("label", ""),
        states=states or STANDING,
        scheme=given.get("scheme", "").strip(),
        identifier=given.get("identifier", "").strip(),
    )


def _without(given: QueryDict, *names: str) -> str:
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    for name in [name for name, values in kept.lists() if not any(values)]:
        kept.pop(name)
    return kept.urlencode()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: UserRequest, slug: str) -> HttpResponse:
    """The form of a new entity. A refused one is shown again as sent."""
    corpus = corpus_with_entities(request, slug)
    require(request.user, corpus, Role.EDITOR)
    if request.method != "POST":
        given = {"name": request.GET.get("name", ""), "label": request.GET.get("label", "")}
        return _new_page(request, corpus, NewEntityForm(initial=given))
    form = NewEntityForm(request.POST)
    if not form.is_valid():
        return _new_page(request, corpus, form, status=400)
    try:
        values = form.values()
        result = create_entity(
            user=request.user, corpus=corpus, **values, client_key=client_key(request.POST, "create", values)
        )
    except Refusal as refusal:
        return _new_page(request, corpus, form, refusal, status_of(refusal))
    entity = result.entities[0]
    messages.success(request, f"Created “{entity.name}”.{' It was already saved.' if result.repeated else ''}")
    return redirect_done(page_of(entity), result.decision.pk)


def _new_page(
    request: UserRequest, corpus: Corpus, form: NewEntityForm, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "refusal": refusal, "key": secrets.token_urlsafe(9)}
    return render(request, "entities/new.html", page_context(request, corpus) | context, status=status)
