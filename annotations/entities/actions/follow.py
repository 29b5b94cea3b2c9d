"""Keep links in step with their spans: who rejects a span has no mention there, who confirms one confirms its link."""

from collections.abc import Mapping, Sequence

from annotations.entities.actions.links import Linking
from annotations.entities.actions.registry import RegistryChanges, lock_registry
from annotations.entities.models import Link
from annotations.review.models import Decision, State, Verb
from corpusapp.core.prepared import planning_cursor


def follow_spans(*, corpus_id: int, span_ids: Sequence[int]) -> None:
    """Count the links of these spans as mentions or not, by whether the spans are rejected."""
    with planning_cursor() as cursor:
        cursor.execute(_CHANGED, {"spans": list(span_ids)})
        if cursor.fetchone()[0]:
            lock_registry(corpus_id)
            cursor.execute(_LIVE, {"spans": list(span_ids)})


def confirm_shown_links(*, decision: Decision, shown: Mapping[int, int]) -> None:
    """Confirm the suggested links of spans that are still to the entities that were shown, as part of a decision."""
    lock_registry(decision.corpus_id)
    links = Link.objects.filter(span__in=list(shown), corpus=decision.corpus_id, state=State.SUGGESTED, live=True)
    if decision.article_id:
        links = links.filter(article=decision.article_id)
    changes = RegistryChanges(decision.corpus_id)
    confirmed = [link for link in links.select_related("alias") if shown[link.span_id or 0] == link.entity_id]
    changes.read(link.entity_id for link in confirmed)
    for link in confirmed:
        entity = changes.entities[link.entity_id]
        changes.confirm(entity, Verb.LINK)
        if link.alias is not None:
            changes.alias(entity, link.alias.name)
        changes.change_link(link, Verb.LINK, implicit=True, state=State.CONFIRMED, score=None, pipeline_id=None)
    if confirmed:
        changes.write(decision)


def carry_links(*, decision: Decision, entities: Mapping[int, int]) -> None:
    """Link spans that were decided like another one to its entity, as part of the decision.

    What a person decided of a link stays. Refuses an entity that is unknown, merged or removed.
    """
    linking = Linking.decided(decision, list(entities))
    for span, entity in entities.items():
        if span in linking.spans and not linking.is_decided(span, entity):
            linking.link(span, entity, implicit=True)
    if not linking.changes.is_empty():
        linking.changes.write(decision)


_DIFFERS = "l.span_id = ANY (%(spans)s::bigint[]) AND l.live IS DISTINCT FROM (s.state <> 'rejected')"
_CHANGED = f"SELECT EXISTS (SELECT FROM entities_link l JOIN review_span s ON s.id = l.span_id WHERE {_DIFFERS})"
_LIVE = f"UPDATE entities_link l SET live = NOT l.live FROM review_span s WHERE s.id = l.span_id AND {_DIFFERS}"
