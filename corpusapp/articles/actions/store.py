"""Store a chunk of drafts: duplicates and new versions told apart under the corpus's import lock, the rest by COPY."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from corpusapp.articles.actions.copies import group_copies
from corpusapp.articles.actions.copy_rows import copy_rows
from corpusapp.articles.actions.import_result import New, Outcome
from corpusapp.articles.models import Article, ImportBatch
from corpusapp.articles.ports import Imported, subscribers
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Failure


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def store(*, batch: ImportBatch, completed: Sequence[Completed], successor_of: Article | None = None) -> Outcome:
    """Store the drafts in the running transaction, and have the followers go on from there.

    `successor_of` makes the one draft the next version of that article, whatever keys it has.
    """
    outcome = Outcome()
    completed = _checked(batch, completed, outcome)
    if not completed:
        return outcome
    with connection.cursor() as cursor:
        # One import at a time looks for duplicates in a corpus; the lock goes with the transaction.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import'), %s)", [batch.corpus_id % 2**31])
        new = _sift(batch, completed, outcome)
        if successor_of is not None:
            for row in new:
                row.previous, row.version = successor_of.pk, max(row.version, successor_of.version + 1)
        if not new:
            return outcome
        _number(cursor, new)
        copy_rows(cursor, batch, new)
        group_copies(cursor, batch.corpus_id, new)
    for follower in subscribers():
        follower.stored(corpus_id=batch.corpus_id, article_ids=[row.pk for row in new], user=batch.user)
    done = batch.options.get("done", False)
    imported = [Imported(row.pk, row.draft, row.draft.is_done(done)) for row in new]
    for follower in subscribers():
        follower.imported(batch=batch, articles=imported, suggest=batch.options.get("suggest", True))
    for follower in subscribers():
        follower.settled(batch=batch, articles=imported)
    return outcome


def _checked(batch: ImportBatch, completed: Sequence[Completed], outcome: Outcome) -> list[Completed]:
    """Those that no follower refuses."""
    drafts = [one.draft for one in completed]
    refused: dict[int, tuple[str, str]] = {}
    add_labels = batch.options.get("add_labels", False)
    for follower in subscribers():
        refused |= follower.check(corpus=batch.corpus, drafts=drafts, add_labels=add_labels)
    for position, (field, reason) in refused.items():
        draft = drafts[position]
        outcome.failures.append(Failure(draft.item, draft.line, reason, field, draft.form, draft.raw))
    return [one for position, one in enumerate(completed) if position not in refused]


def _sift(batch: ImportBatch, completed: Sequence[Completed], outcome: Outcome) -> list[New]:
    """Tell duplicates, new versions and new articles apart, also within the chunk itself."""
    rows = [New(one, sha256(one.draft.text), sha256(one.draft.url) if one.draft.url else None) for one in completed]
    articles = Article.objects.filter(corpus_id=batch.corpus_id)
    known = _known_texts(articles, rows)
    latest = _latest_versions(articles, rows)
    kept: list[New] = []
    for row in rows:
        hashes = [row.text_sha256, row.completed.content_sha256]
        twin = next((known[found] for found in hashes if found in known), None)
        if twin is not None:
            outcome.duplicates.append((row.draft, twin))
            continue
        known |= {found: row for found in hashes if found}
        _place(row, latest, outcome)
        kept.append(row)
    outcome.added += len(kept)
    return kept


def _known_texts(articles: Any, rows: Iterable[New]) -> dict[bytes | None, "int | New"]:
    """Articles by the hash of their text, and of their words."""
    texts = [row.text_sha256 for row in rows]
    contents = [row.completed.content_sha256 for row in rows if row.completed.content_sha256]
    same = articles.filter(Q(text_sha256__in=texts) | Q(content_sha256__in=contents))
    known: dict[bytes | None, int | New] = {}
    for pk, text, content in same.values_list("pk", "text_sha256", "content_sha256"):
        known[bytes(text)] = pk
        if content is not None:
            known[bytes(content)] = pk
    return known


def _place(row: New, latest: dict[Any, tuple[int, "int | New"]], outcome: Outcome) -> None:
    """Another text under the same external id or URL is the next version of what is there."""
    keys = [key for key in (("id", row.draft.external_id), ("url", row.url_sha256)) if key[1]]
    earlier = [latest[key] for key in keys if key in latest]
    if earlier:
        row.version = max(version for version, _ in earlier) + 1
        row.previous = earlier[0][1]
        outcome.changed += 1
    latest |= dict.fromkeys(keys, (row.version, row))


def _latest_versions(articles: Any, rows: Sequence[New]) -> dict[Any, tuple[int, "int | New"]]:
    """The highest version and its article by external id and by URL."""
    latest: dict[Any, tuple[int, int | New]] = {}
    by_id = articles.filter(external_id__in={row.draft.external_id for row in rows} - {""})
    for external_id, version, pk in by_id.order_by("version").values_list("external_id", "version", "pk"):
        latest["id", external_id] = (version, pk)
    by_url = articles.filter(url_sha256__in=[row.url_sha256 for row in rows if row.url_sha256])
    for url, version, pk in by_url.order_by("version").values_list("url_sha256", "version", "pk"):
        latest["url", bytes(url)] = (version, pk)
    return latest


def _number(cursor: Any, new: Sequence[New]) -> None:
    """Give the rows their ids, and their links to earlier versions."""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('articles_article', 'id')) FROM generate_series(1, %s)", [len(new)]
    )
    for row, (pk,) in zip(new, cursor.fetchall(), strict=True):
        row.pk = pk
    links = {row.previous.pk if isinstance(row.previous, New) else row.previous for row in new} - {None}
    taken = set(Article.objects.filter(previous__in=links).values_list("previous", flat=True))
    for row in new:
        previous = row.previous.pk if isinstance(row.previous, New) else row.previous
        # An article has one next version: where two keys lead to one, the second stands without a link.
        row.previous = None if previous in taken else previous
        taken.add(row.previous)
