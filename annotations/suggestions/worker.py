"""The worker's side of a run: load the suggester, work off what is pending. Imports spaCy."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction

from annotations.suggesters.reader import NewsReader
from annotations.suggesters.spacy_ner import PipelineMissing
from annotations.suggestions.actions.process_run import fail_pending, work_off
from annotations.suggestions.actions.runs import ARTICLES_A_TURN, SECONDS_A_TURN, wake_suggesting
from annotations.suggestions.models import Run
from annotations.suggestions.queries import pending_runs, suggester_of
from annotations.suggestions.registry import reader_of
from annotations.suggestions.services import ServiceRunner, has_left, service_of
from corpusapp.articles.models import Corpus
from corpusapp.core import jobs

logger = logging.getLogger(__name__)
# So many times a turn may be begun anew before its articles are suspected of ending its process.
_SUSPICIOUS_ATTEMPTS = 3


def take_turn(*, corpus: Corpus, lane: int, attempts: int = 0) -> None:
    """Read some of what is pending in the corpus, the shortest run first, then let other corpora have their turn."""
    for run in pending_runs(corpus):
        try:
            turn = {"most": ARTICLES_A_TURN, "seconds": SECONDS_A_TURN}
            done = work(run=run, **turn, one_by_one=attempts >= _SUSPICIOUS_ATTEMPTS)
        except jobs.TRY_AGAIN:
            raise
        except Exception as error:
            logger.exception("%s failed", run)
            told = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            done = fail_pending(run=run, reason=f"the worker broke ({told}): its log says more")
        if done:
            if pending_runs(corpus):
                with transaction.atomic():
                    wake_suggesting(corpus_id=corpus.pk, lane=lane)
            return


def work(*, run: Run, progress: Callable[[], None] = lambda: None, **how: Any) -> int:
    """Work off the run's pending articles, as `work_off` does; a missing pipeline fails them with the reason."""
    try:
        reader = reader_of(run.corpus_id)
    except PipelineMissing as missing:
        fail_pending(run=run, reason=str(missing))
        return 0
    beside = _beside(run, reader)
    return work_off(run=run, reader=reader, beside=beside, progress=progress, **how)


def _beside(run: Run, reader: NewsReader) -> ServiceRunner | None:
    """The service of the run's corpus, unless it has none."""
    service = service_of(suggester_of(run.corpus))
    return ServiceRunner(service, reader, was_left=has_left(run.notices)) if service else None
