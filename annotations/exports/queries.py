"""What an export holds, read in chunks so that memory stays flat whatever the corpus's size."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from annotations.exports import files, reports
from annotations.exports.models import OPEN, Export
from annotations.exports.selection import ANY, Selection
from annotations.formats.protocol import Context
from annotations.formats.records import DONE, Record, SpanRecord, ZoneRecord
from annotations.formats.report import Report
from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage
from annotations.review.queries import ArticleFilter, narrow
from annotations.review.queries.listing import changed_since
from corpusapp.articles.models import Article, Corpus, Zone
from corpusapp.articles.permissions import role_of
from corpusapp.core import keyset
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.text.zones import CHROME

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Why an article is in no report's file: it has come another way.
STAGE = "stage"
CHUNK = 200
# A chunk ends sooner where its texts are long, in code points: memory is bounded by the longest article.
CHUNK_LENGTH = 2_000_000
# Not by the models: an export is made of spans, and each would take three times as long.
_SPANS = """
    SELECT article_id, start, "end", label_id, state, score, pipeline_id, id, revision FROM review_span
    WHERE article_id = ANY(%(ids)s) AND layer = %(layer)s AND state = ANY(%(states)s)
      AND (%(labels)s::bigint[] IS NULL OR label_id = ANY(%(labels)s::bigint[]))
    ORDER BY article_id, start, "end" DESC, id
"""
# Everything on which people decided, whatever the export asks for.
_DECIDED = """
    SELECT article_id, start, "end" FROM review_span
    WHERE article_id = ANY(%(ids)s) AND layer = %(layer)s AND state <> 'suggested' ORDER BY article_id, start
