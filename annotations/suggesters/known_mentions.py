"""Further mentions of names that editors decided elsewhere, where the base suggester saw none."""

from collections import defaultdict
from collections.abc import Iterator

from annotations.suggesters.article import ArticleNames
from annotations.suggesters.candidates import Candidates, Range
from annotations.suggesters.cues import cues, is_sport
from annotations.suggesters.evidence import Features
from annotations.suggesters.links import Links
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.reading import Mention, Reading, before, weighed
from annotations.suggesters.weights import Weights
from annotations.suggesters.words import Words


def further_mentions(words: Words, reading: Reading, knowledge: NameStatistics, weights: Weights) -> Iterator[Mention]:
    """Mentions of decided names that the reading has not, outside its closed ranges."""
    found = further_article(words, reading, knowledge)
    if found is None:
        return
    article, extra = found
    for span, surface, scores in weighed(article, weights):
        yield Mention(*span, surface, "", before(words, span[0]), weights.scores(extra[span], scores))


def further_article(
    words: Words, reading: Reading, knowledge: NameStatistics
) -> tuple[ArticleNames, dict[Range, Features]] | None:
    """These mentions as an article of their own, and what tells them from others; None where there are none."""
    found = _ranges(words, reading, knowledge)
    if not found:
        return None
    ranges: dict[str, list[Range]] = defaultdict(list)
    for span, surface in found.items():
        ranges[surface].append(span)
    sport = is_sport(words.text)
    around = {span: cues(words, *span, sport=sport) for span in found}
    article = ArticleNames(words, Candidates(bytearray()), found, {}, dict(ranges), around, Links(), sport)
    upon = bytearray(len(words.text))
    for mention in reading.mentions:
        if mention.label:
            upon[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
    extra = {span: {"found": 1.0, "found upon another": float(upon.find(1, *span) >= 0)} for span in found}
    return article, extra


def _ranges(words: Words, reading: Reading, knowledge: NameStatistics) -> dict[Range, str]:
    known = {(mention.start, mention.end) for mention in reading.mentions}
    shut = bytearray(len(words.text))
    for start, end in reading.closed:
        shut[start:end] = b"\x01" * (end - start)
    found: dict[Range, str] = {}
    for surface in sorted(knowledge.names_in(words), key=len, reverse=True):
        for span in words.occurrences(surface):
            if span not in known and shut.find(1, *span) < 0:
                found.setdefault(span, surface)
    return found
