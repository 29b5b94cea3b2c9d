"""Wait until a batch's suggestions stand; without a live worker, make them here."""

import time
from collections.abc import Callable

from annotations.suggestions.models import Run
from annotations.suggestions.queries.runs import Progress, batch_progress
from corpusapp.core import jobs

POLL_SECONDS = 0.25


def wait_for_batch(batch_id: int, progress: Callable[[Progress], None] = lambda progress: None) -> Progress:
    """Return when no article of the batch is pending. A worker that dies meanwhile is stood in for."""
    while (now := batch_progress(batch_id)).pending:
        progress(now)
        if jobs.worker_is_alive():
            time.sleep(POLL_SECONDS)
        elif not _work_here(batch_id, progress):
            # What is pending is claimed by a process that is none of our workers: another command like this one.
            time.sleep(POLL_SECONDS)
    progress(now)
    return now


def _work_here(batch_id: int, progress: Callable[[Progress], None]) -> int:
    from annotations.suggestions.actions.process_run import work

    runs = Run.objects.filter(batch_id=batch_id).select_related("corpus")
    return sum(work(run=run, progress=lambda: progress(batch_progress(batch_id))) for run in runs)
