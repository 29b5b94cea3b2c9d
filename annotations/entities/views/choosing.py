"""The page on which an editor chooses the entity of a span, for browsers without scripts."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.models import Entity, Link
from annotations.entities.queries.candidates import candidates_for
from annotations.entities.queries.search import search_entities
from annotations.review.colours import colour_classes
from annotations.review.forms import client_key, read_id
from annotations.review.models import MAIN_LAYER, Label, Span, State, Verb
from annotations.review.queries import get_span
from annotations.review.queries.matches import context as context_of
from annotations.review.views.decisions import redirect_to_article
from annotations.review.views.page import find_article
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import may, require
from corpusapp.core.errors import Invalid, NotFound, Refusal
from corpusapp.core.middleware import status_of

_FOUND = 20
NEW, NONE = "new", "none"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: UserRequest, slug: str, pk: int, span: int) -> HttpResponse:
    """GET lists candidates, or what a name finds; POST links the span, or says that it is not its entity."""
    article = find_article(request, slug, pk)
    found = get_span(request.user, span)
    if found.article_id != article.pk or not article.corpus.entities_enabled:
        raise NotFound(f"there is no span {span} in this article whose entity can be chosen")
    require(request.user, article.corpus, Role.EDITOR)
    if request.method != "POST":
        return render(request, "entities/choose.html", _context(request, found))
    try:
        choices, said = _read(request.POST, found)
        key = client_key(request.POST, "link", found.pk, choices)
        result = link_spans(user=request.user, corpus=article.corpus, choices=choices, client_key=key)
    except Refusal as refusal:
        context = _context(request, found) | {"refusal": refusal, "typed": request.POST}
        return render(request, "entities/choose.html", context, status=status_of(refusal))
    messages.success(request, said)
    for item in result.left_out[:5]:
        messages.warning(request, f"Left unchanged, span {item['span']}: {item['reason']}.")
    return redirect_to_article(request, article, found.pk)


def _read(data: QueryDict, span: Span) -> tuple[list[LinkChoice], str]:
    """What the form chooses for the span, and for those like it; and what to say of it."""
    chosen, revision = data.get("entity", ""), data.get("revision", "")
    seen = read_id(revision, "revision") if revision else None
    quote = _quote(span)
    if not chosen:
        raise Invalid("no entity chosen: choose one, or create a new one", field="entity")
    if chosen == NEW:
        new = NewEntity(data.get("name", "").strip(), data.get("label", span.label.name))
        return _for_all(data, span, LinkChoice(span.pk, new=new, revision=seen)), f"Linked “{quote}” to {new.name}."
    if chosen == NONE:
        former = read_id(data.get("now", ""), "now")
        return [LinkChoice(span.pk, former, verb=Verb.UNLINK, revision=seen)], f"“{quote}” is not that entity."
    entity = read_id(chosen, "entity")
    name = Entity.objects.filter(pk=entity, corpus=span.corpus_id).values_list("name", flat=True).first()
    return _for_all(data, span, LinkChoice(span.pk, entity, revision=seen)), f"Linked “{quote}” to {name}."


def _for_all(data: QueryDict, span: Span, choice: LinkChoice) -> list[LinkChoice]:
    others = _alike(span) if "alike" in data else []
    return [choice, *(LinkChoice(other.pk, choice.entity, choice.new) for other in others)]


def _alike(span: Span) -> list[Span]:
    """The other spans of the article with the same words and label that no person has linked."""
    text = span.article.text
    quote = text[span.start : span.end]
    rows = Span.objects.filter(article=span.article_id, layer=MAIN_LAYER, label=span.label_id).exclude(pk=span.pk)
    decided = Link.objects.standing().filter(article=span.article_id, state=State.CONFIRMED).values("span")
    rows = rows.not_rejected().exclude(pk__in=decided).in_reading_order()
    return [row for row in rows if text[row.start : row.end] == quote]


def _quote(span: Span) -> str:
    return " ".join(span.article.text[span.start : span.end].split())


def _context(request: UserRequest, span: Span) -> dict[str, Any]:
    article, corpus = span.article, span.article.corpus
    labels = list(Label.objects.filter(corpus=corpus))
    link = Link.objects.standing().filter(span=span.pk).select_related("entity").first()
    words = " ".join(request.GET.get("q", "").split())
    if words:
        found, reasons = search_entities(corpus, words, _FOUND), {}
    else:
        candidates = candidates_for(request.user, span)
        found = [candidate.entity for candidate in candidates]
        reasons = {candidate.entity: ", ".join(candidate.reasons) for candidate in candidates}
    if link is not None and link.entity_id not in found:
        found = [link.entity_id, *found]
    left, right = context_of(article.text, span.start, span.end)
    return {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "article": article,
        "span": span,
        "line": {"left": left, "text": _quote(span), "right": right},
        "colours": colour_classes(labels),
        "labels": [label for label in labels if not label.hidden and label.family != Label.Family.NUMBERS],
        "link": link,
        "words": words,
        "found": [(entity, reasons.get(entity.pk, "")) for entity in _entities(found)],
        "alike": len(_alike(span)),
        "key": secrets.token_urlsafe(9),
    }


def _entities(ids: Iterable[int]) -> list[Entity]:
    wanted = list(ids)
    rows = Entity.objects.filter(pk__in=wanted).select_related("label").in_bulk()
    return [rows[pk] for pk in wanted if pk in rows]
