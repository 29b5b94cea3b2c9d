"""Put the mentions of one article together where they are one entity.

Those with one name are together, and so are a surname and the full name before it, an acronym and the name that it
abbreviates, a short form and the whole.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel

from annotations.linkers.bodies import is_generic_word
from annotations.linkers.names import (
    PARTICLES,
    PEOPLE,
    PLACES,
    alias_key,
    arabic_skeleton,
    clean_name,
    folded,
    given_initials,
    initials,
    is_acronym,
    is_arabic,
    lookup_keys,
    person_words,
    skeleton,
    sounds,
    words_of,
)
from annotations.linkers.registry import LinkArticle, Mention
from annotations.linkers.territories import continent_of, territory_of


@dataclass(eq=False)
class Group:
    """Mentions of an article that are one entity. `name` is the fullest name among them."""

    name: str
    label: str
    mentions: list[Mention] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    # Names that are said to be ambiguous: a surname of several people of the article.
    between: list["Group"] = field(default_factory=list)

    def add(self, mention: Mention, name: str) -> None:
        self.mentions.append(mention)
        self.names[name] += 1

    def take(self, other: "Group") -> None:
        self.mentions += other.mentions
        self.names += other.names

    @property
    def start(self) -> int:
        return min(mention.start for mention in self.mentions)


def groups_of(article: LinkArticle) -> list[Group]:
    """The mentions of an article, put together where they are one entity."""
    by_name: dict[tuple[str, str], Group] = {}
    for mention in sorted(article.mentions, key=lambda one: (one.start, -one.end)):
        name = clean_name(article.text[mention.start : mention.end])
        key = (family(mention.label), _group_key(name, mention.label))
        group = by_name.get(key)
        if group is None:
            group = by_name[key] = Group(name, mention.label)
        group.add(mention, name)
    groups = list(by_name.values())
    for group in groups:
        group.name = max(group.names, key=lambda name: (group.names[name], len(name)))
    groups = _join_people(groups)
    groups = _join_acronyms(groups, article.text)
    return _join_union(_join_short_forms(groups), article.text)


def family(label: str) -> str:
    return "PERSON" if label in PEOPLE else label


def _group_key(name: str, label: str) -> str:
    """What the names of one entity share at first sight."""
    if label in PEOPLE:
        return " ".join(person_words(name)) or alias_key(name)
    keys = lookup_keys(name, label)
    return next((key for key in keys if key[:1] in ("@", "=")), keys[0])


def _join_people(groups: list[Group]) -> list[Group]:
    """Join spellings of one full name, then single names with the full names that have them."""
    people = [group for group in groups if group.label in PEOPLE]
    full = [group for group in people if len(person_words(group.name)) > 1]
    gone: set[int] = set()
    full.sort(key=lambda group: (-len(person_words(group.name)), group.start))
    kept: list[Group] = []
    for group in full:
        same = [one for one in kept if same_person(one.name, group.name)]
        if len(same) == 1:
            same[0].take(group)
            gone.add(id(group))
        else:
            kept.append(group)
    for group in people:
        words = person_words(group.name)
        if len(words) != 1:
            continue
        owners = [one for one in kept if _has_name(one.name, words[0])]
        last = [one for one in owners if _is_surname(one.name, words[0])]
        owners = last or owners or [one for one in kept if _is_slip(words[0], person_words(one.name)[-1])]
        if len(owners) == 1:
            owners[0].take(group)
            gone.add(id(group))
        elif owners:
            _share(group, owners)
            if not group.mentions:
                gone.add(id(group))
            group.between = owners
    return [group for group in groups if id(group) not in gone]


def _share(group: Group, owners: Sequence[Group]) -> None:
    """Give each mention of a name that several people have to one of them.

    A text goes on to call the person whom it called so first, before it named another with the same name. If it
    named all in full before, the name is of the one who was named last.
    """
    fulls = sorted((mention.start, number) for number, owner in enumerate(owners) for mention in owner.mentions)
    main: int | None = None
    choices: list[tuple[Mention, int | None]] = []
    for mention in sorted(group.mentions, key=lambda one: one.start):
        before = [number for start, number in fulls if start < mention.start]
        if main is None and len(set(before)) == 1:
            main = before[0]
        choices.append((mention, main if main is not None or not before else before[-1]))
    group.mentions = []
    for mention, number in choices:
        owner = main if number is None else number
        if owner is None:
            group.mentions.append(mention)
        else:
            owners[owner].mentions.append(mention)
            owners[owner].names[group.name] += 1


def _has_name(full: str, word: str) -> bool:
    words = person_words(full)
    return word in words or any(alike(word, one) or alike(word, one.rpartition(" ")[2]) for one in words)


def _is_surname(full: str, word: str) -> bool:
    last = person_words(full)[-1]
    return word == last or alike(word, last) or alike(word, last.rpartition(" ")[2])


_VOWELS = "aeiouyh"


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> bool:
    """Whether two folded words are spellings of one name."""
    if one == other:
        return True
    if is_arabic(one) != is_arabic(other):
        # Arabic letters leave most vowels out, so that only the consonants can be compared.
        consonants = arabic_skeleton(one)
        return len(consonants) > 2 and consonants == arabic_skeleton(other)
    first, second = sounds(one), sounds(other)
    vowels = one[:1] in _VOWELS and other[:1] in _VOWELS
    if min(len(one), len(other)) < 4 or (one[0] != other[0] and first[:1] != second[:1] and not vowels):
        return False
    # A vowel at the end tells names apart: Daniel and Daniela, Marion and Marine.
    if one.isascii() and other.isascii() and (one[-1] in _VOWELS) != (other[-1] in _VOWELS):
        return False
    return skeleton(one) == skeleton(other) and Indel.normalized_similarity(first, second) >= 0.75


def _is_slip(word: str, surname: str) -> bool:
    """Whether a word is a surname with one letter wrong, which only the full name in the same article can tell."""
    return min(len(word), len(surname)) > 4 and word[0] == surname[0] and OSA.distance(word, surname) == 1


@lru_cache(maxsize=65536)
def same_person(one: str, other: str) -> bool:
    """Whether two full names may be one person's: the same surname, and given names that do not differ."""
    first, second = person_words(one), person_words(other)
    if first == second:
        return True
    if len(first) < 2 or len(second) < 2 or _has_other_initials(first, second):
        return False
    if "".join(first) == "".join(second):
        return True
    if is_arabic(one) != is_arabic(other) or len(words_of(one)) != len(words_of(other)):
        consonants = arabic_skeleton(one)
        alike_words = is_arabic(one) != is_arabic(other) or _sound_alike(first, second)
        if len(consonants) > 4 and consonants == arabic_skeleton(other) and alike_words:
            return True
    if not alike(first[-1], second[-1]):
        return (
            len(first) == len(second)
            and skeleton(" ".join(first)) == skeleton(" ".join(second))
            and _sound_alike(first, second)
        )
    short, long = sorted((first[:-1], second[:-1]), key=len)
    exact = first[-1] == second[-1]
    at = 0
    matched = 0
    for word in short:
        for position in range(at, len(long)):
            if _givenalike(word, long[position], exact):
                at, matched = position + 1, matched + 1
                break
        else:
            return False
    return matched == len(short)


