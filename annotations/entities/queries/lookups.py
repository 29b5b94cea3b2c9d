"""Entities by id, for members of their corpus."""

from typing import TYPE_CHECKING

from annotations.entities.models import Entity
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus, role_of
from corpusapp.core.errors import NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def get_registry(user: "User", slug: str, role: Role = Role.READER) -> Corpus:
    """The corpus, with `role` required in it. Raises `NotFound` for one that links no entities, too."""
    corpus = get_corpus(user, slug, role)
    if not corpus.entities_enabled:
        raise NotFound(f"corpus {slug!r} links no names to entities: a manager can turn this on in its settings")
    return corpus


def get_entity(user: "User", pk: int, corpus: Corpus | None = None) -> Entity:
    """The entity with its corpus, label, pipeline and `merged_into`, also a merged or removed one.

    Of `corpus`, if it is given. Raises `NotFound` for one that the user may not see, or whose corpus links no entities.
    """
    rows = Entity.objects.select_related("corpus", "label", "pipeline", "merged_into")
    entity = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if (
        entity is None
        or (corpus is not None and entity.corpus_id != corpus.pk)
        or role_of(user, entity.corpus) is None
        or entity.corpus.withdrawn_at is not None
        or not entity.corpus.entities_enabled
    ):
        raise NotFound(f"there is no entity {pk} that you can see")
    return entity
