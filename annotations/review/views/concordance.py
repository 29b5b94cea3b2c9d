"""The concordance: the list of mentions, the preview of a bulk decision, the decision and its undo."""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from annotations.review.actions.decide_many import decide_many
from annotations.review.actions.decisions import DecisionResult
from annotations.review.actions.undo import undo as undo_decision
from annotations.review.colours import colour_classes
from annotations.review.forms import (
    STATE_NAMES,
    choice_value,
    client_key,
    filter_query,
    mention_value,
    read_choices,
    read_concordance_filter,
    read_id,
    read_selected_mentions,
    read_verb,
)
from annotations.review.models import Decision, Label, State, Verb
from annotations.review.queries import articles_touched, get_decision
from annotations.review.queries.bulk_preview import LABEL, PlannedDecision, plan_decisions
from annotations.review.queries.concordance import MAX_PAGE, Concordance, ConcordanceFilter, concordance
from annotations.review.views.decisions import report_left_out
from corpusapp.accounts.keys import keys_of
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role, Source
from corpusapp.articles.permissions import get_corpus, may, require
from corpusapp.core.errors import Invalid, NotFound, Refusal
from corpusapp.core.middleware import status_of

_SIZES = (50, 200, MAX_PAGE)
_ORDERS = (
    ("newest", "newest first"),
    ("date", "date"),
    ("left", "words before"),
    ("right", "words after"),
    ("score", "lowest score first"),
)
_MODES = (("words", "these words"), ("exact", "exact name"), ("prefix", "word beginnings"))
_DONE = {Verb.CONFIRM: "Confirmed", Verb.REJECT: "Rejected", Verb.RELABEL: "Relabelled", Verb.ADD: "Added"}


@login_required
@require_safe
def mentions(request: UserRequest, slug: str) -> HttpResponse:
    """List mentions, with filters. An invalid filter is shown with its refusal."""
    return _list(request, get_corpus(request.user, slug))


def _list(request: UserRequest, corpus: Corpus, refusal: Refusal | None = None) -> HttpResponse:
    """Render the list, with the refusal of a form sent from it, if any."""
    given = request.GET if request.method != "POST" else QueryDict(request.POST.get("back", ""))
    page, filters, size = Concordance(), ConcordanceFilter(), _size(given)
    try:
        filters = read_concordance_filter(given)
        page = concordance(corpus, filters, cursor=given.get("cursor", ""), size=size)
    except Invalid as invalid:
        refusal = refusal or invalid
    labels = list(Label.objects.filter(corpus=corpus))
    selected = set(request.POST.getlist("mention"))
    lines = [(row, value, _is_selected(given, selected, value)) for row in page.rows if (value := _value(row))]
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "editor": may(request.user, corpus, Role.EDITOR),
        "labels": labels,
        "offered": [label for label in labels if not label.hidden],
        "colours": colour_classes(labels),
        "sources": Source.objects.filter(corpus=corpus).values_list("name", flat=True)[:200],
        "found": page,
        "lines": lines,
        "asked": filters,
        "given": given,
        "refusal": refusal,
        "address": _without(given, "cursor", "ticked", "stroke"),
        "formless": _without(given, "cursor", "ticked", "stroke", "surface"),
        "unordered": _without(given, "cursor", "ticked", "stroke", "order"),
        "back": filter_query(given),
        "all_ticked": given.get("ticked") == "1",
        "size": size,
        "sizes": _SIZES,
        "modes": _MODES,
        "orders": _ORDERS,
        "states": STATE_NAMES,
        "undoable": _shown_decision(request, corpus),
        "keys": keys_of(request.user.preferences.get("keys", {})),
    }
    return render(request, "review/concordance.html", context, status=status_of(refusal) if refusal else 200)


def _value(row: Any) -> str:
    mention = row.mention
    return mention_value(mention.article, mention.span, mention.revision, mention.start, mention.end)


def _is_selected(given: QueryDict, selected: set[str], value: str) -> bool:
    return value in selected if selected else given.get("ticked") == "1"


def _size(given: QueryDict) -> int:
    return next((size for size in _SIZES if given.get("size") == str(size)), _SIZES[0])


def _without(given: QueryDict, *names: str) -> str:
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def _shown_decision(request: UserRequest, corpus: Corpus) -> Decision | None:
    """The decision that the address names, if the user can undo it."""
    named = request.GET.get("stroke", "")
    if not named.isascii() or not named.isdigit() or len(named) > 18:
        return None
    decision = Decision.objects.filter(pk=int(named), corpus=corpus, user=request.user.pk, undone_by=None)
    return decision.exclude(verb__in=[Verb.IMPORT, Verb.FINISH, Verb.REOPEN]).first()


