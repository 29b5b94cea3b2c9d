"""Learn from decisions, and bring the pending suggestions of other articles up to date.

Both steps take their marks a few at a time, each in a transaction of its own: a kill loses nothing, and no editor waits
for more than a moment.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from annotations.review.models import Review, Span, Stage, State
from annotations.suggesters.knowledge import Lesson
from annotations.suggesters.reader import resolved
from annotations.suggesters.storing import lesson_from_json, lesson_to_json, reading_from_json
from annotations.suggesters.teaching import taught
from annotations.suggestions.actions.counts import Key, change_counts, lesson_counts
from annotations.suggestions.actions.train_model import train_if_due
from annotations.suggestions.actions.unsettled import mark_stale
from annotations.suggestions.actions.writing import write_proposals
from annotations.suggestions.affected import articles_holding, unsettled_surfaces
from annotations.suggestions.knowing import knowledge_for, sources_of
from annotations.suggestions.models import ArticleLesson, ArticleReading, Unsettled
from corpusapp.articles.models import Article, Corpus

LESSONS_AT_ONCE = 50
ARTICLES_AT_ONCE = 32


def heed(*, corpus: Corpus) -> None:
    """Do all that is marked in the corpus; what another worker has taken is left to it."""
    while _learn(corpus) or _settle(corpus):
        pass
    train_if_due(corpus=corpus)


@transaction.atomic
def _learn(corpus: Corpus) -> int:
    """Turn the decisions on marked articles into counts, and mark the articles that these concern."""
    article_ids = _take(corpus, Unsettled.Kind.DECIDED, LESSONS_AT_ONCE)
    if not article_ids:
        return 0
    changes: Counter[Key] = Counter()
    former = dict(ArticleLesson.objects.filter(pk__in=article_ids).values_list("pk", "data"))
    lessons = _lessons(article_ids)
    for pk, lesson in lessons.items():
        changes.update(lesson_counts(lesson))
        changes.subtract(lesson_counts(lesson_from_json(former[pk]) if pk in former else None))
    rows = [ArticleLesson(article_id=pk, corpus=corpus, data=lesson_to_json(lesson)) for pk, lesson in lessons.items()]
    ArticleLesson.objects.bulk_create(rows, update_conflicts=True, unique_fields=["article"], update_fields=["data"])
    surfaces = unsettled_surfaces(corpus.pk, changes)
    change_counts(corpus.pk, changes)
    mark_stale(corpus_id=corpus.pk, article_ids=set(articles_holding(corpus.pk, surfaces)) - set(article_ids))
    return len(article_ids)


def _take(corpus: Corpus, kind: str, number: int) -> list[int]:
    """Remove the oldest marks that nobody else has in hand; returns their articles."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM suggestions_unsettled WHERE id IN (
                SELECT id FROM suggestions_unsettled WHERE corpus_id = %s AND kind = %s
                ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            ) RETURNING article_id
            """,
            [corpus.pk, kind, number],
        )
        return sorted({row[0] for row in cursor.fetchall()})


def _lessons(article_ids: Iterable[int]) -> dict[int, Lesson]:
    """What the decided spans of each article teach; of a done one, also what stands there and was left alone."""
    decided: dict[int, list[Span]] = {pk: [] for pk in article_ids}
    for span in Span.objects.decided().filter(article__in=decided).select_related("label"):
        decided[span.article_id].append(span)
    done = set(Review.objects.filter(article__in=decided, stage=Stage.DONE).values_list("article_id", flat=True))
    readings = dict(ArticleReading.objects.filter(pk__in=done).values_list("pk", "data"))
    texts = dict(Article.objects.filter(pk__in=decided).values_list("pk", "text"))
    return {pk: _lesson(texts[pk], spans, readings.get(pk)) for pk, spans in decided.items() if pk in texts}


def _lesson(text: str, spans: list[Span], reading: str | None) -> Lesson:
    true = [(span.start, span.end, span.label.name) for span in spans if span.state == State.CONFIRMED]
    refused = {(span.start, span.end) for span in spans if span.state == State.REJECTED}
    if reading is not None:
        refused |= {(mention.start, mention.end) for mention in reading_from_json(reading).mentions}
    return taught(text, true, sorted(refused))


@transaction.atomic
def _settle(corpus: Corpus) -> int:
    """Make the suggestions of marked articles anew from their readings."""
    article_ids = _take(corpus, Unsettled.Kind.STALE, ARTICLES_AT_ONCE)
    if not article_ids:
        return 0
    articles = list(Article.objects.filter(pk__in=article_ids).only("id", "text"))
    sources = sources_of(articles)
    knowledge = knowledge_for(corpus.pk, (article.text for article in articles))
    by_pipeline: dict[int, dict[int, list]] = {}
    for row in ArticleReading.objects.filter(pk__in=article_ids):
        proposals = resolved(sources[row.pk], reading_from_json(row.data), knowledge)
        by_pipeline.setdefault(row.pipeline_id, {})[row.pk] = proposals
    for pipeline_id, proposals in by_pipeline.items():
        write_proposals(corpus=corpus, pipeline_id=pipeline_id, proposals=proposals)
    return len(article_ids)
