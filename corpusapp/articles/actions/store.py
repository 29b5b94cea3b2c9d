"""Store a chunk of drafts by COPY under the corpus's import lock, and log its problems."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F

from corpusapp.articles.actions.copies import Sketched, group_copies
from corpusapp.articles.actions.deduplicate import New, Outcome, deduplicated
from corpusapp.articles.actions.upsert import Update, apply_updates
from corpusapp.articles.models import Article, ImportBatch, ImportProblem, Source
from corpusapp.articles.ports import Imported, subscribers
from corpusapp.articles.search import SEARCHED_COLUMNS, VECTOR_SQL, configuration_of, searched
from corpusapp.core.copying import copying
from corpusapp.core.locks import Lock, lock
from corpusapp.intake.complete import Completed, pack
from corpusapp.intake.draft import DONE, Draft, Failure
from corpusapp.intake.versions import READERS as VERSION

Kind = ImportProblem.Kind
_ITEM_LENGTH, _FIELD_LENGTH = 400, 200
# Maximum bytes of a failed item that are stored for a retry.
_MOST_KEPT = 5_000_000
_NOT_DONE = "not marked done: the file says so, or some spans are undecided or have moved"


def log_problems(batch: ImportBatch, outcome: Outcome, drafts: Sequence[Draft]) -> None:
    """Log one row for each failure, duplicate and note."""
    problems = [_failure(batch, failure) for failure in outcome.failures]
    for draft, duplicate_of in outcome.duplicates:
        # An article of the same chunk has its id only now.
        article_id = duplicate_of.pk if isinstance(duplicate_of, New) else duplicate_of
        problems.append(
            _row(batch, Kind.DUPLICATE, draft, "an article with the same text already exists", article_id=article_id)
        )
    for draft, pk, fields in outcome.updated:
        kept = "; its spans, zones and stage stay as they are" if draft.spans or draft.zones or draft.stage else ""
        reason = f"updated {', '.join(fields)} of article {pk}{kept}"
        problems.append(_row(batch, Kind.NOTE, draft, reason, article_id=pk))
    mark_done = batch.options.get("done", False)
    for draft in drafts:
        problems += [_row(batch, Kind.NOTE, draft, note) for note in draft.notes]
        if (mark_done or draft.stage == DONE) and draft.spans_given and not draft.is_done(mark_done):
            problems.append(_row(batch, Kind.NOTE, draft, _NOT_DONE))
    ImportProblem.objects.bulk_create(problems, 1000)


def count_outcome(batch: ImportBatch, outcome: Outcome, *, failed: int, items: int = 0) -> None:
    """Add a chunk to the counts of its batch. The number of updates is kept with its options."""
    counts: dict[str, Any] = {
        "added": F("added") + outcome.added,
        "duplicates": F("duplicates") + len(outcome.duplicates),
        "changed": F("changed") + outcome.changed,
        "failed": F("failed") + failed,
        "items": F("items") + items,
    }
    row = ImportBatch.objects.filter(pk=batch.pk)
    if outcome.updated:
        options = row.select_for_update().values_list("options", flat=True).get()
        counts["options"] = {**options, "updated": options.get("updated", 0) + len(outcome.updated)}
    row.update(**counts)


def _failure(batch: ImportBatch, failure: Failure) -> ImportProblem:
    raw = failure.raw if failure.raw is not None and len(failure.raw) <= _MOST_KEPT else None
    row = _row(batch, Kind.FAILED, failure, failure.reason, field=storable(failure.field)[:_FIELD_LENGTH])
    row.form, row.data = failure.form, zlib.compress(raw) if raw is not None else None
    return row


def _row(batch: ImportBatch, kind: Kind, item: Draft | Failure, reason: str, **more: object) -> ImportProblem:
    name = storable(item.item)[:_ITEM_LENGTH]
    return ImportProblem(batch=batch, kind=kind, item=name, line=item.line, reason=storable(reason), **more)


def storable(text: str) -> str:
    """The text with escapes for characters that cannot be stored; reasons may quote such characters."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")


