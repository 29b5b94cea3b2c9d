"""Candidates for names in an article: proposals of a base suggester, and names found by their writing."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from annotations.suggesters.edges import SENTENCE_END, Range, grown_person, is_kind, names_within, split_at_and
from annotations.suggesters.lexicon import (
    COMMON,
    OFFICES,
    ROLES,
    SPEECH,
    STATES,
    TITLES,
    is_demonym,
)
from annotations.suggesters.protocol import Doubts, Proposal, Shares
from annotations.suggesters.words import Words
from corpusapp.text.words import words as words_of

_HEADS = (
    "Committee|Council|Commission|Ministry|Court|Parliament|Assembly|Agency|Army|Guards?|Forces|Organi[sz]ation|Union|"
    "Party|Institute|University|Department|Office|Foundation|Association|Federation|Authority|Academy|Front|Movement"
)
# Bounds on words and their number, so that the time is linear in the text.
_WORD = r"[^\W\d_a-zà-ÿ][\w’'.&]{0,40}"
_TAIL = rf"(?: (?:of|for|on|toward|towards) (?:the )?{_WORD}(?:(?:,? and|,| for| of)? {_WORD})*)?"
_NAME = re.compile(rf"\b(?P<lead>(?:{_WORD}(?: - |[ -])){{0,12}})(?P<head>{_HEADS})\b(?P<tail>{_TAIL})")
# Titles that are part of a body's name: "the Supreme Council", but "the Supreme Leader".
_OF_BODIES = frozenset(("Supreme", "Foreign", "Crown"))
_LEAD_WORD = re.compile(rf"({_WORD})( - |[ -])")
# A nation before these words is not part of the name; before an army or a party it is.
_NATION_APART = frozenset(("Ministry", "Office", "Department", "Commission", "Parliament", "Court", "Agency"))


def long_names(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of names with a head word and words before or after it."""
    for match in _NAME.finditer(text):
        start, end = _start(match), match.end()
        if tail := match["tail"]:
            end = _end(match.end("head"), tail)
        if start < match.start("head") or end > match.end("head"):
            yield start, end


def _start(match: re.Match[str]) -> int:
    """The start of the name: after an article, an owner ("Iran's"), an office or an owning nation."""
    start = position = match.start()
    nations = True
    for word in _LEAD_WORD.finditer(match["lead"]):
        form, position = word[1], match.start() + word.end()
        bare = form.rstrip(".")
        owner = form.endswith(("'s", "’s", "s'", "s’")) and word[2] == " "
        sentence = form.endswith(".") and len(bare) > 2
        nation = (
            word[2] == " " and nations and (bare in STATES or (is_demonym(form) and match["head"] in _NATION_APART))
        )
        office = form in TITLES - _OF_BODIES or form.lower() in ROLES
        if owner or sentence or nation or office or form in COMMON:
            start = position
        else:
            nations = False
    return start


def _end(head_end: int, tail: str) -> int:
    """The end of the name: at the end of a sentence, or before a comma that a single place or person follows."""
    if sentence := SENTENCE_END.search(tail):
        tail = tail[: sentence.end(1)]
    cut = tail.find(", ")
    if cut >= 0 and " and " not in tail[cut:]:
        tail = tail[:cut]
    return head_end + len(tail.rstrip(" ,."))


# Labels of names. Proposals with another one (DATE, MONEY …) are kept unchanged.
NAME_LABELS = words_of("PERSON NORP FAC ORG GPE LOC EVENT LAW PRODUCT WORK_OF_ART PER MISC")
# Code points. Longer proposals of a base suggester are kept unchanged, whatever their label.
LONGEST = 300
# Words. A longer run of capitalized words is a heading.
_LONGEST_RUN = 12
# The probability of a proposal whose suggester gives none.
_USUAL = 0.95
ACRONYM, ROLE, CAPITALS, LONG = "acronym", "role", "capitals", "long"

_ACRONYM = re.compile(r"\(([A-Z][A-Za-z&-]{1,9})\)")
_INNER = words_of("of for de al van von der del da")
_QUOTES = frozenset(",\"”“'’")


