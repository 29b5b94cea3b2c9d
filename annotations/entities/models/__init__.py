"""Tables of entities, by subject."""

from annotations.entities.models.knowledge import (
    MAX_URL,
    KnowledgeAnswer,
    KnowledgeService,
)
from annotations.entities.models.log import (
    EntityChange,
    LinkChange,
)
from annotations.entities.models.registry import (
    MAX_DESCRIPTION,
    MAX_NAME,
    MAX_SCHEME,
    MAX_VALUE,
    STANDING,
    Alias,
    AliasKey,
    Distinct,
    Entity,
    EntityQuerySet,
    EntityState,
    EntityWeek,
    Identifier,
    Link,
    LinkQuerySet,
    PendingLink,
    PossibleDuplicate,
    Unlinked,
)

__all__ = [
    "MAX_DESCRIPTION",
    "MAX_NAME",
    "MAX_SCHEME",
    "MAX_URL",
    "MAX_VALUE",
    "STANDING",
    "Alias",
    "AliasKey",
    "Distinct",
    "Entity",
    "EntityChange",
    "EntityQuerySet",
    "EntityState",
    "EntityWeek",
    "Identifier",
    "KnowledgeAnswer",
    "KnowledgeService",
    "Link",
    "LinkChange",
    "LinkQuerySet",
    "PendingLink",
    "PossibleDuplicate",
    "Unlinked",
]
