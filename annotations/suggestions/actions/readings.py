"""Keep what a suggester made of articles, and count the names that it saw."""

from collections import Counter
from collections.abc import Iterable, Mapping

from annotations.review.models import MAIN_LAYER, Review
from annotations.suggesters.reading import Reading
from annotations.suggesters.storing import reading_from_json, reading_to_json
from annotations.suggestions.actions.counts import Key, change_counts, seen_counts
from annotations.suggestions.models import ArticleReading


def keep_readings(*, corpus_id: int, pipeline_id: int, readings: Mapping[int, Reading]) -> None:
    """Store the readings by article in place of earlier ones, and bring the counts of the corpus up to date."""
    hold(readings)
    changes: Counter[Key] = Counter()
    for former in ArticleReading.objects.filter(pk__in=readings).values_list("data", flat=True):
        changes.subtract(seen_counts(reading_from_json(former).seen))
    rows = []
    for article_id, reading in readings.items():
        changes.update(seen_counts(reading.seen))
        data = reading_to_json(reading)
        rows.append(ArticleReading(article_id=article_id, corpus_id=corpus_id, pipeline_id=pipeline_id, data=data))
    ArticleReading.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["article"], update_fields=["pipeline", "data"]
    )
    change_counts(corpus_id, changes)


def hold(article_ids: Iterable[int]) -> None:
    """Take the articles' locks: two runs that read one article at once would count it twice."""
    reviews = Review.objects.filter(article__in=list(article_ids), layer=MAIN_LAYER).order_by("article_id")
    list(reviews.select_for_update().values_list("pk"))
