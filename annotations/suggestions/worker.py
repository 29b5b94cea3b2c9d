"""The worker's side of a run: load the suggester, work off what is pending. Imports spaCy."""

from collections.abc import Callable

from annotations.suggesters.reader import NewsReader
from annotations.suggesters.spacy_ner import PipelineMissing
from annotations.suggestions.actions.work_off import fail_pending, work_off
from annotations.suggestions.beside import Beside, has_left
from annotations.suggestions.models import Run
from annotations.suggestions.queries import suggester_of
from annotations.suggestions.registry import reader_of
from annotations.suggestions.services import service_of


def work(*, run: Run, first: int = 0, last: int = 2**62, progress: Callable[[], None] = lambda: None) -> int:
    """Work off the run's pending articles; a missing pipeline fails them with the reason."""
    try:
        reader = reader_of(run.corpus_id)
    except PipelineMissing as missing:
        fail_pending(run=run, reason=str(missing), first=first, last=last)
        return 0
    beside = _beside(run, reader)
    return work_off(run=run, reader=reader, beside=beside, first=first, last=last, progress=progress)


def _beside(run: Run, reader: NewsReader) -> Beside | None:
    """The service of the run's corpus, unless it has none."""
    service = service_of(suggester_of(run.corpus))
    return Beside(service, reader, was_left=has_left(run.notices)) if service else None
