"""Link the mentions of an article to what is known of the corpus.

Each group of mentions of the article is then one known entity, a new one, or left unlinked, with the reason.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from annotations.linkers.bodies import country_of_body, generic_place, is_national
from annotations.linkers.names import (
    PEOPLE,
    alias_key,
    body_key,
    clean_name,
    folded,
    generic_words,
    initials,
    is_acronym,
    keys_to_find,
    kind_of,
    lookup_keys,
    person_words,
)
from annotations.linkers.registry import (
    AMBIGUOUS,
    GENERIC,
    REJECTED,
    UNKNOWN,
    ArticleLinks,
    KnownEntity,
    LinkArticle,
    MentionLink,
    NewEntity,
    Registry,
    UnlinkedMention,
    place_of,
)
from annotations.linkers.territories import continent_of, territory_of
from annotations.linkers.within import Group, alike, family, groups_of, same_person

VERSION = "2"
# Scores are the parts of links that reviewers of news confirmed, each link scored with what was confirmed before it.
_OF_NEW = _SAME_PERSON = 0.95


def link_article(article: LinkArticle, registry: Registry) -> ArticleLinks:
    """Link the mentions of an article, and add the entities that it brings to the registry."""
    result = ArticleLinks([], [], [])
    context = Context(article, groups_of(article))
    for group in context.groups:
        _link_group(group, context, registry, result)
    return result


class Context:
    """An article with its groups, and the country that it is about, for bodies that every country has."""

    def __init__(self, article: LinkArticle, groups: Sequence[Group]) -> None:
        self.article, self.groups = article, groups
        counts: Counter[str] = Counter()
        for group in groups:
            if code := place_of(group.name, group.label):
                counts[code] += len(group.mentions)
        self.countries = counts
        top = [row for row in counts.most_common() if row[0] not in ("EU", "UN")]
        clear = bool(top) and (len(top) == 1 or top[0][1] >= 2 * top[1][1])
        self.country = top[0][0] if clear else article.country

    def country_of(self, group: Group) -> str:
        """The code of the country whose body a group with a generic name is; empty if it is another or not known."""
        words = generic_words(group.name)
        if group.label != "ORG" or not words or not is_national(words):
            return ""
        return self._usual(words) or self.country

    def _usual(self, words: Sequence[str]) -> str:
        """The country whose body is usually meant, if the article may be about it."""
        usual = country_of_body(words)
        named = usual in self.countries or usual == "UN" or not self.country or "department" in words
        return usual if named else ""

    def bodies_of(
        self, words: Sequence[str], label: str, registry: Registry, rejected: Collection[int]
    ) -> list[KnownEntity]:
        """The known bodies with this generic name: that of the article's country, or of any that the article names."""
        if label != "ORG" or not is_national(words):
            return []
        first = self._usual(words) or self.country
        for codes in ([first], list(self.countries)):
            keys = [body_key(code, words) for code in codes if code]
            found = {one.id: one for key in keys for one in registry.found(key) if one.label == label}
            if rows := [one for one in found.values() if one.id not in rejected]:
                return rows[:1] if codes == [first] else rows
        return []


def _link_group(group: Group, context: Context, registry: Registry, result: ArticleLinks) -> None:
    article = context.article
    decided = [article.decided[m.id].entity for m in group.mentions if m.id in article.decided]
    chosen = [pk for pk in decided if pk is not None and pk in registry.entities]
    rejected = {pk for m in group.mentions if m.id in article.decided for pk in article.decided[m.id].rejected}
    open_mentions = [m for m in group.mentions if m.id not in article.decided or article.decided[m.id].entity is None]
    key = lookup_keys(group.name, group.label)[0]
    if not group.name:
        result.unlinked.extend(UnlinkedMention(m.id, UNKNOWN, (), key) for m in open_mentions)
        return
    entity: KnownEntity | None
    candidates: tuple[int, ...] = ()
    if chosen:
        entity = registry.entities[Counter(chosen).most_common(1)[0][0]]
        score, reason = 0.98, ""
    else:
        entity, score, candidates, reason = _choose(group, context, registry, rejected)
    if entity is None and reason:
        result.unlinked.extend(UnlinkedMention(m.id, reason, candidates, key) for m in open_mentions)
        return
    if entity is None:
        entity = registry.introduce(entity_name(group, context), group.label)
        entity.mentions -= 1
        score = _OF_NEW
        result.new.append(NewEntity(entity.id, entity.name, entity.label))
    for mention in group.mentions:
        name = clean_name(article.text[mention.start : mention.end])
        if not generic_words(name):
            registry.learn(entity, name)
        else:
            entity.mentions += 1
    for mention in open_mentions:
        name = clean_name(article.text[mention.start : mention.end])
        own = article.decided.get(mention.id)
        if own is None or entity.id not in own.rejected:
            result.links.append(MentionLink(mention.id, entity.id, score, name))
        else:
            result.unlinked.append(UnlinkedMention(mention.id, UNKNOWN, (), key))


