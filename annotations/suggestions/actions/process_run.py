"""Create the suggestions of a run's pending articles. Imports spaCy: for workers only.

A batch of articles is claimed by row locks, read by the suggester, and stored with its run items in one transaction.
If the worker is killed, the articles stay pending; other workers skip rows that are locked.
"""

from __future__ import annotations

import logging
import math
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from django.db import transaction
from django.db.models import F, Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from annotations.entities.actions.pending_links import Turn, mark_articles
from annotations.suggesters.protocol import SourceText
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.reading import Reading
from annotations.suggesters.spacy_ner import PipelineMissing
from annotations.suggestions.actions.pending_updates import mark_stale
from annotations.suggestions.actions.runs import (
    ARTICLES_PER_TURN,
    SECONDS_PER_TURN,
    notify_of_failure,
    queue_suggestions,
)
from annotations.suggestions.actions.write_suggestions import ensure_pipeline, store_readings, write_proposals
from annotations.suggestions.models import Run, RunItem
from annotations.suggestions.pipelines.readers import reader_of
from annotations.suggestions.pipelines.services import (
    Readings,
    ServiceRunner,
    corpus_service,
    merged_notices,
    was_skipped,
)
from annotations.suggestions.queries.name_statistics import source_texts, statistics_for
from annotations.suggestions.queries.runs import changes_of, pending_runs, suggester_of
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import is_shown
from corpusapp.core import jobs

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Length(TypedDict):
        length: int


logger = logging.getLogger(__name__)

BATCH_SIZE = 64
# Code points: the total of a batch, and the limit for one article. spaCy needs a minute and a gigabyte for the second.
BATCH_LENGTH, MAX_LENGTH = 100_000, 2_000_000
# From this attempt on, the articles of a turn are processed one by one, to find one that crashes the worker.
_SUSPICIOUS_ATTEMPTS = 3
_STARTED = "processing has started"
_TOO_LONG = f"the text has {{:,}} code points, and the limit for suggestions is {MAX_LENGTH:,}: import it in parts"


class _Result(NamedTuple):
    """Changed suggestions, and proposals left out by unknown label."""

    changes: Counter[str]
    unknown: Counter[str]


def take_turn(*, corpus: Corpus, lane: int, attempts: int = 0) -> None:
    """Process some pending articles of the corpus, the shortest run first, then requeue it behind other corpora."""
    for run in pending_runs(corpus):
        try:
            done = process_run(
                run=run,
                limit=ARTICLES_PER_TURN,
                seconds=SECONDS_PER_TURN,
                one_by_one=attempts >= _SUSPICIOUS_ATTEMPTS,
            )
        except jobs.TRY_AGAIN:
            raise
        except Exception as error:
            logger.exception("%s failed", run)
            cause = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            done = fail_pending(run=run, reason=f"the worker broke ({cause}): its log says more")
        if done:
            if pending_runs(corpus):
                with transaction.atomic():
                    queue_suggestions(corpus_id=corpus.pk, lane=lane)
            return


