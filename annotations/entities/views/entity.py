"""An entity's page, its history, and the forms that change its name, description, other names and identifiers."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.entities.actions.entities import add_alias, drop_alias, edit_entity
from annotations.entities.actions.entities import identify as change_identifiers
from annotations.entities.forms import MENTION_STATES, link_value, read_mention_filter, read_revision
from annotations.entities.models import Entity, Identifier
from annotations.entities.queries import page as reads
from annotations.entities.queries.knowledge import looked_up
from annotations.entities.queries.lookups import get_entity
from annotations.entities.views import figures
from annotations.entities.views.common import (
    corpus_with_entities,
    page_context,
    redirect_done,
    report_left_out,
)
from annotations.entities.views.downloads import mentions_csv
from annotations.entities.views.history import steps
from annotations.review.actions.undo import undo as undo_decision
from annotations.review.forms import client_key, read_id
from annotations.review.models import Verb
from annotations.review.queries import get_decision
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid, NotFound, Refusal
from corpusapp.core.keyset import Page
from corpusapp.core.middleware import status_of

_FILTERS = ("state", "name", "published_from", "published_to")


@dataclass(frozen=True)
class SentForm:
    """A form that was refused: which one, its values, and why."""

    form: str
    values: QueryDict
    refusal: Refusal


@login_required
@require_safe
def address(request: UserRequest, pk: int) -> HttpResponse:
    """Redirect from the short address of an entity, which links in data name, to its page."""
    found = get_entity(request.user, pk)
    return redirect("entity", found.corpus.slug, pk)


@login_required
@require_safe
def entity(request: UserRequest, slug: str, pk: int) -> HttpResponseBase:
    corpus = corpus_with_entities(request, slug)
    found = get_entity(request.user, pk, corpus)
    if request.GET.get("download") == "csv":
        return mentions_csv(request, found, read_mention_filter(request.GET))
    return entity_page(request, found)


def entity_page(request: UserRequest, entity: Entity, sent: SentForm | None = None) -> HttpResponse:
    """Render the page, with a refused form that was sent from it, if any."""
    given = request.GET if request.method in ("GET", "HEAD") else _filters_of(request.POST.get("back", ""))
    context = page_context(request, entity.corpus)
    context |= {
        "entity": entity,
        "sent": sent,
        "refusal": sent.refusal if sent else None,
        "key": secrets.token_urlsafe(9),
        "identifiers": list(Identifier.objects.filter(entity=entity)),
        "changes": steps(reads.changes_of(entity, size=3).rows, request.user, manages=context["manages"]),
    }
    if entity.standing:
        context |= _reads(entity, given, context)
    refusal = context["refusal"]
    return render(request, "entities/entity.html", context, status=status_of(refusal) if refusal else 200)


def _reads(entity: Entity, given: QueryDict, context: dict[str, Any]) -> dict[str, Any]:
    aliases = reads.aliases_of(entity, reads.ALIASES + 1)
    companions = reads.companions_of(entity.pk)
    articles = reads.count_articles(entity)
    page, refusal = Page[reads.MentionInContext]([], None), context["refusal"]
    try:
        filters = read_mention_filter(given)
        page = reads.mentions_of(entity, filters, cursor=given.get("cursor", ""))
    except Invalid as invalid:
        filters, refusal = reads.MentionFilter(), refusal or invalid
    kept = _query(given, *_FILTERS)
    return {
        "refusal": refusal,
        "aliases": aliases[: reads.ALIASES],
        "knowledge": looked_up(entity) if context["editor"] else (),
        "more_aliases": len(aliases) > reads.ALIASES,
        "timeline": figures.timeline(reads.weeks_of([entity.pk])[entity.pk]),
        "articles": reads.newest_articles(entity),
        "article_count": min(articles, reads.COUNTED_ARTICLES),
        "more_articles": articles > reads.COUNTED_ARTICLES,
        "companions": companions,
        "together": figures.together(companions) if companions else None,
        "looked_articles": reads.LOOKED_ARTICLES,
        "possible_duplicates": reads.possible_duplicates_of(entity),
        "distinct": reads.distinct_from(entity),
        "lines": [(row, link_value(row.link.pk, row.span.pk, row.link.revision)) for row in page.rows if row.link],
        "next_cursor": page.next_cursor,
        "asked": filters,
        "given": given,
        "states": [state for state, _ in MENTION_STATES],
        "filtered": kept,
        "back": _query(given, *_FILTERS, "cursor"),
    }


def _query(given: QueryDict, *names: str) -> str:
    kept = QueryDict(mutable=True)
    for name in names:
        if values := [value for value in given.getlist(name) if value]:
            kept.setlist(name, values)
    return kept.urlencode()


def _filters_of(back: str) -> QueryDict:
    """The filters of the address from which a form was sent."""
    return QueryDict(back.partition("?")[2].partition("#")[0])


def entity_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a POST view: a refusal shows the entity's page again with the values sent, a GET redirects there."""

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapper(request: UserRequest, slug: str, pk: int) -> HttpResponse:
        found = get_entity(request.user, pk, corpus_with_entities(request, slug))
        if request.method != "POST":
            return redirect("entity", slug, pk)
        try:
            require(request.user, found.corpus, Role.EDITOR)
            return view(request, found)
        except Refusal as refusal:
            fresh = get_entity(request.user, pk, found.corpus)
            return entity_page(request, fresh, SentForm(view.__name__, request.POST, refusal))

    return wrapper


