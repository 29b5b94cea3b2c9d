"""Statistics of names in a corpus: the labels from suggesters, and the decisions of editors.

All counts are in articles. Forty mentions of a name in an article count as one, divided among their labels. A learning
record has the counts of the decisions on one article.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from annotations.suggesters.evidence import Features
from annotations.suggesters.words import Words, first_word, lookup_words, surface_of, word_before

# The label of a rejected mention.
NO_NAME = ""
# Begins the keys of habits, which are counted as surfaces are. No text is likely to have them.
HABIT = "§"
# Articles from which on a habit counts.
HABIT_FROM = 2
# A surface that was rejected more often than this is not searched for.
_MOSTLY_NONE = 0.8

# Smaller sums of shares are rounding errors.
_NOTHING = 1e-6

Shares = dict[str, float]
Key = TypeVar("Key")
Context = str
Triple = tuple[int, int, str]
Range = tuple[int, int]


class Counts(dict[str, float]):
    """Counts by label, 0 for those that are not in it. As a `Counter`, but made in a tenth of the time."""

    def __missing__(self, label: str) -> float:
        return 0.0


@dataclass
class NameStatistics:
    """Shares of labels by surface: `seen` by suggesters, `decided` by editors, and `in_context` by the word before."""

    seen: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    decided: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    in_context: dict[tuple[str, Context], Counts] = field(default_factory=lambda: defaultdict(Counts))

    # The decided surfaces by their first word, from the first use on.
    _index: dict[str, set[str]] | None = field(default=None, repr=False, compare=False)

    def names_in(self, words: Words) -> Iterator[str]:
        """Surfaces that editors mostly confirmed, and that may occur in this text."""
        index = self._by_first_word()
        for word in lookup_words(words.text) & index.keys():
            for surface in index[word]:
                counts = None if surface.startswith(HABIT) else self.decided.get(surface)
                if counts and counts[NO_NAME] < _MOSTLY_NONE * sum(counts.values()):
                    yield surface

    def is_dropped(self, habit: str) -> bool:
        """Whether editors reject what this habit is about."""
        counts = self.decided.get(habit)
        total = sum(counts.values()) if counts else 0.0
        return counts is not None and total >= HABIT_FROM and counts[NO_NAME] >= _MOSTLY_NONE * total

    def _by_first_word(self) -> dict[str, set[str]]:
        if self._index is None:
            self._index = {}
            self.index(self.decided)
        return self._index

    def index(self, surfaces: Iterable[str]) -> None:
        """Take note of surfaces that came into `decided` or left it."""
        if self._index is None:
            return
        for surface in surfaces:
            same = self._index.setdefault(first_word(surface), set())
            if surface in self.decided:
                same.add(surface)
            else:
                same.discard(surface)

    def see(self, shares: Mapping[str, Shares], *, sign: int = 1) -> None:
        """Add the labels of one article from a suggester; with `sign` -1, subtract them."""
        _add_shares(self.seen, shares, sign)

    def features(self, surface: str, context: Context, own: Mapping[str, float]) -> Features:
        """The features of a mention. `own` are the shares of its article, which are excluded."""
        found: Features = {}
        others = {label: count - own.get(label, 0.0) for label, count in self.seen.get(surface, {}).items()}
        others = {label: count for label, count in others.items() if count > _NOTHING}
        if total := sum(others.values()):
            found["corpus"] = 1
            for label, count in others.items():
                found[f"corpus:{label}"] = count / total * min(1.0, total / 3)
        _add(found, "decided", self.decided.get(surface))
        _add(found, "decided in context", self.in_context.get((surface, context)))
        return found


def _add(found: Features, name: str, counts: Mapping[str, float] | None) -> None:
    """Add smoothed shares, which grow with the number of articles."""
    total = sum(counts.values()) if counts else 0.0
    if not counts or total <= 0:
        return
    found[name] = 1
    for label, count in counts.items():
        found[f"{name}:{label}"] = count / (total + 1)


@dataclass(frozen=True)
class LearningRecord:
    """The decisions on one article: shares of labels by surface, and by surface and word before."""

    surfaces: dict[str, Shares]
    contexts: dict[tuple[str, Context], Shares]


def learning_record(mentions: Iterable[tuple[str, Context, str]]) -> LearningRecord:
    """The record of (surface, word before, label or NO_NAME) for each decided mention of an article."""
    surfaces: dict[str, Counter[str]] = defaultdict(Counter)
    contexts: dict[tuple[str, Context], Counter[str]] = defaultdict(Counter)
    for surface, context, label in mentions:
        surfaces[surface][label] += 1
        contexts[surface, context][label] += 1
    return LearningRecord(
        {surface: _shares(counts) for surface, counts in surfaces.items()},
        {place: _shares(counts) for place, counts in contexts.items()},
    )


def _shares(counts: Counter[str]) -> Shares:
    total = counts.total()
    return {label: count / total for label, count in counts.items()}


def learn(statistics: NameStatistics, record: LearningRecord, *, sign: int = 1) -> None:
    """Add a learning record; with `sign` -1, subtract it."""
    _add_shares(statistics.decided, record.surfaces, sign)
    statistics.index(record.surfaces)
    _add_shares(statistics.in_context, record.contexts, sign)


def _add_shares(counts: dict[Key, Counts], by_key: Mapping[Key, Shares], sign: int) -> None:
    """Add shares to the counts, and remove counts of zero."""
    for key, shares in by_key.items():
        known = counts[key]
        for label, share in shares.items():
            known[label] += sign * share
            if abs(known[label]) < _NOTHING:
                del known[label]
        if not known:
            del counts[key]


def article_learning_record(
    text: str, spans: Sequence[Triple], rejected: Iterable[Range], habits: Mapping[Range, str] | None = None
) -> LearningRecord:
    """The learning record of an article's true `spans` and `rejected` ranges.

    A rejected range inside a true span is ignored, because it is part of a name. What is rejected by habit may be a
    name elsewhere.
    """
    habits, rejected = habits or {}, list(rejected)
    record = learning_record(_decided(text, spans, (span for span in rejected if span not in habits)))
    labels = {(start, end): label for start, end, label in spans}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for span in {*labels, *rejected} & habits.keys():
        counts[habits[span]][labels.get(span, NO_NAME)] += 1
    return LearningRecord(record.surfaces | {habit: _shares(found) for habit, found in counts.items()}, record.contexts)


def _decided(text: str, spans: Sequence[Triple], rejected: Iterable[Range]) -> Iterator[tuple[str, Context, str]]:
    true = bytearray(len(text))
    for start, end, label in spans:
        true[start:end] = b"\x01" * (end - start)
        yield surface_of(text[start:end]), word_before(text, start).lower(), label
    for start, end in rejected:
        if true.find(0, start, end) >= 0:
            yield surface_of(text[start:end]), word_before(text, start).lower(), NO_NAME
