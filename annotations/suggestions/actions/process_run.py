"""Make the suggestions of a run's pending articles. Imports spaCy: for workers alone.

A few articles at a time are claimed by row locks, read by the suggester, and written with their items in one
transaction: a kill leaves them pending, and another worker passes over what is claimed.
"""

import logging
import math
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet, prefetch_related_objects
from django.utils import timezone

from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.reader import NewsReader, resolved
from annotations.suggesters.reading import Reading
from annotations.suggesters.spacy_ner import PipelineMissing
from annotations.suggesters.words import Words
from annotations.suggestions.actions.pending_updates import mark_stale
from annotations.suggestions.actions.runs import ARTICLES_A_TURN, SECONDS_A_TURN, wake_suggesting
from annotations.suggestions.actions.write_suggestions import ensure_pipeline, keep_readings, write_proposals
from annotations.suggestions.models import Run, RunItem
from annotations.suggestions.pipelines.readers import reader_of
from annotations.suggestions.pipelines.services import Readings, ServiceRunner, has_left, merged_notices, service_of
from annotations.suggestions.queries.name_statistics import sources_of, statistics_for
from annotations.suggestions.queries.runs import pending_runs, suggester_of
from corpusapp.articles.models import Corpus
from corpusapp.articles.queries import is_shown
from corpusapp.core import jobs

logger = logging.getLogger(__name__)
ARTICLES_AT_ONCE = 16
# Code points: of the articles that are read together, and of one that is read at all. A processor takes a minute and a
# gigabyte for the second.
LENGTH_AT_ONCE, MOST_LENGTH = 500_000, 2_000_000
_BEGUN = "started automatically"
_TOO_LONG = f"the text has {{:,}} code points, and the limit for suggestions is {MOST_LENGTH:,}: import it in parts"


