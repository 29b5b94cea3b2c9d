"""Converts rows to the JSON of the API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from annotations.formats.records import EntityRecord, SpanRecord, spans_as_json
from annotations.review import ports
from annotations.review.actions.decisions import DecisionResult
from annotations.review.models import Change, Decision, Label, Review, Span
from annotations.review.queries import HIT_END, HIT_START, ArticleRow
from annotations.review.queries.matches import Match
from annotations.review.queries.record import ArticleContent, ArticleRecord
from corpusapp.articles.models import Article, Original
from corpusapp.core.api.problem_details import as_json
from corpusapp.intake.language import direction

OFFSETS = "code points"


@as_json.register
def _current_span(span: Span) -> dict[str, Any] | None:
    """The span as stored: a refused decision may have changed it in memory."""
    stored = Span.objects.for_reading().select_related("article", "label", "pipeline").filter(pk=span.pk).first()
    return span_json(stored, stored.article.text, entities_of([stored]).get(stored.pk)) if stored else None


def entities_of(spans: Iterable[Span]) -> Mapping[int, EntityRecord]:
    """The entity of each of these spans that is linked, by span."""
    return ports.link_reader().of_spans([span.pk for span in spans])


def span_record(span: Span, entity: EntityRecord | None) -> SpanRecord:
    """The record of a row with its entity. Load its label and pipeline beforehand."""
    return SpanRecord(
        span.start,
        span.end,
        span.label.name,
        span.state,
        span.score,
        str(span.pipeline) if span.pipeline else None,
        span.pk,
        span.revision,
        entity,
    )


def span_json(span: Span, text: str, entity: EntityRecord | None) -> dict[str, Any]:
    """A span of an article with this text. Load its label and pipeline beforehand."""
    return surface_json(span, text[span.start : span.end], entity)


def surface_json(span: Span, surface: str, entity: EntityRecord | None) -> dict[str, Any]:
    """A span with these words."""
    return {**span_record(span, entity).as_json(surface), "entity": entity.as_json() if entity else None}


def spans_json(spans: Iterable[SpanRecord], text: str) -> list[dict[str, Any]]:
    """All spans of this text. Unlike in files, `entity` is always there, and null for spans that are not linked."""
    rows = spans_as_json(spans, text)
    for row in rows:
        row.setdefault("entity", None)
    return rows


def matches_json(matches: Sequence[Match], *, linked: bool) -> list[dict[str, Any]]:
    """Matches of a span, with their entities if the corpus links them."""
    spans = [match.span for match in matches if match.span] if linked else []
    entities = ports.link_reader().of_spans(spans)
    found = [(match, entities.get(match.span or 0)) for match in matches]
    return [{**asdict(match), "entity": entity.as_json() if entity else None} for match, entity in found]


def label_json(label: Label) -> dict[str, Any]:
    return {
        "id": label.pk,
        "name": label.name,
        "definition": label.definition,
        "family": label.family,
        "position": label.position,
        "key": label.key,
        "examples": label.examples,
        "hidden": label.hidden,
        "merged_into": label.merged_into_id,
    }


def counts_json(applied: int, left_out: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How much of a request was done, so that a part of it does not look like the whole."""
    return {
        "applied": applied,
        "left_out": list(left_out),
        "left_out_count": len(left_out),
        "complete": not left_out,
    }


def decision_result_json(result: DecisionResult) -> dict[str, Any]:
    """The result of a decision; each span has the id of its article."""
    entities = entities_of(result.spans)
    return {
        "decision": result.decision.pk,
        "verb": result.decision.verb,
        "spans": [
            {"article": span.article_id, **surface_json(span, span.surface, entities.get(span.pk))}
            for span in result.spans
        ],
        **counts_json(result.applied, result.left_out),
        "notices": result.decision.notices,
        "finished": result.decision.finished,
        "repeated": result.repeated,
    }


def review_json(review: Review) -> dict[str, Any]:
    return {
        "stage": review.stage,
        "editor": review.editor.username if review.editor else None,
        "finished_at": review.done_at,
        "finished_by": review.done_by.username if review.done_by else None,
    }


def row_json(row: ArticleRow) -> dict[str, Any]:
    """A row of the list. The snippet is plain text, with its hits as ranges."""
    snippet, hits = hits_of(row.snippet)
    return {
        **_metadata_json(row.article),
        "headline": row.article.headline,
        "stage": row.stage,
        "editor": row.editor.username if row.editor else None,
        "assignee": row.assignee.username if row.assignee else None,
        "finished_at": row.finished_at,
        "suggested": row.suggested,
        "confirmed": row.confirmed,
        "expected_actions": row.expected_actions,
        "uncertainty": row.uncertainty,
        "snippet": snippet,
        "hits": hits,
    }


