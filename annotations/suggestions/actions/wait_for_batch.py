"""Wait for the suggestions of an import. Can import spaCy: for commands only."""

import time
from collections.abc import Callable

from annotations.suggestions.models import Run
from annotations.suggestions.queries.runs import Progress, batch_progress
from corpusapp.core import jobs

POLL_SECONDS = 0.25


def wait_for_batch(batch_id: int, progress: Callable[[Progress], None] = lambda progress: None) -> Progress:
    """Return once no article of the import is pending. Without a live worker, process them in this process."""
    while (now := batch_progress(batch_id)).pending:
        progress(now)
        # Another command like this one may have claimed what is pending.
        if jobs.worker_is_alive() or not _process_here(batch_id, progress):
            time.sleep(POLL_SECONDS)
    progress(now)
    return now


def _process_here(batch_id: int, progress: Callable[[Progress], None]) -> int:
    # Imports spaCy, which takes seconds: only if there is no worker.
    from annotations.suggestions.actions.process_run import process_run

    runs = Run.objects.filter(batch_id=batch_id).select_related("corpus")
    return sum(process_run(run=run, progress=lambda: progress(batch_progress(batch_id))) for run in runs)
