"""Edges of names: where a proposed range begins and ends, and into which names it splits."""

import re
from collections.abc import Collection, Iterator

from annotations.suggesters.lexicon import (
    COMMON,
    OFFICES,
    ORGANISATION_BEFORE,
    ORGANISATION_WORDS,
    PARTICLES,
    ROLES,
    TITLES,
    WATERS_AND_LANDS,
    is_demonym,
)
from corpusapp.text.words import words

Range = tuple[int, int]

# Labels of persons, organisations and places. Names of other kinds keep more of what the suggester proposed.
_OF_NAMES = frozenset(("PERSON", "PER", "ORG", "GPE"))
_LEADING = frozenset("\"“”‘’'([-–—,.;:*#·•…/|&")
_TRAILING = frozenset("\"“”‘’'([-–—,;:*·•…/|&")
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ("„", "“"))
# The longest ending that is trimmed.
_ENDING = 8
_POSSESSIVE = re.compile(r"(?<=\S)\s?['’][sS]$")
_ARTICLE = re.compile(r"(?:the|a|an)\s+(?=\S)", re.IGNORECASE)
_PREPOSITION = re.compile(r"\s(?:of|and|in|for|the|on|at|to|with|by|from|that|says?|said)$")

_WEEKDAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
# What follows the weekday in the name of a newspaper.
_PAPERS = "Times|Telegraph|Mirror|Herald|Post|Independent|Express|Mail|Review|Standard|World|People|Star|Sun|Mercury"
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
# " on Monday", " Dec 7": a date after a name, or in the midst of what was taken for one.
_DATE = re.compile(
    rf"\s+(?:(?:on|in|at|since|by|until|from|late|early|last|next|this)\s+){{0,2}}"
    rf"(?:(?:{_WEEKDAYS})\b(?!\s(?:{_PAPERS})\b)|(?:{_MONTHS})\.?\s+\d{{1,4}}\b)"
)
_LINE = re.compile(r"\n|\s/\s|\s[|*]+\s|\s--\s|;\s")
# A sentence ends after a word of some length that is no abbreviation, and the next begins.
SENTENCE_END = re.compile(r"([^\W\d_]{3,})[.!?]['\"”’)]?\s+(?=[^\W\d_a-z])")
_ABBREVIATIONS = words("""
    Corp Inc Ltd Bros Mrs Messrs Prof Capt Sgt Col Gen Gov Sen Rep Hon Rev Maj Brig Adm Dept Univ Assn Intl Lieut Atty
    Sta Ste Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec
""")
_PAPER = re.compile(rf"(?:{_WEEKDAYS})\s(?:{_PAPERS})\b")
_FIRST_NAMES = frozenset(("April", "May", "June", "August"))
_OWNER = re.compile(r"['’][sS]\s+(?=[^\W\d_a-z])")
# "People's Party" is one name.
_OWNING = words("""
    People Women Men Children King Queen Workers Farmers Officers Teachers Mother Father Valentine World Lloyd
""")
_WORD = re.compile(r"\S+")


def names_within(text: str, start: int, end: int, label: str) -> Iterator[tuple[int, int, str]]:
    """The names within a proposed range, with their labels: split where no name goes on, without what is around them.

    Names of other kinds than persons, organisations and places may hold all of that, as titles of works do: they are
    only split at line breaks and slashes.
    """
    for first, last in _pieces(text, start, end, inner=label in _OF_NAMES):
        yield from _name(text, first, last, label)


