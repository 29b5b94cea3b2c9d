"""Reads of runs, their progress, and what still has to be learned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left

from annotations.suggesters.adaptation import adaptation_from_json
from annotations.suggesters.evidence import Scores
from annotations.suggestions.models import CorpusAdaptation, CorpusSuggester, PendingUpdate, Run, RunItem
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.articles.permissions import role_of
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound
from corpusapp.core.job_states import JobState
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class Progress:
    """Counts of articles; `failures` holds the first few reasons by article id."""

    total: int
    done: int
    failed: int
    cancelled: int = 0
    failures: tuple[tuple[int, str], ...] = ()

    @property
    def pending(self) -> int:
        return self.total - self.done - self.failed - self.cancelled

    @property
    def percent(self) -> int:
        return 100 if not self.total else 100 * (self.total - self.pending) // self.total

    @property
    def state(self) -> JobState:
        """The job state of the runs that are counted."""
        if self.cancelled:
            return JobState.CANCELLED
        if self.pending:
            return JobState.RUNNING if self.pending < self.total else JobState.WAITING
        return JobState.FAILED if self.total and self.failed == self.total else JobState.DONE


def batch_progress(batch_id: int) -> Progress:
    """Progress of the runs of one import."""
    return _progress(Q(run__batch_id=batch_id))


def run_progress(run_id: int) -> Progress:
    return _progress(Q(run_id=run_id))


def run_reason(run: Run, progress: Progress) -> str:
    """Why the run failed or was cancelled; empty otherwise."""
    if run.cancelled_at is not None:
        return f"cancelled by {run.cancelled_by}; stored suggestions stay"
    return progress.failures[0][1] if progress.state == JobState.FAILED else ""


def batch_notices(batch_id: int) -> list[dict[str, Any]]:
    """The notices of the runs of one import."""
    runs = Run.objects.filter(batch=batch_id).order_by("pk").values_list("notices", flat=True)
    return [notice for notices in runs for notice in notices]


def find_run(user: "User", pk: int) -> Run:
    """The run with this id in any corpus that the user can see."""
    run = Run.objects.select_related("corpus", "cancelled_by").filter(pk=pk).first()
    if run is None or run.corpus.withdrawn_at is not None or role_of(user, run.corpus) is None:
        raise NotFound(f"there is no run {pk} that you can see")
    return run


def failed_suggestions(corpus: Corpus) -> QuerySet[RunItem]:
    """Articles whose last run failed on them, newest first, each with its error."""
    rows = _failed([corpus]).select_related("article").order_by("-id")
    return rows.defer("article__search_vector", "article__metadata")


def _failed(corpora: Iterable[Corpus]) -> QuerySet[RunItem]:
    later = RunItem.objects.filter(article=OuterRef("article"), pk__gt=OuterRef("pk"))
    failed = RunItem.objects.filter(run__corpus__in=corpora, state=RunItem.State.FAILED, article__withdrawn_at=None)
    return failed.exclude(Exists(later))


def failed_and_pending(corpora: Iterable[Corpus]) -> tuple[dict[int, int], dict[int, int]]:
    """By corpus, the number of articles whose last run failed on them, and of those that are pending."""
    pending = RunItem.objects.filter(run__corpus__in=corpora, state=RunItem.State.PENDING)
    failed, waiting = (
        dict(items.order_by().values_list("run__corpus").annotate(n=Count("id")))
        for items in (_failed(corpora), pending)
    )
    return failed, waiting


def corpus_pending(corpus_id: int) -> int:
    """Number of pending articles of a corpus."""
    return RunItem.objects.filter(run__corpus_id=corpus_id, state=RunItem.State.PENDING).count()


def _progress(which: Q) -> Progress:
    items = RunItem.objects.filter(which)
    counts = items.aggregate(
        total=Count("id"),
        done=Count("id", filter=Q(state=RunItem.State.DONE)),
        failed=Count("id", filter=Q(state=RunItem.State.FAILED)),
        cancelled=Count("id", filter=Q(state=RunItem.State.CANCELLED)),
    )
    failures = items.filter(state=RunItem.State.FAILED).order_by("id").values_list("article_id", "error")[:10]
    return Progress(**counts, failures=tuple(failures) if counts["failed"] else ())


def get_run(corpus: Corpus, pk: int) -> Run:
    """A run of this corpus, whose permission the caller has checked."""
    run = Run.objects.select_related("corpus", "cancelled_by").filter(corpus=corpus, pk=pk).first()
    if run is None:
        raise NotFound(f"there is no run {pk} in {corpus.slug!r}")
    return run


def pending_runs(corpus: Corpus) -> list[Run]:
    """The runs of the corpus with pending articles, those with the fewest first, so that small requests are quick."""
    pending = RunItem.objects.filter(run__corpus=corpus, state=RunItem.State.PENDING).order_by()
    counted = pending.values("run").annotate(number=Count("pk")).order_by("number", "run").values_list("run", flat=True)
    runs = Run.objects.select_related("corpus").in_bulk(list(counted))
    return [runs[pk] for pk in counted if pk in runs]


def runs_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[Run]:
    """The runs of a corpus, newest first, with `articles_now`, `pending_now` and `failed_now`."""
    runs = Run.objects.filter(corpus=corpus).select_related("user")
    return keyset.newest_first(with_counts(runs), cursor=cursor, size=size)


def with_counts(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Annotate runs with the number of their articles, and of those pending, failed and cancelled."""
    counts = {"articles_now": _items(), "pending_now": _items(state=RunItem.State.PENDING)}
    counts["cancelled_now"] = _items(state=RunItem.State.CANCELLED)
    return runs.annotate(**counts, failed_now=_items(state=RunItem.State.FAILED))