_NAME_LENGTH = 400
_INCOMING = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS incoming_article (
        id bigint, source_id bigint, title text, text text, text_sha256 bytea, content_sha256 bytea, url text,
        url_sha256 bytea, external_id text, author text, published_on date, published_precision text,
        published_evidence jsonb, dateline jsonb, language text, configuration text, metadata jsonb, version integer,
        previous_id bigint, copy_group_id bigint, vector tsvector, {SEARCHED_COLUMNS}
    ) WITH (toast_tuple_target = 8160) ON COMMIT DROP;
    -- Not compressed: its texts are read several times and soon deleted.
    ALTER TABLE incoming_article ALTER text SET STORAGE EXTERNAL, ALTER folded_text SET STORAGE EXTERNAL;
    TRUNCATE incoming_article
"""
_COLUMNS = """
    id, source_id, title, text, text_sha256, content_sha256, url, url_sha256, external_id, author, published_on,
    published_precision, published_evidence, dateline, language, metadata, version, previous_id, copy_group_id
"""


def copy_rows(cursor: Any, batch: ImportBatch, new: Sequence[New]) -> None:
    """Store the rows, which have their ids. The caller holds the corpus's import lock."""
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
    """Store about twenty keys per article; numbers need no escaping."""
    with copying("COPY articles_sketchband (corpus_id, key, article_id) FROM STDIN") as copy:
        for row in new:
            copy.write("".join(f"{corpus_id}\t{key}\t{row.pk}\n" for key in set(row.completed.bands)))


def _copy_articles(cursor: Any, batch: ImportBatch, new: Sequence[New]) -> None:
    sources = _sources(batch.corpus_id, {row.draft.source for row in new})
    cursor.execute(_INCOMING)
    _copy("incoming_article", [_article(row, sources) for row in new])
    cursor.execute(
        f"""
        INSERT INTO articles_article (corpus_id, batch_id, search_vector, {_COLUMNS})
        SELECT %s, %s, coalesce(vector, {VECTOR_SQL}), {_COLUMNS} FROM incoming_article ORDER BY id
        """,
        [batch.corpus_id, batch.pk],
    )


def _article(row: New, sources: dict[str, int]) -> tuple[Any, ...]:
    draft, completed = row.draft, row.completed
    vector, configuration = completed.search_vector, configuration_of(draft.language)
    words = searched(draft.title, draft.text, configuration) if vector is None else (None,) * 4
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
        row.copy_group,
        vector,
        *words,
    )


def _original(row: New) -> tuple[Any, ...]:
    draft = row.draft
    raw = draft.raw or b""
    name = draft.item.encode(errors="replace").decode().replace("\0", "")[:_NAME_LENGTH]
    packed = row.completed.packed if row.completed.packed is not None else pack(raw)
    return row.pk, draft.form, draft.encoding, name, len(raw), packed, VERSION


def _sources(corpus_id: int, named: set[str]) -> dict[str, int]:
    """The ids of these sources; those that the corpus does not have are created."""
    names = named - {""}
    sources = Source.objects.filter(corpus_id=corpus_id, name__in=names)
    missing = names - set(sources.values_list("name", flat=True))
    Source.objects.bulk_create([Source(corpus_id=corpus_id, name=name) for name in sorted(missing)])
    return dict(sources.all().values_list("name", "pk"))


def store(*, batch: ImportBatch, completed: Sequence[Completed], successor_of: Article | None = None) -> Outcome:
    """Store the drafts in the current transaction, and notify the subscribers.

    With `successor_of`, the single draft becomes the next version of that article.
    """
    outcome = Outcome()
    completed = _checked(batch, completed, outcome)
    if not completed:
        return outcome
    with connection.cursor() as cursor:
        # One import at a time searches a corpus for duplicates; the lock ends with the transaction.
        lock(Lock.IMPORT, batch.corpus_id, cursor=cursor)
        while completed:
            new, completed = deduplicated(batch, completed, outcome)
            if successor_of is not None:
                for row in new:
                    row.previous, row.version = successor_of.pk, max(row.version, successor_of.version + 1)
            if new:
                _store_new(cursor, batch, new)
            _update(batch, outcome)
    return outcome


