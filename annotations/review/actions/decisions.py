"""The parts that all decisions share: locks, stages, the log, results and idempotency keys."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from annotations.review import ports
from annotations.review.actions.change_set import ChangeSet, save_changes
from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Span, Stage, Verb
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict
from corpusapp.core.idempotency import check_key, hold
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Up to this many spans are read with their surfaces in one query.
_FEW = 8


@dataclass(frozen=True)
class DecisionResult:
    """A decision with the resulting spans, in the order of the request."""

    decision: Decision
    spans: Sequence[Span] = ()
    left_out: Sequence[dict[str, Any]] = ()
    repeated: bool = field(default=False)


def lock_review(article: Article) -> Review:
    """Lock the review of the article until the transaction ends, so that decisions on one article are serialised."""
    (review,) = _LOCKED.all(article=article.pk)
    return review


_LOCKED = Prepared(
    lambda article: Review.objects.select_for_update().filter(article=article, layer=MAIN_LAYER).order_by(), article=int
)


def lock_for_decision(user: "User", article: Article) -> Review:
    """Lock the article for a decision. Requires an editor, and an article that is not done."""
    require(user, article.corpus, Role.EDITOR)
    review = lock_review(article)
    require_open(review)
    return review


def require_open(review: Review) -> None:
    if review.stage == Stage.DONE:
        raise Conflict(f"article {review.article_id} is done: reopen it before you change its spans")


def lock_reviews(corpus_id: int, articles: Collection[int]) -> dict[int, Review]:
    """The reviews by article, each with its article's `length`, locked in the order of article ids to avoid deadlocks.

    Withdrawn articles and those of other corpora are left out.
    """
    rows = Review.objects.select_for_update(of=("self",)).filter(article__in=articles, corpus=corpus_id)
    rows = rows.filter(layer=MAIN_LAYER, article__withdrawn_at=None).order_by("article_id")
    rows = rows.annotate(length=F("article__length"))  # type: ignore[no-redef]  # declared in the model
    return {review.article_id: review for review in rows}


def start_review(review: Review, user: "User") -> None:
    """Put an article in review, with this user as its editor, unless it is in review already."""
    if review.stage == Stage.IN_REVIEW:
        return
    review.stage, review.editor, review.started_at = Stage.IN_REVIEW, user, review.started_at or timezone.now()
    review.save(update_fields=["stage", "editor", "started_at"])
    ports.notify_stage_moved(review.corpus_id, [review.article_id], review.stage, user)


def record(user: "User", article: Article, verb: Verb, change_set: ChangeSet, **more: Any) -> Decision:
    """`record_all` for a decision on one article."""
    return record_all(user, article.corpus_id, verb, [change_set], **more)


def record_all(
    user: "User",
    corpus_id: int,
    verb: Verb,
    change_sets: Sequence[ChangeSet],
    *,
    client_key: str | None = None,
    request_sha256: bytes | None = None,
    left_out: Sequence[dict[str, Any]] = (),
    notices: Sequence[str] = (),
    finished: Sequence[int] = (),
    undoes: Decision | None = None,
) -> Decision:
    """Write the rows, append the decision to the log, and notify subscribers.

    The decision names its article if it concerns only one. `finished` are the articles that it marks done.
    """
    save_changes(change_sets)
    articles = {change_set.article.pk for change_set in change_sets if change_set.entries} | set(finished)
    decision = Decision.objects.create(
        corpus_id=corpus_id,
        article_id=articles.pop() if len(articles) == 1 else None,
        user=user,
        verb=verb,
        client_key=client_key,
        request_sha256=request_sha256,
        left_out=list(left_out),
        notices=list(notices),
        finished=list(finished),
        undoes=undoes,
    )
    changes = [change for change_set in change_sets for change in change_set.changes(decision)]
    ports.notify_decided(decision, Change.objects.bulk_create(changes, 1000))
    return decision


def reload_spans(spans: Sequence[Span]) -> list[Span]:
    """Read the spans again with label, pipeline and `surface`, in the order given. Spans deleted since are left out."""
    rows = (_WITH_SURFACE if len(spans) <= _FEW else _WITHOUT_SURFACE).all(ids=[span.pk for span in spans])
    if len(spans) > _FEW:
        surfaces = surfaces_at((span.article_id, span.start, span.end) for span in rows)
        for span in rows:
            span.surface = surfaces[span.article_id, span.start, span.end]
    by_id = {span.pk: span for span in rows}
    return [by_id[span.pk] for span in spans if span.pk in by_id]


def _rows(ids: list[int]) -> "QuerySet[Span]":
    return Span.objects.filter(pk__any_of=ids).select_related("label", "pipeline").order_by()


def _rows_with_surface(ids: list[int]) -> "QuerySet[Span]":
    surface = Substr("article__text", F("start") + 1, F("end") - F("start"))
    return _rows(ids).annotate(surface=surface)  # type: ignore[no-redef]  # declared in the model


_WITH_SURFACE, _WITHOUT_SURFACE = Prepared(_rows_with_surface, ids=list), Prepared(_rows, ids=list)


def run_once(
    user: "User", client_key: str | None, request: bytes, action: Callable[[], DecisionResult]
) -> DecisionResult:
    """Run `action` in a transaction, or return the decision that this key already made.

    Refuses a key that was used for another request (`Conflict`).
    """
    with transaction.atomic():
        if client_key is None:
            return action()
        check_key(client_key)
        hold(user, client_key)
        decision = Decision.objects.filter(user=user, client_key=client_key).first()
        return _repeated_result(decision, request) if decision else action()


def _repeated_result(decision: Decision, request: bytes) -> DecisionResult:
    if bytes(decision.request_sha256 or b"") != request:
        raise Conflict(
            f"the idempotency key {decision.client_key!r} was used for another request: use a new key for each "
            "decision",
            field="idempotency_key",
        )
    changes = decision.changes.order_by("id")
    if decision.verb not in (Verb.UNDO, Verb.REDO):
        changes = changes.filter(implicit=False)
    spans = [Span(pk=pk) for pk in changes.values_list("span_id", flat=True)]
    return DecisionResult(decision, reload_spans(spans), decision.left_out, repeated=True)
