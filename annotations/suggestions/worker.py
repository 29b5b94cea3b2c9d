"""The worker's side of a run: load the suggester, work off what is pending. Imports spaCy."""

from collections.abc import Callable

from annotations.suggesters.spacy_ner import PipelineMissing
from annotations.suggestions.actions.work_off import fail_pending, work_off
from annotations.suggestions.models import Run
from annotations.suggestions.registry import reader_of


def work(*, run: Run, first: int = 0, last: int = 2**62, progress: Callable[[], None] = lambda: None) -> int:
    """Work off the run's pending articles; a missing pipeline fails them with the reason."""
    try:
        reader = reader_of(run.corpus_id)
    except PipelineMissing as missing:
        fail_pending(run=run, reason=str(missing), first=first, last=last)
        return 0
    return work_off(run=run, reader=reader, first=first, last=last, progress=progress)