def _store_new(cursor: Any, batch: ImportBatch, new: Sequence[New]) -> None:
    _assign_ids(cursor, new)
    _assign_groups(cursor, batch.corpus_id, new)
    copy_rows(cursor, batch, new)
    _notify_stored(batch, new)


def _notify_stored(batch: ImportBatch, new: Sequence[New]) -> None:
    for subscriber in subscribers():
        subscriber.stored(corpus_id=batch.corpus_id, article_ids=[row.pk for row in new], user=batch.user)
    mark_done = batch.options.get("done", False)
    imported = [Imported(row.pk, row.draft, row.draft.is_done(mark_done)) for row in new]
    for subscriber in subscribers():
        subscriber.imported(batch=batch, articles=imported, suggest=batch.options.get("suggest", True))
    for subscriber in subscribers():
        subscriber.settled(batch=batch, articles=imported)


def _update(batch: ImportBatch, outcome: Outcome) -> None:
    """Replace the metadata of known articles, in the order of the items. Those that change nothing are duplicates."""
    if not outcome.updates:
        return
    updates = [
        Update(row.completed, row.url_sha256, article.pk if isinstance(article, New) else article)
        for row, article in outcome.updates
    ]
    sources = _sources(
        batch.corpus_id, {update.draft.source for update in updates if "source" in update.draft.named_fields()}
    )
    for update, fields in apply_updates(user=batch.user, corpus_id=batch.corpus_id, updates=updates, sources=sources):
        if fields:
            outcome.updated.append((update.draft, update.article, fields))
        else:
            outcome.duplicates.append((update.draft, update.article))
    outcome.updates = []


def _checked(batch: ImportBatch, completed: Sequence[Completed], outcome: Outcome) -> list[Completed]:
    """The drafts that no subscriber refuses; the others become failures."""
    drafts = [one.draft for one in completed]
    refused: dict[int, tuple[str, str]] = {}
    add_labels = batch.options.get("add_labels", False)
    for subscriber in subscribers():
        refused |= subscriber.check(corpus=batch.corpus, drafts=drafts, add_labels=add_labels)
    for position, (name, reason) in refused.items():
        draft = drafts[position]
        outcome.failures.append(Failure(draft.item, draft.line, reason, name, draft.form, draft.raw))
    return [one for position, one in enumerate(completed) if position not in refused]


def _assign_groups(cursor: Any, corpus_id: int, new: Sequence[New]) -> None:
    """Set the groups of near copies of the rows, which have their ids."""
    sketched = {
        row.pk: Sketched(row.draft.external_id, row.draft.url, row.completed.sketch, row.completed.bands)
        for row in new
        if row.completed.bands
    }
    if sketched:
        groups = group_copies(cursor, corpus_id, sketched)
        for row in new:
            row.copy_group = groups.get(row.pk)


def _assign_ids(cursor: Any, new: Sequence[New]) -> None:
    """Set the ids of the rows, and their links to earlier versions."""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('articles_article', 'id')) FROM generate_series(1, %s)", [len(new)]
    )
    for row, (pk,) in zip(new, cursor.fetchall(), strict=True):
        row.pk = pk
    links = {row.previous.pk if isinstance(row.previous, New) else row.previous for row in new} - {None}
    taken = set(Article.objects.filter(previous__in=links).values_list("previous", flat=True))
    for row in new:
        previous = row.previous.pk if isinstance(row.previous, New) else row.previous
        # An article has one next version: if two rows have the same previous article, the second is not linked.
        row.previous = None if previous in taken else previous
        taken.add(row.previous)
