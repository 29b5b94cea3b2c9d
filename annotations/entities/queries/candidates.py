"""The entities that a span may be, for people who link it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from annotations.entities.models import Entity, Link, Unlinked
from annotations.entities.queries.linker_input import linker_articles, load_registry
from annotations.linkers.candidates import rank_candidates
from annotations.linkers.registry import lookup_keys_of
from annotations.review.models import Span
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
    """At most three entities that the span may be, the most probable first, without those that people said it is not.

    What it is linked to is the first.
    """
    corpus = span.article.corpus
    require(user, corpus, Role.READER)
    known = linker_articles([span.article_id]) if corpus.entities_enabled else []
    mention = next((one for article in known for one in article.article.mentions if one.id == span.pk), None)
    if mention is None:
        return []
    article = known[0].article
    current, around, left = _links_around(span)
    keys = lookup_keys_of(replace(article, mentions=[mention]))
    registry = load_registry(corpus.pk, keys, {*around, *left} | ({current} if current else set()))
    ranked = {one.entity: one for one in rank_candidates(mention, article, registry, MOST + 1)}
    said = article.decided.get(mention.id)
    first = [current] if current else []
    ids = [pk for pk in dict.fromkeys([*first, *ranked, *left]) if not said or pk not in said.rejected]
    return [
        Candidate(*row, ranked[row[0]].score, ranked[row[0]].reasons) if row[0] in ranked else Candidate(*row, None, ())
        for row in _described(ids[:MOST])
    ]


def _links_around(span: Span) -> tuple[int | None, set[int], list[int]]:
    """The entity of the span, those of the other spans of its article, and those between which the linker could not
    tell.
    """
    links = dict(Link.objects.standing().filter(article=span.article_id).values_list("span", "entity"))
    current = links.pop(span.pk, None)
    left = Unlinked.objects.filter(span=span).values_list("candidates", flat=True).first()
    return current, set(links.values()), list(left or ())


def _described(ids: Sequence[int]) -> list[tuple[int, str, str, str, int, str]]:
    rows = Entity.objects.standing().filter(pk__in=ids)
    found = {row[0]: row for row in rows.values_list("pk", "name", "label__name", "description", "mentions", "state")}
    return [found[pk] for pk in ids if pk in found]
