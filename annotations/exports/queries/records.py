"""Articles with their spans as records, read as a stream, so that memory does not grow with the corpus."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from itertools import repeat
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from psycopg import sql

from annotations.entities.queries.links import LinkStream
from annotations.exports.selection import ANY, Selection
from annotations.formats.protocol import Context
from annotations.formats.records import CONFIRMED, DONE, REJECTED, EntityRecord, Record, SpanRecord, ZoneRecord
from annotations.formats.report import Report
from annotations.review.models import MAIN_LAYER, Label, Review, Stage
from annotations.review.queries import ArticleFilter, filter_articles
from annotations.review.queries.listing import changed_since
from annotations.suggestions.models import Pipeline
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.copying import copying
from corpusapp.core.errors import Invalid
from corpusapp.text.zones import CHROME

# The reason in reports for articles left out because of their stage.
STAGE = "stage"
# Articles that one statement reads, and code points after which it reads fewer.
CHUNK = 1000
CHUNK_LENGTH = 10_000_000
_TYPES = (
    "int8", "text", "text", "text", "text", "text", "text", "text", "date", "text", "text[]",
    "text", "timestamptz", "text", "int4[]",
    "int4[]", "int4[]", "int8[]", "text[]", "float8[]", "int8[]", "int8[]", "int4[]",
)  # fmt: skip
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
        licence=corpus.licence,
        version=corpus.version,
        citation=corpus.citation,
        contact=corpus.contact,
        published=f"{timezone.now():%Y-%m-%d}",
        language=corpus.language,
        labels=dict(Label.objects.filter(corpus=corpus).values_list("name", "definition")),
        plain_states=selection.plain_states,
        offsets=selection.offsets,
        scratch=scratch,
    )


def export_records(corpus: Corpus, selection: Selection, report: Report | None = None) -> Generator[Record]:
    """The articles by id, with their spans and zones, from one snapshot, which begins with the first one.

    Texts are complete, so that offsets are those of the article. Two statements for every 1,000 articles, and one or
    two for the links of their spans if the corpus has any; between two articles, the connection can do nothing else.
    The report counts the articles left out because of their stage.
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
            # Ended before the snapshot is, which could not end while a statement runs.
            with closing(reader.records(ids)) as records:
                yield ids, records


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
    """Reads articles as records. Looks up the names of labels and pipelines once, and the links of each chunk."""

    def __init__(self, corpora: Corpus | Sequence[Corpus], selection: Selection) -> None:
        self._selection = selection
        corpora = [corpora] if isinstance(corpora, Corpus) else corpora
        self._labels = dict(Label.objects.filter(corpus__in=corpora).values_list("pk", "name"))
        self._pipelines: dict[int | None, str | None] = {None: None}
        self._pipelines |= {pipeline.pk: str(pipeline) for pipeline in Pipeline.objects.all()}
        states = {CONFIRMED, *selection.states} - {REJECTED}
        self._stream = LinkStream(states) if any(corpus.entities_enabled for corpus in corpora) else None
        self._links: Mapping[int, EntityRecord] = {}
        wanted = selection.labels
        self._parameters = {
            "new": Stage.NEW.value,
            "done": DONE,
            "layer": MAIN_LAYER,
            "states": list(selection.states),
            "labels": [pk for pk, name in self._labels.items() if name in wanted] if wanted else None,
        }

    def records(self, ids: Sequence[int]) -> Generator[Record]:
        """The articles with these ids, by id. The connection can do nothing else until the last one."""
        self._links = self._stream.read(ids) if self._stream is not None else {}
        statement = sql.SQL(_ARTICLES).format(ids=list(ids), **self._parameters).as_string()
        with copying(statement) as copy, connection.execute_wrapper(_refuse_meanwhile):
            copy.set_types(_TYPES)
            try:
                yield from map(self._record, copy.rows())
            except GeneratorExit:
                # Read the rest of this chunk: canceling the statement would abort the transaction of a caller.
                for _ in copy:
                    pass
                raise

    def _record(self, row: tuple[Any, ...]) -> Record:
        pk, external_id, title, language, text, metadata, *known, zones = row[:11]
        stage, finished_at, finished_by, decided = row[11:15]
        article_zones = tuple([ZoneRecord(int(start), int(end), kind) for start, end, kind in zones or ()])
        return Record(
            text=text,
            spans=self._shown(self._spans(*row[15:]), article_zones),
            id=pk,
            external_id=external_id,
            title=title,
            language=language,
            meta=_meta(json.loads(metadata) if metadata else {}, *known),
            zones=article_zones,
            stage=stage,
            finished_at=finished_at.isoformat().replace("+00:00", "Z") if finished_at else "",
            finished_by=(finished_by or "") if self._selection.finished_by else "",
            decided=None if stage == DONE else tuple([(start, end) for start, end in decided or ()]),
        )

    def _spans(
        self,
        starts: Sequence[int] | None,
        ends: Sequence[int],
        labels: Sequence[int],
        states: Sequence[str],
        scores: Sequence[float] | None,
        pipelines: Sequence[int],
        ids: Sequence[int],
        revisions: Sequence[int],
    ) -> tuple[SpanRecord, ...]:
        """The spans of these columns. Without calls of Python functions, since an export has millions of them."""
        if starts is None:
            return ()
        names = map(self._labels.__getitem__, labels)
        by = map(self._pipelines.__getitem__, pipelines)
        linked = map(self._links.get, ids) if self._links else repeat(None)
        columns = zip(starts, ends, names, states, scores or repeat(None), by, ids, revisions, linked, strict=False)
        return tuple(map(tuple.__new__, repeat(SpanRecord), columns))

    def _shown(self, spans: tuple[SpanRecord, ...], zones: Sequence[ZoneRecord]) -> tuple[SpanRecord, ...]:
        chrome = [] if self._selection.chrome else [(zone.start, zone.end) for zone in zones if zone.kind == CHROME]
        if not chrome:
            return spans
        outside = [span for span in spans if not any(span.start < end and start < span.end for start, end in chrome)]
        return tuple(outside)