@entity_form
def edit(request: UserRequest, entity: Entity) -> HttpResponse:
    """Rename it, describe it, or give it another label: what the form changed of what it showed."""
    changed: dict[str, str] = {}
    for name, current in (("name", entity.name), ("description", entity.description), ("label", entity.label.name)):
        value = request.POST.get(name, current).replace("\r\n", "\n")
        if value != current:
            changed[name] = value
    revision = read_revision(request.POST)
    if not changed and revision == entity.revision:
        raise Invalid("nothing was changed: edit the name, the label or the description first", field="name")
    result = edit_entity(
        user=request.user, entity=entity, revision=revision, **changed or {"name": entity.name},
        client_key=client_key(request.POST, "edit", entity.pk, changed),
    )  # fmt: skip
    now = result.entities[0]
    said = [f"Renamed “{entity.name}” to “{now.name}”."] if "name" in changed else []
    said += [f"“{now.name}” is now {now.label.name}."] if "label" in changed else []
    said += [f"Changed the description of “{now.name}”."] if "description" in changed else []
    messages.success(request, " ".join(said))
    return redirect_done(page_of(entity), result.decision.pk)


@entity_form
def names(request: UserRequest, entity: Entity) -> HttpResponse:
    """Add a name, or drop the one that the button names."""
    revision = read_revision(request.POST)
    if dropped := request.POST.get("drop"):
        result = drop_alias(
            user=request.user, entity=entity, revision=revision, name=dropped,
            client_key=client_key(request.POST, "drop", entity.pk, dropped),
        )  # fmt: skip
        messages.success(request, f"Dropped the name “{dropped}” of “{entity.name}”: it links no mentions any more.")
    else:
        name, language = request.POST.get("name", ""), request.POST.get("language", "").strip()
        result = add_alias(
            user=request.user, entity=entity, revision=revision, name=name, language=language,
            client_key=client_key(request.POST, "alias", entity.pk, name),
        )  # fmt: skip
        messages.success(request, f"Added the name “{' '.join(name.split())}” to “{entity.name}”.")
    return redirect_done(f"{page_of(entity)}#names", result.decision.pk)


@entity_form
def identifiers(request: UserRequest, entity: Entity) -> HttpResponse:
    """Add an identifier, or drop the one that the button names, as scheme and value with a space between."""
    revision = read_revision(request.POST)
    if dropped := request.POST.get("drop"):
        scheme, _, value = dropped.partition(" ")
        result = change_identifiers(
            user=request.user, entity=entity, revision=revision, drop=[(scheme, value)],
            client_key=client_key(request.POST, "drop", entity.pk, dropped),
        )  # fmt: skip
        messages.success(request, f"Dropped the identifier {scheme} {value} of “{entity.name}”.")
    else:
        scheme, value = (request.POST.get(name, "").strip() for name in ("scheme", "value"))
        result = change_identifiers(
            user=request.user, entity=entity, revision=revision, add=[(scheme, value)],
            client_key=client_key(request.POST, "identify", entity.pk, scheme, value),
        )  # fmt: skip
        messages.success(request, f"Added the identifier {scheme} {value} to “{entity.name}”.")
    return redirect_done(f"{page_of(entity)}#identifiers", result.decision.pk)


@login_required
@require_safe
def history(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """The changes of an entity, newest first, each with its undo."""
    found = get_entity(request.user, pk, corpus_with_entities(request, slug))
    page = reads.changes_of(found, cursor=request.GET.get("cursor", ""))
    context = page_context(request, found.corpus)
    context |= {
        "entity": found,
        "changes": steps(page.rows, request.user, manages=context["manages"]),
        "next_cursor": page.next_cursor,
        "given": request.GET,
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "entities/history.html", context)


@login_required
@require_POST
def undo(request: UserRequest, slug: str) -> HttpResponse:
    """Undo the decisions that the form names, the last one first; for an undo, redo."""
    corpus = corpus_with_entities(request, slug)
    back = request.POST.get("back", "")
    home = reverse("entities", args=[slug])
    if not back.startswith(home) or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = home
    new = []
    for pk in sorted((read_id(each, "decision") for each in request.POST.getlist("decision")), reverse=True):
        decision = get_decision(request.user, pk)
        if decision.corpus_id != corpus.pk:
            raise NotFound(f"decision {decision.pk} does not belong to this corpus", field="decision")
        result = undo_decision(
            user=request.user, decision=decision, client_key=client_key(request.POST, "undo", decision.pk)
        )
        word = "Redone" if result.decision.verb == Verb.REDO else "Undone"
        messages.success(request, f"{word}: {decision.get_verb_display()}.")
        report_left_out(request, result.left_out)
        new.append(result.decision.pk)
    return redirect_done(back, *new)


def page_of(entity: Entity) -> str:
    return reverse("entity", args=[entity.corpus.slug, entity.pk])
