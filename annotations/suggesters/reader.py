"""A base suggester and what is read upon it: the article as a whole, the corpus as a whole, the decisions so far."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import tee

from annotations.suggesters.known_mentions import further_mentions
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.protocol import Proposal, SourceText, Suggester
from annotations.suggesters.reading import Reading, read, read_plain
from annotations.suggesters.resolve import resolve
from annotations.suggesters.weights import TABLE, Weights, fitted
from annotations.suggesters.words import Words

# Counted up when the same base and weights lead to other readings or proposals.
VERSION = "2"


def resolved(
    words: Words, reading: Reading, knowledge: NameStatistics, weights: Weights | None = None
) -> list[Proposal]:
    """The proposals for a text that was read, in the light of what is known beyond it. Needs no base suggester."""
    weights = weights or fitted()
    further = further_mentions(words, reading, knowledge, weights) if knowledge.decided else ()
    return resolve(reading, knowledge, weights, further)


class NewsReader:
    """Reads articles upon a base suggester. The weights speak of English; elsewhere readings are plain."""

    def __init__(self, base: Suggester, *, weights: Weights | None = None, english: bool = True) -> None:
        self.base = base
        self.weights = weights or fitted()
        self.english = english
        self.name = f"news over {base.name}"
        self.version = f"{VERSION}, {base.version}"
        self.digest = _digest(base.digest, english)

    def upon(self, base: Suggester) -> "NewsReader":
        """The same reader upon another base."""
        return NewsReader(base, weights=self.weights, english=self.english)

    def readings(self, texts: Iterable[SourceText]) -> Iterator[Reading]:
        """One reading for each text, in order, lazily."""
        sources, again = tee(texts)
        for source, proposals in zip(again, self.base.propose(sources), strict=True):
            yield self.read(source, proposals)

    def read(self, source: SourceText, proposals: Sequence[Proposal]) -> Reading:
        return read(source, proposals, self.weights) if self.english else read_plain(source, proposals)

    def resolve(self, source: SourceText, reading: Reading, knowledge: NameStatistics) -> list[Proposal]:
        return resolved(Words(source.text), reading, knowledge, self.weights)

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """As a `Suggester`: each text alone, without anything known beyond it."""
        sources, again = tee(texts)
        nothing = NameStatistics()
        for source, reading in zip(again, self.readings(sources), strict=True):
            yield self.resolve(source, reading, nothing)

    def propose_as_corpus(self, texts: Sequence[SourceText]) -> list[list[Proposal]]:
        """The proposals for a corpus without decisions: all texts are read before any is resolved."""
        readings = list(self.readings(texts))
        knowledge = NameStatistics()
        for reading in readings:
            knowledge.see(reading.seen)
        return [self.resolve(source, reading, knowledge) for source, reading in zip(texts, readings, strict=True)]


def _digest(base: str, english: bool) -> str:
    state = hashlib.sha256(f"{base} {VERSION} {english}".encode())
    state.update(TABLE.read_bytes())
    return state.hexdigest()