def _refuse_meanwhile(*arguments: Any) -> Any:
    """A statement would wait for ever for the connection that the articles are read from."""
    raise RuntimeError("articles are being read from this connection: read them first, or use another connection")


def _meta(metadata: dict[str, Any], source: str | None, url: str, day: date | None, precision: str) -> dict[str, Any]:
    """The article's metadata, with the columns that an import reads from it."""
    published = day.isoformat()[: _KNOWN.get(precision, 10)] if day else ""
    columns = {"source": source, "url": url, "published_on": published}
    return metadata | {name: value for name, value in columns.items() if value}


# Raw SQL: COPY, so that the server reads articles while earlier ones are written. An article is one row, and its spans
# are arrays, in reading order. `decided` are the ranges that people decided on, whatever the selection.
_ARTICLES = """
    COPY (
        SELECT a.id, a.external_id, a.title, a.language, a.text, nullif(a.metadata, '{{}}')::text, source.name, a.url,
            a.published_on, a.published_precision, (
                SELECT array_agg(ARRAY[z.start::text, z."end"::text, z.kind] ORDER BY z.start, z."end" DESC, z.kind)
                FROM articles_zone z WHERE z.article_id = a.id
            ), coalesce(review.stage, {new}), review.done_at, editor.username,
            CASE WHEN review.stage = {done} THEN NULL ELSE (
                SELECT array_agg(ARRAY[lower(decided), upper(decided)])
                FROM unnest((
                    SELECT range_agg(int4range(s.start, s."end")) FROM review_span s
                    WHERE s.article_id = a.id AND s.layer = {layer} AND s.state <> 'suggested'
                )) AS decided
            ) END,
            spans.*
        FROM articles_article a
        LEFT JOIN articles_source source ON source.id = a.source_id
        LEFT JOIN LATERAL (
            SELECT stage, done_at, done_by_id FROM review_review
            WHERE article_id = a.id AND layer = {layer} LIMIT 1
        ) review ON true
        LEFT JOIN accounts_user editor ON editor.id = review.done_by_id
        CROSS JOIN LATERAL (
            SELECT array_agg(s.start), array_agg(s."end"), array_agg(s.label_id), array_agg(s.state),
                CASE WHEN count(s.score) > 0 THEN array_agg(s.score) END,
                array_agg(s.pipeline_id), array_agg(s.id), array_agg(s.revision)
            FROM (
                SELECT start, "end", label_id, state, score, pipeline_id, id, revision FROM review_span
                WHERE article_id = a.id AND layer = {layer} AND state = ANY({states})
                  AND ({labels}::bigint[] IS NULL OR label_id = ANY({labels}::bigint[]))
                ORDER BY start, "end" DESC, id
            ) s
        ) spans
        WHERE a.id = ANY({ids}) ORDER BY a.id
    ) TO STDOUT (FORMAT binary)
"""