"""
_OF_ARTICLES = ("pk", "external_id", "title", "text", "language", "metadata")
_OF_META = ("source__name", "url", "published_on", "published_precision")
# How much of an ISO date is known.
_KNOWN = {"month": 7, "year": 4}


def chosen_articles(corpus: Corpus, selection: Selection) -> QuerySet[Article]:
    """The articles of an export, in no order. Refuses what no article can match: a label or stage that is none."""
    _check_labels(corpus, selection.labels)
    of_list = ArticleFilter(
        source=selection.source, published_from=selection.published_from, published_to=selection.published_to
    )
    articles = narrow(Article.objects.filter(corpus=corpus, withdrawn_at=None), of_list).order_by()
    if not selection.any_stage:
        articles = articles.filter(_in_stages(selection))
    if selection.updated_since:
        articles = articles.filter(changed_since(selection.updated_since))
    return articles


def other_articles(corpus: Corpus, selection: Selection) -> int:
    """How many articles only their stage keeps out of an export."""
    if selection.any_stage:
        return 0
    of_any = chosen_articles(corpus, replace(selection, stages=(ANY,)))
    return of_any.exclude(_in_stages(selection)).count()


def _in_stages(selection: Selection) -> Exists:
    return Exists(Review.objects.filter(article=OuterRef("pk"), layer=MAIN_LAYER, stage__in=selection.stages))


def _check_labels(corpus: Corpus, names: Sequence[str]) -> None:
    if not names:
        return
    known = set(Label.objects.filter(corpus=corpus).values_list("name", flat=True))
    if unknown := [name for name in names if name not in known]:
        raise Invalid(f"the corpus has no label {unknown[0][:60]!r}: see its labels", field="label")


def context_of(corpus: Corpus, selection: Selection, scratch: str | None = None) -> Context:
    """What the formats say about the corpus."""
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


def export_records(corpus: Corpus, selection: Selection, report: Report | None = None) -> Iterator[Record]:
    """The corpus's articles by id, with their spans and zones, as they stood at the first one.

    Texts are whole, so that offsets are those of the article. A few queries for every 200 articles. The report is told
    how many articles of other stages there were at that moment.
    """
    return _each(export_chunks(corpus, selection, report))


def _each(chunks: Iterator[tuple[list[int], Iterator[Record]]]) -> Iterator[Record]:
    # Who breaks off ends the snapshot at once.
    with closing(chunks):
        for _, records in chunks:
            yield from records


def export_chunks(
    corpus: Corpus, selection: Selection, report: Report | None = None
) -> Iterator[tuple[list[int], Iterator[Record]]]:
    """The same in chunks, each with the ids of its articles."""
    return _chunks_of(chosen_articles(corpus, selection).order_by("pk"), corpus, selection, report)


def _chunks_of(
    articles: QuerySet[Article], corpus: Corpus, selection: Selection, report: Report | None
) -> Iterator[tuple[list[int], Iterator[Record]]]:
    with one_moment():
        if report is not None and (others := other_articles(corpus, selection)):
            report.left_out_articles[STAGE] = others
        reading = _Reading(corpus, selection)
        last = 0
        while ids := _next_chunk(articles, last):
            last = ids[-1]
            yield ids, reading.records(ids)


def chosen_records(article_ids: Sequence[int], corpora: Sequence[Corpus]) -> Iterator[Record]:
    """These articles of any stage, without withdrawn ones, with their confirmed spans that touch no chrome.

    The caller has checked who asks.
    """
    shown = Article.objects.filter(withdrawn_at=None).order_by("pk")
    with one_moment():
        reading = _Reading(corpora, Selection())
        for position in range(0, len(article_ids), CHUNK):
            chunk = shown.filter(pk__in=article_ids[position : position + CHUNK])
            yield from reading.records(list(chunk.values_list("pk", flat=True)))


# A manifest may be long, and is told with its release.
_EXPORTS = Export.objects.select_related("user", "corpus", "release").defer("release__manifest")


def recent_exports(corpus: Corpus, number: int) -> list[Export]:
    """The newest exports of a corpus."""
    return list(_EXPORTS.filter(corpus=corpus)[:number])


def exports_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[Export]:
    """The exports of a corpus, newest first."""
    rows = _EXPORTS.filter(corpus=corpus).order_by("-pk")
    if cursor:
        (last,) = keyset.decode(cursor, int)
        rows = rows.filter(pk__lt=last)
    found = list(rows[: size + 1])
    return keyset.Page(found[:size], keyset.encode(found[size - 1].pk) if len(found) > size else None)


def get_export(corpus: Corpus, pk: int) -> Export:
    """An export of this corpus, which the caller has looked up for the user."""
    export = _EXPORTS.filter(corpus=corpus, pk=pk).first()
    if export is None:
        raise NotFound(f"there is no export {pk} of {corpus.slug!r}")
    return export


def find_export(user: "User", pk: int) -> Export:
    """The export of this id of any corpus that the user sees."""
    export = _EXPORTS.filter(pk=pk).first()
    if export is None or export.corpus.withdrawn_at is not None or role_of(user, export.corpus) is None:
        raise NotFound(f"there is no export {pk} that you can see")
    return export


def file_of(export: Export) -> Path:
    """The export's file. Refuses `Conflict` where there is none: not yet, refused, failed, or no more."""
    state = export.state
    if state in OPEN:
        raise Conflict(f"export {export.pk} is not finished: it is {state}; try again later", field="state")
    if state in (Export.State.REFUSED, Export.State.FAILED, Export.State.CANCELLED):
        raise Conflict(f"there is no file: {export.reason}", field="state", current=export.report)
    oldest = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    path = files.file_in(export.folder, export.name) if state == Export.State.FINISHED else None
    if path is None or (export.finished_at and export.finished_at < oldest):
        raise Conflict(f"the file of export {export.pk} was deleted: create a new export", field="state")
    return path


def left_out_of(export: Export) -> int | None:
    """How many articles only their stage keeps out: of a made file then, else now. None where it was never counted."""
    if export.release is not None:
        return export.release.left_out_articles
    if export.report is not None:
        return export.report["left_out"]["articles"].get(STAGE, 0) if "left_out" in export.report else None
    return other_articles(export.corpus, export.chosen)