def list_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a POST view for editors: a refusal shows the list again with its selection, a GET redirects to the list."""

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapper(request: UserRequest, slug: str) -> HttpResponse:
        corpus = get_corpus(request.user, slug)
        if request.method != "POST":
            return redirect("concordance", slug)
        try:
            require(request.user, corpus, Role.EDITOR)
            return view(request, corpus)
        except Refusal as refusal:
            return _list(request, corpus, refusal)

    return wrapper


@list_form
def preview(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Preview what a verb would do to each selected mention."""
    verb = read_verb(request.POST)
    mentions = read_selected_mentions(request.POST.getlist("mention"))
    labels = list(Label.objects.filter(corpus=corpus))
    label = _label(request, labels) if verb == LABEL else None
    rows = plan_decisions(corpus, mentions, verb, label)
    planned = [(row, choice_value(row, label)) for row in rows if not row.reason]
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "colours": colour_classes(labels),
        "verb": verb,
        "label": label,
        "doing": planned,
        "left_out": [row for row in rows if row.reason],
        "summary": _summary(rows),
        "back": request.POST.get("back", ""),
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "review/concordance_preview.html", context)


def _summary(rows: Sequence[PlannedDecision]) -> str:
    """What the decision will do: "Will confirm 12 suggestions and change 1 label in 7 articles; 2 left out (…)"."""
    planned = [row for row in rows if not row.reason]
    doing = [_count(number, *words) for words, number in Counter(map(_words, planned)).items()]
    reasons = Counter(row.reason for row in rows if row.reason)
    left_out = ", ".join(f"{number} left out ({reason})" for reason, number in reasons.items())
    if not doing:
        return f"Nothing will change: {left_out}." if left_out else "Nothing will change."
    listed = f"{', '.join(doing[:-1])} and {doing[-1]}" if len(doing) > 1 else doing[0]
    articles = len({row.mention.article for row in planned})
    where = "1 article" if articles == 1 else f"{articles} articles"
    return f"Will {listed} in {where}{'; ' if left_out else ''}{left_out}."


def _words(row: PlannedDecision) -> tuple[str, str]:
    """The verb, and what it is applied to."""
    if row.verb == Verb.ADD:
        return "add", "span"
    if row.verb == Verb.RELABEL:
        return "change", "label"
    suggested = row.span is not None and row.span.state == State.SUGGESTED
    return str(row.verb), "suggestion" if suggested else f"{row.span.state} span" if row.span else "span"


def _count(number: int, verb: str, noun: str) -> str:
    return f"{verb} {number} {noun}{'' if number == 1 else 's'}"


def _label(request: UserRequest, labels: list[Label]) -> Label:
    named = request.POST.get("label", "")
    label = next((label for label in labels if label.name == named), None)
    if label is None:
        raise Invalid("choose a label", field="label")
    return label


@list_form
def decide(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Apply the selected items of the preview as one decision."""
    choices = read_choices(request.POST.getlist("choice"))
    key = client_key(request.POST, corpus.pk, choices)
    result = decide_many(user=request.user, corpus=corpus, choices=choices, client_key=key)
    word = _DONE.get(Verb(result.decision.verb), "Decided")
    again = " It was already saved." if result.repeated else ""
    messages.success(request, f"{word} {_mentions(result)}.{again}")
    report_left_out(request, result)
    return _redirect_to_list(request, corpus, result)


@list_form
def undo(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Undo the decision that the button names; for an undo, redo."""
    decision = get_decision(request.user, read_id(request.POST.get("decision", ""), "decision"))
    if decision.corpus_id != corpus.pk:
        raise NotFound(f"decision {decision.pk} does not belong to this corpus", field="decision")
    result = undo_decision(
        user=request.user, decision=decision, client_key=client_key(request.POST, "undo", decision.pk)
    )
    word = "Redone" if result.decision.verb == Verb.REDO else "Undone"
    messages.success(request, f"{word} in {_articles(result)}.")
    report_left_out(request, result)
    return _redirect_to_list(request, corpus, result)


def _mentions(result: DecisionResult) -> str:
    number = len(result.spans)
    return f"{number} mention{'' if number == 1 else 's'} in {_articles(result)}"


def _articles(result: DecisionResult) -> str:
    number = articles_touched(result.decision)
    return "1 article" if number == 1 else f"{number} articles"


def _redirect_to_list(request: UserRequest, corpus: Corpus, result: DecisionResult) -> HttpResponse:
    """Redirect (303) to the list with its filters, which offers to undo the decision."""
    kept = filter_query(QueryDict(request.POST.get("back", "")))
    address = f"{reverse('concordance', args=[corpus.slug])}?{kept}{'&' if kept else ''}stroke={result.decision.pk}"
    return HttpResponseRedirect(address, status=303)