def entity_name(group: Group, context: Context) -> str:
    """The name of a new entity: that of a body that each country has says which one."""
    code = context.country_of(group)
    return f"{group.name} ({generic_place(code)})" if code else group.name


def _choose(
    group: Group, context: Context, registry: Registry, rejected: set[int]
) -> tuple[KnownEntity | None, float, tuple[int, ...], str]:
    """The known entity of a group with a score; or None, the candidates, and the reason to leave it unlinked."""
    if words := generic_words(group.name):
        found = context.bodies_of(words, group.label, registry, rejected)
        if len(found) == 1:
            return found[0], 0.8, (), ""
        return None, 0.0, tuple(one.id for one in found[:5]), ("" if context.country_of(group) else GENERIC)
    exact = scores_of(group, registry, rejected)
    if not exact:
        return None, 0.0, (), ""
    if len(exact) > 1:
        # An entity that is known by this name alone is probably the one that is also known by a fuller name.
        fuller = [row for row in exact if not _is_bare(row[1], group)]
        exact = fuller if len(fuller) == 1 else exact
    best = exact[0]
    if len(exact) == 1 or best[0] > exact[1][0]:
        return best[1], best[0], (), ""
    return None, 0.0, tuple(one.id for _, one in exact[:5]), AMBIGUOUS


def _is_bare(entity: KnownEntity, group: Group) -> bool:
    """Whether an entity has no other name than those of the group."""
    own = {alias_key(name) for name in group.names}
    return all(alias_key(alias.name) in own for alias in entity.aliases)


def scores_of(group: Group, registry: Registry, rejected: set[int]) -> list[tuple[float, KnownEntity]]:
    """The known entities that a group may be, with scores, best first."""
    scores: dict[int, float] = {}
    for name in sorted(group.names, key=lambda one: (-len(one), one)):
        for key in keys_to_find(name, group.label):
            for entity in registry.found(key):
                if entity.id in rejected or family(entity.label) != family(group.label):
                    continue
                if score := _score(group, name, key, entity):
                    scores[entity.id] = max(scores.get(entity.id, 0), score)
            if kind_of(key) == "=" and max(scores.values(), default=0) >= _SAME_PERSON and group.label in PEOPLE:
                # Those with other spellings of the whole name are not compared.
                break
    rows = [(score, registry.entities[pk]) for pk, score in scores.items()]
    rows.sort(key=lambda row: (-row[0], -row[1].mentions, row[1].id))
    return rows


def _score(group: Group, name: str, key: str, entity: KnownEntity) -> float:
    kind = kind_of(key)
    if continent_of(name) and not continent_of(entity.name):
        # Only the article itself can tell that it calls the European Union Europe.
        return 0.0
    full = len(person_words(group.name)) > 1
    if group.label in PEOPLE:
        if full and kind == "=" and _has_alias(entity, group.name):
            # Also by a name that has nothing in common with its own: who merged the two said so.
            return _SAME_PERSON
        if full and len(person_words(entity.name)) > 1:
            return _SAME_PERSON if same_person(group.name, entity.name) else 0.0
        if kind == "=":
            return 0.9
        if kind == "%":
            return 0.85 if any(same_person(group.name, alias.name) for alias in entity.aliases) else 0.0
        return 0.85 if kind == "&" else 0.0
    if kind == "@":
        return 0.99
    if kind == "=":
        return 0.95 if name == group.name else 0.9
    if kind == "~":
        if territory_of(name) or any(territory_of(alias.name) for alias in entity.aliases):
            return 0.0
        return 0.8 if any(alike(alias_key(name), alias_key(alias.name)) for alias in entity.aliases) else 0.0
    if kind == "#":
        return 0.93
    if kind == ">":
        return 0.6 if " " not in alias_key(name) and " " not in alias_key(group.name) else 0.0
    if kind in "^!":
        return 0.85 if _abbreviates(name, entity) else 0.0
    return 0.0


def _has_alias(entity: KnownEntity, name: str) -> bool:
    key = alias_key(name)
    return any(alias_key(alias.name) == key for alias in entity.aliases if alias.state != REJECTED)


def _abbreviates(name: str, entity: KnownEntity) -> bool:
    """Whether a name is an acronym of a name of the entity, or the other way round. Two letters are too few."""
    letters, acronym = _letters(name), is_acronym(name)
    others = (alias.name for alias in entity.aliases if _letters(alias.name) == letters)
    return len(letters) > 2 and any(is_acronym(other) != acronym for other in others)


def _letters(name: str) -> str:
    return folded(re.sub(r"[.\s]", "", name)) if is_acronym(name) else initials(name)
