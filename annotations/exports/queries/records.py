"""Articles with their spans as records, read in chunks, so that memory does not grow with the corpus."""

from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotations.exports.selection import ANY, Selection
from annotations.formats.protocol import Context
from annotations.formats.records import DONE, Record, SpanRecord, ZoneRecord
from annotations.formats.report import Report
from annotations.review.models import MAIN_LAYER, Label, Review, Stage
from annotations.review.queries import ArticleFilter, filter_articles
from annotations.review.queries.listing import changed_since
from annotations.suggestions.models import Pipeline
from corpusapp.articles.models import Article, Corpus, Zone
from corpusapp.core.errors import Invalid
from corpusapp.text.zones import CHROME

# The reason in reports for articles left out because of their stage.
STAGE = "stage"
CHUNK = 200
# Code points after which a chunk ends sooner, so that memory is bounded by the longest article.
CHUNK_LENGTH = 2_000_000
# Raw SQL: model instances would take three times as long.
_SPANS = """
    SELECT article_id, start, "end", label_id, state, score, pipeline_id, id, revision FROM review_span
    WHERE article_id = ANY(%(ids)s) AND layer = %(layer)s AND state = ANY(%(states)s)
      AND (%(labels)s::bigint[] IS NULL OR label_id = ANY(%(labels)s::bigint[]))
    ORDER BY article_id, start, "end" DESC, id
"""
# Ranges that people decided on, whatever the selection.
_DECIDED = """
    SELECT article_id, start, "end" FROM review_span
    WHERE article_id = ANY(%(ids)s) AND layer = %(layer)s AND state <> 'suggested' ORDER BY article_id, start
"""
_OF_ARTICLES = ("pk", "external_id", "title", "text", "language", "metadata")
_OF_META = ("source__name", "url", "published_on", "published_precision")
# Characters of an ISO date that are known.
_KNOWN = {"month": 7, "year": 4}
# The ids of some articles, and their records.
Chunk = tuple[list[int], Iterator[Record]]


def chosen_articles(corpus: Corpus, selection: Selection) -> QuerySet[Article]:
    """The articles of an export, unordered. Raises `Invalid` for an unknown label."""
    _check_labels(corpus, selection.labels)
    filters = ArticleFilter(
        source=selection.source, published_from=selection.published_from, published_to=selection.published_to
    )
    articles = filter_articles(Article.objects.filter(corpus=corpus, withdrawn_at=None), filters).order_by()
    if not selection.any_stage:
        articles = articles.filter(_in_stages(selection))
    if selection.updated_since:
        articles = articles.filter(changed_since(selection.updated_since))
    return articles


def other_articles(corpus: Corpus, selection: Selection) -> int:
    """Number of articles left out of an export only because of their stage."""
    if selection.any_stage:
        return 0
    of_any_stage = chosen_articles(corpus, replace(selection, stages=(ANY,)))
    return of_any_stage.exclude(_in_stages(selection)).count()


def _in_stages(selection: Selection) -> Exists:
    return Exists(Review.objects.filter(article=OuterRef("pk"), layer=MAIN_LAYER, stage__in=selection.stages))


def _check_labels(corpus: Corpus, names: Sequence[str]) -> None:
    if not names:
        return
    known = set(Label.objects.filter(corpus=corpus).values_list("name", flat=True))
    if unknown := [name for name in names if name not in known]:
        raise Invalid(f"the corpus has no label {unknown[0][:60]!r}: see its labels", field="label")


def context_of(corpus: Corpus, selection: Selection, scratch: str | None = None) -> Context:
    """What the formats need to know about the corpus."""
    return Context(
        name=corpus.slug,
        title=corpus.name,
        description=corpus.guidelines,
        language=corpus.language,
        labels=dict(Label.objects.filter(corpus=corpus).values_list("name", "definition")),
        plain_states=selection.plain_states,
        offsets=selection.offsets,
        scratch=scratch,
    )


def export_records(corpus: Corpus, selection: Selection, report: Report | None = None) -> Generator[Record]:
    """The articles by id, with their spans and zones, from one snapshot, which begins with the first one.

    Texts are complete, so that offsets are those of the article. A few queries for every 200 articles. The report
    counts the articles left out because of their stage.
    """
    return _each(export_chunks(corpus, selection, report))


def _each(chunks: Generator[Chunk]) -> Generator[Record]:
    # A caller that stops early ends the snapshot at once.
    with closing(chunks):
        for _, records in chunks:
            yield from records


def export_chunks(corpus: Corpus, selection: Selection, report: Report | None = None) -> Generator[Chunk]:
    """As `export_records`, in chunks."""
    return _chunks_of(chosen_articles(corpus, selection).order_by("pk"), corpus, selection, report)


def _chunks_of(
    articles: QuerySet[Article], corpus: Corpus, selection: Selection, report: Report | None
) -> Generator[Chunk]:
    with snapshot():
        if report is not None and (others := other_articles(corpus, selection)):
            report.left_out_articles[STAGE] = others
        reader = _RecordReader(corpus, selection)
        last = 0
        while ids := _next_chunk(articles, last):
            last = ids[-1]
            yield ids, reader.records(ids)


def chosen_records(article_ids: Sequence[int], corpora: Sequence[Corpus]) -> Iterator[Record]:
    """These articles of any stage, without withdrawn ones, with their confirmed spans outside of boilerplate.

    The caller checks permissions.
    """
    shown = Article.objects.filter(withdrawn_at=None).order_by("pk")
    with snapshot():
        reader = _RecordReader(corpora, Selection())
        for position in range(0, len(article_ids), CHUNK):
            chunk = shown.filter(pk__in=article_ids[position : position + CHUNK])
            yield from reader.records(list(chunk.values_list("pk", flat=True)))


