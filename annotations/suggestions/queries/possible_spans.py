"""The possible spans of an article that are still open."""

import json
from typing import NamedTuple

from annotations.review.models import MAIN_LAYER, Span, State
from annotations.suggestions.models import PossibleSpans


class PossibleSpan(NamedTuple):
    """`[start, end)` in code points. `suggestion` is the id of a suggestion at this place, if there is one."""

    start: int
    end: int
    label: str
    score: float
    suggestion: int | None


def possible_spans(article_id: int) -> list[PossibleSpan]:
    """The possible spans of an article, the likeliest first, without those that a decision has settled.

    Settled is what overlaps a confirmed span, what was rejected, and what is suggested itself.
    """
    row = PossibleSpans.objects.filter(pk=article_id).first()
    if row is None:
        return []
    spans = list(
        Span.objects.filter(article=article_id, layer=MAIN_LAYER).values_list(
            "pk", "start", "end", "label__name", "state"
        )
    )
    settled = {(start, end, label) for _, start, end, label, _ in spans}
    confirmed = [(start, end) for _, start, end, _, state in spans if state == State.CONFIRMED]
    suggested = [(start, end, pk) for pk, start, end, _, state in spans if state == State.SUGGESTED]
    found = []
    for start, end, label, score in json.loads(row.data):
        if (start, end, label) in settled or any(first < end and start < last for first, last in confirmed):
            continue
        at = sorted(
            (abs(first - start) + abs(last - end), pk) for first, last, pk in suggested if first < end and start < last
        )
        found.append(PossibleSpan(start, end, label, score, at[0][1] if at else None))
    return found