def _name(text: str, start: int, end: int, label: str) -> Iterator[tuple[int, int, str]]:
    start, end = trim_name(text, start, end)
    if label in _OF_NAMES:
        start = _after_common(text, start, end, label)
        if match := _PREFIX.match(text, start, end):
            start = match.end()
        if label == "PERSON" and (match := _SCORE.search(text, start, end)):
            end = match.start()
        start = _after_kind(text, start, end)
    office = _after_office(text, start, end)
    if office > start:
        if (body := _OF_BODY.search(text, max(0, start - _NEAR), office)) and body["body"]:
            yield (*body.span("body"), "ORG")
        # Whatever it was taken for: the name after an office is a person's.
        start, label = office, "PERSON"
    elif label == "PERSON":
        start = _after_titles(text, start, end)
    after_demonym = _after_demonym(text, start, end)
    if after_demonym > start and label in ("LOC", "NORP"):
        words_after = text[after_demonym:end].split()
        if _are_of_person(words_after) and WATERS_AND_LANDS.isdisjoint(words_after):
            label = "PERSON"
    if label == "PERSON":
        start, end = joined(text, after_demonym, end)
    elif label in _OF_NAMES:
        start, end = joined(text, start, end, forward=False)
    start, end = trim_name(text, start, end)
    if start < end and text[start:end] not in COMMON and not _is_only_office(text, start, end):
        yield start, end, label


_NEXT_WORD = re.compile(r" (\w+)")


# "Brandt 51'" in a report of a match, "Norway 2".
_SCORE = re.compile(r"\s\d[\d'’:–-]*$")


def _after_kind(text: str, start: int, end: int) -> int:
    """After "Rival" in "Rival Norvik" where a sentence begins."""
    match = _TITLE.match(text, start, end)
    if match and is_kind(match[1]) and _OPENING.search(text, max(0, start - _ENDING), start):
        return match.end()
    return start


def is_kind(word: str) -> bool:
    """Whether a word, capitalized where a sentence begins, says what the name after it is: "Rival", "Carmaker"."""
    return word not in ORGANISATION_WORDS and word.lower() in ORGANISATION_BEFORE


_OPENING = re.compile(r"(?:^|[.!?\n][\s\"”'’)]*)$")


def _is_only_office(text: str, start: int, end: int) -> bool:
    """Whether it is "Governor" or the first word of "Supreme leader"."""
    name = text[start:end]
    following = _NEXT_WORD.match(text, end)
    return name in OFFICES or (name in TITLES and following is not None and following[1].lower() in ROLES)


def _pieces(text: str, start: int, end: int, *, inner: bool) -> list[Range]:
    """`[start, end)` split at line breaks and slashes; with `inner`, also at dates, ends of sentences and owners."""
    marks = [match.span() for match in _LINE.finditer(text, start, end)]
    if inner:
        marks += _inner_marks(text, start, end)
    found, position = [], start
    for first, last in sorted(marks):
        if first >= position:
            found.append((position, first))
        position = max(position, last)
    return [*found, (position, end)]


def _inner_marks(text: str, start: int, end: int) -> Iterator[Range]:
    """What stands between two names that were taken for one."""
    for match in SENTENCE_END.finditer(text, start, end):
        if match[1] not in _ABBREVIATIONS and match[1] not in TITLES:
            yield match.end(1), match.end()
    for match in _DATE.finditer(text, start, end):
        yield match.span()
    for match in _OWNER.finditer(text, start, end):
        if _is_owner(text[start : match.start()], text[match.end() : end]):
            yield match.span()


def _is_owner(owner: str, owned: str) -> bool:
    """Whether "owner's owned" are two names: not in "People's Party", "Moody's Services" or "King's College"."""
    before, after = owner.split(), owned.split()
    if not before or before[-1] in _OWNING:
        return False
    return len(before) > 1 or after[-1] not in ORGANISATION_WORDS


def trim_name(text: str, start: int, end: int) -> Range:
    """The range without marks, half brackets, a possessive, a leading article and a trailing preposition.

    It is empty if nothing is left.
    """
    while True:
        before = start, end
        start, end = _without_marks(text, start, end)
        start, end = _without_half_brackets(text, start, end)
        if match := _POSSESSIVE.search(text, max(start, end - _ENDING), end):
            end = match.start()
        if match := _ARTICLE.match(text, start, end):
            start = match.end()
        if match := _PREPOSITION.search(text, max(start, end - _ENDING), end):
            end = match.start()
        if (start, end) == before:
            return start, end


def _without_marks(text: str, start: int, end: int) -> Range:
    while start < end and (text[start].isspace() or text[start] in _LEADING):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _TRAILING):
        end -= 1
    if (
        end - start > 4
        and text[end - 1] == "."
        and (end == len(text) or text[end] in "\n ")
        and text[end - 4 : end - 1].isalpha()
    ):
        # A full stop after a longer word ends the sentence, or an abbreviation such as "Ltd.".
        end -= 1
    return start, end


