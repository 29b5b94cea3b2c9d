"""Store drafts as articles: one action behind the command line, the upload form, the admin site and REST."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from corpusapp.articles.actions.store import Outcome, store
from corpusapp.articles.models import Corpus, ImportBatch, ImportProblem, Role
from corpusapp.articles.permissions import require
from corpusapp.intake.draft import Draft, Failure

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

CHUNK = 200
_ITEM_LENGTH = 400


def import_articles(
    *,
    user: "User",
    corpus: Corpus,
    items: Iterable[Draft | Failure],
    origin: ImportBatch.Origin,
    add_labels: bool = False,
    suggest: bool = True,
    progress: Callable[[ImportBatch], None] = lambda batch: None,
) -> ImportBatch:
    """Store the drafts among `items` and log the failures, in chunks that are each committed whole.

    What cannot be stored never stops the rest: it is a problem of the returned batch, with its item and line. Stopped
    half-way, the same import started again ends with each article once. `progress` is called after each chunk.
    """
    require(user, corpus, Role.MANAGER)
    batch = ImportBatch.objects.create(user=user, corpus=corpus, origin=origin)
    for chunk in _chunks(items):
        with transaction.atomic():
            _store_chunk(batch, chunk, add_labels=add_labels, suggest=suggest)
        batch.refresh_from_db()
        progress(batch)
    batch.finished_at = timezone.now()
    batch.save(update_fields=["finished_at"])
    return batch


def _chunks(items: Iterable[Draft | Failure]) -> Iterator[list[Draft | Failure]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _store_chunk(batch: ImportBatch, chunk: list[Draft | Failure], *, add_labels: bool, suggest: bool) -> None:
    drafts = [item for item in chunk if isinstance(item, Draft)]
    outcome = store(batch=batch, drafts=drafts, add_labels=add_labels, suggest=suggest)
    failures = [item for item in chunk if isinstance(item, Failure)] + outcome.failures
    _log(batch, failures, drafts)
    _count(batch, outcome, len(failures))


def _log(batch: ImportBatch, failures: list[Failure], drafts: list[Draft]) -> None:
    problems = [_problem(batch, failure.item, failure.line, failure.reason, True) for failure in failures]
    for draft in drafts:
        problems += [_problem(batch, draft.item, draft.line, note, False) for note in draft.notes]
    ImportProblem.objects.bulk_create(problems)


def _problem(batch: ImportBatch, item: str, line: int | None, reason: str, failed: bool) -> ImportProblem:
    # The reason may quote what could not be stored.
    printable = reason.encode(errors="backslashreplace").decode().replace("\0", "\\0")
    name = item.encode(errors="replace").decode().replace("\0", "")[:_ITEM_LENGTH]
    return ImportProblem(batch=batch, item=name, line=line, reason=printable, failed=failed)


def _count(batch: ImportBatch, outcome: Outcome, failed: int) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(
        added=F("added") + outcome.added,
        duplicates=F("duplicates") + outcome.duplicates,
        changed=F("changed") + outcome.changed,
        failed=F("failed") + failed,
    )
