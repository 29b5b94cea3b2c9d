"""The article page, also as a refused form shows it again, and its heartbeat."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from annotations.review.actions.presence import end_presence, record_presence
from annotations.review.colours import colour_classes, short_names
from annotations.review.forms import chosen_filters, list_query
from annotations.review.models import Label, Span, Stage, State
from annotations.review.panel import LabelRow, SpanRows, label_options, label_terms, value_of
from annotations.review.queries import articles_touched, finish_to_announce, next_article, own_decisions
from annotations.review.queries.open_pages import other_viewers, state_mark
from annotations.review.queries.page import ArticleOnPage, ShownSpan, article_on_page
from annotations.review.queries.set_aside import set_aside_to_announce
from annotations.review.queries.work import ORDERS
from annotations.review.shown_values import write_entities, write_shown
from annotations.review.text_renderer import pack_links, pack_spans, render_text
from annotations.spans.span import find_quote
from corpusapp.accounts.keys import keys_of, label_keys
from corpusapp.accounts.reading_view import view_of
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import get_article
from corpusapp.core.errors import Conflict, NotFound, Refusal
from corpusapp.core.middleware import status_of
from corpusapp.core.pages import bundles
from corpusapp.text.zones import KINDS

_CONTEXT = 40
# Rows in the lists next to the text; other spans are selected in the text.
_LISTED = 100


@dataclass(frozen=True)
class Occurrence:
    """An occurrence of a quote, in context."""

    start: int
    end: int
    before: str
    quote: str
    after: str


@dataclass(frozen=True)
class FormResult:
    """A form that is shown again: its name, the values sent, and the refusal or the occurrences to choose from."""

    form: str
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    occurrences: Sequence[Occurrence] = ()


@login_required
@require_safe
def article(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    # Nothing is changed, so the role that is read with the article is kept.
    request.user.roles = {}
    return article_page(request, slug, pk)


def find_article(request: UserRequest, slug: str, pk: int) -> Article:
    """The article, if it is in the corpus with this slug."""
    article = get_article(request.user, pk)
    _check_slug(article, slug)
    return article


def _check_slug(article: Article, slug: str) -> None:
    if article.corpus.slug != slug:
        raise NotFound(f"there is no article {article.pk} in {slug!r} that you can see")


@dataclass(frozen=True)
class _Shown:
    """What several parts of the page are made of. `extra` is appended to the query of every link."""

    page: ArticleOnPage
    selected: ShownSpan | None
    waiting: Sequence[ShownSpan]
    editable: bool
    extra: str
    short: Mapping[str, str]
    colours: Mapping[int, str]

    @property
    def text(self) -> str:
        return self.page.article.text

    def is_linked(self, label: Label) -> bool:
        """Whether spans with this label are linked to entities."""
        return self.page.article.corpus.entities_enabled and label.family != Label.Family.NUMBERS

    @property
    def selected_id(self) -> int:
        return self.selected.pk if self.selected else 0


def article_page(request: UserRequest, slug: str, pk: int, form_result: FormResult | None = None) -> HttpResponse:
    page = article_on_page(request.user, pk, rejected="rejected" in request.GET)
    _check_slug(page.article, slug)
    result = form_result or FormResult("")
    status = status_of(result.refusal) if result.refusal else 200
    return render(request, "review/article.html", _context(request, page, result), status=status)


def _context(request: UserRequest, page: ArticleOnPage, result: FormResult) -> dict[str, Any]:
    """The context of the page, in a fixed number of queries."""
    article, done = page.article, page.review.stage == Stage.DONE
    requested = request.GET.get("span", "") or str(result.values.get("selected", ""))
    editor, rejected = page.role.includes(Role.EDITOR), "rejected" in request.GET
    shown = _Shown(
        page=page,
        selected=next((span for span in page.spans if str(span.pk) == requested), None),
        waiting=[span for span in page.spans if span.state == State.SUGGESTED],
        editable=editor and not done,
        extra="&rejected=1" if rejected else "",
        short=short_names(label.name for label in page.labels),
        colours=colour_classes(page.labels),
    )
    view = view_of(request.user.preferences.get("view", {}))
    return {
        "corpus": article.corpus,
        "view": view,
        "article": article,
        "found": page,
        "review": page.review,
        "done": done,
        "editor": editor,
        "editable": shown.editable,
        "manages": page.role.includes(Role.MANAGER),
        "rejected": rejected,
        "query": "?rejected=1" if rejected else "",
        "scripts": bundles.address("workbench.js"),
        "styles": bundles.address("workbench.css"),
        "original": page.original,
        "copies": page.copies,
        "comments": page.comments,
        "set_aside": page.set_aside,
        "just_set_aside": set_aside_to_announce(request.user, request.GET.get("set_aside", "")),
        "finished": finish_to_announce(request.user, request.GET.get("finished", "")),
        "next_article": next_article(article) if done else None,
        "selected_gone": bool(requested) and shown.selected is None,
        "doubtful": sum(1 for span in shown.waiting if span.score is None or 100 * span.score < view.doubt),
        **_text(shown),
        **_selection(shown),
        **_lists(shown),
        **_labels(request, shown, result),
        **_undo(page),
        **_forms(request, result),
        **_next(request, article),
    }


def _next(request: UserRequest, article: Article) -> dict[str, Any]:
    """The list that the next article is looked for in, as the address names it."""
    carried = list_query(request.GET)
    try:
        given, _ = chosen_filters(request.user, article.corpus, request.GET)
    except Refusal:
        # The saved filter may be deleted since.
        carried.pop("filter", None)
        given = carried
    return {
        "orders": ORDERS.items(),
        "order": given.get("order", ""),
        "searched": given.get("q", ""),
        "list_query": urlencode(carried),
        "list_filters": [(name, value) for name, value in carried.items() if name not in ("order", "q")],
    }


def _text(shown: _Shown) -> dict[str, Any]:
    """The text with its spans and zones, and the spans packed for scripts."""
    page, article = shown.page, shown.page.article
    drawn = render_text(
        article.text,
        page.spans,
        page.zones,
        short=shown.short,
        colours=shown.colours,
        headline=article.headline,
        selected=shown.selected_id,
        extra=shown.extra,
        unmark=reverse("zone-remove", args=[article.corpus.slug, article.pk, 0]) if shown.editable else "",
    )
    return {
        "drawn": drawn,
        "packed": pack_spans(page.spans),
        "packed_links": pack_links(page.spans, page.unlinked) if article.corpus.entities_enabled else "",
        "headline_in_text": _opens_with(article.text, article.headline) or _has_title_zone(page),
        "zones": [(zone, article.text[zone.start : zone.end]) for zone in page.zones],
        "zone_kinds": KINDS,
    }


def _selection(shown: _Shown) -> dict[str, Any]:
    """The selected span, if any, and the suggestions before and after it."""
    selected = shown.selected
    found = {"selected": selected, "neighbours": _neighbours(shown.waiting, selected)}
    if selected is None:
        return found
    return found | {
        "selected_pipeline": shown.page.pipeline_of(selected),
        "selected_seen": value_of(selected),
        "selected_linked": shown.is_linked(selected.label),
        "selected_unlinked": shown.page.unlinked.get(selected.pk, ""),
        "selected_quote": shown.text[selected.start : selected.end],
        "around": _overlapping(shown.page.spans, selected),
        "alike_here": _count_matches(shown.text, shown.waiting, selected),
    }


def _lists(shown: _Shown) -> dict[str, Any]:
    """The lists of suggestions and of decided spans."""
    waiting, decided = shown.waiting, [span for span in shown.page.spans if span.state != State.SUGGESTED]
    rows = SpanRows(shown.text, shown.colours, shown.selected_id, shown.extra)
    return {
        "waiting": waiting,
        "waiting_rows": rows.render(waiting[:_LISTED], editable=shown.editable),
        "waiting_more": max(0, len(waiting) - _LISTED),
        "decided_count": len(decided),
        "decided_rows": rows.render(decided[:_LISTED], kind="spans decided"),
        "decided_more": max(0, len(decided) - _LISTED),
        "shown": write_shown((span.pk, span.revision) for span in waiting),
        **_suggested_links(shown),
    }


def _suggested_links(shown: _Shown) -> dict[str, Any]:
    """The suggested links, which finishing confirms, and those of them on suggested spans."""
    links = [(span, span.link.entity) for span in shown.page.spans if span.link and span.link.state == State.SUGGESTED]
    return {
        "links": len(links),
        "waiting_links": sum(span.state == State.SUGGESTED for span, _ in links),
        "entities": write_entities((span.pk, entity) for span, entity in links),
    }


def _labels(request: UserRequest, shown: _Shown, result: FormResult) -> dict[str, Any]:
    """The user's shortcuts, also packed for scripts, and the labels with theirs.

    Hidden labels are listed only for the spans that have them, without keys.
    """
    keys = keys_of(request.user.preferences.get("keys", {}))
    if not shown.page.article.corpus.entities_enabled:
        del keys["entity"]
    offered = [label for label in shown.page.labels if not label.hidden]
    on_page = {span.label_id for span in shown.page.spans}
    hidden = [label for label in shown.page.labels if label.hidden and label.pk in on_page]
    own = label_keys(((label.name, label.key) for label in offered), keys.values(), keys.get("entity", ""))
    rows = [
        LabelRow(
            label,
            short=shown.short[label.name],
            colour=shown.colours[label.pk],
            digit=digit,
            letter=letter,
            linked=shown.is_linked(label),
        )
        for label in (*offered, *hidden)
        for digit, letter in [own.get(label.name, ("", ""))]
    ]
    return {
        "keys": keys,
        "set_aside_key": keys["set-aside"],
        "packed_keys": json.dumps(keys),
        "colours": shown.colours,
        "label_terms": label_terms(rows),
        "label_options": label_options(offered, result.values.get("label", "") if result.form == "add" else ""),
    }


def _forms(request: UserRequest, result: FormResult) -> dict[str, Any]:
    """What forms send, and the result of a form that is shown again."""
    return {
        "key": secrets.token_urlsafe(9),
        # One token for all forms: Django would create another for each.
        "csrf_token": get_token(request),
        "outcome": result,
        "sent": result.form,
        "refusal": result.refusal,
        "standing": _conflicting_span(result),
        "typed": result.values,
    }


def _undo(page: ArticleOnPage) -> dict[str, Any]:
    """The decisions that can be undone and redone, with the number of their articles if there are several."""
    found = {"last": page.last, "undone": page.undone}
    touched = {
        f"{name}_articles": articles_touched(decision)
        for name, decision in found.items()
        if decision and decision.article_id is None
    }
    return found | touched


def _count_matches(text: str, waiting: Sequence[ShownSpan], selected: ShownSpan) -> int:
    """How many other suggestions of the article have the surface and label of the selected span."""
    surface = text[selected.start : selected.end]
    same = [span for span in waiting if span.label_id == selected.label_id]
    matches = [span for span in same if text[span.start : span.end] == surface]
    return len(matches) - (selected in matches)


def find_occurrences(text: str, quote: str) -> list[Occurrence]:
    """The occurrences of a quote, in context."""
    return [
        Occurrence(start, end, text[max(0, start - _CONTEXT) : start], text[start:end], text[end : end + _CONTEXT])
        for start, end in find_quote(text, quote)
    ]


def _conflicting_span(result: FormResult) -> Span | None:
    """The current state of the span that a refused form conflicts with."""
    current = result.refusal.current if isinstance(result.refusal, Conflict) else None
    return current if isinstance(current, Span) and current.pk else None


def _opens_with(text: str, headline: str) -> bool:
    return bool(headline) and text.lstrip().startswith(headline + "\n")


def _has_title_zone(page: ArticleOnPage) -> bool:
    return any(zone.kind == "title" for zone in page.zones)


def _overlapping(spans: Sequence[ShownSpan], selected: ShownSpan) -> list[ShownSpan]:
    """Other spans that overlap the selected one, at most 20."""
    others = [span for span in spans if span.pk != selected.pk]
    return [span for span in others if span.start < selected.end and selected.start < span.end][:20]


def _neighbours(waiting: Sequence[ShownSpan], selected: ShownSpan | None) -> dict[str, ShownSpan | None]:
    """The suggestions before and after the selected span."""
    if selected is None:
        return {"previous": None, "next": waiting[0] if waiting else None}
    here = (selected.start, -selected.end, selected.pk)
    before = [span for span in waiting if (span.start, -span.end, span.pk) < here]
    after = [span for span in waiting if (span.start, -span.end, span.pk) > here]
    return {"previous": before[-1] if before else None, "next": after[0] if after else None}


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def heartbeat(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """GET returns the state of the article, with an ETag; POST also records presence, or its end with `left`.

    With `strokes`, adds the user's decisions that can be undone and redone. Returns 401 if signed out, so that the page
    can tell this from a server that is down.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"user": None}, status=401)
    try:
        article = find_article(request, slug, pk)
    except NotFound:
        return JsonResponse({"user": request.user.pk, "gone": True}, status=404)
    if request.method == "POST":
        (end_presence if "left" in request.POST else record_presence)(user=request.user, article=article)
    here = [str(user) for user in other_viewers(request.user, article)]
    state = {"user": request.user.pk, "mark": state_mark(article), "here": here}
    if "strokes" in request.GET:
        own = dict(zip(("last", "undone"), own_decisions(request.user, article), strict=True))
        state |= {name: decision.pk if decision else None for name, decision in own.items()}
    etag = f'"{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.method != "POST" and request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        return HttpResponseNotModified(headers=headers)
    return JsonResponse(state, headers=headers)
