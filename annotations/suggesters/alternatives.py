"""Other edges of the names of an article, each to be scored beside the name itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotations.suggesters.edges import Range
from annotations.suggesters.lexicon import COMMON, ORGANISATION_WORDS, TITLES, is_demonym
from annotations.suggesters.words import Words
from corpusapp.text.places import CITIES, COUNTRIES

if TYPE_CHECKING:
    from annotations.suggesters.candidates import Candidates

SHORTER_LEFT, SHORTER_RIGHT, LONGER_LEFT, LONGER_RIGHT, FIRST_PART, LAST_PART = (
    "without first", "without last", "with before", "with after", "first part", "last part",
)  # fmt: skip
_PREPOSITIONS = frozenset(("of", "for", "at", "in", "and", "on"))
_JOINTS = frozenset((" ", " - ", "-", " of ", " of the ", " and ", "'s ", "’s "))
# Words. Longer names have alternatives at their prepositions only.
_MOST_WORDS = 6
# Words. What is longer is no name, and would have as many alternatives as words.
_LONGEST = 30
# A base suggester that is this sure of a range is asked no more.
_SURE = 0.97


@dataclass(frozen=True)
class Alternative:
    """The kind of another range for the name at `origin`, and what the words are by which they differ."""

    kind: str
    origin: Range
    word: str


def find_alternatives(
    words: Words, candidates: "Candidates", mentions: Mapping[Range, str]
) -> dict[Range, Alternative]:
    """The alternatives of all mentions by range; none is a mention itself, and none crosses a line."""
    found: dict[Range, Alternative] = {}
    order = sorted(mentions)
    for number, span in enumerate(order):
        before = order[number - 1] if number else None
        after = order[number + 1] if number + 1 < len(order) else None
        for other, kind, word in _of(words, candidates, span, before, after):
            if other not in mentions and other[0] < other[1]:
                found.setdefault(other, Alternative(kind, span, word))
    return found


def _of(
    words: Words, candidates: "Candidates", span: Range, before: Range | None, after: Range | None
) -> Iterator[tuple[Range, str, str]]:
    first, last = words.index(span[0]), words.index(span[1]) - 1
    yield from _longer(words, span, first, last, before, after)
    if candidates.exact.get(span, 0.0) >= _SURE or not first < last < first + _LONGEST:
        return
    if last - first < _MOST_WORDS:
        start = words.starts[first + 1]
        if words.forms[first + 1].isalnum():
            yield (start, span[1]), SHORTER_LEFT, word_kind(words.forms[first])
        if words.forms[last - 1].isalnum():
            yield (span[0], words.ends[last - 1]), SHORTER_RIGHT, word_kind(words.forms[last])
    for index in range(first + 1, last):
        if words.forms[index] in _PREPOSITIONS:
            yield (span[0], words.ends[index - 1]), FIRST_PART, words.forms[index]
            start = words.starts[index + 1]
            if words.form(index + 1) == "the" and index + 2 <= last:
                start = words.starts[index + 2]
            yield (start, span[1]), LAST_PART, words.forms[index]


def _longer(
    words: Words, span: Range, first: int, last: int, before: Range | None, after: Range | None
) -> Iterator[tuple[Range, str, str]]:
    text = words.text
    if after and (joint := text[span[1] : after[0]]) in _JOINTS:
        yield (span[0], after[1]), LONGER_RIGHT, f"name{joint.strip()}"
    elif words.gap(last + 1) == " " and _is_capital(words.form(last + 1)):
        yield (span[0], words.ends[last + 1]), LONGER_RIGHT, word_kind(words.form(last + 1))
    elif words.gap(last + 1) == " " and words.form(last + 1).lower() in _COMMON_NOUNS:
        yield (span[0], words.ends[last + 1]), LONGER_RIGHT, "noun"
    if before and text[before[1] : span[0]] in _JOINTS:
        return
    if first and words.gap(first) == " " and _is_capital(words.form(first - 1)):
        yield (words.starts[first - 1], span[1]), LONGER_LEFT, word_kind(words.form(first - 1))


# Nouns that some house styles make a part of the name before them.
_COMMON_NOUNS = frozenset(
    ("party", "bank", "university", "airport", "club", "group", "movement", "agency", "newspaper")
)


def _is_capital(form: str) -> bool:
    return form[:1].isupper() and form not in COMMON


def word_kind(word: str) -> str:
    """What kind of word makes the difference."""
    if word in TITLES:
        return "title"
    if is_demonym(word):
        return "demonym"
    if word.casefold() in COUNTRIES or word.casefold() in CITIES:
        return "place"
    if word in ORGANISATION_WORDS:
        return "organisation"
    return "capital" if word[:1].isupper() else "small"
