"""Merge two entities into one, and say that two are different."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from annotations.entities.actions.registry import (
    RegistryChanges,
    lock_registry,
    renew_keys,
    require_entities,
)
from annotations.entities.actions.results import EntityResult, once
from annotations.entities.actions.snapshots import distinct_from
from annotations.entities.models import (
    Alias,
    Distinct,
    Entity,
    EntityState,
    Identifier,
    Link,
    PossibleDuplicate,
)
from annotations.review.actions.recording import record_all
from annotations.review.models import Decision, State, Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class MergePreview:
    """What a merge would do: the links that move, and the aliases and identifiers that the target gets.

    `obstacle` is why it would be refused, or None.
    """

    source: Entity
    target: Entity
    mentions: int
    aliases: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    obstacle: str | None


def preview_merge(*, user: "User", source: Entity, target: Entity) -> MergePreview:
    """What merging `source` into `target` would do. Writes nothing."""
    require(user, source.corpus, Role.EDITOR)
    require_entities(source.corpus)
    _check(source.corpus, source.pk, target.pk, target.corpus_id)
    known = Alias.objects.filter(entity=target).values("name")
    aliases = Alias.objects.filter(entity=source).exclude(Q(state=State.REJECTED) | Q(name__in=known))
    identifiers = Identifier.objects.filter(entity=source)
    return MergePreview(
        source,
        target,
        Link.objects.standing().filter(entity=source).count(),
        tuple(aliases.values_list("name", flat=True)),
        tuple(identifiers.values_list("scheme", "value")),
        _obstacle(source.pk, target.pk),
    )


def merge_entities(
    *,
    user: "User",
    source: Entity,
    target: Entity,
    source_revision: int | None,
    target_revision: int | None,
    client_key: str | None = None,
) -> EntityResult:
    """Merge `source` into `target`: its links, aliases and identifiers move there, and its id says where it went.

    Refuses: `Invalid` (the same entity, another corpus), `RevisionMissing`, `Stale`, `Conflict` (merged or removed
    since, or said to be different), `NotAllowed`. A repeated `client_key` returns the first decision.
    """
    corpus = source.corpus
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    _check(corpus, source.pk, target.pk, target.corpus_id)
    request = digest("merge", source.pk, target.pk, source_revision, target_revision)

    def run() -> Decision:
        lock_registry(corpus.pk)
        changes = RegistryChanges(corpus.pk)
        source_row = changes.at_revision(source.pk, source_revision, field="source")
        target_row = changes.at_revision(target.pk, target_revision, field="into")
        if reason := _obstacle(source.pk, target.pk):
            raise Conflict(reason, field="into", current=target_row)
        decision = record_all(user, corpus.pk, Verb.MERGE, [], client_key=client_key, request_sha256=request)
        _merge(changes, decision, source_row, target_row)
        changes.write(decision)
        return decision

    return once(user, client_key, request, run)


def _check(corpus: Corpus, source: int, target: int, other_corpus: int) -> None:
    if source == target:
        raise Invalid(f"entity {source} cannot be merged into itself: name another one", field="into")
    if corpus.pk != other_corpus:
        raise Invalid("the two entities are in different corpora", field="into")


def _obstacle(source: int, target: int) -> str | None:
    """Why the two cannot be merged, or None."""
    first, second = sorted((source, target))
    said = Distinct.objects.filter(first=first, second=second).select_related("decision__user").first()
    if said is None:
        return None
    return (
        f"{said.decision.user} said that entities {source} and {target} are different: undo that decision "
        f"({said.decision_id}) first"
    )


def _merge(changes: RegistryChanges, decision: Decision, source: Entity, target: Entity) -> None:
    changes.touch(source, Verb.MERGE)
    changes.touch(target, Verb.MERGE, implicit=True)
    changes.confirm(target, Verb.MERGE)
    for former in Entity.objects.filter(merged_into=source).select_related("label"):
        # An entity is never merged into one that is merged itself.
        changes.touch(former, Verb.MERGE, implicit=True)
        former.merged_into = target
    for other in Entity.objects.filter(pk__in=set(distinct_from(source.pk)) - {target.pk}).select_related("label"):
        # Who is not the source is not the target either.
        changes.note(other, Verb.MERGE)
    values: dict[str, int | str] = {
        "source": source.pk,
        "target": target.pk,
        "decision": decision.pk,
        "verb": Verb.MERGE.value,
    }
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
    if source.label_id != target.label_id:
        renew_keys([target])
    PossibleDuplicate.objects.filter(Q(first=source) | Q(second=source)).delete()
    source.state, source.merged_into = EntityState.MERGED, target


def mark_distinct(*, user: "User", first: Entity, second: Entity, client_key: str | None = None) -> EntityResult:
    """Say that two entities are different: they are not proposed as one again. Refuses what is said already."""
    corpus = first.corpus
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    _check(corpus, first.pk, second.pk, second.corpus_id)
    request = digest("distinct", *sorted((first.pk, second.pk)))

    def run() -> Decision:
        lock_registry(corpus.pk)
        changes = RegistryChanges(corpus.pk)
        one, other = changes.entity(first.pk), changes.entity(second.pk, field="other")
        if reason := _obstacle(one.pk, other.pk):
            raise Conflict(reason, field="other", current=other)
        decision = record_all(user, corpus.pk, Verb.DISTINCT, [], client_key=client_key, request_sha256=request)
        separate(changes, decision, one, other)
        changes.write(decision)
        return decision

    return once(user, client_key, request, run)


def separate(
    changes: RegistryChanges, decision: Decision, one: Entity, other: Entity, *, implicit: bool = False
) -> None:
    """Store that two entities are different, as part of a decision."""
    for entity in (one, other):
        changes.touch(entity, Verb.DISTINCT, implicit=implicit or entity is other)
    first, second = sorted((one, other), key=lambda entity: entity.pk)
    Distinct.objects.get_or_create(
        first=first, second=second, defaults={"corpus_id": changes.corpus_id, "decision": decision}
    )
    PossibleDuplicate.objects.filter(first=first, second=second).delete()


# Where a span has links to both, the one to the target takes over the state; otherwise the link moves.
_BOTH = """
    FROM entities_link l JOIN entities_link other ON other.span_id = l.span_id AND other.entity_id = %(target)s
    WHERE l.entity_id = %(source)s
