"""Whom an ambiguous name means, by the company that it is in: the other entities of its article."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from annotations.linkers.names import clean_name
from annotations.linkers.registry import AMBIGUOUS, ArticleLinks, LinkArticle, MentionLink, Registry, UnlinkedMention

# By entity, in how many articles it is together with each other one.
Neighbours = Mapping[int, Mapping[int, int]]
# What one neighbour weighs that is mentioned once in the corpus is 1 / log(3); it takes about two rare ones, and twice
# the weight of the next candidate.
_LEAST, _LEAD = 1.0, 2.0
_SCORE = 0.75


def ambiguous_candidates(results: Iterable[tuple[LinkArticle, ArticleLinks]]) -> tuple[set[int], set[int]]:
    """The entities whose neighbours `decide_by_company` needs, and the neighbours that count."""
    ambiguous: set[int] = set()
    present: set[int] = set()
    for article, result in results:
        found = {pk for one in result.unlinked if one.reason == AMBIGUOUS for pk in one.candidates}
        if found:
            ambiguous |= found
            present |= _present(article, result)
    return ambiguous, present


def _present(article: LinkArticle, result: ArticleLinks) -> set[int]:
    """The known entities of an article."""
    decided = {said.entity for said in article.decided.values() if said.entity is not None}
    return {link.entity for link in result.links} | decided


def decide_by_company(
    article: LinkArticle, result: ArticleLinks, registry: Registry, neighbours: Neighbours
) -> ArticleLinks:
    """Link the ambiguous mentions of an article of which one candidate is known to appear with its other entities."""
    present = _present(article, result)
    links, unlinked = list(result.links), []
    texts = {mention.id: article.text[mention.start : mention.end] for mention in article.mentions}
    for one in result.unlinked:
        entity = _best(one, present, registry, neighbours)
        if entity is None:
            unlinked.append(one)
        else:
            links.append(MentionLink(one.mention, entity, _SCORE, clean_name(texts[one.mention])))
    return ArticleLinks(links, result.new, unlinked)


def _best(one: UnlinkedMention, present: set[int], registry: Registry, neighbours: Neighbours) -> int | None:
    if one.reason != AMBIGUOUS:
        return None
    weights = sorted(
        ((_weight(pk, present, registry, neighbours), pk) for pk in one.candidates), key=lambda row: (-row[0], row[1])
    )
    (first, entity), *others = weights
    return entity if first >= _LEAST and all(first >= _LEAD * weight for weight, _ in others) else None


def _weight(candidate: int, present: set[int], registry: Registry, neighbours: Neighbours) -> float:
    """How much speaks for a candidate: the rarer a common neighbour is, the more."""
    known = neighbours.get(candidate, {})
    return sum(
        1 / math.log(2 + registry.entities[pk].mentions)
        for pk in present
        if pk != candidate and pk in known and pk in registry.entities
    )


def neighbours_in(results: Sequence[ArticleLinks]) -> dict[int, Counter[int]]:
    """The neighbours of each entity in these articles."""
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for result in results:
        together = {link.entity for link in result.links}
        for pk in together:
            found[pk].update(together - {pk})
    return dict(found)
