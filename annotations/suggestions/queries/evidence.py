"""Why a span is suggested: its evidence, and the newest decisions on the same words."""

from dataclasses import dataclass

from annotations.review.models import Span, State
from annotations.review.queries.concordance import ConcordanceFilter
from annotations.review.queries.mentions import MentionSearch, SearchMode, mentions_in
from annotations.suggesters.evidence import fitted
from annotations.suggesters.explanation import Explanation, explain
from annotations.suggesters.reader import known_mentions
from annotations.suggesters.reading import reading_from_json
from annotations.suggesters.words import Words, surface_of
from annotations.suggestions.models import ArticleReading
from annotations.suggestions.queries.name_statistics import statistics_for
from annotations.suggestions.queries.runs import changes_of
from corpusapp.articles.models import Article

# Decisions on the same words that are told, and the newest articles in which they are looked for.
MOST_ALIKE, _LOOKED_AT = 3, 100


@dataclass(frozen=True)
class DecidedAlike:
    """A decided span with the same words in another article."""

    article: int
    title: str
    span: int
    start: int
    end: int
    label: str
    state: str


def evidence_for(article: Article, start: int, end: int) -> Explanation | None:
    """The evidence for `[start, end)` of an article, by what is known now.

    None if the article has no suggestions of the desk, or these have nothing at this range.
    """
    row = ArticleReading.objects.filter(pk=article.pk).first()
    if row is None:
        return None
    reading = reading_from_json(row.data)
    statistics = statistics_for(article.corpus_id, [article.text])
    weights = fitted().changed(changes_of(article.corpus_id))
    found = list(known_mentions(Words(article.text), reading, statistics, weights)) if statistics.decided else []
    return explain(reading, found, statistics, weights, start, end)


def decided_alike(article: Article, start: int, end: int) -> list[DecidedAlike]:
    """The newest decided spans with the same words in other articles of the corpus."""
    surface = surface_of(article.text[start:end])
    others = Article.objects.filter(corpus=article.corpus_id, withdrawn_at=None).exclude(pk=article.pk)
    filters = ConcordanceFilter(surface, SearchMode.EXACT, states=(State.CONFIRMED, State.REJECTED))
    search = MentionSearch(article.corpus_id, filters, others, None)
    mentions = sorted(mentions_in(search, search.candidates(_LOOKED_AT)), key=lambda mention: mention.key)
    spans = {
        span.pk: span
        for span in Span.objects.filter(pk__in=[mention.span for mention in mentions[:MOST_ALIKE]]).select_related(
            "label", "article"
        )
    }
    return [
        DecidedAlike(
            mention.article, spans[mention.span].article.headline, mention.span, mention.start, mention.end,
            spans[mention.span].label.name, mention.state,
        )
        for mention in mentions[:MOST_ALIKE]
        if mention.span in spans
    ]  # fmt: skip