def hits_of(marked: str) -> tuple[str, list[list[int]]]:
    """A snippet without HIT_START and HIT_END, and the ranges between them, in code points."""
    pieces = marked.split(HIT_START)
    snippet, hits = pieces[0], []
    for piece in pieces[1:]:
        hit, _, rest = piece.partition(HIT_END)
        hits.append([len(snippet), len(snippet) + len(hit)])
        snippet += hit + rest
    return snippet, hits


def detail_json(record: ArticleRecord) -> dict[str, Any]:
    """An article with its text, zones and spans."""
    article = record.article
    return {
        **_metadata_json(article),
        "text": article.text,
        "dateline": article.dateline,
        "published_evidence": article.published_evidence,
        "original": _original_json(record.original) if record.original else None,
        "copies": _copies_json(record),
        "metadata": article.metadata,
        "previous": article.previous_id,
        "next": record.next_version,
        **review_json(record.review),
        "zones": [zone._asdict() for zone in record.zones],
        "spans": spans_json(record.spans, article.text),
    }


def content_json(content: ArticleContent) -> dict[str, Any]:
    """What a row of a list has only if it is asked for, as in the detail."""
    return {
        "text": content.text,
        "spans": spans_json(content.spans, content.text),
        "zones": [zone._asdict() for zone in content.zones],
        "metadata": content.metadata,
    }


def _original_json(original: Original) -> dict[str, Any]:
    return {name: getattr(original, name) for name in ("form", "encoding", "name", "size", "extractor")}


def _copies_json(record: ArticleRecord) -> dict[str, Any] | None:
    group = record.article.copy_group
    if group is None:
        return None
    return {"group": group.pk, "counted_once": group.counted_once, "others": record.copies}


def _metadata_json(article: Article) -> dict[str, Any]:
    return {
        "id": article.pk,
        "corpus": article.corpus.slug,
        "title": article.title,
        "length": article.length,
        "offsets": OFFSETS,
        "source": article.source.name if article.source else "",
        "url": article.url,
        "external_id": article.external_id,
        "author": article.author,
        "published_on": article.published_on,
        "published_precision": article.published_precision,
        "language": article.language,
        "direction": direction(article.language),
        "version": article.version,
    }


def decision_json(decision: Decision, article: Article) -> dict[str, Any]:
    """A decision in the log of an article, with its changes and what it left out there."""
    undone_by = getattr(decision, "undone_by", None)
    return {
        "id": decision.pk,
        "verb": decision.verb,
        "article": decision.article_id,
        "user": decision.user.username,
        "at": decision.created_at,
        "undoes": decision.undoes_id,
        "undone_by": undone_by.pk if undone_by else None,
        "left_out": [entry for entry in decision.left_out if entry.get("article", article.pk) == article.pk],
        "notices": decision.notices,
        "spared_actions": decision.spared_actions,
        "changes": [change_json(change) for change in decision.changes.all()],
        "links": [_link_json(change) for change in decision.link_changes.all()],
    }


def _link_json(change: Any) -> dict[str, Any]:
    return {
        "link": change.link_id,
        "span": change.span_id,
        "verb": change.verb,
        "implicit": change.implicit,
        "before": _link_side(change, "before"),
        "after": _link_side(change, "after"),
    }


def _link_side(change: Any, side: str) -> dict[str, Any] | None:
    """The link before or after a change; None if it did not exist."""
    if getattr(change, f"{side}_revision") is None:
        return None
    names = ("entity", "name", "state", "score", "revision")
    return {name: getattr(change, f"{side}_{name}") for name in names}


def change_json(change: Change) -> dict[str, Any]:
    return {
        "span": change.span_id,
        "verb": change.verb,
        "implicit": change.implicit,
        "before": _side(change, "before"),
        "after": _side(change, "after"),
    }


def history_json(change: Change) -> dict[str, Any]:
    """A change with its decision, user and time."""
    decision = change.decision
    decided = {"decision": decision.pk, "user": decision.user.username, "at": decision.created_at}
    return {**decided, **change_json(change)}


def _side(change: Change, side: str) -> dict[str, Any] | None:
    """The span before or after a change; None if it did not exist."""
    if getattr(change, f"{side}_revision") is None:
        return None
    columns = {name: getattr(change, f"{side}_{name}") for name in ("start", "end", "state", "score", "revision")}
    label, pipeline = getattr(change, f"{side}_label"), getattr(change, f"{side}_pipeline")
    return {**columns, "label": label.name, "pipeline": str(pipeline) if pipeline else None}
