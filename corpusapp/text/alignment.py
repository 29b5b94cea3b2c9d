"""Align the spans of a file with its text: the words of a span decide, its offsets are a hint.

Spans without words keep their offsets. Where words do not match the text at their offsets, other ways to count offsets
are tried, one for all spans of the text; such a match is certain. A span that still does not match moves to the only
occurrence of its words, or to the nearest one, which is a guess. A span that matches nowhere is left out with a reason.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from corpusapp.text.counting import Counting, other_countings
from corpusapp.text.ranges import range_fault
from corpusapp.text.scripts import is_unspaced

AS_GIVEN, COUNTED, MOVED = "as given", "counted", "moved"
_Range = tuple[int, int]
_SPACE = r"\s+"
_WORD = re.compile(r"\w+")
# The words of a text are indexed if it has more claims than this and no more code points than that.
_FEW, _INDEXED = 100, 5_000_000


@dataclass(frozen=True, slots=True)
class Claim:
    """A span as a file gives it.

    `ranges` are its original offsets: several for a discontinuous span, none if only its words are known. `before` and
    `after` are the words next to it.
    """

    ranges: tuple[tuple[Any, Any], ...]
    words: str | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """`[start, end)` in code points and how it was found. `gaps`: the ranges of the claim skip words of it."""

    start: int
    end: int
    how: str = AS_GIVEN
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a span was not aligned. `field` names the invalid offset, if that is the reason."""

    reason: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The outcome of each claim, in order. `counting` says how the offsets are counted, if not in code points."""

    outcomes: list[Placed | LeftOut]
    counting: str = ""


def align(text: str, claims: Sequence[Claim]) -> Alignment:
    """Find the place of each claim in `text`."""
    return _Aligner(text, claims).alignment()


@dataclass
class _Aligner:
    text: str
    claims: Sequence[Claim]
    _places: dict[str, list[_Range]] = field(default_factory=dict)
    _words: dict[str, list[int]] | None = None

    def alignment(self) -> Alignment:
        placed = [self._as_given(claim) for claim in self.claims]
        if all(placed):
            return Alignment([one for one in placed if one])
        counting = self._counting(placed)
        if counting is not None:
            placed = [self._match_counted(claim, counting) for claim in self.claims]
        outcomes: list[Placed | LeftOut] = []
        anchors = self._anchors(placed)
        taken = {(one.start, one.end): claim.ranges for claim, one in zip(self.claims, placed, strict=True) if one}
        for claim, one in zip(self.claims, placed, strict=True):
            outcome = one or self._relocate(claim, anchors, taken)
            if isinstance(outcome, Placed):
                taken.setdefault((outcome.start, outcome.end), claim.ranges)
            outcomes.append(outcome)
        return Alignment(outcomes, counting.name if counting else "")

    def _as_given(self, claim: Claim) -> Placed | None:
        if not claim.ranges:
            found = self._occurrences(claim)
            return Placed(*found[0]) if len(found) == 1 else None
        return self._match_at(claim, claim.ranges, AS_GIVEN)

    def _match_at(self, claim: Claim, ranges: Sequence[tuple[Any, Any]], how: str) -> Placed | None:
        """The claim at these ranges, if they are valid and contain its words."""
        if any(range_fault(start, end, len(self.text)) for start, end in ranges):
            return None
        if claim.words is not None and not _same(claim.words, [self.text[start:end] for start, end in ranges]):
            return None
        gaps = (self.text[before[1] : after[0]] for before, after in pairwise(sorted(ranges)))
        start, end = min(start for start, _ in ranges), max(end for _, end in ranges)
        return Placed(*self._trimmed(claim.words, start, end), how, any(gap.strip() for gap in gaps))

    def _trimmed(self, words: str | None, start: int, end: int) -> _Range:
        """The range without white space at its ends that the words do not have."""
        found_words = self.text[start:end]
        if words is None or not words.strip() or not found_words.strip():
            return start, end
        start += 0 if words[0].isspace() else len(found_words) - len(found_words.lstrip())
        return start, end - (0 if words[-1].isspace() else len(found_words) - len(found_words.rstrip()))

    def _counting(self, placed: Sequence[Placed | None]) -> Counting | None:
        """The counting that the offsets follow.

        It must keep every claim that already matches, and match most of the others whose words occur in the text.
        """
        worded = [number for number, claim in enumerate(self.claims) if claim.words is not None and claim.ranges]
        fitting = {number for number in worded if placed[number]}
        failing = [number for number in worded if number not in fitting]
        best, most = None, 0
        for counting in other_countings(self.text) if failing else ():
            counted = sum(1 for number in failing if self._match_counted(self.claims[number], counting))
            if counted > most and all(self._match_counted(self.claims[number], counting) for number in fitting):
                best, most = counting, counted
            if most == len(failing):
                return best
        found_words = sum(1 for number in failing if self._occurrences(self.claims[number])) if best else 0
        return best if most * 2 > found_words else None

    def _match_counted(self, claim: Claim, counting: Counting) -> Placed | None:
        if not claim.ranges:
            return self._as_given(claim)
        if any(type(offset) is not int for pair in claim.ranges for offset in pair):
            return None
        ranges = [(counting.start(start), counting.end(end)) for start, end in claim.ranges]
        how = AS_GIVEN if tuple(ranges) == claim.ranges else COUNTED
        return self._match_at(claim, ranges, how)

    def _anchors(self, placed: Sequence[Placed | None]) -> list[_Range]:
        """(given offset, offset in the text) of the claims whose place is certain."""
        anchors = []
        for claim, one in zip(self.claims, placed, strict=True):
            if (given := _first_offset(claim)) is None:
                continue
            found = [(one.start, one.end)] if one else self._occurrences(claim)
            if len(found) == 1:
                anchors.append((given, found[0][0]))
        return sorted(anchors)

    def _relocate(self, claim: Claim, anchors: list[_Range], taken: dict[_Range, Any]) -> Placed | LeftOut:
        faults = [fault for start, end in claim.ranges if (fault := range_fault(start, end, len(self.text)))]
        if claim.words is None:
            return LeftOut(faults[0][1], faults[0][0]) if faults else LeftOut("its offsets are none in this counting")
        found = self._occurrences(claim) if len(claim.ranges) < 2 else []
        free, given = found, _first_offset(claim)
        if len(found) > 1 and given is not None:
            # A place taken by another span with the same words is not free.
            free = [place for place in found if taken.get(place, claim.ranges) == claim.ranges] or found
            free = _nearest(free, given + _drift(given, anchors))
        if len(free) == 1:
            return Placed(*free[0], MOVED)
        where = "in several places" if found else "nowhere in the text"
        at_offsets = f"do not stand at {_format_ranges(claim.ranges)} but " if claim.ranges else "stand "
        return LeftOut(f"its words {_short(claim.words)} {at_offsets}{where}")

    def _occurrences(self, claim: Claim) -> list[_Range]:
        """Occurrences of the claim's words, those between its neighbouring words if there are any."""
        if claim.words is None or not claim.words.strip():
            return []
        if claim.before or claim.after:
            key = "\0".join((claim.before, claim.words, claim.after))
            if key not in self._places:
                self._places[key] = self._find(claim.words, claim.before, claim.after)
            if self._places[key]:
                return self._places[key]
        if claim.words not in self._places:
            self._places[claim.words] = self._find(claim.words)
        return self._places[claim.words]

    def _find(self, words: str, before: str = "", after: str = "") -> list[_Range]:
        found = [] if before or after else [(start, start + len(words)) for start in self._starts(words)]
        if not found:
            around = (rf"{_pattern(before)}\s*" if before else "", rf"\s*{_pattern(after)}" if after else "")
            pattern = f"(?P<words>{_pattern(words)})".join(around)
            found = [match.span("words") for match in re.finditer(pattern, self.text)]
        whole = [place for place in found if not self._cuts_a_word(*place)]
        return whole or found

    def _starts(self, words: str) -> Iterator[int]:
        """Starts of exact occurrences. For many claims, whole words are looked up in an index first."""
        first = _WORD.search(words)
        if first and len(self.claims) > _FEW and len(self.text) <= _INDEXED:
            places = (place - first.start() for place in self._places_of_words().get(first[0], ()))
            if found := [start for start in places if start >= 0 and self.text.startswith(words, start)]:
                return iter(found)
        return _starts(self.text, words)

    def _places_of_words(self) -> dict[str, list[int]]:
        if self._words is None:
            self._words = {}
            for match in _WORD.finditer(self.text):
                self._words.setdefault(match[0], []).append(match.start())
        return self._words

    def _cuts_a_word(self, start: int, end: int) -> bool:
        return any(
            0 < edge < len(self.text)
            and self.text[edge - 1].isalnum()
            and self.text[edge].isalnum()
            and not is_unspaced(self.text[edge - 1 : edge + 1])
            for edge in (start, end)
        )


