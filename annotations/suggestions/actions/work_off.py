"""Make the suggestions of a run's pending articles.

A few articles at a time are claimed by row locks, read by the suggester, and written with their items in one
transaction: a kill leaves them pending, and another worker passes over what is claimed.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotations.review.actions.propose import ProposalRow, replace_suggestions
from annotations.review.models import Label
from annotations.suggesters.protocol import Proposal, SourceText, Suggester
from annotations.suggestions.actions.pipelines import ensure_pipeline
from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Article, Zone
from corpusapp.text.zones import CHROME

logger = logging.getLogger(__name__)
ARTICLES_AT_ONCE = 16


def work_off(
    *,
    run: Run,
    suggester: Suggester,
    first: int = 0,
    last: int = 2**62,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Work off the pending articles with ids from `first` to `last`; returns how many were done here."""
    done = 0
    while claimed := _claimed(run, suggester, first, last):
        done += claimed
        progress()
    return done


def fail_pending(*, run: Run, reason: str, first: int = 0, last: int = 2**62) -> int:
    """Mark pending articles as failed for one common reason, such as a pipeline that is not installed."""
    pending = _pending(run, first, last)
    return pending.update(state=RunItem.State.FAILED, error=reason, finished_at=timezone.now())


def _pending(run: Run, first: int, last: int) -> QuerySet[RunItem]:
    return RunItem.objects.filter(run=run, state=RunItem.State.PENDING, article_id__gte=first, article_id__lte=last)


@transaction.atomic
def _claimed(run: Run, suggester: Suggester, first: int, last: int) -> int:
    pending = _pending(run, first, last).order_by("article_id").select_for_update(skip_locked=True, of=("self",))
    items = list(pending.select_related("article")[:ARTICLES_AT_ONCE])
    if not items:
        return 0
    proposals = _propose(suggester, items)
    unknown = _write(run, suggester, {pk: found for pk, found in proposals.items() if isinstance(found, list)})
    for item in items:
        outcome = proposals[item.article_id]
        item.state = RunItem.State.DONE if isinstance(outcome, list) else RunItem.State.FAILED
        item.error = "" if isinstance(outcome, list) else outcome
        item.finished_at = timezone.now()
    RunItem.objects.bulk_update(items, ["state", "error", "finished_at"])
    _count_unknown(run, unknown)
    return len(items)


def _propose(suggester: Suggester, items: Sequence[RunItem]) -> dict[int, list[Proposal] | str]:
    """The proposals by article; an article on which the suggester fails gets the error's text instead."""
    articles = [item.article for item in items]
    texts = _texts(articles)
    try:
        return dict(zip([article.pk for article in articles], list(suggester.propose(texts)), strict=True))
    except Exception:
        logger.warning("a batch of %d articles failed; trying them one by one", len(articles), exc_info=True)
    outcomes: dict[int, list[Proposal] | str] = {}
    for article, text in zip(articles, texts, strict=True):
        try:
            (outcomes[article.pk],) = suggester.propose([text])
        except Exception as error:
            logger.exception("no suggestions for article %d", article.pk)
            outcomes[article.pk] = f"the pipeline {suggester.name} failed: {type(error).__name__}: {error}"[:2000]
    return outcomes


def _texts(articles: Sequence[Article]) -> list[SourceText]:
    furniture: dict[int, list[tuple[int, int]]] = {}
    zones = Zone.objects.filter(article__in=[article.pk for article in articles], kind=CHROME)
    for article_id, start, end in zones.values_list("article_id", "start", "end"):
        furniture.setdefault(article_id, []).append((start, end))
    return [SourceText(article.text, tuple(furniture.get(article.pk, ()))) for article in articles]


def _write(run: Run, suggester: Suggester, proposals: dict[int, list[Proposal]]) -> Counter[str]:
    """Set the proposals beside what stands; returns those left out for want of a label, by label."""
    labels = dict(Label.objects.filter(corpus_id=run.corpus_id).values_list("name", "pk"))
    unknown = Counter(p.label for found in proposals.values() for p in found if p.label not in labels)
    rows = (
        ProposalRow(article_id, proposal.start, proposal.end, labels[proposal.label], proposal.score)
        for article_id, found in proposals.items()
        for proposal in found
        if proposal.label in labels
    )
    pipeline = ensure_pipeline(suggester=suggester)
    replace_suggestions(corpus=run.corpus, pipeline_id=pipeline.pk, article_ids=proposals, proposals=rows)
    return unknown


def _count_unknown(run: Run, unknown: Counter[str]) -> None:
    if not unknown:
        return
    locked = Run.objects.select_for_update().get(pk=run.pk)
    locked.unknown_labels = dict(Counter(locked.unknown_labels) + unknown)
    locked.save(update_fields=["unknown_labels"])
