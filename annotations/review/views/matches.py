"""The preview of the matches of a choice, and the form that applies it to the selected ones."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotations.review.actions.apply_to_matches import apply_to_matches, preview_matches
from annotations.review.actions.choices import Choice
from annotations.review.colours import colour_classes
from annotations.review.forms import choice_query, client_key, match_value, read_match_choice, read_matches
from annotations.review.models import Label, Span, Verb
from annotations.review.panel import shorten
from annotations.review.ports import link_reader
from annotations.review.queries import get_span, next_to_decide
from annotations.review.queries.matches import Match
from annotations.review.queries.matches import context as context_of
from annotations.review.views.decisions import redirect_to_article, report_decision, report_left_out, submitted_values
from annotations.review.views.page import FormResult, article_page, find_article
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import may
from corpusapp.core.errors import Refusal

# Matches on one page; others are found again by the next preview.
SHOWN = 1000


@dataclass(frozen=True)
class Line:
    """A match as it is shown: the surface that the span will have, in context."""

    value: str
    left: str
    text: str
    right: str
    # What the span is linked to now, if that is another entity than that of the choice.
    entity: str = ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def matches(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """GET previews the matches of the choice in the address; POST applies it to the selected ones.

    A refusal shows the article. That page has relative links, so a GET without a verb redirects to the article.
    """
    article = find_article(request, slug, pk)
    if request.method != "POST" and "verb" not in request.GET:
        return redirect(f"{reverse('article', args=[slug, pk])}?{request.GET.urlencode()}".rstrip("?"))
    try:
        return _apply(request, article) if request.method == "POST" else _preview(request, article)
    except Refusal as refusal:
        given = (
            submitted_values(request)
            if request.method == "POST"
            else {"selected": request.GET.get("span", "").split(":")[0]}
        )
        return article_page(request, slug, pk, FormResult("alike", given, refusal))


def _apply(request: UserRequest, article: Article) -> HttpResponse:
    choice = read_match_choice(request.POST)
    selected = read_matches(request.POST.getlist("match"), choice.verb)
    key = client_key(request.POST, choice, article.pk, selected)
    result = apply_to_matches(user=request.user, article=article, choice=choice, shown=selected, client_key=key)
    report_decision(request, article, result, choice.verb)
    report_left_out(request, result)
    first = result.spans[0] if result.spans else None
    following = first if choice.verb == Verb.ADD else next_to_decide(article, first.start if first else 0) or first
    return redirect_to_article(request, article, following.pk if following else None)


def _preview(request: UserRequest, article: Article) -> HttpResponse:
    choice = read_match_choice(request.GET)
    corpus = request.GET.get("scope") != "article"
    matches = preview_matches(user=request.user, article=article, choice=choice, corpus=corpus)
    span = get_span(request.user, choice.span) if choice.span is not None else None
    rows = matches.rows[:SHOWN]
    shift = (0, 0)
    if span and choice.start is not None and choice.end is not None:
        shift = (choice.start - span.start, choice.end - span.end)
    labels = list(Label.objects.filter(corpus=article.corpus_id))
    context = {
        "corpus": article.corpus,
        "article": article,
        "manages": may(request.user, article.corpus, Role.MANAGER),
        "colours": colour_classes(labels),
        "choice": choice,
        "span": span,
        "label": next((label for label in labels if label.name == choice.label), span.label if span else None),
        "surface": shorten(matches.surface),
        "becomes": shorten(article.text[choice.start : choice.end]) if choice.verb == Verb.MOVE else "",
        "itself": _itself(article, choice, span),
        "groups": _groups(rows, shift, _others(article, choice, rows)),
        "entity": _entity_name(article, choice),
        "number": len(rows),
        "count": matches.count,
        "at_least": choice.verb == Verb.ADD and matches.truncated,
        "corpus_wide": corpus,
        "fields": choice_query(choice),
        "address": urlencode(choice_query(choice)),
        "ticked": request.GET.get("ticked") != "0",
        "key": secrets.token_urlsafe(9),
    }
    return render(request, "review/alike.html", context)


def _itself(article: Article, choice: Choice, span: Span | None) -> Line:
    """The span of the choice as it will be."""
    start = choice.start if choice.start is not None else span.start if span else 0
    end = choice.end if choice.end is not None else span.end if span else 0
    left, right = context_of(article.text, start, end)
    return Line("", left, article.text[start:end], right)


def _entity_name(article: Article, choice: Choice) -> str:
    """The name of the entity that the matches will be linked to, if the choice has one."""
    if not choice.entity or not article.corpus.entities_enabled:
        return ""
    shown = link_reader().of_spans([choice.span] if choice.span else []).get(choice.span or 0)
    return shown.name if shown and shown.id == choice.entity else f"entity {choice.entity}"


def _others(article: Article, choice: Choice, rows: Sequence[Match]) -> dict[int, str]:
    """The matches that are linked to another entity than that of the choice now: its name, by span."""
    if not choice.entity or not article.corpus.entities_enabled:
        return {}
    linked = link_reader().of_spans([row.span for row in rows if row.span])
    return {span: entity.name for span, entity in linked.items() if entity.id != choice.entity}


def _groups(rows: Sequence[Match], shift: tuple[int, int], others: Mapping[int, str]) -> list[dict[str, Any]]:
    """The matches grouped by article."""
    return [
        {"pk": pk, "title": title, "lines": [_line(row, shift, others) for row in members]}
        for (pk, title), members in groupby(rows, key=lambda row: (row.article, row.title))
    ]


def _line(row: Match, shift: tuple[int, int], others: Mapping[int, str]) -> Line:
    line = row.left + row.text + row.right
    start, end = len(row.left) + shift[0], len(row.left) + len(row.text) + shift[1]
    if not 0 <= start < end <= len(line):
        start, end = len(row.left), len(row.left) + len(row.text)
    return Line(match_value(row), line[:start], line[start:end], line[end:], others.get(row.span or 0, ""))
