"""What is known of names beyond one article: what machines made of them elsewhere, and what editors decided.

All counts are in articles: a name that stands forty times in one article weighs as one, shared among what it was
there. A learning record is what the decisions on one article add.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from annotations.suggesters.evidence import Features
from annotations.suggesters.words import Words, first_word, lookup_words, surface_of

# The label of a mention that was looked at and is none.
NO_NAME = ""
# A surface that was none more often than this is looked for no longer.
_MOSTLY_NONE = 0.8

# Shares are sums of fractions: what is less than this is what rounding left.
_NOTHING = 1e-6

Shares = dict[str, float]
Key = TypeVar("Key")
Context = str


@dataclass
class NameStatistics:
    """Shares of labels by surface: `seen` by machines, `decided` by editors, `in_context` by the word before too."""

    seen: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    decided: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    in_context: dict[tuple[str, Context], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    _index: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)
    _indexed: frozenset[str] = field(default_factory=frozenset, repr=False, compare=False)

    def names_in(self, words: Words) -> Iterator[str]:
        """Surfaces that editors took for names, mostly, and that may stand in this text."""
        index = self._by_first_word()
        for word in lookup_words(words) & index.keys():
            for surface in index[word]:
                counts = self.decided.get(surface)
                if counts and counts[NO_NAME] < _MOSTLY_NONE * sum(counts.values()):
                    yield surface

    def _by_first_word(self) -> dict[str, list[str]]:
        if self._indexed != self.decided.keys():
            self._index, self._indexed = {}, frozenset(self.decided)
            for surface in self.decided:
                self._index.setdefault(first_word(surface), []).append(surface)
        return self._index

    def see(self, shares: Mapping[str, Shares], *, sign: int = 1) -> None:
        """Add what machines made of the names of one article; with `sign` -1, take it back."""
        _add_shares(self.seen, shares, sign)

    def features(self, surface: str, context: Context, own: Mapping[str, float]) -> Features:
        """What is known of a mention; `own` are the shares of its own article among what was seen."""
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
    """Shares, the nearer to their full weight the more articles they come from."""
    total = sum(counts.values()) if counts else 0.0
    if not counts or total <= 0:
        return
    found[name] = 1
    for label, count in counts.items():
        found[f"{name}:{label}"] = count / (total + 1)


@dataclass(frozen=True)
class LearningRecord:
    """What the decisions on one article teach: shares of labels by surface, and by surface and word before."""

    surfaces: dict[str, Shares]
    contexts: dict[tuple[str, Context], Shares]


def learning_record(mentions: Iterable[tuple[str, Context, str]]) -> LearningRecord:
    """Of (surface, word before, label or NO_NAME) for each decided mention of one article."""
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


def learn(statistics: NameStatistics, taught: LearningRecord, *, sign: int = 1) -> None:
    """Add a learning record; with `sign` -1, take it back."""
    _add_shares(statistics.decided, taught.surfaces, sign)
    _add_shares(statistics.in_context, taught.contexts, sign)


def _add_shares(counts: dict[Key, Counter[str]], by_key: Mapping[Key, Shares], sign: int) -> None:
    """What comes to nothing goes, as if it had never been."""
    for key, shares in by_key.items():
        known = counts[key]
        for label, share in shares.items():
            known[label] += sign * share  # type: ignore[assignment]
            if abs(known[label]) < _NOTHING:
                del known[label]
        if not known:
            del counts[key]


Triple = tuple[int, int, str]
Range = tuple[int, int]


def taught(text: str, spans: Sequence[Triple], refused: Iterable[Range]) -> LearningRecord:
    """The learning record of an article's true `spans`, and of the ranges that were looked at and hold none of them.

    A refused range inside a true span teaches nothing: it is part of a name.
    """
    return learning_record(_decided(Words(text), spans, refused))


def _decided(words: Words, spans: Sequence[Triple], refused: Iterable[Range]) -> Iterator[tuple[str, Context, str]]:
    true = bytearray(len(words.text))
    for start, end, label in spans:
        true[start:end] = b"\x01" * (end - start)
        yield surface_of(words.text[start:end]), _before(words, start), label
    for start, end in refused:
        if true.find(1, start, end) < 0:
            yield surface_of(words.text[start:end]), _before(words, start), NO_NAME


def _before(words: Words, start: int) -> str:
    return words.form(words.index(start) - 1).lower()