@dataclass
class Candidates:
    """`proposed`: the base suggester's label by range. `written`: the kind of evidence by range. `rest`: proposals that
    are not names. `taken` marks each code point in one of these or in a closed range."""

    taken: bytearray
    proposed: dict[Range, str] = field(default_factory=dict)
    written: dict[Range, str] = field(default_factory=dict)
    rest: list[Proposal] = field(default_factory=list)
    shares: dict[int, Shares] = field(default_factory=dict)
    has_doubts: bool = False
    exact: dict[Range, float] = field(default_factory=dict)

    def is_free(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) < 0

    def take(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def write(self, ranges: Iterable[Range], kind: str) -> None:
        """Add the free ranges, in order."""
        for start, end in ranges:
            if self.is_free(start, end):
                self.written[start, end] = kind
                self.take(start, end)


def find_candidates(
    words: Words,
    base: Iterable[Proposal],
    closed: Iterable[Range],
    *,
    by_writing: bool,
    doubts: Doubts | None = None,
) -> Candidates:
    """The candidates of a text outside the `closed` ranges. `by_writing` also finds names that were not proposed."""
    found = Candidates(bytearray(len(words.text)))
    found.has_doubts = doubts is not None
    found.shares.update((doubt.start, doubt.shares) for doubt in (doubts.beginnings if doubts else ()) if doubt.shares)
    for start, end in closed:
        found.take(start, end)
    if by_writing:
        found.write(long_names(words.text), LONG)
    _propose(found, words.text, base)
    if by_writing:
        found.write(_acronyms(words), ACRONYM)
        found.write(_after_roles(words), ROLE)
        found.write(_capitals(words), CAPITALS)
    return found


def _propose(found: Candidates, text: str, base: Iterable[Proposal]) -> None:
    """Add the proposals of a base suggester. A proposal replaces a long name within it."""
    long = sorted(found.written)
    ranges: list[tuple[int, int, str]] = []
    for proposal in base:
        if proposal.label in NAME_LABELS and proposal.end - proposal.start <= LONGEST:
            for start, end, label in names_within(text, proposal.start, proposal.end, proposal.label):
                ranges.append((start, end, label))
                found.shares[start] = {proposal.label: _USUAL} if proposal.shares is None else proposal.shares
                found.exact[start, end] = _USUAL if proposal.score is None else proposal.score
        elif found.is_free(proposal.start, proposal.end):
            found.rest.append(_with_suffix(text, proposal))
    for start, end, label in _whole(text, ranges):
        next_long = bisect_left(long, (start, start))
        if next_long < len(long) and long[next_long][1] <= end and long[next_long] in found.written:
            del found.written[long[next_long]]
        elif not found.is_free(start, end):
            continue
        found.proposed[start, end] = label
        found.take(start, end)
    for proposal in found.rest:
        found.take(proposal.start, proposal.end)


_SUFFIX = re.compile(r"-(?:long|old)\b")


def _with_suffix(text: str, proposal: Proposal) -> Proposal:
    """A length of time with the end of "years-long", "two-year-old"."""
    match = _SUFFIX.match(text, proposal.end)
    return replace(proposal, end=match.end()) if match else proposal


def _whole(text: str, ranges: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The ranges, split at an "and" between two names if one stands elsewhere, and with whole names of persons."""
    headline = text.find("\n")
    alone = {text[start:end] for start, end, _ in ranges}
    edges = {offset for start, end, _ in ranges for offset in (start, end)}
    for start, end, label in ranges:
        if label == "PERSON":
            start, end = grown_person(text, start, end, edges, headline=start <= headline or headline < 0)
        for first, last in split_at_and(text, start, end, alone):
            yield first, last, label


def _acronyms(words: Words) -> Iterator[Range]:
    """Acronyms in brackets, such as (OLAF)."""
    return (match.span(1) for match in _ACRONYM.finditer(words.text))


def _after_roles(words: Words) -> Iterator[Range]:
    """Capitalized words after an office, or after a verb of speech that follows a quotation."""
    for index, low in enumerate(map(str.lower, words.forms)):
        if low not in ROLES and not (low in SPEECH and index > 0 and words.forms[index - 1] in _QUOTES):
            continue
        first = index + (2 if words.form(index + 1) == "." else 1)
        last = first
        while last - first < _LONGEST_RUN and _continues(words, first, last):
            last += 1
        if last > first and "\n" not in words.text[words.ends[index] : words.starts[first]]:
            start, end = words.starts[first], words.ends[last - 1]
            if end - start > 2:
                yield start, end


def _continues(words: Words, first: int, index: int) -> bool:
    form = words.form(index)
    if not (form[:1].isupper() and form.isalpha()) or form in TITLES or form in COMMON:
        return False
    return index == first or words.gap(index) == " "


def _capitals(words: Words) -> Iterator[Range]:
    """Runs of capitalized words, except a word that begins a sentence and is lower case elsewhere."""
    forms = words.forms
    lower_case = {form for form in forms if form.islower()}
    begins = [len(form) > 1 and _is_capital(form) for form in forms]
    last = 0
    for begin in (position for position, begin in enumerate(begins) if begin):
        if begin < last:
            continue
        index, last = begin, _run_end(words, begin)
        if last > index + 1 and words.opens_sentence(index) and is_kind(forms[index]):
            # "Rival Norvik" at the beginning of a sentence.
            index += 1
        opener = last == index + 1 and words.opens_sentence(index) and forms[index].lower() in lower_case
        if not opener and last - index <= _LONGEST_RUN:
            yield words.starts[index], words.ends[last - 1]


def _is_capital(form: str) -> bool:
    return form[:1].isupper() and form not in COMMON


def _run_end(words: Words, index: int) -> int:
    last = index + 1
    while True:
        form, following = words.form(last), words.form(last + 1)
        if _is_capital(form) and words.gap(last) == " ":
            if form in OFFICES:
                return last
            last += 1
        elif _is_capital(following) and ((form == "-") or (form in _INNER and words.gap(last) == " ")):
            last += 2
        else:
            return last
