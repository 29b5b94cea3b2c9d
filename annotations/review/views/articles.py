"""The article list, and its forms: finish, reopen and assign selected articles, save filters; each with its undo."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from annotations.review.actions.assign import assign, undo_assignment
from annotations.review.actions.saved_filters import delete_filter, save_filter
from annotations.review.actions.stages import finish_many, reopen_many
from annotations.review.actions.undo import undo
from annotations.review.forms import (
    TO_DECIDE,
    FilterForm,
    check_saved_query,
    chosen_filters,
    client_key,
    list_query,
    read_id,
)
from annotations.review.models import Assignment, Decision, SavedFilter, Stage, Verb
from annotations.review.models.saved_filter import NAME_LENGTH
from annotations.review.queries import (
    ArticleFilter,
    ArticleRow,
    facets,
    finish_to_announce,
    get_decision,
    list_articles,
)
from annotations.review.queries.assignment import (
    assigned_to,
    get_assignee,
    get_assignment,
    possible_assignees,
)
from annotations.review.queries.listing import COUNTED, count_articles, count_to_decide, headlines_of
from annotations.review.queries.saved_filters import filters_of, get_filter
from annotations.review.queries.set_aside import set_aside_to_announce
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.articles.search import RANKED_HITS
from corpusapp.core.errors import Conflict, NotFound, Refusal
from corpusapp.core.keyset import Page
from corpusapp.core.middleware import status_of

COLUMNS = "columns"
_ORDERS = (
    ("best", "best match"),
    ("newest", "newest"),
    ("date", "publication"),
    ("work", "least work"),
    ("uncertainty", "least certain"),
)
# Articles that a message names.
_NAMED = 3


@login_required
@require_safe
def article_list(request: UserRequest, slug: str) -> HttpResponse:
    """List articles, with filters. An invalid filter is shown with its refusal."""
    return _list(request, get_corpus(request.user, slug), request.GET)


def _list(request: UserRequest, corpus: Corpus, query: QueryDict, refused: Refusal | None = None) -> HttpResponse:
    manages = may(request.user, corpus, Role.MANAGER)
    columns = manages and query.get("view") == COLUMNS
    found, refusal = _Found(), None
    try:
        found = _find(request, corpus, query, words=columns)
    except Refusal as invalid:
        found, refusal = _Found(given=list_query(query)), invalid
    kept = list_query(query) | ({"view": COLUMNS} if columns else {})
    search, counts = found.given.get("q", ""), facets(corpus)
    context = {
        "corpus": corpus,
        "page": found.page,
        "total": _number_of(found.total),
        "ranked": RANKED_HITS if found.total > RANKED_HITS and search and found.filters.order == "best" else None,
        "refusal": refusal,
        "given": found.given,
        "search": search,
        "order": _shown_order(found.filters.order, search),
        "orders": [choice for choice in _ORDERS if search or choice[0] != "best"],
        "facets": counts,
        "stages": dict(Stage.choices) | {TO_DECIDE: "To decide"},
        "to_decide": count_to_decide(request.user.pk, corpus, dict(counts.stages)[Stage.SUGGESTED]),
        "own": assigned_to(request.user, corpus).count(),
        "assignees": possible_assignees(corpus),
        "address": urlencode(kept),
        "unordered": urlencode({name: value for name, value in kept.items() if name != "order"}),
        "carried": urlencode(list_query(query)),
        "paged": "cursor" in query,
        "columns": columns,
        "manages": manages,
        "editor": may(request.user, corpus, Role.EDITOR),
        "finished": finish_to_announce(request.user, query.get("finished", "")),
        "just_set_aside": set_aside_to_announce(request.user, query.get("set_aside", "")),
        "refused": refused,
        **_saved_context(request, corpus, found),
    }
    if context["editor"]:
        context |= _bulk_context(request, corpus, query, kept, found.page.rows)
    wrong = refused or refusal
    status = status_of(wrong) if wrong else 200
    return render(request, "review/list.html", context, status=status)


class _Found:
    """What the list shows: a page of articles, their number, and the filters that chose them."""

    def __init__(
        self,
        page: Page[ArticleRow] | None = None,
        total: int = 0,
        filters: ArticleFilter | None = None,
        given: Mapping[str, str] | None = None,
        saved: SavedFilter | None = None,
    ) -> None:
        self.page: Page[ArticleRow] = page or Page([], None)
        self.total, self.filters, self.given, self.saved = total, filters or ArticleFilter(), given or {}, saved


def _find(request: UserRequest, corpus: Corpus, query: QueryDict, *, words: bool) -> _Found:
    given, saved = chosen_filters(request.user, corpus, query)
    filters = FilterForm(given).article_filter(request.user)
    # With filters, each matching copy is listed: the oldest one might not match.
    fold = not given.keys() - {"order"}
    page = list_articles([corpus], filters, cursor=query.get("cursor", ""), fold=fold, words=words)
    return _Found(page, count_articles([corpus], filters, fold=fold), filters, given, saved)


def _number_of(total: int) -> str:
    if total > COUNTED:
        return f"More than {COUNTED:,} articles"
    return "1 article" if total == 1 else f"{total:,} articles"


def _shown_order(order: str, search: str) -> str:
    return "newest" if order == "best" and not search else order


def _saved_context(request: UserRequest, corpus: Corpus, found: _Found) -> dict[str, Any]:
    """Context of the saved filters."""
    manages = may(request.user, corpus, Role.MANAGER)
    query = urlencode(found.given)
    filters = filters_of(request.user, corpus)
    return {
        "saved": found.saved,
        "saved_filters": [(each, manages or each.user_id == request.user.pk) for each in filters],
        "savable": query if not found.saved or query != found.saved.query else "",
        "name_length": NAME_LENGTH,
    }


def _bulk_context(
    request: UserRequest, corpus: Corpus, query: QueryDict, kept: Mapping[str, str], rows: Sequence[ArticleRow]
) -> dict[str, Any]:
    """Context of the checkboxes of the list."""
    back = {**kept, **({"cursor": query["cursor"]} if query.get("cursor") else {})}
    return {
        "checkable": len(rows),
        "all_ticked": "ticked" in query,
        "back": urlencode(back),
        "key": secrets.token_urlsafe(9),
        "undoable": _undoable(request, corpus, query),
    }


def _undoable(request: UserRequest, corpus: Corpus, query: QueryDict) -> dict[str, Any] | None:
    """The form that undoes what the address names, if the user can undo it."""
    if (pk := _plain_id(query.get("stroke", ""))) and _own_finish(request, corpus, pk):
        return {"address": "articles-undo", "fields": [("decision", pk), ("key", f"undo-{pk}")]}
    if (pk := _plain_id(query.get("assigned", ""))) and Assignment.objects.filter(
        pk=pk, corpus=corpus, user=request.user.pk, undone_at=None
    ).exists():
        return {"address": "articles-assign-undo", "fields": [("assignment", pk)]}
    ids = [pk for value in query.get("reopened", "").split(",")[:100] if (pk := _plain_id(value))]
    if ids:
        return {"address": "articles-finish", "fields": [("article", pk) for pk in ids]}
    return None


def _plain_id(named: str) -> int:
    return int(named) if named.isascii() and named.isdigit() and len(named) <= 18 else 0


def _own_finish(request: UserRequest, corpus: Corpus, pk: int) -> bool:
    own = Decision.objects.filter(pk=pk, corpus=corpus, user=request.user.pk, undone_by=None)
    return own.filter(verb=Verb.FINISH).exists()


def list_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a form of the list: a refusal shows the list again, and says which articles were left out."""

    @login_required
    @require_POST
    @wraps(view)
    def wrapper(request: UserRequest, slug: str, **named: int) -> HttpResponse:
        corpus = get_corpus(request.user, slug)
        back = QueryDict(request.POST.get("back", ""))
        try:
            return view(request, corpus, back, **named)
        except Refusal as refusal:
            left_out = refusal.current if isinstance(refusal, Conflict) and isinstance(refusal.current, list) else []
            if len(left_out) > 1:
                _report_left_out(request, corpus, left_out)
            return _list(request, corpus, back, refusal)

    return wrapper


