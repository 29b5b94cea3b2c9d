"""Cached output of the suggester for one article: later suggestions are computed from it without running the model.

Proposals of a service are kept unchanged. For languages and label sets that the weights were not fitted for, a surface
has one label.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from typing import Any

from annotations.suggesters.article import ArticleNames, link_persons, read_names
from annotations.suggesters.credits import credited_names
from annotations.suggesters.edges import Range
from annotations.suggesters.evidence import (
    CLASSES,
    Features,
    Scores,
    Weights,
    alternative_features,
    mention_features,
    surface_features,
)
from annotations.suggesters.name_statistics import HABIT, LearningRecord, Shares
from annotations.suggesters.protocol import Doubts, Proposal, SourceText
from annotations.suggesters.structure import dateline_proposals, structural_proposals
from annotations.suggesters.words import Words, surface_of, word_before
from corpusapp.text.zones import BYLINE, CHROME, DATELINE

# The log-odds of a proposal without other evidence: a probability of about 0.85.
_TRUST = 1.75
# The probability of a proposal without a score, and the limits of a service's scores, whose threshold is the service's.
_USUAL, _LEAST, _MOST = 0.85, 0.6, 0.98


# Numbers of features whose value is 1, and [number, value] of others.
Packed = Sequence[Any]


@dataclass(frozen=True)
class Mention:
    """A possible name. `label` is that of the base suggester, or empty; `before` is the word before it.

    `features` are its own, packed as `Reading.legend` says; empty if its scores do not depend on any. `place` is that
    of its proposal.
    """

    start: int
    end: int
    surface: str
    label: str
    before: str
    scores: Scores
    features: Packed = ()
    place: str = ""


@dataclass(frozen=True)
class Reading:
    """`certain` are proposals that are not scored. `seen` are the shares of the base suggester's labels by surface. The
    `closed` ranges have no mentions. `words` are those of the text, if it was just read. `legend` names the features by
    number; `common` are those of all mentions of a surface. `alternatives` are other edges of the mentions. `origin` is
    that of the text."""

    length: int
    mentions: tuple[Mention, ...]
    certain: tuple[Proposal, ...]
    seen: dict[str, Shares] = field(default_factory=dict)
    closed: tuple[tuple[int, int], ...] = ()
    legend: Sequence[str] = ()
    common: Mapping[str, Packed] = field(default_factory=dict)
    alternatives: tuple[tuple[int, int, Scores], ...] = ()
    origin: str = ""
    words: Words | None = field(default=None, repr=False, compare=False)

    def habits(self) -> dict[Range, str]:
        """The habits of texts of this origin by the ranges that they are about: names in credits by their place, and
        other certain proposals by their label."""
        found = {(mention.start, mention.end): self.habit(mention.place) for mention in self.mentions if mention.place}
        return found | {(proposal.start, proposal.end): self.habit(proposal.label) for proposal in self.certain}

    def habit(self, kind: str) -> str:
        """The key under which decisions on a place or a label are counted for texts of this origin."""
        return f"{HABIT} {self.origin} {kind}"

    def features(self, mention: Mention) -> Features:
        """The features that the scores of a mention were made of, without what is known of the corpus."""
        return self._unpacked(self.common.get(mention.surface, ())) | self._unpacked(mention.features)

    def changed_scores(self, mention: Mention, weights: Weights) -> Scores:
        """The scores of a mention with the changes that a corpus has made of the weights."""
        if not weights.changes or not mention.features:
            return mention.scores
        found = list(mention.scores)
        for name, value in self.features(mention).items():
            for number, change in enumerate(weights.changes.get(name, ())):
                found[number] += change * value
        return tuple(found)

    def _unpacked(self, packed: Packed) -> Features:
        pairs = ((each, 1.0) if isinstance(each, int) else each for each in packed)
        return {self.legend[number]: value for number, value in pairs}


class _Packing:
    """Packs features by the numbers of their names, which it gives out."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def packed(self, features: Features) -> Packed:
        numbers = self._numbers
        return tuple(
            numbers.setdefault(name, len(numbers))
            if value == 1
            else [numbers.setdefault(name, len(numbers)), round(value, 3)]
            for name, value in features.items()
        )

    @property
    def legend(self) -> tuple[str, ...]:
        return tuple(self._numbers)


