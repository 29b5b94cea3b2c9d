"""Readings for languages and label sets that the weights were not fitted for: one surface, one label, and no more.

What editors decided is heeded all the same.
"""

from annotations.suggesters.article import ArticleNames, read_names
from annotations.suggesters.candidates import Range
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.weights import CLASSES, Scores

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