@list_form
def finish_selected(request: UserRequest, corpus: Corpus, back: QueryDict) -> HttpResponse:
    """Finish the selected articles as one decision."""
    ids = _selected(request)
    key = client_key(request.POST, "finish", corpus.pk, ids)
    result = finish_many(user=request.user, corpus=corpus, article_ids=ids, client_key=key)
    messages.success(request, f"{_articles(len(result.decision.finished))} done.")
    _report_left_out(request, corpus, result.left_out)
    return _redirect_to_list(corpus, back, stroke=result.decision.pk)


@list_form
def undo_finish(request: UserRequest, corpus: Corpus, back: QueryDict) -> HttpResponse:
    """Undo the finish that the button names."""
    decision = get_decision(request.user, read_id(request.POST.get("decision", ""), "decision"))
    if decision.corpus_id != corpus.pk or decision.verb != Verb.FINISH:
        raise NotFound(f"decision {decision.pk} did not finish articles in this corpus", field="decision")
    result = undo(user=request.user, decision=decision, client_key=client_key(request.POST, "undo", decision.pk))
    messages.success(request, f"{_articles(len(decision.finished) - len(result.left_out))} open again.")
    _report_left_out(request, corpus, result.left_out)
    return _redirect_to_list(corpus, back)


@list_form
def reopen_selected(request: UserRequest, corpus: Corpus, back: QueryDict) -> HttpResponse:
    """Reopen the selected articles. To undo it, they are finished again."""
    result = reopen_many(user=request.user, corpus=corpus, article_ids=_selected(request))
    messages.success(request, f"{_articles(len(result.articles))} open again.")
    _report_left_out(request, corpus, result.left_out)
    return _redirect_to_list(corpus, back, reopened=",".join(map(str, result.articles)))