"""
_LOGGED = """
    INSERT INTO entities_linkchange (
        decision_id, corpus_id, article_id, link_id, span_id, verb, implicit,
        before_entity, before_state, before_score, before_pipeline, before_revision,
        after_entity, after_state, after_score, after_pipeline, after_revision
    )
"""
_ALIASES = """
    INSERT INTO entities_alias (corpus_id, entity_id, name, language, script, origin, state, mentions)
    SELECT corpus_id, %(target)s, name, language, script, origin, state, 0 FROM entities_alias
    WHERE entity_id = %(source)s
    ON CONFLICT (entity_id, name) DO UPDATE SET state = CASE
        WHEN entities_alias.state = 'suggested' THEN excluded.state ELSE entities_alias.state END
"""
_ALIAS_KEYS = """
    INSERT INTO entities_aliaskey (corpus_id, key, alias_id)
    SELECT k.corpus_id, k.key, own.id FROM entities_aliaskey k
    JOIN entities_alias former ON former.id = k.alias_id AND former.entity_id = %(source)s
    JOIN entities_alias own ON own.entity_id = %(target)s AND own.name = former.name
    ON CONFLICT DO NOTHING
"""
_TAKEN_OVER = f"""
    WITH taken AS (
        SELECT l.id AS source_link, other.id AS target_link, l.corpus_id, l.article_id, l.span_id,
               l.state, l.score, l.pipeline_id, l.revision, other.state AS other_state, other.score AS other_score,
               other.pipeline_id AS other_pipeline, other.revision AS other_revision
        {_BOTH} AND l.state <> 'rejected' AND other.state = 'rejected'
    ),
    rejected AS (
        UPDATE entities_link SET state = 'rejected', revision = entities_link.revision + 1
        FROM taken WHERE entities_link.id = taken.source_link RETURNING entities_link.id
    ),
    confirmed AS (
        UPDATE entities_link SET state = taken.state, score = taken.score, pipeline_id = taken.pipeline_id,
               start = NULL, "end" = NULL, revision = entities_link.revision + 1
        FROM taken WHERE entities_link.id = taken.target_link AND (SELECT count(*) FROM rejected) >= 0
    )
    {_LOGGED}
    SELECT %(decision)s, corpus_id, article_id, source_link, span_id, %(verb)s, true,
           %(source)s, state, score, pipeline_id, revision, %(source)s, 'rejected', score, pipeline_id, revision + 1
    FROM taken
    UNION ALL
    SELECT %(decision)s, corpus_id, article_id, target_link, span_id, %(verb)s, false,
           %(target)s, other_state, other_score, other_pipeline, other_revision,
           %(target)s, state, score, pipeline_id, other_revision + 1
    FROM taken
"""
_MOVED = f"""
    WITH moving AS (
        SELECT l.* FROM entities_link l WHERE l.entity_id = %(source)s AND NOT EXISTS (
            SELECT FROM entities_link other WHERE other.span_id = l.span_id AND other.entity_id = %(target)s
        )
    ),
    moved AS (
        UPDATE entities_link SET entity_id = %(target)s, revision = entities_link.revision + 1, alias_id = (
            SELECT own.id FROM entities_alias former JOIN entities_alias own
                ON own.entity_id = %(target)s AND own.name = former.name
            WHERE former.id = entities_link.alias_id
        )
        FROM moving WHERE entities_link.id = moving.id
    )
    {_LOGGED}
    SELECT %(decision)s, corpus_id, article_id, id, span_id, %(verb)s, false,
           %(source)s, state, score, pipeline_id, revision, %(target)s, state, score, pipeline_id, revision + 1
    FROM moving
"""
_FORGOTTEN = """
    UPDATE entities_link SET alias_id = NULL
    WHERE alias_id IN (SELECT id FROM entities_alias WHERE entity_id = %(source)s)
"""
_KEYS_GONE = """
    DELETE FROM entities_aliaskey WHERE alias_id IN (SELECT id FROM entities_alias WHERE entity_id = %(source)s)
"""
_ALIASES_GONE = "DELETE FROM entities_alias WHERE entity_id = %(source)s"
_IDENTIFIERS = "UPDATE entities_identifier SET entity_id = %(target)s WHERE entity_id = %(source)s"
_DISTINCT = """
    INSERT INTO entities_distinct (corpus_id, first_id, second_id, decision_id)
    SELECT corpus_id, least(other, %(target)s), greatest(other, %(target)s), decision_id
    FROM (
        SELECT corpus_id, decision_id, CASE first_id WHEN %(source)s THEN second_id ELSE first_id END AS other
        FROM entities_distinct WHERE %(source)s IN (first_id, second_id)
    ) pair WHERE other <> %(target)s
    ON CONFLICT (first_id, second_id) DO NOTHING
"""
_STATEMENTS = (
    _ALIASES, _ALIAS_KEYS, _TAKEN_OVER, _MOVED, _FORGOTTEN, _KEYS_GONE, _ALIASES_GONE, _IDENTIFIERS, _DISTINCT,
)  # fmt: skip