def read(source: SourceText, base: Sequence[Proposal], weights: Weights, doubts: Doubts | None = None) -> Reading:
    """The reading of a text from the proposals of a base suggester.

    Boilerplate and bylines are excluded; a byline names the author, not the subject.
    """
    certain = _certain(source)
    closed = _closed(source, certain)
    credited = credited_names(source.text, source.zones) if source.bylines else []
    article = read_names(source.text, base, closed, doubts=doubts)
    packing = _Packing()
    shared = shared_features(article)
    _link_again(article, shared, weights)
    proposed = article.candidates.proposed
    mentions = tuple(
        Mention(
            *span, surface, proposed.get(span, ""), before(article.words, span[0]), scores, packing.packed(features)
        )
        for span, surface, features, scores in score_mentions(article, shared, weights)
    )
    alternatives = tuple(
        (*span, weights.scores(alternative_features(article, span))) for span in sorted(article.alternatives)
    )
    common = {surface: packing.packed(features) for surface, features in shared.items()}
    certain = [*certain, *article.candidates.rest]
    seen, closed_too = _seen(article), tuple(closed)
    for proposal in dateline_proposals(source.text, source.zones):
        # An agency in datelines is one in other articles, too.
        if proposal.label == "ORG":
            seen.setdefault(surface_of(source.text[proposal.start : proposal.end]), {"ORG": 1.0})
    return _with_pinned(
        Reading(
            len(source.text),
            mentions,
            tuple(certain),
            seen,
            closed_too,
            packing.legend,
            common,
            alternatives,
            source.origin,
            article.words,
        ),
        [*credited, *pinned_proposals(base, [*closed, *((name.start, name.end) for name in credited)])],
        article.words,
    )


def read_plain(source: SourceText, base: Sequence[Proposal]) -> Reading:
    """The reading of a text in a language that the weights were not fitted for."""
    article = plain_names(source.text, list(base), _closed_zones(source))
    scores = plain_scores(article)
    mentions = tuple(
        Mention(*span, surface, article.candidates.proposed.get(span, ""), before(article.words, span[0]), scores[span])
        for span, surface in sorted(article.mentions.items())
    )
    closed = _closed_zones(source)
    reading = Reading(
        len(source.text),
        mentions,
        tuple(article.candidates.rest),
        _seen(article),
        tuple(closed),
        origin=source.origin,
        words=article.words,
    )
    return _with_pinned(reading, pinned_proposals(base, closed), article.words)


def _with_pinned(reading: Reading, pinned: Sequence[Proposal], words: Words) -> Reading:
    """The reading with the pinned proposals in place of whatever overlaps them."""
    if not pinned:
        return reading
    ranges = [(proposal.start, proposal.end) for proposal in pinned]
    own = (
        Mention(
            *span,
            surface_of(words.text[slice(*span)]),
            p.label,
            before(words, span[0]),
            pinned_scores(p),
            place=p.place,
        )
        for span, p in zip(ranges, pinned, strict=True)
    )
    taken = bytearray(reading.length)
    for start, end in ranges:
        taken[start:end] = b"\x01" * (end - start)
    mentions = [mention for mention in reading.mentions if taken.find(1, mention.start, mention.end) < 0]
    certain = tuple(proposal for proposal in reading.certain if taken.find(1, proposal.start, proposal.end) < 0)
    return replace(reading, mentions=tuple(sorted([*mentions, *own], key=lambda m: m.start)), certain=certain)


def closed_ranges(source: SourceText) -> list[tuple[int, int]]:
    """The ranges without mentions: boilerplate, bylines, the dateline, and structural proposals."""
    return _closed(source, _certain(source))


def _closed(source: SourceText, certain: Sequence[Proposal]) -> list[tuple[int, int]]:
    datelines = [(zone.start, zone.end) for zone in source.zones if zone.kind == DATELINE]
    return [*_closed_zones(source), *datelines, *((proposal.start, proposal.end) for proposal in certain)]


def _closed_zones(source: SourceText) -> list[tuple[int, int]]:
    return [(zone.start, zone.end) for zone in source.zones if zone.kind in (CHROME, BYLINE)]


def _certain(source: SourceText) -> list[Proposal]:
    closed = _closed_zones(source)
    found = structural_proposals(source.text, source.zones)
    return [proposal for proposal in found if not _overlaps(proposal, closed)]


def before(words: Words, start: int) -> str:
    """The word before a mention, which distinguishes decisions on it."""
    return word_before(words.text, start).lower()


def _overlaps(proposal: Proposal, ranges: Iterable[Range]) -> bool:
    return any(start < proposal.end and proposal.start < end for start, end in ranges)


def shared_features(article: ArticleNames) -> dict[str, Features]:
    """The features that all mentions of a surface share, by surface."""
    return {surface: surface_features(article, surface) for surface in article.ranges}


