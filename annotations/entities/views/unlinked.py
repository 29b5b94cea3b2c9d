"""The queues of names without an entity: a name with its mentions in context, to be linked by number."""

import secrets
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.forms import read_spans, write_spans
from annotations.entities.models import Entity, Unlinked
from annotations.entities.queries.lookups import get_entity
from annotations.entities.queries.page import in_context
from annotations.entities.queries.queues import (
    UnlinkedName,
    cursor_behind,
    entities_in_order,
    get_name,
    queue_counts,
    spans_of_name,
    unlinked_names,
)
from annotations.entities.queries.search import search_entities
from annotations.entities.views import figures
from annotations.entities.views.common import (
    corpus_with_entities,
    counted,
    page_context,
    redirect_done,
    report_left_out,
)
from annotations.review.forms import client_key, read_id
from annotations.review.models import Span
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.csv_files import csv_response
from corpusapp.core.errors import Invalid, NotFound, Refusal
from corpusapp.core.middleware import status_of

# Mentions that are shown in context, and candidates: there is a digit for each.
_SHOWN, _CANDIDATES = 12, 9
# Names that are looked at until one has mentions.
_LOOKED = 20
_COLUMNS = ("name", "mentions", "reason", "candidates")
_REASONS = {
    Unlinked.Reason.AMBIGUOUS: "Several entities have this name.",
    Unlinked.Reason.GENERIC: "Many countries have a body with this name.",
    Unlinked.Reason.UNKNOWN: "No entity with this name is known.",
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unlinked(request: UserRequest, slug: str) -> HttpResponseBase:
    """The names of which no entity is known, the most frequent first: all mentions of one are linked at once."""
    return _queue(request, slug, "unlinked")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ambiguous(request: UserRequest, slug: str) -> HttpResponseBase:
    """The names that several entities have, the most frequent first: the mentions of one article at once."""
    return _queue(request, slug, "ambiguous")


def _queue(request: UserRequest, slug: str, queue: str) -> HttpResponseBase:
    corpus = corpus_with_entities(request, slug)
    if request.method != "POST":
        if request.GET.get("download") == "csv":
            return csv_response(request, f"{corpus.slug}-{queue}.csv", _COLUMNS, _rows(corpus, queue))
        return _page(request, corpus, queue, request.GET)
    require(request.user, corpus, Role.EDITOR)
    try:
        return _link(request, corpus, queue)
    except Refusal as refusal:
        return _page(request, corpus, queue, request.POST, refusal)


def _page(
    request: UserRequest, corpus: Corpus, queue: str, given: QueryDict, refusal: Refusal | None = None
) -> HttpResponse:
    name: UnlinkedName | None = None
    spans: list[Span] = []
    try:
        name, spans = _name(corpus, queue, given)
    except (Invalid, NotFound) as invalid:
        refusal = refusal or invalid
    context = page_context(request, corpus) | {
        "queue": queue,
        "queue_url": f"entities-{queue}",
        "queues": queue_counts(corpus),
        "name": name,
        "reason": _REASONS[Unlinked.Reason(name.reason)] if name else "",
        "refusal": refusal,
        "given": given,
        "key": secrets.token_urlsafe(9),
        **(_reads(corpus, queue, name, spans, given) if name else {}),
    }
    context["left"] = getattr(context["queues"], queue)
    context["here"] = reverse(f"entities-{queue}", args=[corpus.slug])
    return render(request, "entities/unlinked.html", context, status=status_of(refusal) if refusal else 200)


def _name(corpus: Corpus, queue: str, given: QueryDict) -> tuple[UnlinkedName | None, list[Span]]:
    """The name that the address or the form names; else the first of the queue, or the first behind a cursor.

    With its spans. A name whose spans were all rejected or withdrawn, until a job notices, is passed over.
    """
    if key := given.get("name_key", ""):
        return get_name(corpus, queue, key), spans_of_name(corpus, queue, key)
    for name in unlinked_names(corpus, queue, cursor=given.get("after", ""), size=_LOOKED).rows:
        if spans := spans_of_name(corpus, queue, name.key):
            return name, spans
    return None, []


def _reads(corpus: Corpus, queue: str, name: UnlinkedName, spans: list[Span], given: QueryDict) -> dict[str, object]:
    if queue == "ambiguous":
        spans, following = _of_one_article(spans, given.get("skip", ""))
    else:
        following = ""
    words = given.get("q", "").strip()
    rows = in_context(spans[:_SHOWN])
    ids = (
        search_entities(corpus, words, _CANDIDATES)
        if words
        else _candidates(corpus, name, rows[0].text if rows else "")
    )
    found = entities_in_order(corpus, ids[:_CANDIDATES])
    later = {"name_key": name.key, "skip": following} if following else {"after": cursor_behind(name)}
    return {
        "rows": rows,
        "hidden": max(0, len(spans) - _SHOWN),
        "spans": write_spans(span.pk for span in spans),
        "total": len(spans),
        "surface": rows[0].text if rows else name.key,
        "span_label": spans[0].label.name if spans else "",
        "candidates": [(number, entity) for number, entity in enumerate(found, 1)],
        "trends": figures.trend_pictures([entity.pk for entity in found]),
        "words": words,
        "later": urlencode(later),
    }


def _of_one_article(spans: Sequence[Span], skip: str) -> tuple[list[Span], str]:
    """The spans of the newest article below the one to skip, and the id of that article if another one follows."""
    below = int(skip) if skip.isascii() and skip.isdigit() and len(skip) < 19 else 2**63
    left = [span for span in spans if span.article_id < below] or list(spans)
    newest = max((span.article_id for span in left), default=0)
    chosen = [span for span in left if span.article_id == newest]
    return chosen, str(newest) if len(chosen) < len(left) else ""


def _candidates(corpus: Corpus, name: UnlinkedName, surface: str) -> list[int]:
    """Between which entities the linker could not choose, then those with such a name."""
    return list(dict.fromkeys([*name.candidates, *search_entities(corpus, surface, _CANDIDATES)]))


def _link(request: UserRequest, corpus: Corpus, queue: str) -> HttpResponse:
    """Link the mentions that were shown to the chosen entity, or to a new one."""
    sent = request.POST
    spans = read_spans(sent.get("spans", ""))
    chosen = sent.get("entity", "")
    if not chosen:
        raise Invalid("choose an entity from the list, or a new one", field="entity")
    new = NewEntity(" ".join(sent.get("name", "").split()), sent.get("label", "")) if chosen == "new" else None
    entity = None if new else get_entity(request.user, read_id(chosen, "entity"), corpus)
    result = link_spans(
        user=request.user,
        corpus=corpus,
        choices=[LinkChoice(span, entity.pk if entity else None, new) for span in spans],
        client_key=client_key(sent, "link", chosen, new, spans),
    )
    target = _target(entity, result.entities, new)
    again = " It was already saved." if result.repeated else ""
    kind = "the new entity " if new else ""
    messages.success(request, f"Linked {counted(len(result.links), 'mention')} to {kind}“{target}”.{again}")
    report_left_out(request, result.left_out)
    after = sent.get("after", "")
    query = f"?{urlencode({'after': after})}" if after else ""
    return redirect_done(f"{reverse(f'entities-{queue}', args=[corpus.slug])}{query}", result.decision.pk)


def _target(entity: Entity | None, changed: Sequence[Entity], new: NewEntity | None) -> str:
    return entity.name if entity else changed[0].name if changed else new.name if new else ""


def _rows(corpus: Corpus, queue: str) -> Iterator[Sequence[object]]:
    cursor = ""
    while True:
        page = unlinked_names(corpus, queue, cursor=cursor, size=500)
        known = {
            each.pk: each for each in entities_in_order(corpus, {pk for row in page.rows for pk in row.candidates})
        }
        for name in page.rows:
            found = [f"{known[pk].name} ({pk})" for pk in name.candidates if pk in known]
            yield name.key, name.mentions, name.reason, "; ".join(found)
        if not page.next_cursor:
            return
        cursor = page.next_cursor
