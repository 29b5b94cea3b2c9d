"""Every mention of some words, tickable; what a verb would do to those ticked; and the decision that does it."""

import secrets
from collections import Counter
from collections.abc import Callable
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
from annotations.review.actions.undo import undo as take_back
from annotations.review.colours import version
from annotations.review.forms import (
    STATE_NAMES,
    choice_value,
    client_key,
    pick_value,
    query_of,
    read_asked,
    read_choices,
    read_id,
    read_picks,
    read_verb,
)
from annotations.review.models import Decision, Label, Verb
from annotations.review.queries import articles_touched, get_decision
from annotations.review.queries.bulk_preview import LABEL, plan
from annotations.review.queries.concordance import MAX_PAGE, Asked, Concordance, concordance
from annotations.review.views.decisions import tell_left_out
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
    """The list, narrowed by its address; what cannot be asked is said beside it."""
    return _list(request, get_corpus(request.user, slug))


def _list(request: UserRequest, corpus: Corpus, refusal: Refusal | None = None) -> HttpResponse:
    """The list; with a refusal of a form that was sent from it, above it."""
    given = request.GET if request.method != "POST" else QueryDict(request.POST.get("back", ""))
    found, asked, size = Concordance(), Asked(), _size(given)
    try:
        asked = read_asked(given)
        found = concordance(corpus, asked, cursor=given.get("cursor", ""), size=size)
    except Invalid as invalid:
        refusal = refusal or invalid
    labels = list(Label.objects.filter(corpus=corpus))
    ticked = set(request.POST.getlist("mention"))
    lines = [(row, value, _ticked(given, ticked, value)) for row in found.rows if (value := _value(row))]
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "editor": may(request.user, corpus, Role.EDITOR),
        "labels": labels,
        "labels_version": version(labels),
        "sources": Source.objects.filter(corpus=corpus).values_list("name", flat=True)[:200],
        "found": found,
        "lines": lines,
        "asked": asked,
        "given": given,
        "refusal": refusal,
        "address": _without(given, "cursor", "ticked", "stroke"),
        "formless": _without(given, "cursor", "ticked", "stroke", "surface"),
        "unordered": _without(given, "cursor", "ticked", "stroke", "order"),
        "back": query_of(given),
        "all_ticked": given.get("ticked") == "1",
        "size": size,
        "sizes": _SIZES,
        "modes": _MODES,
        "orders": _ORDERS,
        "states": STATE_NAMES,
        "stroke": _shown_decision(request, corpus),
        "keys": keys_of(request.user.preferences.get("keys", {})),
    }
    return render(request, "review/concordance.html", context, status=status_of(refusal) if refusal else 200)


def _value(row: Any) -> str:
    mention = row.mention
    return pick_value(mention.article, mention.span, mention.revision, mention.start, mention.end)


def _ticked(given: QueryDict, ticked: set[str], value: str) -> bool:
    return value in ticked if ticked else given.get("ticked") == "1"


def _size(given: QueryDict) -> int:
    return next((size for size in _SIZES if given.get("size") == str(size)), _SIZES[0])


def _without(given: QueryDict, *names: str) -> str:
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def _shown_decision(request: UserRequest, corpus: Corpus) -> Decision | None:
    """The decision that the list was just changed by, where it can be taken back."""
    named = request.GET.get("stroke", "")
    if not named.isascii() or not named.isdigit() or len(named) > 18:
        return None
    decision = Decision.objects.filter(pk=int(named), corpus=corpus, user=request.user.pk, undone_by=None)
    return decision.exclude(verb__in=[Verb.IMPORT, Verb.FINISH, Verb.REOPEN]).first()


def form_on_list(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST by an editor; a refusal shows the list again, with the sentence and what was ticked. A GET leads there."""

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answered(request: UserRequest, slug: str) -> HttpResponse:
        corpus = get_corpus(request.user, slug)
        if request.method != "POST":
            return redirect("concordance", slug)
        try:
            require(request.user, corpus, Role.EDITOR)
            return view(request, corpus)
        except Refusal as refusal:
            return _list(request, corpus, refusal)

    return answered


@form_on_list
def preview(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """What a verb would do to each mention that was ticked. Changes nothing."""
    verb = read_verb(request.POST)
    picks = read_picks(request.POST.getlist("mention"))
    labels = list(Label.objects.filter(corpus=corpus))
    label = _label(request, labels) if verb == LABEL else None
    rows = plan(corpus, picks, verb, label)
    doing = [(row, choice_value(row, label)) for row in rows if not row.reason]
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "labels_version": version(labels),
        "verb": verb,
        "label": label,
        "doing": doing,
        "left_out": [row for row in rows if row.reason],
        "articles": len({row.pick.article for row, _ in doing}),
        "verbs": [(_DONE[Verb(verb)].lower(), n) for verb, n in Counter(row.verb for row, _ in doing).items()],
        "back": request.POST.get("back", ""),
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "review/concordance_preview.html", context)


def _label(request: UserRequest, labels: list[Label]) -> Label:
    named = request.POST.get("label", "")
    found = next((label for label in labels if label.name == named), None)
    if found is None:
        raise Invalid("choose a label", field="label")
    return found


@form_on_list
def decide(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Apply what was shown, to those whose boxes are ticked, as one decision."""
    choices = read_choices(request.POST.getlist("choice"))
    key = client_key(request.POST, corpus.pk, choices)
    result = decide_many(user=request.user, corpus=corpus, choices=choices, client_key=key)
    word = _DONE.get(Verb(result.decision.verb), "Decided")
    again = " It was already saved." if result.repeated else ""
    messages.success(request, f"{word} {_mentions(result)}.{again}")
    tell_left_out(request, result)
    return _back(request, corpus, result)


@form_on_list
def undo(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Take the decision back that the button named; of an undo, this is a redo."""
    decision = get_decision(request.user, read_id(request.POST.get("decision", ""), "decision"))
    if decision.corpus_id != corpus.pk:
        raise NotFound(f"decision {decision.pk} does not belong to this corpus", field="decision")
    result = take_back(user=request.user, decision=decision, client_key=client_key(request.POST, "undo", decision.pk))
    word = "Redone" if result.decision.verb == Verb.REDO else "Undone"
    messages.success(request, f"{word} in {_articles(result)}.")
    tell_left_out(request, result)
    return _back(request, corpus, result)


def _mentions(result: DecisionResult) -> str:
    number = len(result.spans)
    return f"{number} mention{'' if number == 1 else 's'} in {_articles(result)}"


def _articles(result: DecisionResult) -> str:
    number = articles_touched(result.decision)
    return "1 article" if number == 1 else f"{number} articles"


def _back(request: UserRequest, corpus: Corpus, result: DecisionResult) -> HttpResponse:
    """303 to the list as it was narrowed, which offers to take the decision back."""
    kept = query_of(QueryDict(request.POST.get("back", "")))
    address = f"{reverse('concordance', args=[corpus.slug])}?{kept}{'&' if kept else ''}stroke={result.decision.pk}"
    return HttpResponseRedirect(address, status=303)