def score_mentions(
    article: ArticleNames, shared: Mapping[str, Features], weights: Weights
) -> Iterator[tuple[Range, str, Features, Scores]]:
    """(range, surface, own features, scores) of each mention, in order."""
    common = {surface: weights.scores(features) for surface, features in shared.items()}
    if article.vectors:
        for surface, ranges in article.ranges.items():
            common[surface] = weights.with_vector(article.vectors.mean(ranges), common[surface])
    for span in sorted(article.mentions):
        surface = article.mentions[span]
        features = mention_features(article, span)
        yield span, surface, features, weights.scores(features, common[surface])


def _link_again(article: ArticleNames, shared: dict[str, Features], weights: Weights) -> None:
    """Link the short forms of full names that the evidence takes for persons though the base suggester does not."""
    persons = {
        surface
        for _, surface, _, scores in score_mentions(article, shared, weights)
        if " " in surface
        and scores[_PERSON] == max(scores)
        and surface not in article.links.first.get(surface.split()[0], ())
    }
    for surface in link_persons(article.links, persons) & shared.keys():
        shared[surface] = surface_features(article, surface)


_PERSON = CLASSES.index("PERSON")


def _seen(article: ArticleNames) -> dict[str, Shares]:
    shares: dict[str, Shares] = defaultdict(dict)
    counts: dict[str, Counter[str]] = article.labels
    for surface, labels in counts.items():
        total = labels.total()
        for label, count in labels.items():
            shares[surface][label] = count / total
    return dict(shares)


def plain_names(text: str, base: list[Proposal], closed: list[Range]) -> ArticleNames:
    """The base suggester's names and their further occurrences. Capitals and offices are not used."""
    return read_names(text, base, closed, by_writing=False)


def plain_scores(article: ArticleNames) -> dict[Range, Scores]:
    """Scores for the most frequent label of each mention's surface."""
    return {span: _scores(article, surface) for span, surface in article.mentions.items()}


def _scores(article: ArticleNames, surface: str) -> Scores:
    (label, _), *_ = article.labels[surface].most_common(1)
    if label not in CLASSES:
        # Another label has the class "".
        return (-_TRUST, -_TRUST, -_TRUST, 1.5)
    return tuple(_TRUST + 1 if name == label else 0.0 for name in CLASSES)


def pinned_proposals(base: Iterable[Proposal], closed: Sequence[Range]) -> list[Proposal]:
    """The pinned proposals of a base suggester, outside the `closed` ranges."""
    return [proposal for proposal in base if proposal.pinned and not _overlaps(proposal, closed)]


def pinned_scores(proposal: Proposal) -> Scores:
    """Log-odds that give the label of a pinned proposal its score as probability. Other labels have the class ""."""
    probability = min(_MOST, max(_LEAST, _USUAL if proposal.score is None else proposal.score))
    label = proposal.label if proposal.label in CLASSES else ""
    odds = log(probability / (1 - probability) * (len(CLASSES) - 1))
    return tuple(odds if name == label else 0.0 for name in CLASSES)


def reading_to_json(reading: Reading) -> str:
    """Compact JSON, with scores to three decimals."""
    mentions = [
        [m.start, m.end, m.surface, m.label, m.before, [round(score, 3) for score in m.scores], m.features, m.place]
        for m in reading.mentions
    ]
    certain = [[p.start, p.end, p.label, p.score] for p in reading.certain]
    alternatives = [[start, end, [round(score, 3) for score in scores]] for start, end, scores in reading.alternatives]
    features = [reading.legend, reading.common, alternatives, reading.origin]
    return _dump([reading.length, mentions, certain, reading.seen, reading.closed, *features])


def reading_from_json(text: str) -> Reading:
    """The reading; one of an earlier version has no features."""
    length, mentions, certain, seen, closed, *features = json.loads(text)
    legend, common, alternatives, origin = [*features, ""][:4] if features else ((), {}, (), "")
    return Reading(
        length,
        tuple(_mention(*values) for values in mentions),
        tuple(Proposal(*values) for values in certain),
        seen,
        tuple((start, end) for start, end in closed),
        tuple(legend),
        {surface: tuple(packed) for surface, packed in common.items()},
        tuple((start, end, tuple(scores)) for start, end, scores in alternatives),
        origin,
    )


def _mention(
    start: int,
    end: int,
    surface: str,
    label: str,
    word: str,
    scores: Iterable[float],
    features: Packed = (),
    place: str = "",
) -> Mention:
    return Mention(start, end, surface, label, word, tuple(scores), tuple(features), place)


def learning_record_to_json(learning_record: LearningRecord) -> str:
    contexts = [[surface, context, shares] for (surface, context), shares in sorted(learning_record.contexts.items())]
    return _dump([learning_record.surfaces, contexts])


def learning_record_from_json(text: str) -> LearningRecord:
    surfaces, contexts = json.loads(text)
    return LearningRecord(surfaces, {(surface, context): shares for surface, context, shares in contexts})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
