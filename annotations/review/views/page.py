"""The article page, as it is first shown and as a refused form shows it again."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from annotations.review.actions.presence import be_present, leave
from annotations.review.colours import short_names, version
from annotations.review.drawing import draw, packed
from annotations.review.forms import seen_value, write_shown
from annotations.review.models import Label, Span, Stage, State
from annotations.review.panel import LabelRow, label_buttons, label_options, label_terms, rows
from annotations.review.queries import articles_touched, finish_to_announce, next_article, own_decisions
from annotations.review.queries.open_pages import also_here, mark_of
from annotations.review.queries.page import ArticleOnPage, ShownSpan, article_on_page
from annotations.review.queries.work import ORDERS
from annotations.spans.span import find_quote
from corpusapp.accounts.keys import keys_of, letters
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import get_article
from corpusapp.articles.queries import other_copies
from corpusapp.core.errors import Conflict, NotFound, Refusal
from corpusapp.core.middleware import status_of
from corpusapp.core.pages import bundles
from corpusapp.text.zones import KINDS

_CONTEXT = 40
# Rows of the lists beside the text: more are taken in hand from the text itself.
_LISTED = 100


@dataclass(frozen=True)
class Occurrence:
    """One place where a quote stands, with what stands around it."""

    start: int
    end: int
    before: str
    quote: str
    after: str


@dataclass(frozen=True)
class Outcome:
    """What came of a form that did not lead to a redirect. `form` names it, `typed` is what stood in it."""

    form: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    occurrences: Sequence[Occurrence] = ()


@login_required
@require_safe
def article(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    return article_page(request, slug, pk)


def article_at(request: UserRequest, slug: str, pk: int) -> Article:
    """The article under this corpus's address, alone."""
    article = get_article(request.user, pk)
    _check_slug(article, slug)
    return article


def _check_slug(article: Article, slug: str) -> None:
    if article.corpus.slug != slug:
        raise NotFound(f"there is no article {article.pk} in {slug!r} that you can see")


def article_page(request: UserRequest, slug: str, pk: int, outcome: Outcome | None = None) -> HttpResponse:
    found = article_on_page(request.user, pk, rejected="rejected" in request.GET)
    _check_slug(found.article, slug)
    refusal = outcome.refusal if outcome else None
    status = status_of(refusal) if refusal else 200
    return render(request, "review/article.html", context(request, found, outcome), status=status)


def context(request: UserRequest, found: ArticleOnPage, outcome: Outcome | None = None) -> dict[str, Any]:
    """All that the page shows. Only the number of rows grows with the spans, never that of queries."""
    article = found.article
    asked = request.GET.get("span", "") or _asked_by(outcome)
    hand = next((span for span in found.spans if str(span.pk) == asked), None)
    sent, typed = (outcome.form, outcome.typed) if outcome else ("", {})
    extra = "&rejected=1" if "rejected" in request.GET else ""
    editable = found.role.includes(Role.EDITOR) and found.review.stage != Stage.DONE
    waiting = [span for span in found.spans if span.state == State.SUGGESTED]
    decided = [span for span in found.spans if span.state != State.SUGGESTED]
    unmark = reverse("zone-remove", args=[article.corpus.slug, article.pk, 0]) if editable else ""
    short = short_names(label.name for label in found.labels)
    drawn = {"headline": article.headline, "hand": hand.pk if hand else 0, "extra": extra, "unmark": unmark}
    return {
        "corpus": article.corpus,
        "article": article,
        "found": found,
        "review": found.review,
        "done": found.review.stage == Stage.DONE,
        "editor": found.role.includes(Role.EDITOR),
        "editable": editable,
        "manages": found.role.includes(Role.MANAGER),
        "label_options": label_options(found.labels, typed.get("label", "") if sent == "add" else ""),
        "labels_version": version(found.labels),
        "headline_in_text": _opens_with(article.text, article.headline) or _titled(found),
        "drawn": draw(article.text, found.spans, found.zones, short=short, **drawn),
        "hand": hand,
        "hand_pipeline": found.pipeline_of(hand) if hand else None,
        "hand_seen": seen_value(hand.pk, hand.revision, hand.start, hand.end, hand.label.name) if hand else "",
        "hand_quote": article.text[hand.start : hand.end] if hand else "",
        "hand_gone": bool(asked) and hand is None,
        "around": _around(found.spans, hand) if hand else {},
        "alike_here": _alike_here(article.text, waiting, hand) if hand else 0,
        "neighbours": _neighbours(waiting, hand),
        "waiting": waiting,
        "waiting_rows": rows(article.text, waiting[:_LISTED], hand=hand, extra=extra, editable=editable),
        "waiting_more": len(waiting) - len(waiting[:_LISTED]),
        "decided_count": len(decided),
        "decided_rows": rows(
            article.text, decided[:_LISTED], hand=hand, extra=extra, editable=False, kind="spans decided"
        ),
        "decided_more": len(decided) - len(decided[:_LISTED]),
        "packed": packed(found.spans),
        **_keys(request, found.labels, short),
        "orders": ORDERS.items(),
        "scripts": bundles.address("workbench.js"),
        "styles": bundles.address("workbench.css"),
        "order": request.GET.get("order", ""),
        "searched": request.GET.get("q", ""),
        "shown": write_shown((span.pk, span.revision) for span in waiting),
        "zones": [(zone, article.text[zone.start : zone.end]) for zone in found.zones],
        "zone_kinds": KINDS,
        "rejected": "rejected" in request.GET,
        "query": extra.replace("&", "?", 1),
        **_history(request, article),
        "finished": finish_to_announce(request.user, request.GET.get("finished", "")),
        "original": found.original,
        "copies": other_copies(article),
        "next_article": next_article(article) if found.review.stage == Stage.DONE else None,
        "key": secrets.token_urlsafe(9),
        # One for all forms of the page: by itself Django makes another for each.
        "csrf_token": get_token(request),
        "outcome": outcome,
        "sent": sent,
        "refusal": outcome.refusal if outcome else None,
        "standing": _standing(outcome),
        "typed": typed,
    }


