"""A reader with the memory of reviewed articles, at work on others: how well a desk would suggest after them."""

from collections.abc import Iterable, Sequence

from annotations.suggesters.examples import TrainingArticle
from annotations.suggesters.name_statistics import NameStatistics, learn, taught
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.reader import NewsReader


def propose_after(
    reader: NewsReader, reviewed: Sequence[TrainingArticle], texts: Sequence[SourceText], labels: Iterable[str] = ()
) -> list[list[Proposal]]:
    """The proposals for `texts` once `reviewed` were decided in the same corpus; of `labels` alone where given.

    Nothing of what was decided on `texts` themselves is known: only what the reader sees in them.
    """
    wanted = frozenset(labels)
    knowledge = NameStatistics()
    for article, reading in zip(reviewed, reader.readings(article.source for article in reviewed), strict=True):
        knowledge.see(reading.seen)
        refused = {(start, end) for start, end, _ in article.rejected}
        if article.complete:
            refused |= {(mention.start, mention.end) for mention in reading.mentions}
        learn(knowledge, taught(article.source.text, article.spans, sorted(refused)))
    readings = list(reader.readings(texts))
    for reading in readings:
        knowledge.see(reading.seen)
    found = [reader.resolve(source, reading, knowledge) for source, reading in zip(texts, readings, strict=True)]
    return [[p for p in proposals if not wanted or p.label in wanted] for proposals in found]
