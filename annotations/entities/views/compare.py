"""Merge entities, or say that they are different: choose them, see what would move, and confirm."""

import secrets
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from annotations.entities.actions.merge import mark_distinct, merge_entities, preview_merge
from annotations.entities.actions.queues import weight
from annotations.entities.actions.results import EntityResult
from annotations.entities.forms import read_compared, read_seen, seen_value
from annotations.entities.models import Entity
from annotations.entities.queries.lookups import get_entity
from annotations.entities.queries.page import possible_duplicates_of
from annotations.entities.queries.queues import entities_in_order
from annotations.entities.queries.search import search_entities
from annotations.entities.views.cards import cards_of
from annotations.entities.views.common import corpus_with_entities, counted, page_context, redirect_done
from annotations.entities.views.entity import page_of
from annotations.review.forms import client_key, read_id
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import may, require
from corpusapp.core.errors import Conflict, Invalid, Refusal
from corpusapp.core.middleware import status_of

# Entities that a search offers.
_OFFERED = 20


@login_required
@require_safe
def find(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Find the entity with which this one is to be compared and merged."""
    corpus = corpus_with_entities(request, slug)
    entity = get_entity(request.user, pk, corpus)
    words = request.GET.get("q", "").strip()
    found = [each for each in search_entities(corpus, words, _OFFERED + 1) if each != pk] if words else []
    context = page_context(request, corpus) | {
        "entity": entity,
        "words": words,
        "found": entities_in_order(corpus, found[:_OFFERED]),
        "possible_duplicates": [] if words else possible_duplicates_of(entity),
    }
    return render(request, "entities/find.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: UserRequest, slug: str) -> HttpResponse:
    """Compare entities, with what a merge into one of them would move; merge them, or mark two as different."""
    corpus = corpus_with_entities(request, slug)
    if request.method != "POST":
        ids = read_compared(request.GET.getlist("entity"))
        return _page(request, corpus, ids, request.GET.get("into", ""))
    require(request.user, corpus, Role.EDITOR)
    seen = read_seen(request.POST.getlist("seen"))
    ids = read_compared([str(pk) for pk in seen])
    try:
        entities = [get_entity(request.user, pk, corpus) for pk in ids]
        if request.POST.get("verb") == "different":
            return _separate(request, entities)
        return _merge(request, entities, seen)
    except Refusal as refusal:
        return _page(request, corpus, ids, request.POST.get("into", ""), refusal)


def _page(
    request: UserRequest, corpus: Corpus, ids: Sequence[int], into: str, refusal: Refusal | None = None
) -> HttpResponse:
    entities = [get_entity(request.user, pk, corpus) for pk in ids]
    standing = [entity for entity in entities if entity.standing]
    target = _target(standing, into) if standing else None
    editor = may(request.user, corpus, Role.EDITOR)
    context = page_context(request, corpus) | {
        "cards": cards_of(standing),
        "gone": [entity for entity in entities if not entity.standing],
        "into": target,
        "previews": [
            preview_merge(user=request.user, source=each, target=target)
            for each in standing
            if editor and target and each != target
        ],
        "ids": [entity.pk for entity in standing],
        "seen": [seen_value(entity.pk, entity.revision) for entity in standing],
        "refusal": refusal,
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "entities/compare.html", context, status=status_of(refusal) if refusal else 200)


def _target(entities: Sequence[Entity], into: str) -> Entity:
    """The entity that the others are merged into: the one named, or else the one with most decisions."""
    named = next((entity for entity in entities if str(entity.pk) == into), None)
    return named or max(entities, key=weight)


def _merge(request: UserRequest, entities: Sequence[Entity], seen: dict[int, int]) -> HttpResponse:
    """Merge all into one, or none."""
    into = read_id(request.POST.get("into", ""), "entity")
    target = next((entity for entity in entities if entity.pk == into), None)
    if target is None:
        raise Invalid("choose which entity to keep", field="into")
    results: list[tuple[Entity, EntityResult]] = []
    revision: int | None = seen[target.pk]
    with transaction.atomic():
        for source in entities:
            if source.pk != target.pk:
                result = merge_pair(request, source, target, seen[source.pk], revision)
                results.append((source, result))
                revision = next((each.revision for each in result.entities if each.pk == target.pk), None)
    for source, result in results:
        messages.success(request, merged_message(source, target, result))
    return redirect_done(page_of(target), *(result.decision.pk for _, result in results))


def merge_pair(
    request: UserRequest, source: Entity, target: Entity, source_revision: int | None, target_revision: int | None
) -> EntityResult:
    return merge_entities(
        user=request.user, source=source, target=target, source_revision=source_revision,
        target_revision=target_revision, client_key=client_key(request.POST, "merge", source.pk, target.pk),
    )  # fmt: skip


def merged_message(source: Entity, target: Entity, result: EntityResult) -> str:
    again = " It was already saved." if result.repeated else ""
    return f"Merged “{source.name}” into “{target.name}”: {counted(source.mentions, 'mention')} moved.{again}"


def _separate(request: UserRequest, entities: Sequence[Entity]) -> HttpResponse:
    if len(entities) != 2:
        raise Conflict("only two entities can be marked as different at once: compare two of them", field="entity")
    first, second = entities
    result = mark_distinct(
        user=request.user, first=first, second=second,
        client_key=client_key(request.POST, "different", first.pk, second.pk),
    )  # fmt: skip
    messages.success(request, f"“{first.name}” and “{second.name}” are different, and are not proposed as one again.")
    return redirect_done(page_of(first), result.decision.pk)
