"""Rows of new articles, their zones, originals and sketches, by COPY."""

import json
from collections.abc import Sequence
from typing import Any

from corpusapp.articles.actions.import_result import New
from corpusapp.articles.models import ImportBatch, Source
from corpusapp.articles.search import SEARCHED_COLUMNS, VECTOR_SQL, configuration_of, searched
from corpusapp.core.copying import copying
from corpusapp.intake.complete import pack
from corpusapp.intake.versions import READERS as VERSION

_NAME_LENGTH = 400
_INCOMING = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS incoming_article (
        id bigint, source_id bigint, title text, text text, text_sha256 bytea, content_sha256 bytea, url text,
        url_sha256 bytea, external_id text, author text, published_on date, published_precision text,
        published_evidence jsonb, dateline jsonb, language text, configuration text, metadata jsonb, version integer,
        previous_id bigint, {SEARCHED_COLUMNS}) WITH (toast_tuple_target = 8160) ON COMMIT DROP;
    -- Its texts are read several times and soon gone: compressing them would only cost.
    ALTER TABLE incoming_article ALTER text SET STORAGE EXTERNAL, ALTER folded_text SET STORAGE EXTERNAL;
    TRUNCATE incoming_article
"""
_KEPT = """
    id, source_id, title, text, text_sha256, content_sha256, url, url_sha256, external_id, author, published_on,
    published_precision, published_evidence, dateline, language, metadata, version, previous_id
"""


def copy_rows(cursor: Any, batch: ImportBatch, new: Sequence[New]) -> None:
    """Store the rows, whose ids are given. The caller holds the corpus's import lock."""
    _copy_articles(cursor, batch, new)
    zones = [
        (batch.corpus_id, row.pk, len(row.draft.text), zone.start, zone.end, zone.kind)
        for row in new
        for zone in row.draft.zones
    ]
    _copy('articles_zone (corpus_id, article_id, article_length, start, "end", kind)', zones)
    originals = [_original(row) for row in new if row.draft.raw is not None]
    _copy("articles_original (article_id, form, encoding, name, size, data, extractor)", originals)
    sketches = [(row.pk, row.completed.sketch) for row in new if row.completed.sketch]
    _copy("articles_sketch (article_id, values)", sketches)
    _copy_bands(batch.corpus_id, new)


def _copy(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with copying(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _copy_bands(corpus_id: int, new: Sequence[New]) -> None:
    """Twenty numbers an article: they need no escaping, so they go as they stand."""
    with copying("COPY articles_sketchband (corpus_id, key, article_id) FROM STDIN") as copy:
        for row in new:
            copy.write("".join(f"{corpus_id}\t{key}\t{row.pk}\n" for key in set(row.completed.bands)))


def _copy_articles(cursor: Any, batch: ImportBatch, new: Sequence[New]) -> None:
    sources = _sources(batch, new)
    cursor.execute(_INCOMING)
    _copy("incoming_article", [_article(row, sources) for row in new])
    cursor.execute(
        f"""
        INSERT INTO articles_article (corpus_id, batch_id, search_vector, {_KEPT})
        SELECT %s, %s, {VECTOR_SQL}, {_KEPT} FROM incoming_article ORDER BY id
        """,
        [batch.corpus_id, batch.pk],
    )


def _article(row: New, sources: dict[str, int]) -> tuple[Any, ...]:
    draft, completed = row.draft, row.completed
    configuration = configuration_of(draft.language)
    return (
        row.pk,
        sources.get(draft.source),
        draft.title,
        draft.text,
        row.text_sha256,
        completed.content_sha256,
        draft.url,
        row.url_sha256,
        draft.external_id,
        completed.author,
        draft.published_on,
        completed.published_precision,
        json.dumps(completed.published_evidence),
        json.dumps(completed.dateline),
        draft.language,
        configuration,
        json.dumps(draft.metadata),
        row.version,
        row.previous,
        *searched(draft.title, draft.text, configuration),
    )


def _original(row: New) -> tuple[Any, ...]:
    draft = row.draft
    raw = draft.raw or b""
    name = draft.item.encode(errors="replace").decode().replace("\0", "")[:_NAME_LENGTH]
    packed = row.completed.packed if row.completed.packed is not None else pack(raw)
    return row.pk, draft.form, draft.encoding, name, len(raw), packed, VERSION


def _sources(batch: ImportBatch, new: Sequence[New]) -> dict[str, int]:
    names = {row.draft.source for row in new} - {""}
    sources = Source.objects.filter(corpus_id=batch.corpus_id, name__in=names)
    missing = names - set(sources.values_list("name", flat=True))
    Source.objects.bulk_create([Source(corpus_id=batch.corpus_id, name=name) for name in sorted(missing)])
    return dict(sources.all().values_list("name", "pk"))