@list_form
def assign_selected(request: UserRequest, corpus: Corpus, back: QueryDict) -> HttpResponse:
    """Assign the selected articles to the chosen person, or to nobody."""
    ids, assignee = _selected(request), get_assignee(request.user, request.POST.get("assignee", ""))
    result = assign(user=request.user, corpus=corpus, article_ids=ids, assignee=assignee)
    whom = "you" if assignee == request.user else str(assignee) if assignee else "nobody"
    messages.success(request, f"{_articles(len(result.assignment.before))} assigned to {whom}.")
    _report_left_out(request, corpus, result.left_out)
    return _redirect_to_list(corpus, back, assigned=result.assignment.pk)


@list_form
def undo_assign(request: UserRequest, corpus: Corpus, back: QueryDict) -> HttpResponse:
    """Give the articles of an assignment back to those who had them."""
    assignment = get_assignment(corpus, read_id(request.POST.get("assignment", ""), "assignment"))
    result = undo_assignment(user=request.user, assignment=assignment)
    number = len(assignment.before) - len(result.left_out)
    messages.success(request, f"{_articles(number)} assigned as before.")
    _report_left_out(request, corpus, result.left_out)
    return _redirect_to_list(corpus, back)


@list_form
def save_list_filter(request: UserRequest, corpus: Corpus, back: QueryDict) -> HttpResponse:
    """Save the filters of the list under a name."""
    saved = save_filter(
        user=request.user,
        corpus=corpus,
        name=request.POST.get("name", ""),
        query=check_saved_query(request.user, request.POST.get("query", "")),
        shared="shared" in request.POST,
    )
    messages.success(request, f"Saved filter “{saved.name}”{', shared with all members' if saved.shared else ''}.")
    return _redirect_to_list(corpus, QueryDict(urlencode({"filter": saved.pk})))


@list_form
def delete_list_filter(request: UserRequest, corpus: Corpus, back: QueryDict, pk: int) -> HttpResponse:
    saved = get_filter(request.user, corpus, pk)
    delete_filter(user=request.user, saved=saved)
    messages.success(request, f"Deleted filter “{saved.name}”.")
    here = back.get("filter") == str(pk)
    return _redirect_to_list(corpus, QueryDict(saved.query) if here else back)


def _selected(request: UserRequest) -> list[int]:
    return [read_id(value, "article") for value in request.POST.getlist("article")]


def _articles(number: int) -> str:
    return "1 article is" if number == 1 else f"{number} articles are"


def _report_left_out(request: UserRequest, corpus: Corpus, left_out: Iterable[Mapping[str, Any]]) -> None:
    """A message for each reason, with the headlines of the first articles."""
    reasons: dict[str, list[int]] = {}
    for entry in left_out:
        reasons.setdefault(entry["reason"], []).append(entry["article"])
    named = headlines_of(corpus, [pk for ids in reasons.values() for pk in ids[:_NAMED]])
    for reason, ids in reasons.items():
        shown = [f"“{named[pk]}”" if pk in named else f"article {pk}" for pk in ids[:_NAMED]]
        more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
        messages.warning(request, f"Left out {', '.join(shown)}{more}: {reason}.")


def _redirect_to_list(corpus: Corpus, back: QueryDict, **more: int | str) -> HttpResponse:
    """Redirect (303) to the list with its filters."""
    kept = list_query(back) | {name: back[name] for name in ("view", "cursor") if back.get(name)}
    kept |= {name: str(value) for name, value in more.items()}
    address = reverse("article-list", args=[corpus.slug])
    return HttpResponseRedirect(f"{address}?{urlencode(kept)}" if kept else address, status=303)
