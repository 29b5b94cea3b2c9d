"""Decisions on the mentions of an entity: confirm them, say that they are not it, move them to another entity."""

import secrets
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from annotations.entities.actions.mentions import confirm_links, reject_links
from annotations.entities.actions.split import split_entity
from annotations.entities.forms import SelectedLink, link_value, read_links, read_revision
from annotations.entities.models import Entity, Link
from annotations.entities.queries.lookups import get_entity
from annotations.entities.queries.page import in_context
from annotations.entities.queries.search import search_entities
from annotations.entities.views.common import counted, page_context, redirect_done, report_left_out
from annotations.entities.views.entity import entity_form, page_of
from annotations.review.forms import client_key, read_id
from corpusapp.accounts.requests import UserRequest
from corpusapp.core.errors import Invalid, Refusal
from corpusapp.core.middleware import status_of

_VERBS = {"confirm": confirm_links, "reject": reject_links}
# Entities that a search offers.
_OFFERED = 9


@entity_form
def decide(request: UserRequest, entity: Entity) -> HttpResponse:
    """Confirm or reject the selected mentions, or go on to move them."""
    selected = read_links(request.POST.getlist("mention"))
    verb = request.POST.get("verb", "")
    if verb == "move":
        return _preview(request, entity, selected)
    if verb not in _VERBS:
        raise Invalid("no decision chosen: confirm the mentions, reject or move them", field="verb")
    result = _VERBS[verb](
        user=request.user,
        corpus=entity.corpus,
        shown={one.link: one.revision for one in selected},
        client_key=client_key(request.POST, verb, entity.pk, selected),
    )
    number = counted(len(result.links), "mention")
    said = f"Confirmed {number} of “{entity.name}”." if verb == "confirm" else f"{number}: not “{entity.name}”."
    messages.success(request, f"{said}{' It was already saved.' if result.repeated else ''}")
    report_left_out(request, result.left_out)
    return redirect_done(_back(request, entity), result.decision.pk)


def _back(request: UserRequest, entity: Entity) -> str:
    """The entity's page with the filters from which the form was sent."""
    query = request.POST.get("back", "").partition("?")[2].partition("#")[0]
    return f"{page_of(entity)}{'?' if query else ''}{query}#mentions"


@entity_form
def move(request: UserRequest, entity: Entity) -> HttpResponse:
    """Move the selected mentions to another entity or a new one; or search for that entity."""
    selected = read_links(request.POST.getlist("mention"))
    if request.POST.get("step") != "move":
        return _preview(request, entity, selected)
    try:
        return _move(request, entity, selected)
    except Refusal as refusal:
        return _preview(request, entity, selected, refusal)


def _move(request: UserRequest, entity: Entity, selected: Sequence[SelectedLink]) -> HttpResponse:
    chosen = request.POST.get("into", "")
    if not chosen:
        raise Invalid("choose an entity from the list, or a new one", field="into")
    into = get_entity(request.user, read_id(chosen, "entity"), entity.corpus) if chosen != "new" else None
    name, label = (request.POST.get(each, "") for each in ("name", "label"))
    result = split_entity(
        user=request.user, entity=entity, revision=read_revision(request.POST), into=into,
        links={one.link: one.revision for one in selected}, name=name, label=label if into is None else "",
        client_key=client_key(request.POST, "move", entity.pk, chosen, name, selected),
    )  # fmt: skip
    target = into or next(each for each in result.entities if each.pk != entity.pk)
    moved = sum(link.entity_id == target.pk for link in result.links)
    messages.success(
        request,
        f"Moved {counted(moved, 'mention')} of “{entity.name}” to “{target.name}”; the two are different from now on.",
    )
    report_left_out(request, result.left_out)
    return redirect_done(page_of(target), result.decision.pk)


def _preview(
    request: UserRequest, entity: Entity, selected: Sequence[SelectedLink], refusal: Refusal | None = None
) -> HttpResponse:
    """Show what would move, and where to; nothing is changed."""
    links = Link.objects.filter(pk__in=[one.link for one in selected[:1000]], entity=entity)
    by_span = {link.span_id: link for link in links.select_related("span__label")}
    rows = in_context([link.span for link in by_span.values() if link.span], by_span)
    words = request.POST.get("q", "").strip()
    found = [pk for pk in search_entities(entity.corpus, words, _OFFERED + 1) if pk != entity.pk] if words else []
    entities = Entity.objects.select_related("label").in_bulk(found[:_OFFERED])
    shown = {one.link: one.revision for one in selected}
    context = page_context(request, entity.corpus) | {
        "entity": entity,
        "lines": [
            (row, link_value(row.link.pk, row.span.pk, shown.get(row.link.pk, row.link.revision)))
            for row in rows
            if row.link
        ],
        "words": words,
        "found": [entities[pk] for pk in found if pk in entities],
        "into": request.POST.get("into", "new" if not words else ""),
        "name": request.POST.get("name", rows[0].text if rows else ""),
        "label": request.POST.get("label", entity.label.name),
        "revision": request.POST.get("revision", entity.revision),
        "back": request.POST.get("back", reverse("entity", args=[entity.corpus.slug, entity.pk])),
        "refusal": refusal,
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "entities/move.html", context, status=status_of(refusal) if refusal else 200)