def losses_of(export: Export) -> Path:
    """Every loss of an export that was made, or refused for them, a JSON object a line, then the counts.

    Refuses as `file_of`, and where they are kept no longer.
    """
    if export.state != Export.State.REFUSED:
        file_of(export)
    path = files.file_in(export.folder, reports.LINES)
    if path is None and export.state == Export.State.REFUSED:
        raise Conflict(f"the losses of export {export.pk} were deleted: create a new export", field="state")
    if path is None:
        raise NotFound(f"export {export.pk} was created before losses were stored: create it again")
    return path


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
def one_moment() -> Iterator[None]:
    """One snapshot for all reads; within a caller's transaction, that one's."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class _Reading:
    """Reads articles with their spans as records. Names of labels and pipelines are looked up once."""

    def __init__(self, corpora: Corpus | Sequence[Corpus], selection: Selection) -> None:
        self._selection = selection
        corpora = [corpora] if isinstance(corpora, Corpus) else corpora
        self._labels = dict(Label.objects.filter(corpus__in=corpora).values_list("pk", "name"))
        self._pipelines: dict[int | None, str | None] = {None: None}

    def records(self, ids: Sequence[int]) -> Iterator[Record]:
        """The articles of these ids, in their order."""
        spans, zones, progress = self._spans(ids), self._zones(ids), self._progress(ids)
        rows = Article.objects.filter(pk__in=ids).order_by("pk").values_list(*_OF_ARTICLES, *_OF_META)
        for pk, external_id, title, text, language, metadata, *known in rows:
            of_article = zones.get(pk, ())
            yield Record(
                text=text,
                spans=tuple(self._shown(spans.get(pk, ()), of_article)),
                id=pk,
                external_id=external_id,
                title=title,
                language=language,
                meta=_meta(metadata, *known),
                zones=of_article,
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
        # A span takes about a microsecond here: no calls of ours within.
        span = SpanRecord._make
        for article, start, end, label, state, score, pipeline, pk, revision in rows:
            grouped[article].append(span((start, end, names[label], state, score, pipelines[pipeline], pk, revision)))
        return grouped

    def _named_pipelines(self, pks: set[int | None]) -> dict[int | None, str | None]:
        """Names by id; of no pipeline, none."""
        if unknown := pks - self._pipelines.keys():
            pipelines = Span._meta.get_field("pipeline").related_model
            self._pipelines |= {pk: str(pipeline) for pk, pipeline in pipelines.objects.in_bulk(unknown).items()}
        return self._pipelines

    def _progress(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """How far each article has come; of those that are not done also what is decided."""
        rows = Review.objects.filter(article__in=ids, layer=MAIN_LAYER).order_by()
        stages = {row[0]: row[1:] for row in rows.values_list("article", "stage", "done_at", "done_by__username")}
        decided = self._decided([pk for pk in ids if pk not in stages or stages[pk][0] != DONE])
        found = {}
        for pk in ids:
            stage, at, by = stages.get(pk, (Stage.NEW.value, None, None))
            at = at.isoformat().replace("+00:00", "Z") if at else ""
            by = (by or "") if self._selection.finished_by else ""
            found[pk] = {"stage": stage, "finished_at": at, "finished_by": by, "decided": decided.get(pk)}
        return found

    def _decided(self, ids: list[int]) -> dict[int, tuple[tuple[int, int], ...]]:
        """The ranges of what people decided on, overlapping ones as one."""
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
    """The article's metadata, and what has columns of its own under the names that an import reads."""
    published = day.isoformat()[: _KNOWN.get(precision, 10)] if day else ""
    own = {"source": source, "url": url, "published_on": published}
    return metadata | {name: value for name, value in own.items() if value}
