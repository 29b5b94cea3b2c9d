"""A span as JSON, for REST and exports alike."""

from typing import Any

from annotations.formats.records import span_record
from annotations.review.models import Span


def span_json(span: Span, text: str) -> dict[str, Any]:
    """A span of an article with this text. Label and pipeline are best loaded already."""
    return span_json_of(span, text[span.start : span.end])


def span_json_of(span: Span, words: str) -> dict[str, Any]:
    """A span that marks these words."""
    return span_record(
        id=span.pk,
        start=span.start,
        end=span.end,
        label=span.label.name,
        text=words,
        state=span.state,
        score=span.score,
        pipeline=str(span.pipeline) if span.pipeline else None,
        revision=span.revision,
    )
