"""Split an entity: some of its mentions are another one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from annotations.entities.actions.links import Linking, require_label
from annotations.entities.actions.merge import separate
from annotations.entities.actions.registry import checked_name, require_entities
from annotations.entities.actions.results import EntityResult, once
from annotations.entities.models import Entity, Link
from annotations.review.actions.recording import record_all
from annotations.review.models import Decision, Stage, State, Verb
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, TooMany
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_MOVED = 5000


def split_entity(
    *,
    user: "User",
    entity: Entity,
    revision: int | None,
    links: Mapping[int, int],
    name: str = "",
    label: str = "",
    into: Entity | None = None,
    client_key: str | None = None,
) -> EntityResult:
    """Link the mentions of `links` (revision by link id) to a new entity, or to `into`; the two are then different.

    Mentions that changed since, and suggested spans of done articles, are left out and reported. Refuses: `Invalid`
    (no links, no name), `RevisionMissing`, `Stale`, `Conflict` (nothing left to move), `NotAllowed`.
    """
    corpus = entity.corpus
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    _check(links)
    if into is not None and (into.pk == entity.pk or into.corpus_id != corpus.pk):
        raise Invalid("give another entity of the same corpus", field="into")
    new_name = "" if into else checked_name(name)
    new_label = require_label(corpus, label) if label else entity.label
    request = digest("split", entity.pk, revision, sorted(links.items()), new_name, label, into.pk if into else None)

    def run() -> Decision:
        spans = dict(Link.objects.filter(pk__in=list(links), entity=entity).values_list("pk", "span_id"))
        linking = Linking.open(corpus, [span for span in spans.values() if span])
        changes = linking.changes
        source = changes.at_revision(entity.pk, revision)
        moving = _movable(linking, entity.pk, links, spans)
        target = changes.entity(into.pk, field="into") if into else changes.create(
            name=new_name, label_id=new_label.pk, verb=Verb.SPLIT
        )  # fmt: skip
        for span in moving:
            linking.link(span, target.pk, Verb.SPLIT)
        decision = record_all(
            user,
            corpus.pk,
            Verb.SPLIT,
            [change_set for change_set in linking.opened.change_sets.values() if change_set.entries],
            client_key=client_key,
            request_sha256=request,
            left_out=linking.left_out,
        )
        separate(changes, decision, source, target, implicit=True)
        changes.write(decision)
        return decision

    return once(user, client_key, request, run)


def _check(links: Mapping[int, int]) -> None:
    """Refuse no mentions, and too many."""
    if not links:
        raise Invalid("no mentions given: choose at least one", field="links")
    if len(links) > MAX_MOVED:
        raise TooMany(f"{len(links)} mentions in one decision: the limit is {MAX_MOVED}", field="links")


def _movable(linking: Linking, entity: int, links: Mapping[int, int], spans: Mapping[int, int | None]) -> list[int]:
    """The spans of the mentions that can be moved; the others are left out. Refuses if there are none."""
    moving: list[int] = []
    for position, (link_id, seen) in enumerate(links.items()):
        span = spans.get(link_id)
        reason = _obstacle(linking, entity, span, link_id, seen)
        if reason is None and span is not None:
            moving.append(span)
        else:
            linking.left_out.append({"item": position, "link": link_id, "reason": reason})
    if not moving:
        raise Conflict(f"nothing was moved: {linking.left_out[0]['reason']}", field="links", current=linking.left_out)
    return moving


def _obstacle(linking: Linking, entity: int, span_id: int | None, link_id: int, revision: int) -> str | None:
    """Why a mention cannot be moved, or None."""
    link = linking.current(span_id) if span_id else None
    if span_id is None or link is None or link.pk != link_id or link.entity_id != entity:
        return f"link {link_id} is no mention of entity {entity} any more"
    if link.revision != revision:
        return f"link {link_id} has changed: revision {link.revision}, {link.state}"
    span = linking.spans.get(span_id)
    if span is None:
        return f"span {span_id} is in an article that was withdrawn"
    if span.state == State.SUGGESTED and linking.opened.reviews[span.article_id].stage == Stage.DONE:
        return f"article {span.article_id} is done, and span {span_id} only suggested: reopen the article"
    return None
