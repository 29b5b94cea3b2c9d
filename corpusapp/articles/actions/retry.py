"""Retry a failed item after its cause was fixed: a missing label, a limit, a reader."""

import time
import zlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from corpusapp.articles.actions.completing import Completer
from corpusapp.articles.actions.import_state import notify_ended
from corpusapp.articles.actions.store import count_outcome, log_problems, storable, store
from corpusapp.articles.actions.uploads import UploadReader, with_source
from corpusapp.articles.limits import limits
from corpusapp.articles.models import ImportProblem, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.readers import Reading

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Maximum seconds to read an upload again for one item: the request waits for it.
READ_AGAIN_SECONDS = 10.0


@transaction.atomic
def retry_problem(*, user: "User", problem: ImportProblem) -> bool:
    """Import a failed item again; returns whether it was imported, or is a duplicate. Else the reason is updated.

    Raises `Conflict` if the item is not found any more, or not within `READ_AGAIN_SECONDS`.
    """
    require(user, problem.batch.corpus, Role.MANAGER)
    problem = ImportProblem.objects.select_for_update(of=("self",)).select_related("batch__corpus").get(pk=problem.pk)
    if problem.kind != ImportProblem.Kind.FAILED:
        raise Conflict(f"{problem.item} did not fail: there is nothing to retry")
    if problem.retried_at is not None:
        raise Conflict(f"{problem.item} was already imported by a retry")
    batch = problem.batch
    items = _items(problem)
    drafts = [item for item in items if isinstance(item, Draft)]
    outcomes = Completer(batch).complete(drafts)
    failures = [item for item in (*items, *outcomes) if isinstance(item, Failure)]
    outcome = store(batch=batch, completed=[found for found in outcomes if isinstance(found, Completed)])
    notify_ended(batch)
    if failures := failures + outcome.failures:
        problem.reason, problem.field = storable(failures[0].reason), storable(failures[0].field)[:200]
        problem.save(update_fields=["reason", "field"])
        if len(failures) == len(items):
            return False
    outcome.failures = []
    log_problems(batch, outcome, drafts)
    # Its bytes are the article's original now: erasing the article would not find them here.
    problem.retried_at, problem.data = timezone.now(), None
    problem.save(update_fields=["retried_at", "data"])
    count_outcome(batch, outcome, failed=-1)
    return True


def _items(problem: ImportProblem) -> list[Draft | Failure]:
    """Read the item again, from its own bytes or from its uploaded file."""
    if problem.data is not None:
        options = problem.batch.options
        reading = Reading(limits(), options.get("columns") or {}, encoding=options.get("encoding", ""))
        item = reading.reread(zlib.decompress(problem.data), problem.form, item=problem.item)
        return [with_source(item, problem.batch.options.get("source", ""))]
    found, end = [], time.monotonic() + READ_AGAIN_SECONDS
    for item in UploadReader(problem.batch):
        if time.monotonic() > end:
            raise Conflict(f"{problem.item} is too far into a large upload to be read again: import it separately")
        if (item.item, item.line) == (problem.item, problem.line):
            found.append(item)
    if not found:
        raise Conflict(f"the file of {problem.item} was not kept: import it again")
    return found
