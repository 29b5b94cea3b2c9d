"""Rows of new articles by COPY, after duplicates and new versions are told apart under the corpus's import lock."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from corpusapp.articles.models import Article, ImportBatch, Source
from corpusapp.articles.ports import Imported, followers
from corpusapp.articles.search import VECTOR_SQL, configuration_of
from corpusapp.intake.draft import Draft, Failure


@dataclass
class Outcome:
    """What became of a chunk: `added` counts new versions too, which `changed` counts alone."""

    added: int = 0
    duplicates: int = 0
    changed: int = 0
    failures: list[Failure] = field(default_factory=list)
    article_ids: list[int] = field(default_factory=list)


@dataclass
class _New:
    """A draft that will be stored."""

    draft: Draft
    text_sha256: bytes
    url_sha256: bytes | None
    version: int = 1
    previous: int | None = None
    pk: int = 0


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def store(*, batch: ImportBatch, drafts: Sequence[Draft], add_labels: bool, suggest: bool) -> Outcome:
    """Store `drafts` in the running transaction, and have the followers go on from there."""
    outcome = Outcome()
    drafts = _checked(batch, drafts, add_labels, outcome)
    if not drafts:
        return outcome
    with connection.cursor() as cursor:
        # One import at a time looks for duplicates in a corpus; the lock goes with the transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import'), %s)", [batch.corpus_id % 2**31])
        new = _sift(batch, drafts, outcome)
        if not new:
            return outcome
        _number(cursor, new)
        _copy_articles(cursor, batch, new)
        _copy_zones(cursor, batch, new)
    imported = [Imported(row.pk, row.draft) for row in new]
    for follower in followers():
        follower.imported(batch=batch, articles=imported, suggest=suggest)
    outcome.article_ids = [row.pk for row in new]
    return outcome


def _checked(batch: ImportBatch, drafts: Sequence[Draft], add_labels: bool, outcome: Outcome) -> list[Draft]:
    """The drafts that no follower refuses."""
    refused: dict[int, str] = {}
    for follower in followers():
        refused |= follower.check(corpus=batch.corpus, drafts=drafts, add_labels=add_labels)
    for position, reason in refused.items():
        draft = drafts[position]
        outcome.failures.append(Failure(draft.item, draft.line, reason))
    return [draft for position, draft in enumerate(drafts) if position not in refused]


def _sift(batch: ImportBatch, drafts: Sequence[Draft], outcome: Outcome) -> list[_New]:
    """Tell duplicates, new versions and new articles apart, also within the chunk itself."""
    new = [_New(draft, sha256(draft.text), sha256(draft.url) if draft.url else None) for draft in drafts]
    articles = Article.objects.filter(corpus_id=batch.corpus_id)
    same_text = articles.filter(text_sha256__in=[row.text_sha256 for row in new])
    known = {bytes(found) for found in same_text.values_list("text_sha256", flat=True)}
    latest = _latest_versions(articles, new)
    kept = []
    for row in new:
        if row.text_sha256 in known:
            outcome.duplicates += 1
            continue
        known.add(row.text_sha256)
        keys = [key for key in (("id", row.draft.external_id), ("url", row.url_sha256)) if key[1]]
        earlier = next((latest[key] for key in keys if key in latest), None)
        if earlier is not None:
            row.version = max(latest[key][0] for key in keys if key in latest) + 1
            row.previous = earlier[1]
            outcome.changed += 1
        outcome.added += 1
        kept.append(row)
        for key in keys:
            latest[key] = (row.version, row)
    return kept


def _latest_versions(articles, new: Sequence[_New]) -> dict:
    """The highest version and its article by external id and by URL."""
    latest: dict = {}
    by_id = articles.filter(external_id__in={n.draft.external_id for n in new} - {""})
    for external_id, version, pk in by_id.order_by("version").values_list("external_id", "version", "pk"):
        latest["id", external_id] = (version, pk)
    by_url = articles.filter(url_sha256__in=[n.url_sha256 for n in new if n.url_sha256])
    for url, version, pk in by_url.order_by("version").values_list("url_sha256", "version", "pk"):
        latest["url", bytes(url)] = (version, pk)
    return latest


def _number(cursor, new: Sequence[_New]) -> None:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('articles_article', 'id')) FROM generate_series(1, %s)", [len(new)]
    )
    for row, (pk,) in zip(new, cursor.fetchall(), strict=True):
        row.pk = pk
    taken = set()
    for row in new:
        if isinstance(row.previous, _New):
            row.previous = row.previous.pk
        # An article has one next version: where two keys lead to one, the second stands without a link.
        if row.previous in taken:
            row.previous = None
        taken.add(row.previous)


_COLUMNS = (
    "id, source_id, title, text, text_sha256, url, url_sha256, external_id, published_on, language, configuration, "
    "metadata, version, previous_id"
)


def _copy_articles(cursor, batch: ImportBatch, new: Sequence[_New]) -> None:
    sources = _sources(batch, new)
    cursor.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS incoming_article (
            id bigint, source_id bigint, title text, text text, text_sha256 bytea, url text, url_sha256 bytea,
            external_id text, published_on date, language text, configuration text, metadata jsonb, version integer,
            previous_id bigint) ON COMMIT DROP;
        TRUNCATE incoming_article
        """
    )
    with cursor.copy(f"COPY incoming_article ({_COLUMNS}) FROM STDIN") as copy:
        for row in new:
            draft = row.draft
            language = draft.language or batch.corpus.language
            copy.write_row(
                (
                    row.pk,
                    sources.get(draft.source),
                    draft.title,
                    draft.text,
                    row.text_sha256,
                    draft.url,
                    row.url_sha256,
                    draft.external_id,
                    draft.published_on,
                    language,
                    configuration_of(language),
                    json.dumps(draft.metadata),
                    row.version,
                    row.previous,
                )
            )
    cursor.execute(
        f"""
        INSERT INTO articles_article (id, corpus_id, batch_id, source_id, title, text, text_sha256, url, url_sha256,
            external_id, published_on, language, metadata, version, previous_id, search_vector)
        SELECT id, %s, %s, source_id, title, text, text_sha256, url, url_sha256, external_id, published_on, language,
            metadata, version, previous_id, {VECTOR_SQL}
        FROM incoming_article ORDER BY id
        """,
        [batch.corpus_id, batch.pk],
    )


def _sources(batch: ImportBatch, new: Sequence[_New]) -> dict[str, int]:
    names = {row.draft.source for row in new} - {""}
    sources = Source.objects.filter(corpus_id=batch.corpus_id, name__in=names)
    missing = names - set(sources.values_list("name", flat=True))
    Source.objects.bulk_create([Source(corpus_id=batch.corpus_id, name=name) for name in sorted(missing)])
    return dict(sources.all().values_list("name", "pk"))


def _copy_zones(cursor, batch: ImportBatch, new: Sequence[_New]) -> None:
    if not any(row.draft.zones for row in new):
        return
    columns = 'corpus_id, article_id, article_length, start, "end", kind'
    with cursor.copy(f"COPY articles_zone ({columns}) FROM STDIN") as copy:
        for row in new:
            for zone in row.draft.zones:
                copy.write_row((batch.corpus_id, row.pk, len(row.draft.text), zone.start, zone.end, zone.kind))
