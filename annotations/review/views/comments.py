"""The comments of a corpus, the forms that add, resolve and reopen one, and the history of a span."""

import secrets
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from annotations.review.actions.comments import add_comment, comment_address, reopen_comment, resolve_comment
from annotations.review.colours import colour_classes
from annotations.review.forms import client_key, read_id
from annotations.review.models import Change, Label
from annotations.review.panel import shorten
from annotations.review.queries import history
from annotations.review.queries.comments import KINDS, get_comment, list_comments
from annotations.review.queries.log import link_history
from annotations.review.views.page import FormResult, article_page, find_article
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core.errors import NotFound, Refusal

_VERBS = {"resolve": (resolve_comment, "Resolved."), "reopen": (reopen_comment, "Reopened.")}


@login_required
@require_safe
def comments(request: UserRequest, slug: str) -> HttpResponse:
    """List the comments of a corpus: open, resolved or all."""
    corpus = get_corpus(request.user, slug)
    kind = request.GET.get("state", "open")
    kind = kind if kind in KINDS else "open"
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "editor": may(request.user, corpus, Role.EDITOR),
        "page": list_comments(corpus, kind, cursor=request.GET.get("cursor", "")),
        "kind": kind,
        "kinds": KINDS,
        "paged": "cursor" in request.GET,
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "review/comments.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Comment on the article, on the span in the form, or reply to a comment. A refusal shows the article again."""
    article = find_article(request, slug, pk)
    if request.method != "POST":
        return redirect("article", slug, pk)
    named, replied = request.POST.get("span", "").split(":")[0], request.POST.get("reply_to", "")
    try:
        reply_to = read_id(replied, "reply_to") if replied else None
        span = read_id(named, "span") if named and reply_to is None else None
        text = request.POST.get("text", "").replace("\r\n", "\n").strip()
        key = client_key(request.POST, "comment", article.pk, reply_to, span, text)
        comment = add_comment(
            user=request.user, article=article, text=text, span=span, reply_to=reply_to, client_key=key
        )
    except Refusal as refusal:
        form = "reply" if replied else "comment"
        return article_page(request, slug, pk, FormResult(form, request.POST.dict(), refusal))
    messages.success(request, "Reply added." if comment.parent_id else "Comment added.")
    if request.POST.get("from") == "list":
        return HttpResponseRedirect(reverse("comments", args=[slug]), status=303)
    return HttpResponseRedirect(comment_address(comment), status=303)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_resolved(request: UserRequest, slug: str, comment: int, verb: str) -> HttpResponse:
    """Resolve or reopen a comment, then redirect to the page of the button."""
    found = get_comment(request.user, comment)
    if found.corpus.slug != slug or verb not in _VERBS:
        raise NotFound(f"there is no comment {comment} in {slug!r} that you can see")
    if request.method != "POST":
        return redirect("comments", slug)
    action, message = _VERBS[verb]
    action(user=request.user, comment=found)
    messages.success(request, message)
    if request.POST.get("from") == "list":
        return HttpResponseRedirect(reverse("comments", args=[slug]), status=303)
    return HttpResponseRedirect(comment_address(found), status=303)


@dataclass(frozen=True)
class Side:
    """A span before or after a change."""

    start: int
    end: int
    label: str
    label_id: int
    state: str
    revision: int
    quote: str


@login_required
@require_safe
def span_history(request: UserRequest, slug: str, pk: int, span: int) -> HttpResponse:
    article = find_article(request, slug, pk)
    changes = history(article, span)
    current = next((row for row in article.spans.for_reading().filter(pk=span)), None)
    if current is None and not changes:
        raise NotFound(f"article {pk} has no span {span}: it may no longer be suggested")
    steps = [(change, _side(change, "before", article.text), _side(change, "after", article.text))
             for change in changes]  # fmt: skip
    context = {
        "corpus": article.corpus,
        "article": article,
        "manages": may(request.user, article.corpus, Role.MANAGER),
        "span_id": span,
        "standing": current,
        "standing_quote": shorten(article.text[current.start : current.end]) if current else "",
        "steps": steps,
        "links": link_history(article, span),
        "colours": colour_classes(list(Label.objects.filter(corpus=article.corpus))),
    }
    return render(request, "review/history.html", context)


def _side(change: Change, name: str, text: str) -> Side | None:
    start, end, label = (getattr(change, f"{name}_{column}") for column in ("start", "end", "label"))
    if start is None:
        return None
    state, revision = getattr(change, f"{name}_state"), getattr(change, f"{name}_revision")
    return Side(start, end, label.name, label.pk, state, revision, shorten(text[start:end]))
