"""Score the intake against known results: main texts over 4-word shingles, boilerplate over characters.

Main texts are scored as in scrapinghub's article-extraction-benchmark (evaluate.py): words are runs of `\\w`, case
matters, and shingles count as often as they occur. A text shorter than four words is one shingle. Precision and recall
are averaged over pages, and F1 is computed from the two averages. For boilerplate, precision, recall and F1 are pooled
over all articles; white space is not counted.
"""

import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpusapp.intake.draft import Unfit
from corpusapp.intake.html.extract import MAX_BYTES, extract
from corpusapp.text.zones import CHROME, ZoneRange
from corpusapp.text.zoning import find_zones

SHINGLE_WORDS = 4
_WORD = re.compile(r"\w+")
Shingle = tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True)
class Match:
    """Numbers of shingles of one page: in both texts, only in the extracted one, only in the true one."""

    common: int
    superfluous: int
    missing: int

    @property
    def score(self) -> Score:
        """Two empty texts score 1; if only one is empty, precision or recall is 0."""
        extracted, true = self.common + self.superfluous, self.common + self.missing
        if not extracted and not true:
            return Score(1.0, 1.0)
        return Score(self.common / extracted if extracted else 0.0, self.common / true if true else 0.0)


def shingles(text: str) -> Counter[Shingle]:
    """Every run of four words with its count; a text of one to three words is one shingle."""
    words = _WORD.findall(text)
    if not words:
        return Counter()
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return Counter(tuple(words[position : position + SHINGLE_WORDS]) for position in range(last))


def match(true: str, extracted: str) -> Match:
    """Compare two texts as bags of shingles."""
    wanted, found = shingles(true), shingles(extracted)
    return Match((wanted & found).total(), (found - wanted).total(), (wanted - found).total())


def average(matches: Iterable[Match]) -> Score:
    """Averages over pages: precision over those with an extracted text, recall over those with a true one.

    Raises ValueError if no page has a true text.
    """
    pages = list(matches)
    precisions = [page.score.precision for page in pages if page.common + page.superfluous]
    recalls = [page.score.recall for page in pages if page.common + page.missing]
    if not recalls:
        raise ValueError("no page has a true text: add at least one")
    return Score(_mean(precisions), _mean(recalls))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class MeasuredPage:
    """One page of a list: its file name and its shingles; `refusal` is the reason if it was not read."""

    file: str
    match: Match
    seconds: float
    refusal: str = ""


def measure_pages(source: Path) -> Iterator[MeasuredPage]:
    """Score the pages of a JSONL list of {"file", "url", "text"}; `file` may be relative to the list, and gzipped.

    A refused page counts as one without text. Raises ValueError for an invalid line, and OSError for a file that cannot
    be read.
    """
    with source.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _measure(_entry(line, number), source.parent)


def total(pages: Sequence[MeasuredPage]) -> Score:
    return average(page.match for page in pages)


def _entry(line: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise ValueError(f"line {number} is no JSON: {error}") from error
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("file", "text")):
        raise ValueError(f'line {number} must be an object with the strings "file" and "text", and may have "url"')
    return entry


def _measure(entry: dict[str, Any], folder: Path) -> MeasuredPage:
    data = _read(folder / entry["file"])
    started, refusal = time.perf_counter(), ""
    try:
        text = extract(data, entry.get("url") or "").text
    except Unfit as unfit:
        text, refusal = "", unfit.reason
    return MeasuredPage(entry["file"], match(entry["text"], text), time.perf_counter() - started, refusal)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    # One byte more than the limit, so that a larger page is refused and not truncated.
    with gzip.open(path) if packed else path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


Finder = Callable[[str], Iterable[ZoneRange]]


@dataclass(frozen=True)
class Counts:
    """Numbers of code points: found and true, found and not true, true and not found."""

    both: int = 0
    only_found: int = 0
    only_true: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.both + other.both, self.only_found + other.only_found, self.only_true + other.only_true)

    @property
    def precision(self) -> float:
        """The true share of what was found; 1 if nothing was found."""
        found = self.both + self.only_found
        return self.both / found if found else 1.0

    @property
    def recall(self) -> float:
        """The found share of what is true; 1 if nothing is."""
        true = self.both + self.only_true
        return self.both / true if true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def compare(text: str, found: Iterable[tuple[int, int]], true: Iterable[tuple[int, int]]) -> Counts:
    """Count the visible characters of `text` in `found` and in `true`, ranges in code points, end exclusive."""
    marked, wanted = _visible(text, found), _visible(text, true)
    both = len(marked & wanted)
    return Counts(both, len(marked) - both, len(wanted) - both)


def evaluate_chrome(lines: Iterable[Mapping[str, Any]], finder: Finder = find_zones) -> dict[str, Any]:
    """Precision, recall, F1 and running text lost over articles with `text` and true `chrome` of [start, end].

    A line without `chrome` counts as an article without boilerplate. Raises ValueError for a line that has no text, or
    a range outside it.
    """
    total, articles = Counts(), 0
    for number, line in enumerate(lines, 1):
        text, true = _checked(line, number)
        total += compare(text, _of_kind(finder(text), CHROME), true)
        articles += 1
    return {
        "articles": articles,
        "precision": round(total.precision, 4),
        "recall": round(total.recall, 4),
        "f1": round(total.f1, 4),
        "running_text_lost": total.only_found,
    }


def _checked(line: Mapping[str, Any], number: int) -> tuple[str, list[tuple[int, int]]]:
    text = line.get("text")
    if not isinstance(text, str):
        raise ValueError(f"line {number} has no text: give each line a string under the key 'text'")
    ranges = line.get("chrome") or []
    for entry in ranges if isinstance(ranges, list) else [ranges]:
        if not _is_range(entry, len(text)):
            raise ValueError(f"line {number}: chrome {entry!r} is no range of a text of {len(text)} code points")
    return text, [(start, end) for start, end in ranges]


def _is_range(entry: Any, length: int) -> bool:
    whole = isinstance(entry, list) and len(entry) == 2 and all(type(offset) is int for offset in entry)
    return whole and 0 <= entry[0] < entry[1] <= length


def _of_kind(zones: Iterable[ZoneRange], kind: str) -> list[tuple[int, int]]:
    return [(zone.start, zone.end) for zone in zones if zone.kind == kind]


def _visible(text: str, ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in ranges for at in range(start, end) if not text[at].isspace()}