def _starts(text: str, words: str) -> Iterator[int]:
    """Starts of the exact, non-overlapping occurrences of `words`."""
    position = text.find(words)
    while position >= 0:
        yield position
        position = text.find(words, position + len(words))


def _same(words: str, pieces: Sequence[str]) -> bool:
    """Equal apart from white space and Unicode composition: tools write a line break within a span as a space."""
    if len(pieces) == 1 and words == pieces[0]:
        return True
    wanted = _folded(words)
    if not wanted:
        return not _folded("".join(pieces))
    return wanted == _folded(" ".join(pieces)) or (
        len(pieces) > 1 and wanted.replace(" ", "") == _folded("".join(pieces)).replace(" ", "")
    )


def _folded(words: str) -> str:
    return " ".join(unicodedata.normalize("NFC", words).split())


def _pattern(words: str) -> str:
    """A pattern for the words with any white space between them, composed (NFC) or decomposed (NFD)."""
    forms = dict.fromkeys([words, unicodedata.normalize("NFC", words), unicodedata.normalize("NFD", words)])
    return f"(?:{'|'.join(spaced for form in forms if (spaced := _SPACE.join(map(re.escape, form.split()))))})"


def _first_offset(claim: Claim) -> int | None:
    offsets = [start for start, _ in claim.ranges if type(start) is int]
    return min(offsets) if offsets else None


def _drift(given: int, anchors: list[_Range]) -> int:
    """The distance of the nearest anchor from its given offset."""
    position = bisect_left(anchors, (given, 0))
    nearest = min(anchors[max(position - 1, 0) : position + 1], key=lambda one: abs(one[0] - given), default=(0, 0))
    return nearest[1] - nearest[0]


def _nearest(places: list[_Range], expected: int) -> list[_Range]:
    """The place with the nearest start; two if they are equally near."""
    least = min(abs(start - expected) for start, _ in places)
    return [place for place in places if abs(place[0] - expected) == least]


def _format_ranges(ranges: Sequence[tuple[Any, Any]]) -> str:
    return ", ".join(f"[{_short_offset(start)}, {_short_offset(end)})" for start, end in ranges[:3])


def _short_offset(value: Any) -> str:
    return str(value)[:20]


def _short(words: str) -> str:
    return repr(words if len(words) <= 60 else f"{words[:59]}…")
