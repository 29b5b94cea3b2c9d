"""Cached output of the suggester for one article: later suggestions are computed from it without running the model.

Proposals of a service are kept as they came. For languages and label sets that the weights were not fitted for, one
surface has one label.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import log

from annotations.suggesters.article import ArticleNames, read_names
from annotations.suggesters.candidates import Range
from annotations.suggesters.evidence import CLASSES, Scores, Weights, mention_features, surface_features
from annotations.suggesters.name_statistics import LearningRecord, Shares
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.structure import structural
from annotations.suggesters.words import Words, surface_of
from corpusapp.text.zones import BYLINE, CHROME, DATELINE


@dataclass(frozen=True)
class Mention:
    """What may be a name. `label` is the base suggester's, empty where it gave none; `before` the word before."""

    start: int
    end: int
    surface: str
    label: str
    before: str
    scores: Scores


@dataclass(frozen=True)
class Reading:
    """`certain` are proposals that need no weighing; `seen` the shares of the base labels by surface; nothing was
    weighed in the `closed` ranges."""

    length: int
    mentions: tuple[Mention, ...]
    certain: tuple[Proposal, ...]
    seen: dict[str, Shares] = field(default_factory=dict)
    closed: tuple[tuple[int, int], ...] = ()


def read(source: SourceText, base: Sequence[Proposal], weights: Weights) -> Reading:
    """The reading of a text upon the proposals of a base suggester.

    Nothing is read in furniture, nor in bylines: they name who wrote, not whom the story is about.
    """
    certain = _certain(source)
    closed = _closed(source, certain)
    article = read_names(source.text, base, closed)
    mentions = tuple(
        Mention(*span, surface, article.candidates.proposed.get(span, ""), before(article.words, span[0]), scores)
        for span, surface, scores in weighed(article, weights)
    )
    return _firmly(
        Reading(len(source.text), mentions, (*certain, *article.candidates.rest), _seen(article), tuple(closed)),
        firm_in(base, closed),
        article.words,
    )


def read_plain(source: SourceText, base: Sequence[Proposal]) -> Reading:
    """The reading of a text in another language than the weights are for."""
    article = plain_names(source.text, list(base), _closed_zones(source))
    scores = plain_scores(article)
    mentions = tuple(
        Mention(*span, surface, article.candidates.proposed.get(span, ""), before(article.words, span[0]), scores[span])
        for span, surface in sorted(article.mentions.items())
    )
    closed = _closed_zones(source)
    reading = Reading(len(source.text), mentions, tuple(article.candidates.rest), _seen(article), tuple(closed))
    return _firmly(reading, firm_in(base, closed), article.words)


def _firmly(reading: Reading, firm: Sequence[Proposal], words: Words) -> Reading:
    """The reading with the firm proposals in place of whatever it has where they stand."""
    if not firm:
        return reading
    ranges = [(proposal.start, proposal.end) for proposal in firm]
    own = (
        Mention(*span, surface_of(words.text[slice(*span)]), p.label, before(words, span[0]), firm_scores(p))
        for span, p in zip(ranges, firm, strict=True)
    )
    taken = bytearray(reading.length)
    for start, end in ranges:
        taken[start:end] = b"\x01" * (end - start)
    mentions = [mention for mention in reading.mentions if taken.find(1, mention.start, mention.end) < 0]
    certain = tuple(proposal for proposal in reading.certain if taken.find(1, proposal.start, proposal.end) < 0)
    return replace(reading, mentions=tuple(sorted([*mentions, *own], key=lambda m: m.start)), certain=certain)


def closed_ranges(source: SourceText) -> list[tuple[int, int]]:
    """Where nothing is weighed: furniture, bylines, the dateline, and what the form of news settles."""
    return _closed(source, _certain(source))


def _closed(source: SourceText, certain: Sequence[Proposal]) -> list[tuple[int, int]]:
    datelines = [(zone.start, zone.end) for zone in source.zones if zone.kind == DATELINE]
    return [*_closed_zones(source), *datelines, *((sure.start, sure.end) for sure in certain)]


def _closed_zones(source: SourceText) -> list[tuple[int, int]]:
    return [(zone.start, zone.end) for zone in source.zones if zone.kind in (CHROME, BYLINE)]


def _certain(source: SourceText) -> list[Proposal]:
    closed = _closed_zones(source)
    return [proposal for proposal in structural(source.text, source.zones) if _is_open(proposal, closed)]


