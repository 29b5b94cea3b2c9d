"""Converts entities and links to the JSON of the API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rest_framework.response import Response

from annotations.entities.actions.merge import MergePreview
from annotations.entities.actions.results import EntityResult
from annotations.entities.models import Alias, Distinct, Entity, EntityChange, Link
from annotations.entities.queries.page import MentionInContext
from annotations.formats.records import EntityRecord
from annotations.review.actions.decisions import reload_spans
from annotations.review.api.records import counts_json, entities_of, surface_json
from annotations.review.models import Label, Span
from corpusapp.core.api.problem_details import as_json
from corpusapp.core.api.schema import REPLAYED
from corpusapp.intake.language import direction


@as_json.register
def _current_entity(entity: Entity) -> dict[str, Any] | None:
    """The entity as stored: a refused decision may have changed it in memory."""
    stored = Entity.objects.select_related("corpus", "label", "pipeline").filter(pk=entity.pk).first()
    return entity_json(stored) if stored else None


@as_json.register
def _current_link(link: Link) -> dict[str, Any] | None:
    stored = Link.objects.select_related("entity__label", "pipeline").filter(pk=link.pk).first()
    return link_json(stored) if stored else None


def entity_json(entity: Entity) -> dict[str, Any]:
    """An entity. Load its corpus, label and pipeline beforehand, and prefetch identifiers of many."""
    return {
        "id": entity.pk,
        "corpus": entity.corpus.slug,
        "name": entity.name,
        "label": entity.label.name,
        "description": entity.description,
        "identifiers": identifiers_json((row.scheme, row.value) for row in entity.identifiers.all()),
        "state": entity.state,
        "merged_into": _merged_into(entity.merged_into_id),
        "pipeline": str(entity.pipeline) if entity.pipeline else None,
        "mentions": entity.mentions,
        "confirmed": entity.confirmed,
        "created_at": entity.created_at,
        "revision": entity.revision,
    }


def _merged_into(pk: int | None) -> dict[str, Any] | None:
    return None if pk is None else {"id": pk, "url": f"/api/v1/entities/{pk}/"}


def identifiers_json(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Identifiers by scheme."""
    by_scheme: dict[str, list[str]] = {}
    for scheme, value in pairs:
        by_scheme.setdefault(scheme, []).append(value)
    return by_scheme


def alias_json(alias: Alias) -> dict[str, Any]:
    return {name: getattr(alias, name) for name in ("name", "language", "script", "origin", "state", "mentions")}


def reference_json(entity: Entity) -> dict[str, Any]:
    """An entity that is named by another object. Load its label beforehand."""
    return {"id": entity.pk, "name": entity.name, "label": entity.label.name}


def link_json(link: Link) -> dict[str, Any]:
    """A link. Load its entity with the label, and its pipeline, beforehand."""
    return {
        "id": link.pk,
        "article": link.article_id,
        "span": link.span_id,
        "entity": reference_json(link.entity),
        "state": link.state,
        "score": link.score,
        "pipeline": str(link.pipeline) if link.pipeline else None,
        "revision": link.revision,
    }


def result_json(result: EntityResult) -> dict[str, Any]:
    """A decision on entities and links."""
    return {
        "decision": result.decision.pk,
        "verb": result.decision.verb,
        "entities": [entity_json(entity) for entity in result.entities],
        "links": [link_json(link) for link in result.links],
        **counts_json(result.applied, result.left_out),
        "repeated": result.repeated,
    }


def spans_of(result: EntityResult) -> list[dict[str, Any]]:
    """The spans of the links of a decision, as they are now."""
    ids = dict.fromkeys(link.span_id for link in result.links if link.span_id)
    spans = reload_spans([Span(pk=pk) for pk in ids])
    entities = entities_of(spans)
    return [{"article": span.article_id, **surface_json(span, span.surface, entities.get(span.pk))} for span in spans]


def result_response(result: EntityResult) -> Response:
    """201 for a new decision, 200 for one that an earlier request with its key made."""
    status, headers = (200, REPLAYED) if result.repeated else (201, None)
    return Response(result_json(result), status=status, headers=headers)


def preview_json(preview: MergePreview) -> dict[str, Any]:
    return {
        "source": entity_json(preview.source),
        "into": entity_json(preview.target),
        "mentions": preview.mentions,
        "aliases": list(preview.aliases),
        "identifiers": identifiers_json(preview.identifiers),
        "obstacle": preview.obstacle,
    }


def in_context_json(row: MentionInContext, entity: EntityRecord | None) -> dict[str, Any]:
    """A span of an article in its context, with its entity. Load its label and pipeline beforehand."""
    article = row.article
    return {
        "article": article.pk,
        **surface_json(row.span, row.text, entity),
        "title": article.headline,
        "source": article.source.name if article.source else "",
        "published_on": article.published_on,
        "direction": direction(article.language),
        "left": row.left,
        "right": row.right,
    }


def distinct_json(pair: Distinct) -> dict[str, Any]:
    """A pair that a person said are different. Load entities, decision and user beforehand."""
    return {
        "first": reference_json(pair.first),
        "second": reference_json(pair.second),
        "decision": pair.decision_id,
        "user": pair.decision.user.username,
        "at": pair.decision.created_at,
    }


def change_json(change: EntityChange, labels: Mapping[int, str]) -> dict[str, Any]:
    """A change of an entity with its decision. `labels` are the names of the corpus's labels."""
    decision = change.decision
    undone_by = getattr(decision, "undone_by", None)
    return {
        "decision": decision.pk,
        "user": decision.user.username,
        "at": decision.created_at,
        "verb": change.verb,
        "implicit": change.implicit,
        "undone_by": undone_by.pk if undone_by else None,
        "before": _version_json(change.before, labels),
        "after": _version_json(change.after, labels),
    }


def _version_json(snapshot: Mapping[str, Any] | None, labels: Mapping[int, str]) -> dict[str, Any] | None:
    if snapshot is None:
        return None
    aliases: Sequence[Sequence[str]] = snapshot["aliases"]
    return {
        **snapshot,
        "label": labels.get(snapshot["label"], ""),
        "identifiers": identifiers_json((scheme, value) for scheme, value in snapshot["identifiers"]),
        "aliases": [name for name, *_, state in aliases if state != "rejected"],
    }


def label_names(corpus_id: int) -> dict[int, str]:
    return dict(Label.objects.filter(corpus=corpus_id).values_list("pk", "name"))
