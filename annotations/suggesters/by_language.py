"""One suggester of several: each reads what is written in its language, and labels it as the corpus does."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from annotations.suggesters.lexicon import REGIONS, WATERS_AND_LANDS
from annotations.suggesters.protocol import Doubts, Proposal, Shares, SourceText, Suggester, propose_with_doubts
from corpusapp.text.words import words
from corpusapp.text.zones import CHROME, ZoneRange, gaps

# Texts in memory at once.
_TEXTS_AT_ONCE = 32
# How the four labels of pipelines for most languages are called here. What maps to "" is left out.
USUAL_LABELS = {"PER": "PERSON", "LOC": "GPE", "MISC": ""}
_LANDS = frozenset(word.casefold() for word in WATERS_AND_LANDS) | words("""
    mer lac océan fleuve golfe montagne mont île îles détroit vallée désert baie cap côte meer see fluss berg insel mar
    lago río golfo monte isla isole mare fiume
""")
_REGIONS = frozenset(region.casefold() for region in REGIONS) | words("europe afrique asie europa afrika asien")


class Relabelled:
    """A suggester whose labels are those of the corpus: `labels` maps each to another one, or to "" to leave it out.

    Where a label for all places maps to GPE, waters, lands and regions become LOC.
    """

    def __init__(self, base: Suggester, labels: Mapping[str, str]) -> None:
        self.base, self.labels = base, dict(labels)
        self.name, self.language = base.name, getattr(base, "language", "")
        state = "".join(f" {label}={other}" for label, other in sorted(labels.items()))
        self.version = f"{base.version}{state}"
        self.digest = hashlib.sha256(f"{base.digest}{state}".encode()).hexdigest()

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        return (proposals for proposals, _ in self.propose_with_doubts(texts))

    def propose_with_doubts(self, texts: Iterable[SourceText]) -> Iterator[tuple[list[Proposal], Doubts | None]]:
        for text, (proposals, doubts) in _paired(self.base, texts):
            yield (
                self._all(text, proposals),
                doubts and replace(doubts, beginnings=self._all(text, doubts.beginnings)),
            )

    def _all(self, source: SourceText, proposals: Iterable[Proposal]) -> list[Proposal]:
        found = []
        for proposal in proposals:
            place = _is_land(source.text[proposal.start : proposal.end])
            if label := self._label(proposal.label, land=place):
                shares = None if proposal.shares is None else self._shares(proposal.shares, land=place)
                found.append(replace(proposal, label=label, shares=shares))
        return found

    def _label(self, label: str, *, land: bool) -> str:
        other = self.labels.get(label, label)
        return "LOC" if land and label == "LOC" and other == "GPE" else other

    def _shares(self, shares: Shares, *, land: bool) -> Shares:
        found: Shares = {}
        for label, share in shares.items():
            if other := self._label(label, land=land):
                found[other] = found.get(other, 0.0) + share
        return found


def _is_land(surface: str) -> bool:
    folded = surface.casefold()
    return folded in _REGIONS or not _LANDS.isdisjoint(folded.replace("-", " ").split())


def _paired(
    suggester: Suggester, texts: Iterable[SourceText]
) -> Iterator[tuple[SourceText, tuple[list[Proposal], Doubts | None]]]:
    remaining = iter(texts)
    while batch := list(islice(remaining, _TEXTS_AT_ONCE)):
        yield from zip(batch, propose_with_doubts(suggester, batch), strict=True)


class ByLanguage:
    """The `main` suggester for its language, `others` for theirs, and none for all other languages.

    Parts of a text in another language (`SourceText.parts`) are read by the suggester of that language.
    """

    def __init__(self, main: Suggester, others: Mapping[str, Suggester]) -> None:
        self.main, self.others = main, dict(others)
        self.language = getattr(main, "language", "")
        every = [("", main), *sorted(others.items())]
        self.name = " and ".join(suggester.name for _, suggester in every)
        self.version = ", ".join(f"{code} {each.version}".strip() for code, each in every)
        self.digest = hashlib.sha256(" ".join(f"{code} {each.digest}" for code, each in every).encode()).hexdigest()

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        return (proposals for proposals, _ in self.propose_with_doubts(texts))

    def propose_with_doubts(self, texts: Iterable[SourceText]) -> Iterator[tuple[list[Proposal], Doubts | None]]:
        remaining = iter(texts)
        while batch := list(islice(remaining, _TEXTS_AT_ONCE)):
            yield from self._batch(batch)

    def _batch(self, batch: Sequence[SourceText]) -> Iterator[tuple[list[Proposal], Doubts | None]]:
        found: list[tuple[list[Proposal], Doubts | None]] = [([], None) for _ in batch]
        for code, suggester in [(self.language, self.main), *self.others.items()]:
            mine = [(number, part) for number, text in enumerate(batch) if (part := self._part(text, code))]
            proposed = propose_with_doubts(suggester, [part for _, part in mine])
            for (number, _), (proposals, doubts) in zip(mine, proposed, strict=True):
                before, doubted = found[number]
                found[number] = sorted([*before, *proposals], key=_range_of), _both(doubted, doubts)
        yield from found

    def _part(self, source: SourceText, code: str) -> SourceText | None:
        """The text with all that is in other languages marked as boilerplate; None if nothing is left."""
        own = source.language or self.language
        ranges = [(start, end) for start, end, language in source.parts if language == code]
        if own == code or (not code and own not in self.others):
            ranges += gaps(len(source.text), [(start, end) for start, end, _ in source.parts])
        if not ranges:
            return None
        others = tuple(ZoneRange(start, end, CHROME) for start, end in gaps(len(source.text), ranges))
        return replace(source, zones=(*source.zones, *others)) if others else source


def _both(first: Doubts | None, second: Doubts | None) -> Doubts | None:
    """The doubts of two suggesters on two parts of a text."""
    if first is None or second is None:
        return first or second
    return Doubts([*first.beginnings, *second.beginnings], first.vectors or second.vectors)


def _range_of(proposal: Proposal) -> tuple[int, int]:
    return proposal.start, proposal.end