def before(words: Words, start: int) -> str:
    """The word before a mention, by which decisions on it are told apart."""
    return words.form(words.index(start) - 1).lower()


def _is_open(proposal: Proposal, closed: Iterable[tuple[int, int]]) -> bool:
    return not any(start < proposal.end and proposal.start < end for start, end in closed)


def weighed(article: ArticleNames, weights: Weights) -> Iterator[tuple[tuple[int, int], str, Scores]]:
    """Each mention with its surface and its scores, in the order of the text."""
    common = {surface: weights.scores(surface_features(article, surface)) for surface in article.ranges}
    for span in sorted(article.mentions):
        surface = article.mentions[span]
        yield span, surface, weights.scores(mention_features(article, span), common[surface])


def _seen(article: ArticleNames) -> dict[str, Shares]:
    shares: dict[str, Shares] = defaultdict(dict)
    counts: dict[str, Counter[str]] = article.labels
    for surface, labels in counts.items():
        total = labels.total()
        for label, count in labels.items():
            shares[surface][label] = count / total
    return dict(shares)


# The log-odds of a proposal that nothing else speaks for: about 0.85.
_TRUST = 1.75


def plain_names(text: str, base: list[Proposal], closed: list[Range]) -> ArticleNames:
    """The base suggester's names and their further occurrences; capitals and offices prove nothing here."""
    return read_names(text, base, closed, by_writing=False)


def plain_scores(article: ArticleNames) -> dict[Range, Scores]:
    """Each mention for the label that its surface has most often."""
    return {span: _scores(article, surface) for span, surface in article.mentions.items()}


def _scores(article: ArticleNames, surface: str) -> Scores:
    (label, _), *_ = article.labels[surface].most_common(1)
    if label not in CLASSES:
        # Another label: it takes what the weighed ones leave.
        return (-_TRUST, -_TRUST, -_TRUST, 1.5)
    return tuple(_TRUST + 1 if name == label else 0.0 for name in CLASSES)


# How sure a proposal without a score is, and what the score of one that was made is held between: whoever set the
# service up has set from which score on it proposes.
_USUAL, _LEAST, _MOST = 0.85, 0.6, 0.98

Range = tuple[int, int]


def firm_in(base: Iterable[Proposal], closed: Sequence[Range]) -> list[Proposal]:
    """The firm ones of a base suggester's proposals, outside the `closed` ranges."""
    return [proposal for proposal in base if proposal.firm and not _overlaps(proposal, closed)]


def firm_scores(proposal: Proposal) -> Scores:
    """Log-odds by which its label is as probable as it is sure; another label than the weighed ones takes none's."""
    sure = min(_MOST, max(_LEAST, _USUAL if proposal.score is None else proposal.score))
    label = proposal.label if proposal.label in CLASSES else ""
    odds = log(sure / (1 - sure) * (len(CLASSES) - 1))
    return tuple(odds if name == label else 0.0 for name in CLASSES)


def _overlaps(proposal: Proposal, ranges: Iterable[Range]) -> bool:
    return any(start < proposal.end and proposal.start < end for start, end in ranges)


def reading_to_json(reading: Reading) -> str:
    """Compact; scores to three decimals."""
    mentions = [
        [m.start, m.end, m.surface, m.label, m.before, [round(score, 3) for score in m.scores]]
        for m in reading.mentions
    ]
    certain = [[p.start, p.end, p.label, p.score] for p in reading.certain]
    return _dump([reading.length, mentions, certain, reading.seen, reading.closed])


def reading_from_json(text: str) -> Reading:
    length, mentions, certain, seen, closed = json.loads(text)
    return Reading(
        length,
        tuple(Mention(*values, tuple(scores)) for *values, scores in mentions),
        tuple(Proposal(*values) for values in certain),
        seen,
        tuple((start, end) for start, end in closed),
    )


def learning_record_to_json(learning_record: LearningRecord) -> str:
    contexts = [[surface, context, shares] for (surface, context), shares in sorted(learning_record.contexts.items())]
    return _dump([learning_record.surfaces, contexts])


def learning_record_from_json(text: str) -> LearningRecord:
    surfaces, contexts = json.loads(text)
    return LearningRecord(surfaces, {(surface, context): shares for surface, context, shares in contexts})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