def work_off(
    *,
    run: Run,
    reader: NewsReader,
    beside: ServiceRunner | None = None,
    most: int = 2**62,
    seconds: float = math.inf,
    one_by_one: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Work off pending articles, not many more than `most`, nor for much longer than `seconds`; returns how many.

    `beside` is asked first; what it does not read, the reader reads alone. What is left when the corpus is withdrawn
    waits until it is restored.
    Whoever does the last article of the run marks all of it: the first articles were read when less was known.
    What unforeseen goes wrong with some articles is tried with each by itself, and fails the one alone. With
    `one_by_one` also one that ends this process is known by the next one, and fails.
    """
    done, at_once, end = 0, 1 if one_by_one else ARTICLES_AT_ONCE, time.monotonic() + seconds
    while done < most and (not done or time.monotonic() < end) and is_shown(run.corpus_id):
        if one_by_one and _fails_as_marked(run):
            done += 1
            continue
        try:
            claimed = _claimed(run, reader, beside, at_once)
        except jobs.TRY_AGAIN:
            raise
        except Exception:
            if at_once == 1:
                raise
            logger.warning("%d articles of %s broke; trying them one by one", at_once, run, exc_info=True)
            at_once = 1
            continue
        if not claimed:
            break
        done += claimed
        progress()
    if done and not run.dry and not _pending(run).exists():
        articles = RunItem.objects.filter(run=run, state=RunItem.State.DONE).values_list("article_id", flat=True)
        mark_stale(corpus_id=run.corpus_id, article_ids=list(articles))
    return done


def fail_pending(*, run: Run, reason: str) -> int:
    """Mark pending articles as failed for one common reason, such as a pipeline that is not installed."""
    return _pending(run).update(state=RunItem.State.FAILED, error=reason, finished_at=timezone.now())


def _pending(run: Run) -> QuerySet[RunItem]:
    return RunItem.objects.filter(run=run, state=RunItem.State.PENDING)


def _claimable(run: Run) -> QuerySet[RunItem]:
    return _pending(run).order_by("article_id").select_for_update(skip_locked=True, of=("self",))


@transaction.atomic
def _fails_as_marked(run: Run) -> bool:
    """Mark the next article; where it is found marked, the process that marked it ended over it, and it has failed."""
    item = _claimable(run).first()
    if item is None:
        return False
    ended = item.error == _BEGUN
    if ended:
        item.state, item.finished_at = RunItem.State.FAILED, timezone.now()
    item.error = "reading it crashed the worker twice" if ended else _BEGUN
    item.save(update_fields=["state", "error", "finished_at"])
    return ended


@transaction.atomic
def _claimed(run: Run, reader: NewsReader, beside: ServiceRunner | None, number: int) -> int:
    items = _fitting(list(_claimable(run).annotate(length=F("article__length"))[:number]))
    if not items:
        return 0
    prefetch_related_objects(items, "article")
    try:
        with transaction.atomic():
            _done(run, reader, beside, items)
    except Exception as error:
        if len(items) > 1 or isinstance(error, jobs.TRY_AGAIN):
            raise
        logger.exception("no suggestions for article %d", items[0].article_id)
        items[0].state, items[0].finished_at = RunItem.State.FAILED, timezone.now()
        items[0].error = f"its suggestions cannot be stored ({type(error).__name__}: {error})"[:2000]
        items[0].save(update_fields=["state", "error", "finished_at"])
    return len(items)


def _fitting(items: list[RunItem]) -> list[RunItem]:
    """The first items, whose articles' `length` is not too much to be read together; at least one."""
    reach = list(accumulate(item.length for item in items))
    return items[: max(1, bisect_right(reach, LENGTH_AT_ONCE))]


def _done(run: Run, reader: NewsReader, beside: ServiceRunner | None, items: list[RunItem]) -> None:
    too_long = {item.article_id: _TOO_LONG.format(item.length) for item in items if item.length > MOST_LENGTH}
    sources = sources_of(item.article for item in items if item.article_id not in too_long)
    served = beside.read(sources) if beside else {}
    alone = _read(reader, {pk: source for pk, source in sources.items() if pk not in served})
    faults = too_long | {pk: outcome for pk, outcome in alone.items() if isinstance(outcome, str)}
    read = served | {pk: (reader, outcome) for pk, outcome in alone.items() if isinstance(outcome, Reading)}
    written = _counted(run, sources, read) if run.dry else _suggest(run, sources, read)
    for item in items:
        item.state = RunItem.State.FAILED if item.article_id in faults else RunItem.State.DONE
        item.error = faults.get(item.article_id, "")
        item.finished_at = timezone.now()
    RunItem.objects.bulk_update(items, ["state", "error", "finished_at"])
    _tell(run, written, beside.notices if beside else Counter())


def _read(reader: NewsReader, sources: dict[int, SourceText]) -> dict[int, Reading | str]:
    """The readings by article; an article on which the suggester fails gets the error's text instead."""
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


def _counted(run: Run, sources: dict[int, SourceText], read: Readings) -> "_Told":
    """What `_suggest` would do: it is done, counted and taken back, so that the count is exact."""
    before = transaction.savepoint()
    told = _suggest(run, sources, read)
    transaction.savepoint_rollback(before)
    return told


class _Told(NamedTuple):
    """What a run says of some articles: suggestions changed, and proposals left out by label."""

    changes: Counter[str]
    unknown: Counter[str]


def _suggest(run: Run, sources: dict[int, SourceText], read: Readings) -> _Told:
    """Keep the readings, then make suggestions of them in the light of what is known by now."""
    told = _Told(Counter(), Counter())
    readers = {reader.digest: reader for reader, _ in read.values()}
    for digest, reader in readers.items():
        readings = {pk: reading for pk, (other, reading) in read.items() if other.digest == digest}
        pipeline = ensure_pipeline(suggester=reader)
        keep_readings(corpus_id=run.corpus_id, pipeline_id=pipeline.pk, readings=readings)
        words = {pk: Words(sources[pk].text) for pk in readings}
        statistics = statistics_for(run.corpus_id, words.values())
        proposals: dict[int, list[Proposal]] = {
            pk: resolved(words[pk], reading, statistics, reader.weights) for pk, reading in readings.items()
        }
        difference, unknown = write_proposals(corpus=run.corpus, pipeline_id=pipeline.pk, proposals=proposals)
        told.changes.update(articles=len(difference.articles), added=difference.added, removed=difference.removed)
        told.unknown.update(unknown)
    return told


def _tell(run: Run, told: _Told, notices: Counter[tuple[str, str]]) -> None:
    """Add to what the run says of itself; the notices are taken out of `notices`."""
    if not any(told.changes.values()) and not told.unknown and not notices:
        return
    locked = Run.objects.select_for_update().get(pk=run.pk)
    locked.changes = dict(Counter(locked.changes) + told.changes)
    locked.unknown_labels = dict(Counter(locked.unknown_labels) + told.unknown)
    locked.notices = merged_notices(locked.notices, notices)
    locked.save(update_fields=["changes", "unknown_labels", "notices"])
    notices.clear()


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