def _next_chunk(articles: QuerySet[Article], last: int) -> list[int]:
    """The ids after `last`: at least one, at most CHUNK, and at most CHUNK_LENGTH code points if several."""
    ids: list[int] = []
    total = 0
    for pk, length in articles.filter(pk__gt=last).values_list("pk", "length")[:CHUNK]:
        total += length
        if ids and total > CHUNK_LENGTH:
            break
        ids.append(pk)
    return ids


@contextmanager
def snapshot() -> Iterator[None]:
    """A read-only transaction with one snapshot for all reads; within a transaction, that one."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class _RecordReader:
    """Reads articles as records. Looks up the names of labels and pipelines once."""

    def __init__(self, corpora: Corpus | Sequence[Corpus], selection: Selection) -> None:
        self._selection = selection
        corpora = [corpora] if isinstance(corpora, Corpus) else corpora
        self._labels = dict(Label.objects.filter(corpus__in=corpora).values_list("pk", "name"))
        self._pipelines: dict[int | None, str | None] = {None: None}

    def records(self, ids: Sequence[int]) -> Iterator[Record]:
        """The articles with these ids, by id."""
        spans, zones, progress = self._spans(ids), self._zones(ids), self._progress(ids)
        rows = Article.objects.filter(pk__in=ids).order_by("pk").values_list(*_OF_ARTICLES, *_OF_META)
        for pk, external_id, title, text, language, metadata, *known in rows:
            article_zones = zones.get(pk, ())
            yield Record(
                text=text,
                spans=tuple(self._shown(spans.get(pk, ()), article_zones)),
                id=pk,
                external_id=external_id,
                title=title,
                language=language,
                meta=_meta(metadata, *known),
                zones=article_zones,
                **progress[pk],
            )

    def _shown(self, spans: Sequence[SpanRecord], zones: Sequence[ZoneRecord]) -> Sequence[SpanRecord]:
        chrome = [] if self._selection.chrome else [(zone.start, zone.end) for zone in zones if zone.kind == CHROME]
        if not chrome:
            return spans
        return [span for span in spans if not any(span.start < end and start < span.end for start, end in chrome)]

    def _spans(self, ids: Sequence[int]) -> dict[int, list[SpanRecord]]:
        """By article, in reading order, outer before inner."""
        wanted = self._selection.labels
        labels = [pk for pk, name in self._labels.items() if name in wanted] if wanted else None
        parameters = {"ids": list(ids), "layer": MAIN_LAYER, "states": list(self._selection.states), "labels": labels}
        with connection.cursor() as cursor:
            cursor.execute(_SPANS, parameters)
            rows = cursor.fetchall()
        names, pipelines, grouped = self._labels, self._named_pipelines({row[6] for row in rows}), defaultdict(list)
        # The loop takes about a microsecond a span, without calls of Python functions.
        span = SpanRecord._make
        for article, start, end, label, state, score, pipeline, pk, revision in rows:
            grouped[article].append(span((start, end, names[label], state, score, pipelines[pipeline], pk, revision)))
        return grouped

    def _named_pipelines(self, pks: set[int | None]) -> dict[int | None, str | None]:
        """Names by id; None for no pipeline."""
        if unknown := pks - self._pipelines.keys():
            found = Pipeline.objects.in_bulk(unknown)
            self._pipelines |= {pk: str(pipeline) for pk, pipeline in found.items()}
        return self._pipelines

    def _progress(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """The stage of each article and who finished it when; the decided ranges if it is not done."""
        rows = Review.objects.filter(article__in=ids, layer=MAIN_LAYER).order_by()
        stages = {row[0]: row[1:] for row in rows.values_list("article", "stage", "done_at", "done_by__username")}
        decided = self._decided([pk for pk in ids if pk not in stages or stages[pk][0] != DONE])
        found = {}
        for pk in ids:
            stage, at, by = stages.get(pk, (Stage.NEW.value, None, None))
            found[pk] = {
                "stage": stage,
                "finished_at": at.isoformat().replace("+00:00", "Z") if at else "",
                "finished_by": (by or "") if self._selection.finished_by else "",
                "decided": decided.get(pk),
            }
        return found

    def _decided(self, ids: list[int]) -> dict[int, tuple[tuple[int, int], ...]]:
        """The ranges that people decided on, overlapping ones merged."""
        if not ids:
            return {}
        merged: dict[int, list[tuple[int, int]]] = {pk: [] for pk in ids}
        with connection.cursor() as cursor:
            cursor.execute(_DECIDED, {"ids": ids, "layer": MAIN_LAYER})
            for article, start, end in cursor.fetchall():
                ranges = merged[article]
                if ranges and start <= ranges[-1][1]:
                    ranges[-1] = ranges[-1][0], max(ranges[-1][1], end)
                else:
                    ranges.append((start, end))
        return {pk: tuple(ranges) for pk, ranges in merged.items()}

    def _zones(self, ids: Sequence[int]) -> dict[int, tuple[ZoneRecord, ...]]:
        rows = Zone.objects.filter(article__in=ids).order_by("start", "-end", "kind")
        grouped: dict[int, tuple[ZoneRecord, ...]] = {}
        for article, start, end, kind in rows.values_list("article", "start", "end", "kind"):
            grouped[article] = (*grouped.get(article, ()), ZoneRecord(start, end, kind))
        return grouped


def _meta(metadata: dict[str, Any], source: str | None, url: str, day: date | None, precision: str) -> dict[str, Any]:
    """The article's metadata, with the columns that an import reads from it."""
    published = day.isoformat()[: _KNOWN.get(precision, 10)] if day else ""
    columns = {"source": source, "url": url, "published_on": published}
    return metadata | {name: value for name, value in columns.items() if value}