def _keys(request: UserRequest, labels: Sequence[Label], short: Mapping[str, str]) -> dict[str, Any]:
    """The keys that this person uses, as the page's scripts read them, and those of the labels."""
    keys = keys_of(request.user.preferences.get("keys", {}))
    free = letters([label.name for label in labels], keys.values())
    digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    found = [
        LabelRow(label, short[label.name], digit, free[label.name])
        for label, digit in zip_longest(labels, digits[: len(labels)], fillvalue="")
    ]
    return {
        "keys": keys,
        "packed_keys": json.dumps(keys),
        "label_rows": found,
        "label_buttons": label_buttons(found, keys["find-label"]),
        "label_terms": label_terms(found),
    }


def _history(request: UserRequest, article: Article) -> dict[str, Any]:
    """What can be undone and redone here, and in how many articles, where in several."""
    last, undone = own_decisions(request.user, article)
    touched = {
        f"{name}_articles": articles_touched(decision)
        for name, decision in (("last", last), ("undone", undone))
        if decision and decision.article_id is None
    }
    return {"last": last, "undone": undone, **touched}


def _alike_here(text: str, waiting: Sequence[ShownSpan], hand: ShownSpan) -> int:
    """How many other suggestions of the article have the words and the label of the one in hand."""
    words = text[hand.start : hand.end]
    same = [span for span in waiting if span.label_id == hand.label_id and text[span.start : span.end] == words]
    return len(same) - (hand in same)


def occurrences(text: str, quote: str) -> list[Occurrence]:
    """Where a quote stands, each in its context: an editor chooses, nothing is guessed."""
    return [
        Occurrence(start, end, text[max(0, start - _CONTEXT) : start], text[start:end], text[end : end + _CONTEXT])
        for start, end in find_quote(text, quote)
    ]


def _asked_by(outcome: Outcome | None) -> str:
    return str(outcome.typed.get("hand", "")) if outcome else ""


def _standing(outcome: Outcome | None) -> Span | None:
    """The span that a refused form ran into, as it stands now."""
    current = outcome.refusal.current if outcome and isinstance(outcome.refusal, Conflict) else None
    return current if isinstance(current, Span) and current.pk else None


def _opens_with(text: str, headline: str) -> bool:
    return bool(headline) and text.lstrip().startswith(headline + "\n")


def _titled(found: ArticleOnPage) -> bool:
    return any(zone.kind == "title" for zone in found.zones)


def _around(spans: Sequence[ShownSpan], hand: ShownSpan) -> list[ShownSpan]:
    """The other spans that share characters with the one in hand: where they are drawn over one another."""
    return [span for span in spans if span.pk != hand.pk and span.start < hand.end and hand.start < span.end][:20]


def _neighbours(waiting: Sequence[ShownSpan], hand: ShownSpan | None) -> dict[str, ShownSpan | None]:
    """The suggestions before and after the span in hand."""
    if hand is None:
        return {"previous": None, "next": waiting[0] if waiting else None}
    here = (hand.start, -hand.end, hand.pk)
    before = [span for span in waiting if (span.start, -span.end, span.pk) < here]
    after = [span for span in waiting if (span.start, -span.end, span.pk) > here]
    return {"previous": before[-1] if before else None, "next": after[0] if after else None}


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def pulse(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """GET says how the article stands, with an ETag over all of it; POST also that the page is open, or `left`.

    With `strokes` it names the user's own that an undo and a redo would turn. Signed out it is 401, so that a page can
    tell this from a desk that is down.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"user": None}, status=401)
    try:
        article = article_at(request, slug, pk)
    except NotFound:
        return JsonResponse({"user": request.user.pk, "gone": True}, status=404)
    if request.method == "POST":
        (leave if "left" in request.POST else be_present)(user=request.user, article=article)
    here = [str(user) for user in also_here(request.user, article)]
    found = {"user": request.user.pk, "mark": mark_of(article), "here": here}
    if "strokes" in request.GET:
        own = dict(zip(("last", "undone"), own_decisions(request.user, article), strict=True))
        found |= {name: decision.pk if decision else None for name, decision in own.items()}
    etag = f'"{hashlib.sha256(repr(found).encode()).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.method != "POST" and request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        return HttpResponseNotModified(headers=headers)
    return JsonResponse(found, headers=headers)
