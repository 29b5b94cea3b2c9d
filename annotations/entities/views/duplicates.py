"""The queue of possible duplicates: a pair side by side, to be merged, told apart or put off."""

import secrets
from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotations.entities.actions.queues import SAME, answer_duplicate, weight
from annotations.entities.actions.results import EntityResult
from annotations.entities.forms import read_seen, seen_value
from annotations.entities.models import Entity, PossibleDuplicate
from annotations.entities.queries.duplicates import possible_duplicates
from annotations.entities.queries.lookups import get_entity
from annotations.entities.queries.queues import next_pair, queue_counts
from annotations.entities.views.cards import cards_of
from annotations.entities.views.common import corpus_with_entities, page_context, redirect_done
from annotations.entities.views.compare import merged_message
from annotations.entities.views.evidence import sentences
from annotations.review.forms import client_key
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.csv_files import csv_response
from corpusapp.core.errors import Invalid, Refusal
from corpusapp.core.middleware import status_of

_COLUMNS = (
    "first", "first name", "second", "second name", "label", "score", "mentions saved", "evidence", "put off",
)  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duplicates(request: UserRequest, slug: str) -> HttpResponseBase:
    """Show the next pair, or answer the one that was shown."""
    corpus = corpus_with_entities(request, slug)
    if request.method != "POST":
        if request.GET.get("download") == "csv":
            return csv_response(request, f"{corpus.slug}-possible-duplicates.csv", _COLUMNS, _rows(corpus))
        return _page(request, corpus)
    require(request.user, corpus, Role.EDITOR)
    try:
        return _answer(request, corpus)
    except Refusal as refusal:
        return _page(request, corpus, refusal)


def _page(request: UserRequest, corpus: Corpus, refusal: Refusal | None = None) -> HttpResponse:
    pair = next_pair(corpus)
    cards = cards_of(_by_weight(pair)) if pair else []
    context = page_context(request, corpus) | {
        "queues": queue_counts(corpus),
        "pair": pair,
        "cards": cards,
        "evidence": sentences(pair.evidence) if pair else [],
        "seen": [seen_value(card.entity.pk, card.entity.revision) for card in cards],
        "refusal": refusal,
        "key": secrets.token_urlsafe(9),
        "here": reverse("entities-duplicates", args=[corpus.slug]),
    }
    return render(request, "entities/duplicates.html", context, status=status_of(refusal) if refusal else 200)


def _by_weight(pair: PossibleDuplicate) -> list[Entity]:
    """The two, first the one that would be kept."""
    return sorted((pair.first, pair.second), key=weight, reverse=True)


def _answer(request: UserRequest, corpus: Corpus) -> HttpResponse:
    seen = read_seen(request.POST.getlist("seen"))
    if len(seen) != 2:
        raise Invalid("a pair of entities is missing: reload the page", field="seen")
    answer, here = request.POST.get("answer", ""), reverse("entities-duplicates", args=[corpus.slug])
    target, source = (get_entity(request.user, pk, corpus) for pk in seen)
    result = answer_duplicate(
        user=request.user, corpus=corpus, first=target, second=source, answer=answer,
        first_revision=seen[target.pk], second_revision=seen[source.pk],
        client_key=client_key(request.POST, answer, *sorted(seen)),
    )  # fmt: skip
    if not isinstance(result, EntityResult):
        messages.success(request, f"Put off: “{target.name}” and “{source.name}”. They are offered again at the end.")
        return redirect_done(here)
    if answer == SAME:
        kept, gone = (target, source) if result.entities[0].pk == source.pk else (source, target)
        messages.success(request, merged_message(gone, kept, result))
    else:
        messages.success(request, f"“{target.name}” and “{source.name}” are different.")
    return redirect_done(here, result.decision.pk)


def _rows(corpus: Corpus) -> Iterator[Sequence[object]]:
    cursor = ""
    while True:
        page = possible_duplicates(corpus, cursor=cursor, size=500)
        for pair in page.rows:
            yield (
                pair.first_id, pair.first.name, pair.second_id, pair.second.name, pair.first.label.name, pair.score,
                pair.saves, " ".join(sentences(pair.evidence)), "yes" if pair.postponed_at else "",
            )  # fmt: skip
        if not page.next_cursor:
            return
        cursor = page.next_cursor
