"""Entities side by side: what is known of each, so that people see whether they are one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from annotations.entities.models import Alias, Entity, Identifier
from annotations.entities.queries import page as reads
from annotations.entities.views import figures

_ALIASES, _COMPANIONS, _MENTIONS = 8, 6, 3


@dataclass(frozen=True)
class Card:
    """What is known of an entity, in short. `shared` are the names of those of its companions that others have too."""

    entity: Entity
    aliases: Sequence[Alias]
    identifiers: Sequence[Identifier]
    companions: Sequence[reads.Companion]
    shared: frozenset[int]
    trend: SafeString
    mentions: Sequence[reads.MentionInContext]


def cards_of(entities: Sequence[Entity]) -> list[Card]:
    """The cards of a few entities, in their order. The more entities, the more queries."""
    trends = figures.trend_pictures([entity.pk for entity in entities])
    companions = {entity.pk: reads.companions_of(entity.pk, limit=_COMPANIONS) for entity in entities}
    identifiers: dict[int, list[Identifier]] = {entity.pk: [] for entity in entities}
    for each in Identifier.objects.filter(entity__in=entities).order_by("scheme", "value"):
        identifiers[each.entity_id].append(each)
    cards = []
    for entity in entities:
        others = [row.id for pk, rows in companions.items() if pk != entity.pk for row in rows]
        own = companions[entity.pk]
        cards.append(
            Card(
                entity,
                reads.aliases_of(entity, _ALIASES),
                identifiers[entity.pk],
                own,
                frozenset(row.id for row in own).intersection(others),
                trends.get(entity.pk, SafeString()),
                reads.mentions_of(entity, reads.MentionFilter(), size=_MENTIONS).rows,
            )
        )
    return cards