def _without_half_brackets(text: str, start: int, end: int) -> Range:
    for opening, closing in _PAIRS:
        opened, closed = text.count(opening, start, end), text.count(closing, start, end)
        if opened > closed:
            end = text.rfind(opening, start, end)
        elif closed > opened:
            start, end = (start, end - 1) if text[end - 1] == closing else (text.find(closing, start, end) + 1, end)
    if text.count('"', start, end) % 2:
        mark = text.index('"', start, end)
        start, end = (mark + 1, end) if mark - start < end - mark else (start, mark)
    return start, end


_TITLE = re.compile(r"([\w-]+)\.?\s+(?=\S)")


def _after_titles(text: str, start: int, end: int) -> int:
    position = start
    while (match := _TITLE.match(text, position, end)) and match[1] in TITLES:
        position = match.end()
    return position


# "ex-CIA", "pro - Russian", "NGO Greenpeace".
_PREFIX = re.compile(r"(?:(?i:ex|pro|anti|non|post|pre|mid|then)\s?-\s?|(?:NGO|RIP)\s)(?=[^\W\d_a-z])")
_PREPOSITION_BEFORE = re.compile(r"(?:of|for|in|at|from|by|to|with)\s+(?:the\s+)?(?=[^\W\d_a-z])")


def _after_common(text: str, start: int, end: int, label: str) -> int:
    """After words such as "Maybe" that are capitalized because a sentence begins, and prepositions after them.

    A month can be a first name, and a weekday begins the name of a newspaper.
    """
    while (match := _TITLE.match(text, start, end)) and match[1] in COMMON and not match.group().startswith("More"):
        if label == "PERSON" and match[1] in _FIRST_NAMES:
            break
        if label == "ORG" and _PAPER.match(text, start, end):
            break
        start = match.end()
        if preposition := _PREPOSITION_BEFORE.match(text, start, end):
            start = preposition.end()
    return start


# "Secretary of State John Kerry", "Speaker of the House Ann Hill": the name begins after the body.
_OF_BODY = re.compile(
    r"\bof (?:the |[^\W\d_]+['’]s )?"
    r"(?:(?P<body>(?:[^\W\d_a-z]\w+ )?(?:House|Parliament|Senate|Majlis|Council|Assembly|Congress))|State)\s+"
)


def _after_office(text: str, start: int, end: int) -> int:
    """Where the name of the person begins in "Ruritanian Prime Minister Karl Brandt"; `start` if there is no office."""
    match = _OF_BODY.search(text, max(0, start - _NEAR), end)
    if match and start < match.end() < end and _are_of_person(text[match.end() : end].split()):
        return match.end()
    parts = list(_WORD.finditer(text, start, end))
    for index in range(len(parts) - 2, -1, -1):
        if parts[index].group().rstrip(".") in OFFICES:
            names = [part.group() for part in parts[index + 1 :]]
            if len(names) <= 5 and all(map(_may_be_of_person, names)):
                return parts[index + 1].start()
            return start
    return start


def _are_of_person(names: list[str]) -> bool:
    return 2 <= len(names) <= 4 and all(map(_may_be_of_person, names))


def _may_be_of_person(word: str) -> bool:
    bare = word.strip(".,'’\"”")
    return (word[:1].isupper() or word in PARTICLES) and bare not in ORGANISATION_WORDS and bare not in COMMON


def _after_demonym(text: str, start: int, end: int) -> int:
    """After "Ruritanian" in "Ruritanian Karl Brandt"."""
    parts = list(_WORD.finditer(text, start, end))
    return parts[1].start() if len(parts) > 2 and is_demonym(parts[0].group()) else start


# A word before another capitalized one may be of a headline.
_WORD_AFTER = re.compile(r" ([^\W\d_a-z][^\W\d_]+)\b(?!['’-]|\s[^\W\d_a-z])")
_WORD_BEFORE = re.compile(r"(?<![\w-])([^\W\d_a-z][^\W\d_]+) $")
_TITLE_BEFORE = re.compile(r"([\w-]+)\.? $")