def _items(**state: str) -> Coalesce:
    items = RunItem.objects.filter(run=OuterRef("pk"), **state).order_by()
    return Coalesce(Subquery(items.values("run").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def run_items_page(run: Run, state: str, *, cursor: str, size: int) -> keyset.Page[RunItem]:
    """The articles of a run, or those in one state, newest first, without withdrawn articles."""
    items = RunItem.objects.filter(run=run, article__withdrawn_at=None)
    return keyset.newest_first(items.filter(state=state) if state else items, cursor=cursor, size=size)


def article_waits(article_id: int) -> bool:
    """Whether suggestions for the article are pending."""
    return _PENDING.first(article=article_id) is not None


_PENDING = Prepared(
    lambda article: RunItem.objects.filter(article=article, state=RunItem.State.PENDING).values_list("pk")[:1],
    article=int,
)


def first_articles(batch: ImportBatch, number: int = 20) -> list[Article]:
    """The first visible articles of an import, with their `opening` instead of their text."""
    shown = Article.objects.filter(batch=batch, withdrawn_at=None).order_by("id")
    return list(shown.annotate(opening=Left("text", 400)).defer("text", "search_vector", "metadata")[:number])


@dataclass(frozen=True)
class Propagation:
    """Pending updates: of articles whose decisions are not learned from, and of articles with outdated suggestions."""

    decided: int
    stale: int

    @property
    def idle(self) -> bool:
        return not self.decided and not self.stale


def propagation(corpus_id: int) -> Propagation:
    """The pending updates of a corpus."""
    counts = PendingUpdate.objects.filter(corpus=corpus_id).values_list("kind").annotate(number=Count("id"))
    found = dict(counts.order_by())
    return Propagation(found.get(PendingUpdate.Kind.DECIDED, 0), found.get(PendingUpdate.Kind.STALE, 0))


def adaptation_of(corpus_id: int) -> CorpusAdaptation | None:
    """How the weights are adapted to a corpus; None before they are."""
    return CorpusAdaptation.objects.filter(pk=corpus_id).first()


def changes_of(corpus_id: int) -> Mapping[str, Scores]:
    """The changes of the weights in a corpus; none before it has done articles."""
    row = adaptation_of(corpus_id)
    return adaptation_from_json(row.changes, row.articles).changes if row else {}


def suggester_of(corpus: Corpus) -> CorpusSuggester:
    """The suggester of a corpus; an unsaved one with default values if none was chosen."""
    return CorpusSuggester.objects.filter(corpus=corpus).first() or CorpusSuggester(corpus=corpus)
