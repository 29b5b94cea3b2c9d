"""The entities that a span may be, for people who link it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from annotations.entities.models import Entity
from annotations.entities.queries.search import search_entities
from annotations.review.models import Span
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MOST = 3


class Candidate(NamedTuple):
    """An entity that a span may be. `reasons` say why, in words for editors, the strongest first."""

    entity: int
    name: str
    label: str
    description: str
    mentions: int
    state: str
    score: float | None
    reasons: tuple[str, ...]


def candidates_for(user: "User", span: Span) -> list[Candidate]:
    """At most three entities that the span may be, the most probable first."""
    corpus = span.article.corpus
    require(user, corpus, Role.READER)
    if not corpus.entities_enabled:
        return []
    surfaces = surfaces_at([(span.article_id, span.start, span.end)])
    found = search_entities(corpus, next(iter(surfaces.values()), ""), MOST)
    return [Candidate(*row, None, ()) for row in _described(found)]


def _described(ids: Sequence[int]) -> list[tuple[int, str, str, str, int, str]]:
    rows = Entity.objects.filter(pk__in=ids).values_list(
        "pk", "name", "label__name", "description", "mentions", "state"
    )
    by_id = {row[0]: row for row in rows}
    return [by_id[pk] for pk in ids if pk in by_id]
