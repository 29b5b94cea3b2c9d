"""A suggester on top of a base suggester, which uses the whole article, the corpus and the decisions."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import tee

from annotations.suggesters.article import ArticleNames, Links
from annotations.suggesters.candidates import Candidates
from annotations.suggesters.cues import cues, is_sport
from annotations.suggesters.edges import Range
from annotations.suggesters.evidence import TABLE, Features, Scores, Weights, fitted
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.protocol import Doubts, Proposal, SourceText, Suggester, propose_with_doubts
from annotations.suggesters.reading import Mention, Reading, before, read, read_plain, score_mentions, shared_features
from annotations.suggesters.resolve import resolve_with_possible
from annotations.suggesters.truecasing import truecased
from annotations.suggesters.words import Words

# Raise it when the same base and weights give other readings or proposals.
VERSION = "4"


def known_mentions(words: Words, reading: Reading, statistics: NameStatistics, weights: Weights) -> Iterator[Mention]:
    """Mentions of decided names that the reading lacks, outside its closed ranges."""
    found = known_article(words, reading, statistics)
    if found is None:
        return
    article, extra = found
    for span, surface, _, scores in score_mentions(article, shared_features(article), weights):
        yield Mention(*span, surface, "", before(words, span[0]), weights.scores(extra[span], scores))


def known_article(
    words: Words, reading: Reading, statistics: NameStatistics
) -> tuple[ArticleNames, dict[Range, Features]] | None:
    """These mentions as an article of their own, and their additional features; None if there are none."""
    found = _ranges(words, reading, statistics)
    if not found:
        return None
    ranges: dict[str, list[Range]] = defaultdict(list)
    for span, surface in found.items():
        ranges[surface].append(span)
    sport = is_sport(words.text)
    around = {span: cues(words, *span, sport=sport) for span in found}
    article = ArticleNames(words, Candidates(bytearray()), found, {}, dict(ranges), around, Links(), sport)
    covered = bytearray(len(words.text))
    for mention in reading.mentions:
        if mention.label:
            covered[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    extra = {span: {"found": 1.0, "found upon another": float(covered.find(1, *span) >= 0)} for span in found}
    return article, extra


def _ranges(words: Words, reading: Reading, statistics: NameStatistics) -> dict[Range, str]:
    known = {(mention.start, mention.end) for mention in reading.mentions}
    closed = bytearray(len(words.text))
    for start, end in reading.closed:
        closed[start:end] = b"\x01" * (end - start)
    found: dict[Range, str] = {}
    for surface in sorted(statistics.names_in(words), key=len, reverse=True):
        for span in words.occurrences(surface):
            if span not in known and closed.find(1, *span) < 0:
                found.setdefault(span, surface)
    return found


def resolved(
    words: Words, reading: Reading, statistics: NameStatistics, weights: Weights | None = None
) -> list[Proposal]:
    """The proposals for a reading, with the statistics of the corpus. Does not use the base suggester."""
    return resolved_with_possible(words, reading, statistics, weights)[0]


def resolved_with_possible(
    words: Words, reading: Reading, statistics: NameStatistics, weights: Weights | None = None
) -> tuple[list[Proposal], list[Proposal]]:
    """The same, with the possible spans."""
    weights = weights or fitted()
    further = known_mentions(words, reading, statistics, weights) if statistics.decided else ()
    return resolve_with_possible(reading, statistics, weights, further)


class NewsReader:
    """Reads articles with a base suggester. The weights are for English; readings of other languages are plain."""

    def __init__(self, base: Suggester, *, weights: Weights | None = None, english: bool = True) -> None:
        self.base = base
        self.weights = weights or fitted()
        self.english = english
        self.name = f"news over {base.name}"
        self.version = f"{VERSION}, {base.version}"
        self.digest = _digest(base.digest, english)

    def with_base(self, base: Suggester) -> "NewsReader":
        """The same reader with another base suggester."""
        return NewsReader(base, weights=self.weights, english=self.english)

    def readings(self, texts: Iterable[SourceText]) -> Iterator[Reading]:
        """One reading for each text, lazily and in order."""
        pairs, again = tee((source, self._truecased(source)) for source in texts)
        proposed = propose_with_doubts(self.base, (cased for _, cased in pairs))
        for (source, cased), (proposals, doubts) in zip(again, proposed, strict=True):
            reading = self.read(cased, proposals, doubts)
            # Decided names are looked for in the text as it is, now and whenever suggestions are updated.
            yield reading if cased is source else replace(reading, words=None)

    def _truecased(self, source: SourceText) -> SourceText:
        text = truecased(source.text, source.zones) if self._is_english(source) else source.text
        return source if text is source.text else replace(source, text=text)

    def _is_english(self, source: SourceText) -> bool:
        return self.english and source.language in ("", "en")

    def read(self, source: SourceText, proposals: Sequence[Proposal], doubts: Doubts | None = None) -> Reading:
        if self._is_english(source):
            return read(source, proposals, self.weights, doubts)
        return read_plain(source, proposals)

    def resolve(
        self,
        source: SourceText,
        reading: Reading,
        statistics: NameStatistics,
        changes: Mapping[str, Scores] | None = None,
    ) -> list[Proposal]:
        """The proposals, with the statistics of a corpus and the changes that it makes of the weights."""
        return self.resolve_with_possible(source, reading, statistics, changes)[0]

    def resolve_with_possible(
        self,
        source: SourceText,
        reading: Reading,
        statistics: NameStatistics,
        changes: Mapping[str, Scores] | None = None,
    ) -> tuple[list[Proposal], list[Proposal]]:
        """The same, with the possible spans."""
        words = reading.words or Words(source.text)
        return resolved_with_possible(words, reading, statistics, self.weights.changed(changes or {}))

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """As in `Suggester`: each text by itself, without statistics of the corpus."""
        sources, again = tee(texts)
        nothing = NameStatistics()
        for source, reading in zip(again, self.readings(sources), strict=True):
            yield self.resolve(source, reading, nothing)

    def propose_as_corpus(self, texts: Sequence[SourceText]) -> list[tuple[list[Proposal], list[Proposal]]]:
        """The proposals and the possible spans for a corpus without decisions.

        All texts are read before the first one is resolved.
        """
        readings = list(self.readings(texts))
        statistics = NameStatistics()
        for reading in readings:
            statistics.see(reading.seen)
        pairs = zip(texts, readings, strict=True)
        return [self.resolve_with_possible(source, reading, statistics) for source, reading in pairs]


def _digest(base: str, english: bool) -> str:
    state = hashlib.sha256(f"{base} {VERSION} {english}".encode())
    state.update(TABLE.read_bytes())
    return state.hexdigest()