def process_run(
    *,
    run: Run,
    limit: int = 2**62,
    seconds: float = math.inf,
    one_by_one: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Process the run with its corpus's suggester, as `process_pending` does.

    If the pipeline is not installed, all pending articles fail with that reason, and the result is 0.
    """
    try:
        reader = reader_of(run.corpus_id)
    except PipelineMissing as missing:
        fail_pending(run=run, reason=str(missing))
        return 0
    return process_pending(
        run=run,
        reader=reader,
        service=_service_runner(run, reader),
        limit=limit,
        seconds=seconds,
        one_by_one=one_by_one,
        progress=progress,
    )


def _service_runner(run: Run, reader: NewsReader) -> ServiceRunner | None:
    service = corpus_service(suggester_of(run.corpus))
    return ServiceRunner(service, reader, skipped=was_skipped(run.notices)) if service else None


def process_pending(
    *,
    run: Run,
    reader: NewsReader,
    service: ServiceRunner | None = None,
    limit: int = 2**62,
    seconds: float = math.inf,
    one_by_one: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Process pending articles until about `limit` are done or `seconds` have passed; returns how many were processed.

    `service` is asked first; `reader` alone reads what it does not. Articles of a withdrawn corpus stay pending until
    it is restored. After the last article, all articles of the run are marked for an update, and to be linked again,
    since the first ones were read when less was known.

    A batch with an unexpected error is tried again one article at a time, so that only the faulty article fails.
    With `one_by_one`, an article that crashed an earlier worker process fails as well.
    """
    done, size, end = 0, 1 if one_by_one else BATCH_SIZE, time.monotonic() + seconds
    while done < limit and (not done or time.monotonic() < end) and is_shown(run.corpus_id):
        if one_by_one and _fail_if_crashed(run):
            done += 1
            continue
        try:
            processed = _process_batch(run, reader, service, size)
        except jobs.TRY_AGAIN:
            raise
        except Exception:
            if size == 1:
                raise
            logger.warning("a batch of %d articles of %s failed; trying them one by one", size, run, exc_info=True)
            size = 1
            continue
        if not processed:
            break
        done += processed
        progress()
    if not done or _pending(run).exists():
        return done
    notify_of_failure(run_id=run.pk)
    if not run.dry:
        articles = RunItem.objects.filter(run=run, state=RunItem.State.DONE).values_list("article_id", flat=True)
        mark_stale(corpus_id=run.corpus_id, article_ids=list(articles))
        mark_articles(corpus_id=run.corpus_id, article_ids=list(articles), turn=Turn.AGAIN)
    return done


def fail_pending(*, run: Run, reason: str) -> int:
    """Fail all pending articles for one common reason, such as a missing pipeline; returns how many."""
    failed = _pending(run).update(state=RunItem.State.FAILED, error=reason, finished_at=timezone.now())
    if failed:
        notify_of_failure(run_id=run.pk)
    return failed


def _pending(run: Run) -> QuerySet[RunItem]:
    return RunItem.objects.filter(run=run, state=RunItem.State.PENDING)


def _claimable(run: Run) -> QuerySet[RunItem]:
    return _pending(run).order_by("article_id").select_for_update(skip_locked=True, of=("self",))


@transaction.atomic
def _fail_if_crashed(run: Run) -> bool:
    """Mark the next article as started; one that is marked already has crashed its worker, and fails."""
    item = _claimable(run).first()
    if item is None:
        return False
    crashed = item.error == _STARTED
    if crashed:
        item.state, item.finished_at = RunItem.State.FAILED, timezone.now()
    item.error = "reading it crashed the worker twice" if crashed else _STARTED
    item.save(update_fields=["state", "error", "finished_at"])
    return crashed


@transaction.atomic
def _process_batch(run: Run, reader: NewsReader, service: ServiceRunner | None, size: int) -> int:
    items = _limit_length(list(_claimable(run).annotate(length=F("article__length"))[:size]))
    if not items:
        return 0
    prefetch_related_objects(items, Prefetch("article", Article.objects.only("text", "language")))
    try:
        with transaction.atomic():
            _process_items(run, reader, service, items)
    except Exception as error:
        if len(items) > 1 or isinstance(error, jobs.TRY_AGAIN):
            raise
        logger.exception("no suggestions for article %d", items[0].article_id)
        items[0].state, items[0].finished_at = RunItem.State.FAILED, timezone.now()
        items[0].error = f"its suggestions cannot be stored ({type(error).__name__}: {error})"[:2000]
        items[0].save(update_fields=["state", "error", "finished_at"])
    return len(items)


def _limit_length(items: list[WithAnnotations[RunItem, _Length]]) -> list[WithAnnotations[RunItem, _Length]]:
    """The first items whose texts have at most BATCH_LENGTH code points together; at least one."""
    totals = list(accumulate(item.length for item in items))
    return items[: max(1, bisect_right(totals, BATCH_LENGTH))]


def _process_items(
    run: Run, reader: NewsReader, service: ServiceRunner | None, items: list[WithAnnotations[RunItem, _Length]]
) -> None:
    too_long = {item.article_id: _TOO_LONG.format(item.length) for item in items if item.length > MAX_LENGTH}
    read = (item.article for item in items if item.article_id not in too_long)
    sources = source_texts(run.corpus_id, read)
    with_service = service.read(sources) if service else {}
    alone = _read(reader, {pk: source for pk, source in sources.items() if pk not in with_service})
    errors = too_long | {pk: outcome for pk, outcome in alone.items() if isinstance(outcome, str)}
    readings = with_service | {pk: (reader, outcome) for pk, outcome in alone.items() if isinstance(outcome, Reading)}
    result = _count_only(run, sources, readings) if run.dry else _store(run, sources, readings)
    claimed = RunItem.objects.filter(run=run, article__any_of=[item.article_id for item in items])
    claimed.update(state=RunItem.State.DONE, error="", finished_at=timezone.now())
    for pk, error in errors.items():
        RunItem.objects.filter(run=run, article=pk).update(state=RunItem.State.FAILED, error=error)
    _add_to_run(run, result, service.notices if service else Counter())


def _read(reader: NewsReader, sources: dict[int, SourceText]) -> dict[int, Reading | str]:
    """The reading of each article, or the error message if the suggester fails on it."""
    try:
        return dict(zip(sources, list(reader.readings(sources.values())), strict=True))
    except Exception:
        logger.warning("a batch of %d articles failed; trying them one by one", len(sources), exc_info=True)
    outcomes: dict[int, Reading | str] = {}
    for pk, source in sources.items():
        try:
            (outcomes[pk],) = reader.readings([source])
        except Exception as error:
            logger.exception("no suggestions for article %d", pk)
            outcomes[pk] = f"the pipeline {reader.name} failed: {type(error).__name__}: {error}"[:2000]
    return outcomes


def _count_only(run: Run, sources: dict[int, SourceText], readings: Readings) -> _Result:
    """The result of `_store`, which is rolled back, so that the counts are exact."""
    before = transaction.savepoint()
    result = _store(run, sources, readings)
    transaction.savepoint_rollback(before)
    return result


def _store(run: Run, sources: dict[int, SourceText], readings: Readings) -> _Result:
    """Store the readings, and the suggestions that follow from them and from the corpus's name statistics."""
    result = _Result(Counter(), Counter())
    readers = {reader.digest: reader for reader, _ in readings.values()}
    for digest, reader in readers.items():
        own = {pk: reading for pk, (other, reading) in readings.items() if other.digest == digest}
        pipeline = ensure_pipeline(suggester=reader)
        store_readings(corpus_id=run.corpus_id, pipeline_id=pipeline.pk, readings=own)
        statistics = statistics_for(run.corpus_id, [sources[pk].text for pk in own])
        changes = changes_of(run.corpus_id)
        resolved = {
            pk: reader.resolve_with_possible(sources[pk], reading, statistics, changes) for pk, reading in own.items()
        }
        difference, unknown = write_proposals(corpus=run.corpus, pipeline_id=pipeline.pk, resolved=resolved)
        result.changes.update(articles=len(difference.articles), added=difference.added, removed=difference.removed)
        result.unknown.update(unknown)
    return result


def _add_to_run(run: Run, result: _Result, notices: Counter[tuple[str, str]]) -> None:
    """Add the result and the notices to the run's row; clears `notices`."""
    if not any(result.changes.values()) and not result.unknown and not notices:
        return
    locked = Run.objects.select_for_update().get(pk=run.pk)
    locked.changes = dict(Counter(locked.changes) + result.changes)
    locked.unknown_labels = dict(Counter(locked.unknown_labels) + result.unknown)
    locked.notices = merged_notices(locked.notices, notices)
    locked.save(update_fields=["changes", "unknown_labels", "notices"])
    notices.clear()
