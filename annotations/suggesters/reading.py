"""What was made of one article by itself: kept, so that what is learned later needs no model to be heeded."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from annotations.suggesters.article import ArticleNames, read_names
from annotations.suggesters.evidence import mention_features, surface_features
from annotations.suggesters.name_statistics import Shares
from annotations.suggesters.pinned import firm_in, firm_scores
from annotations.suggesters.plain import plain_names, plain_scores
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.structure import structural
from annotations.suggesters.weights import Scores, Weights
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
