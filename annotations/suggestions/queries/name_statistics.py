"""Name statistics of a corpus, what decisions add to them, and which articles a change affects."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from annotations.review.models import Review, Span, Stage, State
from annotations.review.queries.surface_search import open_articles_with
from annotations.suggesters.calibration import outcomes_of
from annotations.suggesters.name_statistics import LearningRecord, NameStatistics, article_learning_record, learn
from annotations.suggesters.protocol import SourceText
from annotations.suggesters.reader import resolved
from annotations.suggesters.reading import Reading, learning_record_from_json, reading_from_json
from annotations.suggesters.words import Words, lookup_words
from annotations.suggestions.models import ArticleLearningRecord, ArticleReading, NameCount
from corpusapp.articles.models import Article, Zone
from corpusapp.text.zones import ZoneRange

_COUNTS = """
    SELECT kind, surface, context, label, articles FROM suggestions_namecount
    WHERE corpus_id = %s AND first_word = ANY(%s)
"""


def statistics_for(corpus_id: int, texts: Iterable[Words]) -> NameStatistics:
    """The counts of every surface whose first word occurs in one of the texts."""
    words: set[str] = set()
    for text in texts:
        words |= lookup_words(text)
    found = NameStatistics()
    with connection.cursor() as cursor:
        # Thousands of words, so one array parameter.
        cursor.execute(_COUNTS, [corpus_id, sorted(words)])
        rows = cursor.fetchall()
    for kind, surface, context, label, articles in rows:
        if kind == NameCount.Kind.SEEN:
            found.seen[surface][label] = articles
        elif kind == NameCount.Kind.DECIDED:
            found.decided[surface][label] = articles
        else:
            found.in_context[surface, context][label] = articles
    return found


def source_texts(articles: Iterable[Article]) -> dict[int, SourceText]:
    """The articles' texts with their zones, by article id."""
    articles = list(articles)
    zones: dict[int, list[ZoneRange]] = {}
    rows = Zone.objects.filter(article__in=[article.pk for article in articles]).order_by("start")
    for article_id, start, end, kind in rows.values_list("article_id", "start", "end", "kind"):
        zones.setdefault(article_id, []).append(ZoneRange(start, end, kind))
    return {article.pk: SourceText(article.text, tuple(zones.get(article.pk, ()))) for article in articles}


# A surface with one label in at least this many articles, and this share of them, is settled.
_MIN_ARTICLES, _MIN_SHARE = 3, 0.85


def affected_surfaces(corpus_id: int, changes: Mapping[tuple[str, str, str, str], float]) -> list[str]:
    """The surfaces whose suggestions may change by `changes`, which are not yet counted."""
    changed: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (kind, surface, _, label), change in changes.items():
        if kind == NameCount.Kind.DECIDED and abs(change) > 1e-6:
            changed[surface][label] += change
    known: dict[str, dict[str, float]] = defaultdict(dict)
    rows = NameCount.objects.filter(corpus=corpus_id, kind=NameCount.Kind.DECIDED, surface__in=list(changed))
    for surface, label, articles in rows.values_list("surface", "label", "articles"):
        known[surface][label] = articles
    return [surface for surface, change in changed.items() if not _is_settled(known[surface], change)]


def _is_settled(before: Mapping[str, float], change: Mapping[str, float]) -> bool:
    """Whether editors agree on one label, before and after the change."""
    labels = dict.fromkeys([*before, *change])
    after = {label: before.get(label, 0.0) + change.get(label, 0.0) for label in labels}
    label = max(after, key=after.__getitem__)
    totals = sum(before.values()), sum(after.values())
    if min(totals) < _MIN_ARTICLES:
        return False
    return min(before.get(label, 0.0) / totals[0], after[label] / totals[1]) >= _MIN_SHARE


def articles_containing(corpus_id: int, surfaces: Iterable[str]) -> set[int]:
    """Open articles of the corpus that have a reading and contain one of the surfaces."""
    articles = open_articles_with(corpus_id, surfaces)
    return set(ArticleReading.objects.filter(pk__in=articles).values_list("pk", flat=True))


Triple = tuple[int, int, str]


@dataclass
class DecidedArticle:
    """An article with its decided spans, and its cached reading if it has one."""

    article: Article
    confirmed: list[Triple]
    rejected: list[Triple]
    done: bool
    reading: Reading | None

    def learning_record(self) -> LearningRecord:
        """What the spans teach. In a done article, mentions without a confirmed span count as rejected."""
        rejected = {(start, end) for start, end, _ in self.rejected}
        if self.done and self.reading is not None:
            rejected |= {(mention.start, mention.end) for mention in self.reading.mentions}
        return article_learning_record(self.article.text, self.confirmed, sorted(rejected))


def decided_articles(article_ids: Iterable[int]) -> dict[int, DecidedArticle]:
    """These articles with their decided spans, by id."""
    texts = Article.objects.filter(pk__in=article_ids).only("id", "text")
    readings = dict(ArticleReading.objects.filter(pk__in=article_ids).values_list("pk", "data"))
    done = set(Review.objects.filter(article__in=article_ids, stage=Stage.DONE).values_list("article_id", flat=True))
    found = {
        article.pk: DecidedArticle(
            article,
            [],
            [],
            article.pk in done,
            reading_from_json(readings[article.pk]) if article.pk in readings else None,
        )
        for article in texts
    }
    for span in Span.objects.decided().filter(article__in=found).select_related("label"):
        side = found[span.article_id].confirmed if span.state == State.CONFIRMED else found[span.article_id].rejected
        side.append((span.start, span.end, span.label.name))
    return found


def suggestion_outcomes(corpus_id: int, decided: dict[int, DecidedArticle], former: dict[int, str]) -> dict[int, str]:
    """What editors did with the suggestions of each article, as JSON; `former` holds the counted learning records.

    The suggestions are recomputed without the article's own learning record, which would make them look better than
    they were.
    """
    readings = {pk: article.reading for pk, article in decided.items() if article.reading is not None}
    words = {pk: Words(decided[pk].article.text) for pk in readings}
    statistics = statistics_for(corpus_id, words.values())
    found = {}
    for pk, reading in readings.items():
        own = learning_record_from_json(former[pk]) if pk in former else None
        if own:
            learn(statistics, own, sign=-1)
        proposals = resolved(words[pk], reading, statistics)
        if own:
            learn(statistics, own)
        case = decided[pk]
        rows = outcomes_of(proposals, case.confirmed, case.rejected, done=case.done, length=len(case.article.text))
        found[pk] = json.dumps(rows, separators=(",", ":"))
    return found


def stored_learning_records(article_ids: Iterable[int]) -> dict[int, str]:
    """The learning records that are counted for these articles, as JSON by article id."""
    return dict(ArticleLearningRecord.objects.filter(pk__in=article_ids).values_list("pk", "data"))
