"""Background jobs: load by id, call one action."""

from typing import TYPE_CHECKING

from procrastinate import JobContext

from corpusapp.articles.actions import import_state
from corpusapp.articles.actions.import_state import IMPORT_UPLOAD, QUEUE
from corpusapp.articles.models import ImportBatch
from corpusapp.articles.permissions import find_batch
from corpusapp.core import jobs, upkeep

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@jobs.task(IMPORT_UPLOAD, queue=QUEUE, pass_context=True)
def import_upload(context: JobContext, batch_id: int) -> None:
    """Import the files of a batch, or the rest of them."""
    from corpusapp.articles.actions.uploads import work_off_upload

    if batch := ImportBatch.objects.select_related("corpus", "user").filter(pk=batch_id).first():
        work_off_upload(batch=batch, attempts=context.job.attempts)


def _cancel(user: "User", pk: str) -> str:
    batch = import_state.cancel_import(user=user, batch=find_batch(user, upkeep.parse_id(pk)))
    return f"import {batch.pk} is cancelled: {batch.added} imported articles stay"


upkeep.register(upkeep.JobKind("import", _cancel, import_state.end_lost_imports))


def _prune_uploads() -> int:
    from corpusapp.articles.actions.uploads import prune_uploads

    return prune_uploads()


upkeep.daily("uploads", _prune_uploads)
