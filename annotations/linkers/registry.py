"""Articles, entities and links as plain values, and the registry of the entities that an article may mention."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from annotations.linkers.bodies import country_of_body, is_national
from annotations.linkers.names import (
    PLACES,
    body_key,
    clean_name,
    generic_words,
    keys_to_find,
    lookup_keys,
)
from annotations.linkers.territories import territory_of

AMBIGUOUS, GENERIC, UNKNOWN = "ambiguous", "generic", "unknown"
SUGGESTED, CONFIRMED, REJECTED = "suggested", "confirmed", "rejected"
# Entities that are compared with one name.
MAX_CANDIDATES = 50


class Mention(NamedTuple):
    """A span of an article, `[start, end)` in code points, with its label; `id` is the caller's."""

    id: int
    start: int
    end: int
    label: str


class DecidedLink(NamedTuple):
    """What a person decided on a mention: its entity, or None, and the entities that it is not."""

    entity: int | None = None
    rejected: frozenset[int] = frozenset()


@dataclass(frozen=True)
class LinkArticle:
    """An article to be linked. `country` is the ISO 3166 code of its dateline, or empty."""

    id: int
    text: str
    mentions: Sequence[Mention]
    language: str = ""
    country: str = ""
    decided: Mapping[int, DecidedLink] = field(default_factory=dict)


class KnownAlias(NamedTuple):
    """A name of an entity; a rejected one is not used."""

    name: str
    state: str = SUGGESTED
    mentions: int = 0


@dataclass(eq=False)
class KnownEntity:
    """An entity of the corpus, with the names that it is known by."""

    id: int
    name: str
    label: str
    aliases: list[KnownAlias] = field(default_factory=list)
    mentions: int = 0
    state: str = SUGGESTED


class MentionLink(NamedTuple):
    """The entity of a mention, with the probability that it is right; `alias` is the name that the mention uses."""

    mention: int
    entity: int
    score: float
    alias: str


class NewEntity(NamedTuple):
    """An entity that the article brings; its id is negative."""

    id: int
    name: str
    label: str


class UnlinkedMention(NamedTuple):
    """A mention without an entity, why, and between which; mentions with the same `key` are alike."""

    mention: int
    reason: str
    candidates: tuple[int, ...]
    key: str


class ArticleLinks(NamedTuple):
    links: list[MentionLink]
    new: list[NewEntity]
    unlinked: list[UnlinkedMention]


class Registry:
    """The entities of a corpus that may be meant, by the keys of their names. New ones get negative ids.

    `by_key` are the ids of the entities by the keys that will be looked up; without it, the keys are made of the names.
    """

    def __init__(
        self,
        entities: Iterable[KnownEntity] = (),
        distinct: Iterable[tuple[int, int]] = (),
        by_key: Mapping[str, Iterable[int]] | None = None,
    ) -> None:
        self.entities: dict[int, KnownEntity] = {}
        self.distinct = {frozenset(pair) for pair in distinct}
        self._by_key: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._last = 0
        for entity in entities:
            self.entities[entity.id] = entity
            self._last = min(self._last, entity.id)
            if by_key is None:
                self._index_names(entity)
        for key, ids in (by_key or {}).items():
            self._by_key[key] = dict.fromkeys(pk for pk in ids if pk in self.entities)

    def _index_names(self, entity: KnownEntity) -> None:
        for alias in entity.aliases:
            self._index(entity, alias)
        if not any(alias.name == entity.name for alias in entity.aliases):
            self.learn(entity, entity.name)

    def introduce(self, name: str, label: str) -> KnownEntity:
        """A new entity with this name."""
        self._last -= 1
        entity = self.entities[self._last] = KnownEntity(self._last, name, label)
        self._index_names(entity)
        return entity

    def learn(self, entity: KnownEntity, name: str) -> None:
        """A mention uses this name for the entity."""
        entity.mentions += 1
        for number, alias in enumerate(entity.aliases):
            if alias.name == name:
                entity.aliases[number] = alias._replace(mentions=alias.mentions + 1)
                return
        alias = KnownAlias(name, SUGGESTED, 1)
        entity.aliases.append(alias)
        self._index(entity, alias)

    def _index(self, entity: KnownEntity, alias: KnownAlias) -> None:
        if alias.state != REJECTED:
            for key in lookup_keys(alias.name, entity.label):
                self._by_key[key][entity.id] = None

    def found(self, key: str) -> list[KnownEntity]:
        """The entities with this key, the most mentioned first."""
        ids = self._by_key.get(key)
        if not ids:
            return []
        rows = [self.entities[pk] for pk in ids]
        return sorted(rows, key=lambda one: -one.mentions)[:MAX_CANDIDATES] if len(rows) > 1 else rows

    def are_distinct(self, one: int, other: int) -> bool:
        return frozenset((one, other)) in self.distinct


def lookup_keys_of(article: LinkArticle) -> frozenset[str]:
    """The keys under which the entities that the article may mention are found."""
    names = {(clean_name(article.text[m.start : m.end]), m.label) for m in article.mentions}
    keys = {key for name, label in names for key in keys_to_find(name, label)}
    codes = {code for name, label in names if (code := place_of(name, label))} | {article.country}
    for name, label in names:
        if label == "ORG" and (words := generic_words(name)) and is_national(words):
            keys |= {body_key(code, words) for code in (*codes, country_of_body(words)) if code}
    return frozenset(keys)


def place_of(name: str, label: str) -> str:
    """The code of the country, or of the European Union or the United Nations, that a mention names."""
    code = territory_of(name) if label == "ORG" or label in PLACES else ""
    return code if label != "ORG" or code in ("EU", "UN") else ""
