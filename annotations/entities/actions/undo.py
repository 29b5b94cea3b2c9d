"""Restore what a decision changed of links and entities, as far as it still is as the decision left it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.entities.actions.follow import follow_words, set_live
from annotations.entities.actions.link_rows import LinkColumns
from annotations.entities.actions.registry import RegistryChanges, lock_registry, surface_name
from annotations.entities.actions.restore import EntityRestore
from annotations.entities.models import STANDING, Alias, Distinct, Entity, EntityChange, Link, LinkChange
from annotations.entities.queries.weeks import article_weeks
from annotations.review.models import Decision, Span, State, Verb
from annotations.review.queries.surfaces import surfaces_at

_SIDE = ("entity", "state", "score", "pipeline", "revision")


@dataclass
class RegistryUndo:
    """What is left to restore of a decision. See `annotations.review.ports.UndoPart`."""

    decision: Decision
    count: int = 0
    left_out: list[dict[str, Any]] = field(default_factory=list)
    obstacles: dict[int, str] = field(default_factory=dict)
    _links: list[LinkChange] = field(default_factory=list)
    _entities: list[EntityRestore] = field(default_factory=list)
    # Links of the linker that stand where a person's is restored.
    _yielding: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._changes = list(LinkChange.objects.filter(decision=self.decision).order_by("id"))
        self.verb = Verb.REDO if self.decision.verb == Verb.UNDO else Verb.UNDO

    @property
    def articles(self) -> list[int]:
        """The articles that must be locked: those in which links are created or deleted."""
        one_sided = [one for one in self._changes if one.before_revision is None or one.after_revision is None]
        return sorted({change.article_id for change in one_sided})

    def prepare(self, *, undecided: Collection[int], changing: Collection[int]) -> None:
        """Find what can be restored, under the locks of the articles."""
        lock_registry(self.decision.corpus_id)
        entities = self._read_entities()
        self._check_links({plan.entity.pk: plan.stands for plan in entities}, changing)
        self._check_entities(entities)
        self._check_undecided(undecided)
        # Side effects alone are something to undo, too.
        self.count = self.count or len(self._links) + len(self._entities)

    # Entities.

    def _read_entities(self) -> list[EntityRestore]:
        changes = list(EntityChange.objects.filter(decision=self.decision).order_by("id"))
        rows = Entity.objects.filter(pk__in=[one.entity_id for one in changes]).select_related("label")
        by_id = {row.pk: row for row in rows}
        return [EntityRestore.of(one, by_id[one.entity_id]) for one in changes if one.entity_id in by_id]

    def _check_entities(self, plans: Sequence[EntityRestore]) -> None:
        """Keep the plans that restore something, and report what the others, and parts of these, cannot."""
        known = {plan.entity.pk for plan in plans}
        targets = {plan.before["merged_into"] for plan in plans} - known - {None}
        standing = set(Entity.objects.filter(pk__in=targets, state__in=STANDING).values_list("pk", flat=True))
        standing |= {plan.entity.pk for plan in plans if plan.stands}
        moved = [change.link_id for change in self._links]
        left = Link.objects.filter(entity__in=known, state=State.CONFIRMED).exclude(pk__in=moved)
        left_of = set(left.order_by().values_list("entity_id", flat=True).distinct())
        left_of |= {change.before_entity for change in self._links if change.before_state == State.CONFIRMED}
        for plan in plans:
            plan.check_state(standing, left_of)
            self.left_out += [{"entity": plan.entity.pk, "reason": reason} for reason in plan.reasons]
            if plan.restores:
                self._entities.append(plan)
                self.count += not plan.implicit

    # Links.

    def _check_links(self, stands: Mapping[int, bool], changing: Collection[int]) -> None:
        """Keep the changes of links that can be taken back: those of a span all or none."""
        state = _LinkState(self.decision, self._changes, stands, changing)
        for group in _by_span(self._changes):
            found = [(change, state.obstacle(change, group)) for change in group]
            reasons = [reason for _, reason in found if reason]
            if reasons:
                first = group[0]
                place = (
                    {"article": first.article_id, "span": first.span_id} if first.span_id else {"link": first.link_id}
                )
                self.left_out.append({**place, "reason": reasons[0]})
                continue
            kept = [change for change, reason in found if reason is None]
            self._links += kept
            self.count += sum(not change.implicit for change in kept)
            for change in kept:
                self._yielding |= state.yielding(change)

    def _check_undecided(self, undecided: Collection[int]) -> None:
        """A span with a link that a person made stays decided: it could go, and the link with it."""
        freed = [change.link_id for change in self._links if change.before_state != State.CONFIRMED]
        links = Link.objects.filter(span__in=list(undecided), state=State.CONFIRMED).exclude(pk__in=freed)
        for link in links.select_related("entity") if undecided else ():
            name = f"{link.entity.name} (entity {link.entity_id})"
            self.obstacles[link.span_id or 0] = f"span {link.span_id} is linked to {name}: undo that first"

    def apply(self, *, decision: Decision) -> None:
        """Restore it, as part of this new decision, whose spans are written."""
        changes = RegistryChanges(decision.corpus_id)
        for plan in self._entities:
            plan.take(changes, self.verb)
        self._note_other_pairs(changes)
        for plan in self._entities:
            plan.give(decision)
        Link.objects.filter(pk__in=self._yielding, state=State.SUGGESTED).delete()
        follow_words(changes, decision)
        self._restore_links(changes)
        changes.write_links(decision)
        for plan in self._entities:
            plan.forget_names()
        changes.write(decision)
        set_live([change.span_id for change in self._links if change.span_id])

    def _note_other_pairs(self, changes: RegistryChanges) -> None:
        """Delete the pairs that merges made of those that the decision said to be different."""
        if self.decision.verb not in (Verb.DISTINCT, Verb.SPLIT):
            return
        pairs = Distinct.objects.filter(decision=self.decision)
        changes.read(pk for pair in pairs.values_list("first_id", "second_id") for pk in pair)
        for pair in pairs:
            for pk in (pair.first_id, pair.second_id):
                changes.note(changes.entities[pk], self.verb)
        if any(plan.restores for plan in self._entities):
            pairs.delete()

    def _restore_links(self, changes: RegistryChanges) -> None:
        rows = Link.objects.in_bulk([change.link_id for change in self._links])
        spans = Span.objects.in_bulk([change.span_id for change in self._links if change.span_id])
        names = _Names(self._links, rows, spans)
        weeks = article_weeks({change.article_id for change in self._links if change.link_id not in rows})
        for change in self._links:
            before, link = _side(change, "before"), rows.get(change.link_id)
            if before is None:
                if link is not None:
                    changes.remove_link(link, self.verb, implicit=change.implicit)
                continue
            values: dict[str, Any] = {
                "entity_id": before.entity, "state": before.state, "score": before.score,
                "pipeline_id": before.pipeline, "alias_id": names.alias(changes, change),
            }  # fmt: skip
            if link is not None:
                changes.change_link(link, self.verb, implicit=change.implicit, **values)
                continue
            # Continue after the last revision, so that no revision ever names two states.
            revision = max(before.revision, change.after_revision or 0) + 2
            place = {"article_id": change.article_id, "span_id": change.span_id, "week": weeks[change.article_id]}
            link = Link(pk=change.link_id, corpus_id=change.corpus_id, revision=revision, **place, **values)
            changes.add_link(link, self.verb, implicit=change.implicit)


class _LinkState:
    """The links and spans of a decision as they are now."""

    def __init__(
        self,
        decision: Decision,
        changes: Sequence[LinkChange],
        stands: Mapping[int, bool],
        changing: Collection[int],
    ) -> None:
        self.changing = changing
        spans = [change.span_id for change in changes if change.span_id]
        self.spans = dict(Span.objects.filter(pk__in=spans).values_list("pk", "state"))
        ids = {change.link_id for change in changes}
        self.ours = ids
        self.rows = Link.objects.in_bulk(ids)
        others = Link.objects.filter(span__in=spans).exclude(pk__in=ids).select_related("entity")
        self.others: dict[int, list[Link]] = {}
        for link in others:
            self.others.setdefault(link.span_id or 0, []).append(link)
        wanted = {change.before_entity for change in changes if change.before_entity} - set(stands)
        known = Entity.objects.filter(pk__in=wanted, state__in=STANDING).values_list("pk", flat=True)
        self.standing = {*known, *(pk for pk, stands_then in stands.items() if stands_then)}
        self.reverted = _reverted_since(decision, self._revised(changes))

    def _revised(self, changes: Sequence[LinkChange]) -> set[int]:
        rows = ((change, self.rows.get(change.link_id)) for change in changes)
        return {row.pk for change, row in rows if row and row.revision != change.after_revision}

    def obstacle(self, change: LinkChange, group: Sequence[LinkChange]) -> str | None:
        """Why a change cannot be taken back; empty if there is nothing to take back, None if it can."""
        before, after, row = _side(change, "before"), _side(change, "after"), self.rows.get(change.link_id)
        if reason := self._changed(change, after, row):
            return reason
        if row is None and before is None:
            return ""
        if row is None and before and before.state == State.SUGGESTED:
            # The linker proposes anew what it proposes.
            return ""
        return self._target(change, before, row) if before else None

    def _changed(self, change: LinkChange, after: LinkColumns | None, row: Link | None) -> str | None:
        """Whether a link is not as the decision left it. The linker may have taken back a suggestion since."""
        if row is None:
            decided = after is not None and after.state != State.SUGGESTED
            return f"link {change.link_id} is gone with its span" if decided and change.before_revision else None
        if after is None or (row.entity_id, row.state) != (after.entity, after.state):
            return f"link {change.link_id} has changed"
        revised = row.revision != after.revision and row.pk not in self.reverted
        return f"link {change.link_id} has changed" if revised else None

    def _target(self, change: LinkChange, before: LinkColumns, row: Link | None) -> str | None:
        """Why a link cannot get these columns, or None."""
        span = self.spans.get(change.span_id or 0)
        if (row is None or before.state != State.REJECTED) and (span is None or (row and row.span_id is None)):
            return "" if before.state == State.SUGGESTED else f"span {change.span_id} is no longer suggested"
        others = self.others.get(change.span_id or 0, ())
        same = next((link for link in others if link.entity_id == before.entity), None)
        if same is not None and same.state == State.CONFIRMED:
            return f"span {change.span_id} was linked to entity {before.entity} since"
        if before.state == State.REJECTED:
            return None
        if before.entity not in self.standing:
            return f"entity {before.entity} was merged or removed since"
        if before.state == State.CONFIRMED and span == State.SUGGESTED and change.span_id not in self.changing:
            return f"span {change.span_id} is not confirmed any more"
        for other in others:
            if other.state == State.CONFIRMED:
                return f"span {change.span_id} was linked to {other.entity.name} (entity {other.entity_id}) since"
            if other.state == State.SUGGESTED and before.state == State.SUGGESTED:
                return ""
            if other.state == State.REJECTED and other.entity_id == before.entity:
                return f"span {change.span_id} was said not to be entity {other.entity_id} since"
        return None

    def yielding(self, change: LinkChange) -> set[int]:
        """The suggested links that a restored one takes the place of."""
        others = self.others.get(change.span_id or 0, ())
        if change.before_state == State.CONFIRMED:
            return {link.pk for link in others if link.state == State.SUGGESTED}
        return {link.pk for link in others if link.state == State.SUGGESTED and link.entity_id == change.before_entity}


class _Names:
    """The aliases of restored links: the names that they have now, or else those of their words."""

    def __init__(self, changes: Sequence[LinkChange], rows: Mapping[int, Link], spans: Mapping[int, Span]) -> None:
        kept = {link.alias_id for link in rows.values() if link.alias_id}
        names = dict(Alias.objects.filter(pk__in=kept).values_list("pk", "name"))
        unnamed = [change for change in changes if change.before_revision and not self._named(rows, names, change)]
        places = {change.link_id: spans[change.span_id or 0] for change in unnamed if change.span_id in spans}
        surfaces = surfaces_at((s.article_id, s.start, s.end) for s in places.values()) if places else {}
        self.names = {
            link: surface_name(surfaces[span.article_id, span.start, span.end]) for link, span in places.items()
        }
        self.names |= {pk: names[link.alias_id] for pk, link in rows.items() if link.alias_id in names}
        wanted = Alias.objects.filter(entity__in={one.before_entity for one in changes if one.before_entity})
        found = wanted.filter(name__in=set(self.names.values())).exclude(state=State.REJECTED)
        self.aliases = {(entity, name): pk for pk, entity, name in found.values_list("pk", "entity_id", "name")}

    @staticmethod
    def _named(rows: Mapping[int, Link], names: Mapping[int, str], change: LinkChange) -> bool:
        return change.link_id in rows and rows[change.link_id].alias_id in names

    def alias(self, changes: RegistryChanges, change: LinkChange) -> int | None:
        name, entity = self.names.get(change.link_id, ""), change.before_entity or 0
        if (entity, name) not in self.aliases and name and change.before_state == State.CONFIRMED:
            changes.read([entity])
            self.aliases[entity, name] = changes.alias(changes.entities[entity], name, Verb.LINK).pk
        return self.aliases.get((entity, name))


def _by_span(changes: Sequence[LinkChange]) -> Iterator[list[LinkChange]]:
    """Group the changes by span, those that leave a link rejected or gone first, as a span never has two."""
    groups: dict[tuple[bool, int], list[LinkChange]] = {}
    for change in changes:
        groups.setdefault((change.span_id is None, change.span_id or change.link_id), []).append(change)
    return iter(groups.values())


def _reverted_since(decision: Decision, links: set[int]) -> set[int]:
    """Those of `links` whose decisions after `decision` were all undone, and not redone."""
    later: dict[int, dict[int, int | None]] = {link: {} for link in links}
    found = LinkChange.objects.filter(link_id__in=links, decision__gt=decision.pk).order_by("-decision")
    for link, pk, undone in found.values_list("link_id", "decision", "decision__undoes") if links else ():
        later[link][pk] = undone
    for results in later.values():
        for pk, undone in list(results.items()):
            if pk in results and undone in results:
                del results[pk], results[undone]
    return {link for link, results in later.items() if not results}


def _side(change: LinkChange, side: str) -> LinkColumns | None:
    values = [getattr(change, f"{side}_{name}") for name in _SIDE]
    return LinkColumns(*values) if values[-1] is not None else None
