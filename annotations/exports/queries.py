"""What an export holds, read in chunks so that memory stays flat whatever the corpus's size."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from annotations.formats.records import export_line, zone_record
from annotations.review.models import MAIN_LAYER, Review, Span
from annotations.review.records import span_json
from corpusapp.articles.models import Article, Corpus, Zone
from corpusapp.text.zones import CHROME

CHUNK = 200
# A chunk ends sooner where its texts are long, in code points: memory is bounded by the longest article.
CHUNK_LENGTH = 2_000_000


def export_records(
    corpus: Corpus, *, states: Sequence[str], stages: Sequence[str] = (), chrome: bool = False
) -> Iterator[dict[str, Any]]:
    """The corpus's articles by id, with their spans in `states` and their zones, as they stood at the first one.

    `stages` narrows to articles that have come so far. Texts are whole, so that offsets are those of the article;
    spans that touch its chrome are left out unless `chrome` asks for them. Four queries for every 200 articles.
    """
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None).order_by("pk")
    if stages:
        reviews = Review.objects.filter(article=OuterRef("pk"), layer=MAIN_LAYER, stage__in=stages)
        articles = articles.filter(Exists(reviews))
    texts = Article.objects.only("pk", "external_id", "title", "text").order_by("pk")
    with _one_moment():
        last = 0
        while ids := _next_chunk(articles, last):
            last = ids[-1]
            yield from _records(list(texts.filter(pk__in=ids)), states, chrome)


def _next_chunk(articles: QuerySet[Article], last: int) -> list[int]:
    """The ids after `last`: at least one, at most CHUNK, of not much more than CHUNK_LENGTH code points together."""
    ids, total = [], 0
    for pk, length in articles.filter(pk__gt=last).values_list("pk", "length")[:CHUNK]:
        total += length
        if ids and total > CHUNK_LENGTH:
            break
        ids.append(pk)
    return ids


@contextmanager
def _one_moment() -> Iterator[None]:
    """One snapshot for all reads; within a caller's transaction, that one's."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _records(chunk: Sequence[Article], states: Sequence[str], chrome: bool) -> Iterator[dict[str, Any]]:
    ids = [article.pk for article in chunk]
    spans = _by_article(Span.objects.for_reading().filter(article__in=ids, layer=MAIN_LAYER, state__in=states))
    zones = _by_article(Zone.objects.filter(article__in=ids).order_by("start", F("end").desc(), "kind"))
    for article in chunk:
        shown = spans.get(article.pk, [])
        if not chrome:
            shown = _outside_chrome(shown, zones.get(article.pk, []))
        yield export_line(
            id=article.pk,
            external_id=article.external_id,
            title=article.title,
            text=article.text,
            spans=[span_json(span, article.text) for span in shown],
            zones=[zone_record(zone.start, zone.end, zone.kind) for zone in zones.get(article.pk, ())],
        )


def _outside_chrome(spans: Sequence[Span], zones: Sequence[Zone]) -> list[Span]:
    chrome = [(zone.start, zone.end) for zone in zones if zone.kind == CHROME]
    return [span for span in spans if not any(span.start < end and start < span.end for start, end in chrome)]


def _by_article(rows: QuerySet[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.article_id, []).append(row)
    return grouped


def chosen_records(article_ids: Sequence[int], *, states: Sequence[str]) -> Iterator[dict[str, Any]]:
    """These articles, without withdrawn ones, with their spans in `states` that touch no chrome.

    The caller has checked who asks.
    """
    shown = Article.objects.filter(withdrawn_at=None).only("pk", "external_id", "title", "text").order_by("pk")
    with _one_moment():
        for position in range(0, len(article_ids), CHUNK):
            ids = article_ids[position : position + CHUNK]
            yield from _records(list(shown.filter(pk__in=ids)), states, chrome=False)