def _has_other_initials(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether no given name begins like one of the other: most people with one surname are told apart by this."""
    return first[-1] == second[-1] and set(given_initials(first)).isdisjoint(given_initials(second))


def _sound_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    return Indel.normalized_similarity("".join(map(sounds, one)), "".join(map(sounds, other))) >= 0.8


def _givenalike(one: str, other: str, exact: bool) -> bool:
    if one == other or alike(one, other):
        return True
    return exact and (len(one) == 1 or len(other) == 1) and one[0] == other[0]


def _join_acronyms(groups: list[Group], text: str) -> list[Group]:
    """Join acronyms with the names that they abbreviate: in brackets after one, or by its initials."""
    others = [group for group in groups if group.label not in PEOPLE]
    gone: set[int] = set()
    for group in others:
        if not is_acronym(group.name):
            continue
        owner = _introduced(group, others, text) or _spelled_out(group, others)
        if owner is not None and owner is not group and id(owner) not in gone:
            owner.take(group)
            gone.add(id(group))
    return [group for group in groups if id(group) not in gone]


_BRACKET = re.compile(r"\s*[(\[]\s*(?:or\s+)?[\"“‘']?\Z")


def _introduced(group: Group, others: Sequence[Group], text: str) -> Group | None:
    """The group whose name stands before the acronym in brackets: Free Democrats (FDP)."""
    for mention in group.mentions:
        if mention.start == 0 or not _BRACKET.search(text, max(0, mention.start - 4), mention.start):
            continue
        before = text[max(0, mention.start - 4) : mention.start]
        end = mention.start - len(_BRACKET.search(before)[0])  # type: ignore[index]  # it was just found
        for other in others:
            if other is not group and any(end - 2 <= one.end <= end for one in other.mentions):
                return other if family(other.label) == family(group.label) else None
    return None


def _spelled_out(group: Group, others: Sequence[Group]) -> Group | None:
    letters = folded(re.sub(r"[.\s]", "", group.name))
    found = [one for one in others if one is not group and letters in _acronyms(one)]
    if not found and len(letters) > 2:
        # Acronyms of another language have the letters in another order: UCI is the International Cycling Union.
        order = sorted(letters)
        found = [one for one in others if one is not group and any(sorted(own) == order for own in _acronyms(one))]
    return found[0] if len(found) == 1 else None


def _acronyms(group: Group) -> set[str]:
    return {letters for name in group.names if (letters := initials(name))}


def _join_short_forms(groups: list[Group]) -> list[Group]:
    """Join a short form with the one whole name of the article that begins or ends with it."""
    gone: set[int] = set()
    for group in groups:
        if group.label in PEOPLE or group.label == "NORP" or is_acronym(group.name):
            continue
        words = _content(group.name)
        if not words or (all(is_generic_word(word) for word in words) and group.label in PLACES):
            continue
        if territory_of(group.name) or continent_of(group.name):
            continue
        wholes = [
            other
            for other in groups
            if other is not group and id(other) not in gone and other.label == group.label
            and _is_short_form(words, _content(other.name))
        ]  # fmt: skip
        if len(wholes) == 1:
            wholes[0].take(group)
            gone.add(id(group))
    return [group for group in groups if id(group) not in gone]


@lru_cache(maxsize=65536)
def _content(name: str) -> tuple[str, ...]:
    return tuple(word for word in words_of(name) if word not in PARTICLES)


def _is_short_form(words: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    size = len(words)
    if size >= len(whole):
        return len(words) == len(whole) and all(alike(a, b) for a, b in zip(words, whole, strict=True))
    if whole[:size] == words:
        return not all(territory_of(word) or is_generic_word(word) for word in words)
    return whole[-size:] == words


_DIRECTION = re.compile(
    r"(?i)(?:\b(?:east|west|north|south|central|middle)(?:ern)?|\bcontinental|\bmainland)\s?-?\s?\Z"
)


def _join_union(groups: list[Group], text: str) -> list[Group]:
    """Join a body that is called Europe with the European Union that the article names, unless it is the continent."""
    union = next((one for one in groups if one.label == "ORG" and territory_of(one.name) == "EU"), None)
    europe = next((one for one in groups if one.label == "ORG" and continent_of(one.name) == _EUROPE), None)
    if union is None or europe is None:
        return groups
    if any(_DIRECTION.search(text, max(0, one.start - 20), one.start) for one in europe.mentions):
        return groups
    union.take(europe)
    return [one for one in groups if one is not europe]


_EUROPE = "150"
