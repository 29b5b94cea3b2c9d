"""The labels of a corpus in its settings: add, edit, order, rename, merge, hide, and undo."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from annotations.review.actions.labels import add_label, edit_label, hide_label, move_label, rename_label, show_label
from annotations.review.actions.merge_labels import merge_labels
from annotations.review.actions.undo import undo as undo_decision
from annotations.review.colours import colour_classes
from annotations.review.forms import LabelForm, NewLabelForm, read_id
from annotations.review.models import Label
from annotations.review.queries.label_page import label_counts, label_usage, standing_merge
from corpusapp.accounts.keys import keys_of, label_keys
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.errors import Conflict, Invalid, NotFound, Refusal
from corpusapp.core.middleware import status_of

RENAME, MERGE, HIDE = "rename", "merge", "hide"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def labels(request: UserRequest, slug: str) -> HttpResponse:
    """The labels with their counts; a POST adds one. `done` announces a change, with its undo."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    form = NewLabelForm(request.POST or None, initial={"family": Label.Family.THINGS})
    if form.is_bound and form.is_valid():
        try:
            last = Label.objects.filter(corpus=corpus).last()
            position = last.position + 1 if last else 1
            added = add_label(user=request.user, corpus=corpus, position=position, **form.values())
        except (Conflict, Invalid) as refusal:
            _add_error(form, refusal)
        else:
            messages.success(request, f"Label {added.name} added.")
            return _to_labels(corpus)
    found = list(Label.objects.filter(corpus=corpus).select_related("merged_into"))
    offered, counts = [label for label in found if not label.hidden], label_counts(corpus)
    # As everybody has them who has chosen no keys for commands.
    keys = label_keys(((label.name, label.key) for label in offered), keys_of({}).values())
    context = {
        **_page(corpus, found),
        "form": form,
        "rows": [(label, counts.get(label.pk, {}), " ".join(filter(None, keys[label.name]))) for label in offered],
        "hidden": [(label, counts.get(label.pk, {})) for label in found if label.hidden],
        "done": _announced(request.GET, found),
    }
    return render(request, "settings/labels.html", context, status=400 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def label(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Edit a label, and begin to rename, merge or hide it."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    shown = _get_label(corpus, pk)
    now = {name: getattr(shown, name) for name in ("definition", "family", "key")}
    now |= {"do": "\n".join(shown.do), "dont": "\n".join(shown.dont)}
    form = LabelForm(request.POST or None, initial=now)
    if form.is_bound and form.is_valid():
        try:
            edit_label(user=request.user, label=shown, **form.values())
        except (Conflict, Invalid) as refusal:
            _add_error(form, refusal)
        else:
            messages.success(request, f"Label {shown.name} saved.")
            return _to_labels(corpus)
    found = list(Label.objects.filter(corpus=corpus))
    others = [other for other in found if not other.hidden and other.pk != shown.pk]
    context = {**_page(corpus, found), "form": form, "label": shown, "others": others}
    return render(request, "settings/label.html", context, status=400 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: UserRequest, slug: str, pk: int, verb: str) -> HttpResponse:
    """Preview what renaming, merging or hiding a label touches; a POST does it."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    shown = _get_label(corpus, pk)
    given = request.POST if request.method == "POST" else request.GET
    try:
        into = _get_label(corpus, read_id(given.get("into", ""), "label")) if verb == MERGE else None
        if request.method == "POST":
            return _changed(request, shown, verb, into)
        refusal = None
    except Refusal as refused:
        refusal, into = refused, None
    context = {
        **_page(corpus, list(Label.objects.filter(corpus=corpus))),
        "label": shown,
        "verb": verb,
        "name": given.get("name", ""),
        "into": into,
        "usage": label_usage(shown, into),
        "refusal": refusal,
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "settings/label_change.html", context, status=status)


def _changed(request: UserRequest, shown: Label, verb: str, into: Label | None) -> HttpResponse:
    done: dict[str, Any] = {"done": verb, "label": shown.pk}
    if verb == RENAME:
        former = request.POST.get("shown", "")
        rename_label(user=request.user, label=shown, name=request.POST.get("name", "").strip(), shown=former)
        done["former"] = former
    elif verb == HIDE:
        hide_label(user=request.user, label=shown)
    elif into is not None:
        merge_labels(user=request.user, label=shown, into=into)
    return _to_labels(shown.corpus, **done)


@login_required
@require_POST
def move(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Move a label up or down."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    move_label(user=request.user, label=_get_label(corpus, pk), up=request.POST.get("to") == "up")
    return HttpResponseRedirect(f"{reverse('settings-labels', args=[slug])}#label-{pk}", status=303)


@login_required
@require_POST
def undo(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Undo a rename, to the name `former`; else show a hidden label again, with the spans that a merge took from it."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    shown = _get_label(corpus, pk)
    try:
        if former := request.POST.get("former", ""):
            now = rename_label(user=request.user, label=shown, name=former, shown=request.POST.get("shown"))
            messages.success(request, f"The label is named {now.name} again.")
        elif shown.merged_into and (decision := standing_merge(shown)):
            result = undo_decision(user=request.user, decision=decision)
            messages.success(request, f"{shown.name} is shown again, with its spans.")
            if left := len(result.left_out):
                messages.warning(request, f"Spans that were changed since keep their label: {left}.")
        else:
            show_label(user=request.user, label=shown)
            messages.success(request, f"{shown.name} is shown again.")
    except Conflict as refusal:
        messages.error(request, f"{refusal.detail}.")
    return _to_labels(corpus)


def _announced(given: QueryDict, found: list[Label]) -> dict[str, Any] | None:
    """The change to announce, while it stands and can be undone."""
    label = next((label for label in found if str(label.pk) == given.get("label")), None)
    verb, former = given.get("done"), given.get("former", "")
    standing = label is not None and (bool(former) and former != label.name if verb == RENAME else label.hidden)
    return {"verb": verb, "label": label, "former": former} if standing else None


def _get_label(corpus: Corpus, pk: int) -> Label:
    found = Label.objects.select_related("corpus", "merged_into").filter(corpus=corpus, pk=pk).first()
    if found is None:
        raise NotFound(f"there is no label {pk} in {corpus.slug!r}")
    return found


def _page(corpus: Corpus, found: list[Label]) -> dict[str, Any]:
    return {"corpus": corpus, "manages": True, "present": "labels", "colours": colour_classes(found)}


def _add_error(form: LabelForm, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)


def _to_labels(corpus: Corpus, **query: Any) -> HttpResponse:
    address = reverse("settings-labels", args=[corpus.slug])
    return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address, status=303)
