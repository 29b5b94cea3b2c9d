"""What decisions teach about names and scores, what is known of names, and which articles a change concerns."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from annotations.review.models import Review, Span, Stage, State
from annotations.review.queries.holding import holding
from annotations.suggesters.calibration import outcomes_of
from annotations.suggesters.name_statistics import LearningRecord, NameStatistics, learn, taught
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
    """The counts of every surface that begins like a word of one of the texts."""
    words: set[str] = set()
    for text in texts:
        words |= lookup_words(text)
    found = NameStatistics()
    with connection.cursor() as cursor:
        # Thousands of words: as one array they are one parameter.
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


def sources_of(articles: Iterable[Article]) -> dict[int, SourceText]:
    """The articles' texts with their zones, by article."""
    articles = list(articles)
    zones: dict[int, list[ZoneRange]] = {}
    rows = Zone.objects.filter(article__in=[article.pk for article in articles]).order_by("start")
    for article_id, start, end, kind in rows.values_list("article_id", "start", "end", "kind"):
        zones.setdefault(article_id, []).append(ZoneRange(start, end, kind))
    return {article.pk: SourceText(article.text, tuple(zones.get(article.pk, ()))) for article in articles}


# A surface whose editors agree, in at least this many articles and to this share, teaches nothing new by one more.
_ENOUGH, _AGREED = 3, 0.85


def changed_surfaces(corpus_id: int, changes: Mapping[tuple[str, str, str, str], float]) -> list[str]:
    """The surfaces for which `changes`, not yet counted, may turn a suggestion; empty changes turn none."""
    turned: dict[str, Counter[str]] = defaultdict(Counter)
    for (kind, surface, _, label), change in changes.items():
        if kind == NameCount.Kind.DECIDED and abs(change) > 1e-6:
            turned[surface][label] += change  # type: ignore[assignment]
    known: dict[str, Counter[str]] = defaultdict(Counter)
    rows = NameCount.objects.filter(corpus=corpus_id, kind=NameCount.Kind.DECIDED, surface__in=list(turned))
    for surface, label, articles in rows.values_list("surface", "label", "articles"):
        known[surface][label] = articles
    return [surface for surface, change in turned.items() if not _agree(known[surface], change)]


def _agree(before: Counter[str], change: Counter[str]) -> bool:
    after = Counter(before)
    after.update(change)
    label, _ = max(after.items(), key=lambda item: item[1])
    totals = before.total(), after.total()
    return min(totals) >= _ENOUGH and min(before[label] / totals[0], after[label] / totals[1]) >= _AGREED


def articles_holding(corpus_id: int, surfaces: Iterable[str]) -> set[int]:
    """Open articles of the corpus with a reading in whose text one of the surfaces stands."""
    return set(ArticleReading.objects.filter(pk__in=holding(corpus_id, surfaces)).values_list("pk", flat=True))


Triple = tuple[int, int, str]


@dataclass
class Decided:
    """The decided spans of an article, and how it was read; None where no suggester has."""

    article: Article
    confirmed: list[Triple]
    rejected: list[Triple]
    done: bool
    reading: Reading | None

    def learning_record(self) -> LearningRecord:
        """What the spans teach; of a done article also what stands there and was left alone."""
        refused = {(start, end) for start, end, _ in self.rejected}
        if self.done and self.reading is not None:
            refused |= {(mention.start, mention.end) for mention in self.reading.mentions}
        return taught(self.article.text, self.confirmed, sorted(refused))


def decided_on(article_ids: Iterable[int]) -> dict[int, Decided]:
    """The decisions on these articles as they stand."""
    texts = Article.objects.filter(pk__in=article_ids).only("id", "text")
    readings = dict(ArticleReading.objects.filter(pk__in=article_ids).values_list("pk", "data"))
    done = set(Review.objects.filter(article__in=article_ids, stage=Stage.DONE).values_list("article_id", flat=True))
    found = {
        article.pk: Decided(
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


def outcomes(corpus_id: int, decided: dict[int, Decided], former: dict[int, str]) -> dict[int, str]:
    """What became of the suggestions for each article, as JSON; `former` are the learning records counted already.

    The suggestions are those that would be made by what other articles teach: an article's own decisions would make
    them look better than they were.
    """
    read = {pk: case for pk, case in decided.items() if case.reading is not None}
    words = {pk: Words(case.article.text) for pk, case in read.items()}
    statistics = statistics_for(corpus_id, words.values())
    found = {}
    for pk, case in read.items():
        own = learning_record_from_json(former[pk]) if pk in former else None
        if own:
            learn(statistics, own, sign=-1)
        proposals = resolved(words[pk], case.reading, statistics)
        if own:
            learn(statistics, own)
        rows = outcomes_of(proposals, case.confirmed, case.rejected, done=case.done, length=len(case.article.text))
        found[pk] = json.dumps(rows, separators=(",", ":"))
    return found


def former_learning_records(article_ids: Iterable[int]) -> dict[int, str]:
    return dict(ArticleLearningRecord.objects.filter(pk__in=article_ids).values_list("pk", "data"))
