"""What the pages of entities have in common: their corpus, and redirects that announce a decision with its undo."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import pluralize

from annotations.review.colours import colour_classes
from annotations.review.models import Decision, Label, Verb
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, role_of
from corpusapp.core.errors import NotFound

# Decisions that one message offers to undo.
_IDS = re.compile(r"[0-9]{1,18}(?:,[0-9]{1,18}){0,7}", re.ASCII)


def corpus_with_entities(request: UserRequest, slug: str) -> Corpus:
    """The corpus of a page. Raises `NotFound` where names are not linked to entities."""
    corpus = get_corpus(request.user, slug)
    if not corpus.entities_enabled:
        raise NotFound(f"corpus {corpus.slug!r} links no names to entities: a manager can turn this on in its settings")
    return corpus


def page_context(request: UserRequest, corpus: Corpus) -> dict[str, Any]:
    """The variables of every page of entities."""
    labels, role = list(Label.objects.filter(corpus=corpus)), role_of(request.user, corpus)
    return {
        "corpus": corpus,
        "manages": role is not None and role.includes(Role.MANAGER),
        "editor": role is not None and role.includes(Role.EDITOR),
        "labels": entity_labels(labels),
        "colours": colour_classes(labels),
        "done": shown_decisions(request, corpus),
        "here": request.get_full_path() if request.method in ("GET", "HEAD") else request.POST.get("back", ""),
    }


def entity_labels(labels: Sequence[Label]) -> list[Label]:
    """The labels that entities can have."""
    return [label for label in labels if not label.hidden and label.family != Label.Family.NUMBERS]


def shown_decisions(request: UserRequest, corpus: Corpus) -> list[Decision]:
    """The decisions that the address announces as done, as far as the user can undo them."""
    named = request.GET.get("done", "")
    if not _IDS.fullmatch(named):
        return []
    ids = [int(pk) for pk in named.split(",")]
    rows = Decision.objects.filter(pk__in=ids, corpus=corpus, user=request.user.pk, undone_by=None)
    return list(rows.exclude(verb__in=[Verb.IMPORT, Verb.REOPEN]).order_by("-pk"))


def redirect_done(address: str, *decisions: int) -> HttpResponse:
    """Redirect (303) to a page that offers to undo these decisions."""
    address, _, fragment = address.partition("#")
    path, _, query = address.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("done="))
    done = f"done={','.join(map(str, decisions))}" if decisions else ""
    query = "&".join(filter(None, (kept, done)))
    location = f"{path}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"
    return HttpResponseRedirect(location, status=303)


def report_left_out(request: UserRequest, left_out: Sequence[dict[str, Any]]) -> None:
    for item in left_out[:5]:
        messages.warning(request, f"Left unchanged: {item['reason']}.")
    if len(left_out) > 5:
        messages.warning(request, f"{len(left_out) - 5} more were left unchanged.")


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 mention`, `2 mentions`."""
    return f"{number} {plural if plural and number != 1 else noun + ('' if plural else pluralize(number))}"
