"""Link the mentions of an article to entities. A stub: names that share a key are one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotations.linkers.names import alias_key, clean_name, lookup_keys

VERSION = "0"


class Mention(NamedTuple):
    id: int
    start: int
    end: int
    label: str


class DecidedLink(NamedTuple):
    entity: int | None
    rejected: frozenset[int] = frozenset()


class KnownAlias(NamedTuple):
    name: str
    state: str
    mentions: int


class KnownEntity(NamedTuple):
    id: int
    name: str
    label: str
    aliases: tuple[KnownAlias, ...]
    mentions: int
    state: str
    description: str
    neighbours: frozenset[int]


class MentionLink(NamedTuple):
    mention: int
    entity: int
    score: float
    alias: str


class NewEntity(NamedTuple):
    id: int
    name: str
    label: str


class UnlinkedMention(NamedTuple):
    mention: int
    reason: str
    candidates: tuple[int, ...]
    key: str


class Candidate(NamedTuple):
    entity: int
    score: float
    reasons: tuple[str, ...]


class DuplicatePair(NamedTuple):
    first: int
    second: int
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class LinkArticle:
    id: int
    text: str
    language: str
    country: str
    mentions: Sequence[Mention]
    decided: Mapping[int, DecidedLink]


@dataclass
class ArticleLinks:
    links: list[MentionLink] = field(default_factory=list)
    new: list[NewEntity] = field(default_factory=list)
    unlinked: list[UnlinkedMention] = field(default_factory=list)


class Registry:
    def __init__(self, entities: Iterable[KnownEntity] = (), distinct: Iterable[tuple[int, int]] = ()) -> None:
        self.entities: dict[int, KnownEntity] = {}
        self.distinct = {frozenset(pair) for pair in distinct}
        self.by_key: dict[str, set[int]] = {}
        for entity in entities:
            self.add(entity)

    def add(self, entity: KnownEntity) -> None:
        self.entities[entity.id] = entity
        for alias in entity.aliases:
            if alias.state != "rejected":
                for key in lookup_keys(alias.name, entity.label):
                    self.by_key.setdefault(key, set()).add(entity.id)


def lookup_keys_of(article: LinkArticle) -> frozenset[str]:
    return frozenset(
        key for m in article.mentions for key in lookup_keys(clean_name(article.text[m.start : m.end]), m.label)
    )


def _candidates(mention: Mention, article: LinkArticle, registry: Registry) -> list[int]:
    name = clean_name(article.text[mention.start : mention.end])
    said = article.decided.get(mention.id)
    found = {pk for key in lookup_keys(name, mention.label) for pk in registry.by_key.get(key, ())}
    found -= said.rejected if said else set()
    found = {pk for pk in found if registry.entities[pk].label == mention.label}
    return sorted(found, key=lambda pk: (-registry.entities[pk].mentions, pk))


def link_article(article: LinkArticle, registry: Registry) -> ArticleLinks:
    result = ArticleLinks()
    for mention in article.mentions:
        said = article.decided.get(mention.id)
        if said and said.entity is not None:
            continue
        name = clean_name(article.text[mention.start : mention.end])
        found = _candidates(mention, article, registry)
        if not found and (not name or said):
            result.unlinked.append(UnlinkedMention(mention.id, "unknown", (), alias_key(name)))
        elif len(found) > 1:
            result.unlinked.append(UnlinkedMention(mention.id, "ambiguous", tuple(found[:5]), alias_key(name)))
        else:
            if not found:
                new = NewEntity(min([0, *registry.entities]) - 1, name, mention.label)
                registry.add(
                    KnownEntity(
                        new.id, name, mention.label, (KnownAlias(name, "suggested", 0),), 0, "suggested", "",
                        frozenset(),
                    )
                )  # fmt: skip
                result.new.append(new)
                found = [new.id]
            result.links.append(MentionLink(mention.id, found[0], 0.9, name))
    return result


def rank_candidates(mention: Mention, article: LinkArticle, registry: Registry, limit: int = 3) -> list[Candidate]:
    return [Candidate(pk, 0.5, ("the same name",)) for pk in _candidates(mention, article, registry)[:limit]]


def find_duplicates(registry: Registry) -> list[DuplicatePair]:
    pairs = {
        tuple(sorted((one, other)))
        for ids in registry.by_key.values()
        for one in ids
        for other in ids
        if one < other and frozenset((one, other)) not in registry.distinct
    }
    return [DuplicatePair(one, other, 0.5, ("the same name",)) for one, other in sorted(pairs)]
