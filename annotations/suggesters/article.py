"""The names of an article: all mentions, their contexts, and links between names."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotations.suggesters.alternatives import Alternative, find_alternatives
from annotations.suggesters.candidates import ROLE, Candidates, find_candidates
from annotations.suggesters.cues import Cues, cues, is_sport
from annotations.suggesters.edges import Range
from annotations.suggesters.lexicon import ORGANISATION_WORDS, is_demonym
from annotations.suggesters.protocol import Doubts, Proposal, TokenVectors
from annotations.suggesters.words import Words, surface_of
from corpusapp.text.places import CITIES, COUNTRIES

# "Muallem" is short for "Walid al-Muallem", and in a headline "Al-Muallem".
_ARABIC_ARTICLE = re.compile(r"(?:al|el|ul|as|ash|an|ad|at)-(?=\w{3})", re.IGNORECASE)
_PARTS = re.compile(r"[\s-]+")


@dataclass
class Links:
    """By surface: the full names that end with it (`last`), begin with it (`first`), or that it abbreviates.

    `of_organisations` are the first words of names of organisations.
    `of_things` are acronyms of words without capitals: "personal protective equipment (PPE)".
    """

    last: dict[str, list[str]] = field(default_factory=dict)
    first: dict[str, list[str]] = field(default_factory=dict)
    initials: dict[str, str] = field(default_factory=dict)
    of_things: frozenset[str] = frozenset()
    of_organisations: frozenset[str] = frozenset()


_DEFINED = re.compile(r"((?:\b[a-z]\w{0,30}[ -]){1,5})\(([A-Z][A-Za-z0-9-]{1,11})\)")


def _of_things(text: str) -> frozenset[str]:
    """Acronyms in brackets after words without capitals that begin with its first letter."""
    found = set()
    for match in _DEFINED.finditer(text):
        short, before = match[2], re.split(r"[ -]", match[1].strip())
        if any(word[:1] == short[0].lower() for word in before):
            found.add(short)
    return frozenset(found)


def link(labels: Mapping[str, Counter[str]], named: set[str]) -> Links:
    """Links between the surfaces of an article.

    `labels` are the counts of the base suggester's labels by surface; `named` are surfaces that may be persons whatever
    it says.
    """
    last: dict[str, list[str]] = defaultdict(list)
    first: dict[str, list[str]] = defaultdict(list)
    initials: dict[str, str] = {}
    organisations: set[str] = set()
    for surface, counts in labels.items():
        parts = surface.split()
        if len(parts) > 1 and (surface in named or _most(counts) == "PERSON"):
            first[parts[0]].append(surface)
            for position in range(1, len(parts)):
                last[" ".join(parts[position:])].append(surface)
            if bare := _ARABIC_ARTICLE.match(parts[-1]):
                for short in (parts[-1][bare.end() :], parts[-1][0].swapcase() + parts[-1][1:]):
                    last[short].append(surface)
        elif len(parts) > 1 and _most(counts) == "ORG" and not _is_place_or_kind(parts[0]):
            organisations.add(parts[0])
        if short := _initials(surface):
            initials[short] = surface
    return Links(dict(last), dict(first), initials, of_organisations=frozenset(organisations))


def link_persons(links: Links, persons: Iterable[str]) -> set[str]:
    """Add the short forms of these full names of persons; returns those that are new."""
    new: set[str] = set()
    for surface in persons:
        parts = surface.split()
        short = {" ".join(parts[position:]) for position in range(1, len(parts))}
        new |= (short - links.last.keys()) | ({parts[0]} - links.first.keys())
        links.first.setdefault(parts[0], []).append(surface)
        for form in short:
            links.last.setdefault(form, []).append(surface)
    return new


def _is_place_or_kind(word: str) -> bool:
    return word in ORGANISATION_WORDS or is_demonym(word) or word.casefold() in CITIES or word.casefold() in COUNTRIES


def _most(counts: Counter[str]) -> str:
    return counts.most_common(1)[0][0] if counts else ""


def _initials(surface: str) -> str:
    letters = [part[0] for part in _PARTS.split(surface) if part[:1].isupper()]
    return "".join(letters) if len(letters) > 1 else ""


@dataclass
class ArticleNames:
    """`mentions`: surface by range. `labels`: counts of the base suggester's labels by surface. `ranges`: mentions by
    surface. `around`: cues by range. `alternatives`: other edges of the mentions, by range. `vectors`: what the base
    suggester sees in the words."""

    words: Words
    candidates: Candidates
    mentions: dict[Range, str]
    labels: dict[str, Counter[str]]
    ranges: dict[str, list[Range]]
    around: dict[Range, Cues]
    links: Links
    sport: bool
    alternatives: dict[Range, Alternative] = field(default_factory=dict)
    vectors: TokenVectors | None = None


def read_names(
    text: str,
    base: Iterable[Proposal],
    closed: Iterable[Range] = (),
    *,
    by_writing: bool = True,
    doubts: Doubts | None = None,
) -> ArticleNames:
    """The names of `text` from the proposals and doubts of a base suggester, outside the `closed` ranges.

    `by_writing` also finds names by capitals, offices and acronyms.
    """
    words = Words(text)
    candidates = find_candidates(words, base, closed, by_writing=by_writing, doubts=doubts)
    labels = _labels(text, candidates)
    links = link(labels, _perhaps_persons(words, candidates) if by_writing else set())
    for short in links.last if by_writing else ():
        if short not in links.first and len(short) > 2 and short[0].isupper():
            labels.setdefault(short, Counter())
    if by_writing:
        links.of_things = _of_things(text)
    mentions = _mentions(words, candidates, labels)
    ranges: dict[str, list[Range]] = defaultdict(list)
    for span, surface in mentions.items():
        ranges[surface].append(span)
    sport = is_sport(text)
    around = {span: cues(words, *span, sport=sport) for span in mentions}
    found = ArticleNames(words, candidates, mentions, labels, dict(ranges), around, links, sport)
    if by_writing:
        found.alternatives = find_alternatives(words, candidates, mentions)
        found.vectors = doubts.vectors if doubts else None
    return found


# The least probability of a person, and the least cue for one, that make the parts of a name its short forms.
_PERHAPS, _CUE = 0.25, 1.2


def _perhaps_persons(words: Words, candidates: Candidates) -> set[str]:
    """The surfaces after an office, or which the base suggester or the words around take for a person's name.

    A surname follows its full name also where the base suggester takes the latter for something else.
    """
    found = set()
    for span in (*candidates.proposed, *candidates.written):
        surface = surface_of(words.text[slice(*span)])
        if " " not in surface or not ORGANISATION_WORDS.isdisjoint(surface.split()) or surface.casefold() in COUNTRIES:
            continue
        share = candidates.shares.get(span[0], {}).get("PERSON", 0.0)
        if candidates.written.get(span) == ROLE or share >= _PERHAPS or cues(words, *span)["PERSON"] >= _CUE:
            found.add(surface)
    return found


def _labels(text: str, candidates: Candidates) -> dict[str, Counter[str]]:
    """Counts of the base suggester's labels by surface; empty for surfaces found by writing."""
    labels: dict[str, Counter[str]] = {}
    for (start, end), label in candidates.proposed.items():
        labels.setdefault(surface_of(text[start:end]), Counter())[label] += 1
    for start, end in candidates.written:
        labels.setdefault(surface_of(text[start:end]), Counter())
    return labels


def _mentions(words: Words, candidates: Candidates, surfaces: Iterable[str]) -> dict[Range, str]:
    """The candidates, and further free occurrences of their surfaces, longer surfaces first."""
    found: dict[Range, str] = {}
    for span in (*candidates.proposed, *candidates.written):
        found[span] = surface_of(words.text[slice(*span)])
    for surface in sorted(surfaces, key=len, reverse=True):
        if not any(sign.isupper() for sign in surface) and surface.lower() != surface.upper():
            continue
        for span in words.occurrences(surface):
            if candidates.is_free(*span):
                found[span] = surface
                candidates.take(*span)
    return found