def grown_person(text: str, start: int, end: int, edges: Collection[int], *, headline: bool = False) -> Range:
    """A person's name with the capitalized word after it, or between an office or the beginning of an item and it.

    It does not grow over the `edges` of other names, and grows to the right only from a single word, and not in a
    headline, where what follows is a verb more often.
    """
    if not headline and " " not in text[start:end]:
        match = _WORD_AFTER.match(text, end)
        if match and match.start(1) not in edges and _belongs(match[1]):
            end = match.end()
    before = _WORD_BEFORE.search(text, max(0, start - _NEAR), start)
    if before and before.end(1) not in edges and _belongs(before[1]):
        near = max(0, before.start() - _NEAR)
        office = _TITLE_BEFORE.search(text, near, before.start())
        if (office and is_office(office[1])) or _ITEM.search(text, near, before.start()):
            start = before.start()
    return start, end


# The beginning of an item in a list.
_ITEM = re.compile(r"(?:^|\n)[ \t]*(?:\d{1,3}[.)]|[-*•])[ \t]*$")


def _belongs(word: str) -> bool:
    """Whether a capitalized word beside a person's name can be a part of it."""
    return _may_be_of_person(word) and not word.isupper() and not (is_office(word) or word in _HIGH)


_HIGH = frozenset(("Chief", "Executive", "Officer", "Managing", "General", "Editor"))


def is_office(word: str) -> bool:
    """Whether a word is a title or an office, by itself no name."""
    return word in TITLES or word in OFFICES or word.lower() in ROLES


_AND = re.compile(r"\sand\s")


def split_at_and(text: str, start: int, end: int, alone: Collection[str]) -> list[Range]:
    """`[start, end)`, split at its only "and" if one of the two parts is a name that stands `alone` elsewhere."""
    marks = [match.span() for match in _AND.finditer(text, start, end)]
    if len(marks) == 1 and (text[start : marks[0][0]] in alone or text[marks[0][1] : end] in alone):
        return [(start, marks[0][0]), (marks[0][1], end)]
    return [(start, end)]


_PARTICLE = "|".join(sorted(PARTICLES, key=len, reverse=True))
_CAPITALISED = r"(?!(?:The|And|In|On|At)\b)[^\W\d_a-z][\w’'-]*"
_FORWARD = re.compile(rf"(?:\s(?:{_PARTICLE}))+[\s-]{_CAPITALISED}|-[a-z]{{1,6}}\b(?!-)|-{_CAPITALISED}")
_ENDS_IN_PARTICLE = re.compile(rf"\s(?:{_PARTICLE})$")
_AFTER_PARTICLE = re.compile(rf"(?:\s(?:{_PARTICLE}))*[\s-]{_CAPITALISED}")
_BACKWARD = re.compile(
    r"(?:\b(?:von|van|der|den|ten|ter|zu|zur|bin|ibn|bint|abu|ben)\s|\b(?:al|el|ul|as|ash|an|ad|at)-){1,3}$"
)
_ENDS_IN_INITIAL = re.compile(r"\s[^\W\d_a-z]\.?$")
_AFTER_INITIAL = re.compile(rf"\.?\s{_CAPITALISED}")
_NEAR = 24


def joined(text: str, start: int, end: int, *, forward: bool = True) -> Range:
    """The range with the parts of the name that particles and hyphens join to it: "von der Leyen", "Moon Jae-in"."""
    if match := _BACKWARD.search(text, max(0, start - _NEAR), start):
        start = match.start()
    while forward and start < end:
        if match := _AFTER_INITIAL.match(text, end) if _ENDS_IN_INITIAL.search(text, start, end) else None:
            end = match.end()
            continue
        pattern = _AFTER_PARTICLE if _ENDS_IN_PARTICLE.search(text, max(start, end - _ENDING), end) else _FORWARD
        match = pattern.match(text, end)
        if not match or (match.group().startswith("-") and " " not in text[start:end]):
            return start, end
        end = match.end()
    return start, end
