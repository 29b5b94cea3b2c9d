"""The article list, the forms that finish selected articles and undo that, and the stylesheet of labels."""

import secrets
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from annotations.review.actions.decisions import DecisionResult
from annotations.review.actions.stages import finish_many
from annotations.review.actions.undo import undo
from annotations.review.forms import TO_DECIDE, FilterForm, client_key, read_id
from annotations.review.models import Decision, Stage, Verb
from annotations.review.queries import (
    ArticleFilter,
    facets,
    finish_to_announce,
    get_decision,
    list_articles,
    reviews_to_decide,
)
from annotations.review.queries.set_aside import set_aside_to_announce
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core.errors import Invalid, NotFound, Refusal
from corpusapp.core.keyset import Page
from corpusapp.core.middleware import status_of


@login_required
@require_safe
def article_list(request: UserRequest, slug: str) -> HttpResponse:
    """List articles, with filters. An invalid filter is shown with its refusal."""
    return _list(request, get_corpus(request.user, slug), request.GET)


def _list(request: UserRequest, corpus: Corpus, query: QueryDict, refused: Refusal | None = None) -> HttpResponse:
    given = _filters(query)
    filters, refusal = ArticleFilter(), None
    try:
        filters = FilterForm(given).article_filter(request.user.pk)
        # With filters, each matching copy is listed: the oldest one might not match.
        page = list_articles([corpus], filters, cursor=query.get("cursor", ""), fold=not given)
    except Invalid as invalid:
        page, refusal = Page([], None), invalid
    context = {
        "corpus": corpus,
        "page": page,
        "refusal": refusal,
        "given": given,
        "search": given.get("q", ""),
        "narrowed": filters,
        "facets": facets(corpus),
        "stages": dict(Stage.choices) | {TO_DECIDE: "To decide"},
        "to_decide": reviews_to_decide(request.user.pk).filter(corpus=corpus, article__withdrawn_at=None).count(),
        "address": urlencode(given),
        "paged": "cursor" in query,
        "manages": may(request.user, corpus, Role.MANAGER),
        "today": date.today(),
        "finished": finish_to_announce(request.user, query.get("finished", "")),
        "just_set_aside": set_aside_to_announce(request.user, query.get("set_aside", "")),
        "refused": refused,
    }
    if may(request.user, corpus, Role.EDITOR):
        context |= _checkbox_context(request, corpus, query, page.rows)
    status = status_of(refused) if refused else 400 if refusal else 200
    return render(request, "review/list.html", context, status=status)


def _filters(query: QueryDict) -> dict[str, str]:
    return {name: value for name in query if name in FilterForm.base_fields and (value := query.get(name, ""))}


def _checkbox_context(request: UserRequest, corpus: Corpus, query: QueryDict, rows: Any) -> dict[str, Any]:
    """Context of the checkboxes of the list."""
    kept = _filters(query) | ({"cursor": query["cursor"]} if query.get("cursor") else {})
    return {
        "finishing": any(row.stage != Stage.DONE for row in rows),
        "open": sum(row.stage != Stage.DONE for row in rows),
        "all_ticked": "ticked" in query,
        "back": urlencode(kept),
        "key": secrets.token_urlsafe(9),
        "undoable": _shown_decision(request, corpus, query.get("stroke", "")),
    }


def _shown_decision(request: UserRequest, corpus: Corpus, named: str) -> Decision | None:
    """The finish with this id, if the user can undo it."""
    if not named.isascii() or not named.isdigit() or len(named) > 18:
        return None
    own = Decision.objects.filter(pk=int(named), corpus=corpus, user=request.user.pk, undone_by=None)
    return own.filter(verb=Verb.FINISH).first()


@login_required
@require_POST
def finish_selected(request: UserRequest, slug: str) -> HttpResponse:
    """Finish the selected articles as one decision. A refusal shows the list again."""
    corpus = get_corpus(request.user, slug)
    back = QueryDict(request.POST.get("back", ""))
    try:
        ids = [read_id(value, "article") for value in request.POST.getlist("article")]
        key = client_key(request.POST, "finish", corpus.pk, ids)
        result = finish_many(user=request.user, corpus=corpus, article_ids=ids, client_key=key)
    except Refusal as refusal:
        return _list(request, corpus, back, refusal)
    messages.success(request, f"{_articles(len(result.decision.finished))} done.")
    _report_left_out(request, result)
    return _redirect_to_list(corpus, back, stroke=result.decision.pk)


@login_required
@require_POST
def undo_finish(request: UserRequest, slug: str) -> HttpResponse:
    """Undo the finish that the button names."""
    corpus = get_corpus(request.user, slug)
    back = QueryDict(request.POST.get("back", ""))
    try:
        decision = get_decision(request.user, read_id(request.POST.get("decision", ""), "decision"))
        if decision.corpus_id != corpus.pk or decision.verb != Verb.FINISH:
            raise NotFound(f"decision {decision.pk} did not finish articles in this corpus", field="decision")
        key = client_key(request.POST, "undo", decision.pk)
        result = undo(user=request.user, decision=decision, client_key=key)
    except Refusal as refusal:
        return _list(request, corpus, back, refusal)
    messages.success(request, f"{_articles(len(decision.finished) - len(result.left_out))} open again.")
    _report_left_out(request, result)
    return _redirect_to_list(corpus, back)


def _articles(number: int) -> str:
    return "1 article is" if number == 1 else f"{number} articles are"


def _report_left_out(request: UserRequest, result: DecisionResult) -> None:
    if result.left_out:
        reasons = dict.fromkeys(entry["reason"] for entry in result.left_out)
        messages.warning(request, f"Left out {len(result.left_out)}: {'; '.join(reasons)}.")


def _redirect_to_list(corpus: Corpus, back: QueryDict, **more: int) -> HttpResponse:
    """Redirect (303) to the list with its filters."""
    kept = _filters(back) | ({"cursor": back["cursor"]} if back.get("cursor") else {}) | more
    address = reverse("article-list", args=[corpus.slug])
    return HttpResponseRedirect(f"{address}?{urlencode(kept)}" if kept else address, status=303)
