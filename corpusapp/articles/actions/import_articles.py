"""Store drafts as articles: one action behind the command line, the browser, the admin site and REST."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from corpusapp.articles.actions.completing import Completer
from corpusapp.articles.actions.report import log_problems
from corpusapp.articles.actions.store import Outcome, store
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Draft, Failure
from corpusapp.refusals import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

CHUNK = 200
# Texts are long now and then: a chunk holds no more code points, or bytes, than this, so that memory stays flat.
CHUNK_LENGTH = 4_000_000
_COUNTED_AFTER = (1 << 1, 1 << 3, 1 << 5, 1 << 7, 1 << 9, 1 << 11)  # chunks


class Withdrawn(Conflict):
    """The corpus was hidden while articles came in."""


def import_articles(
    *,
    user: "User",
    corpus: Corpus,
    items: Iterable[Draft | Failure],
    origin: ImportBatch.Origin,
    add_labels: bool = False,
    suggest: bool = True,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    progress: Callable[[ImportBatch], None] = lambda batch: None,
) -> ImportBatch:
    """Store the drafts among `items` and log the failures, in chunks that are each committed whole.

    What cannot be stored never stops the rest: it is a problem of the returned batch, with its item and line. Stopped
    half-way, the same import started again ends with each article once. `columns` ({theirs: ours}) and `encoding`
    tell how the items were read, for a later reading of their originals. `progress` is called after each chunk.
    """
    require(user, corpus, Role.MANAGER)
    options = {"add_labels": add_labels, "suggest": suggest, "columns": dict(columns or {})}
    options |= {"encoding": encoding} if encoding else {}
    batch = ImportBatch.objects.create(user=user, corpus=corpus, origin=origin, options=options)
    return store_items(batch=batch, items=items, progress=progress)


def store_items(
    *,
    batch: ImportBatch,
    items: Iterable[Draft | Failure],
    progress: Callable[[ImportBatch], None] = lambda batch: None,
) -> ImportBatch:
    """Go on with a batch: `items` are those after the ones that it has read already.

    Refuses (`Withdrawn`) to go on where the corpus was withdrawn meanwhile; what came in stays.
    """
    with closing(Completer(batch).chunks(_chunks(items))) as chunks:
        for number, (chunk, completed) in enumerate(chunks, 1):
            with transaction.atomic():
                _require_standing(batch)
                _store_chunk(batch, chunk, completed)
            if number in _COUNTED_AFTER:
                _count_tables()
            batch.refresh_from_db()
            progress(batch)
    batch.finished_at = timezone.now()
    batch.save(update_fields=["finished_at"])
    return batch


def _require_standing(batch: ImportBatch) -> None:
    """Under a lock that lasts as long as the chunk: whoever withdraws the corpus waits for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT withdrawn_at IS NULL FROM articles_corpus WHERE id = %s FOR SHARE", [batch.corpus_id])
        (standing,) = cursor.fetchone()
    if not standing:
        raise Withdrawn("the corpus was withdrawn while this import was read: restore it, and import the rest again")


def _count_tables() -> None:
    """Tell the database how its tables have grown: the plans that it made for empty ones read all of a full one."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_article (id, corpus_id, length), articles_sketchband")


def _chunks(items: Iterable[Draft | Failure]) -> Iterator[list[Draft | Failure]]:
    iterator = iter(items)
    while first := list(islice(iterator, 1)):
        chunk, length = first, _length(first[0])
        while len(chunk) < CHUNK and length < CHUNK_LENGTH and (more := list(islice(iterator, 1))):
            chunk += more
            length += _length(more[0])
        yield chunk


def _length(item: Draft | Failure) -> int:
    text = len(item.text) if isinstance(item, Draft) else 0
    return max(text, len(item.raw or b""))


def _store_chunk(batch: ImportBatch, chunk: list[Draft | Failure], completed: list[Completed]) -> None:
    outcome = store(batch=batch, completed=completed)
    outcome.failures += [item for item in chunk if isinstance(item, Failure)]
    log_problems(batch, outcome, [one.draft for one in completed])
    _count(batch, outcome, len(chunk))


def _count(batch: ImportBatch, outcome: Outcome, items: int) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(
        added=F("added") + outcome.added,
        duplicates=F("duplicates") + len(outcome.duplicates),
        changed=F("changed") + outcome.changed,
        failed=F("failed") + len(outcome.failures),
        items=F("items") + items,
    )
