"""What all decisions share: the lock on the article, its editor, the row in the log, the result, idempotency keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from annotations.review import ports
from annotations.review.actions.change_set import ChangeSet, write
from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Span, Stage, Verb
from annotations.review.queries.words import words_at
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction

from corpusapp.core.idempotency import check_key, digest, hold

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class DecisionResult:
    """A decision as it was taken: `spans` are the rows that it leaves, in the order of what was asked for."""

    decision: Decision
    spans: Sequence[Span] = ()
    left_out: Sequence[dict[str, Any]] = ()
    repeated: bool = field(default=False)


def locked_review(article: Article) -> Review:
    """The article's review, locked until the transaction ends: decisions on one article follow one another."""
    (review,) = _LOCKED.all(article=article.pk)
    return review


_LOCKED = Prepared(
    lambda article: Review.objects.select_for_update().filter(article=article, layer=MAIN_LAYER).order_by(), article=int
)


def begin(user: "User", article: Article) -> Review:
    """Require an editor and an article that is not done; take the lock."""
    require(user, article.corpus, Role.EDITOR)
    review = locked_review(article)
    check_open(review)
    return review


def check_open(review: Review) -> None:
    if review.stage == Stage.DONE:
        raise Conflict(f"article {review.article_id} is done: reopen it before you change its spans")


def locked_reviews(corpus_id: int, articles: Collection[int]) -> dict[int, Review]:
    """The reviews by article, with the articles' `length`, locked in the order of the articles' ids: no two ever wait
    for each other in a ring. Articles that are withdrawn or of another corpus are left out.
    """
    rows = Review.objects.select_for_update(of=("self",)).filter(article__in=articles, corpus=corpus_id)
    rows = rows.filter(layer=MAIN_LAYER, article__withdrawn_at=None).order_by("article_id")
    return {review.article_id: review for review in rows.annotate(length=F("article__length"))}


def enter_review(review: Review, user: "User") -> None:
    """The first decision makes its editor the article's editor."""
    if review.stage == Stage.IN_REVIEW:
        return
    review.stage, review.editor, review.started_at = Stage.IN_REVIEW, user, review.started_at or timezone.now()
    review.save(update_fields=["stage", "editor", "started_at"])
    ports.tell_stage(review.corpus_id, [review.article_id], review.stage, user)


def record(user: "User", article: Article, verb: Verb, change_set: ChangeSet, **more: Any) -> Decision:
    """As `record_all`, for a decision on one article."""
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
    """Write the rows, append the decision to the log with its `notices`, and tell those who follow decisions.

    The decision names its article where it touched no other. `finished` are the articles that it marked done.
    """
    write(change_sets)
    touched = {change_set.article.pk for change_set in change_sets if change_set.entries} | set(finished)
    decision = Decision.objects.create(
        corpus_id=corpus_id,
        article_id=touched.pop() if len(touched) == 1 else None,
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
    ports.tell(decision, Change.objects.bulk_create(changes, 1000))
    return decision


def with_names(spans: Sequence[Span]) -> list[Span]:
    """The rows as they stand now, with labels, pipelines and their `words`, in the order given."""
    rows = (_NAMED if len(spans) <= _FEW else _MANY).all(ids=[span.pk for span in spans])
    if len(spans) > _FEW:
        words = words_at((span.article_id, span.start, span.end) for span in rows)
        for span in rows:
            span.words = words[span.article_id, span.start, span.end]
    standing = {span.pk: span for span in rows}
    return [standing[span.pk] for span in spans if span.pk in standing]


def _rows(ids: list[int]) -> "QuerySet[Span]":
    return Span.objects.filter(pk__any_of=ids).select_related("label", "pipeline").order_by()


def _named(ids: list[int]) -> "QuerySet[Span]":
    return _rows(ids).annotate(words=Substr("article__text", F("start") + 1, F("end") - F("start")))


# The words of a few come with them.
_FEW = 8
_NAMED, _MANY = Prepared(_named, ids=list), Prepared(_rows, ids=list)


__all__ = ["check_key", "digest", "once"]


def once(user: "User", client_key: str | None, request: bytes, act: Callable[[], DecisionResult]) -> DecisionResult:
    """Run `act` in a transaction, or return the decision that this key made before.

    Refuses a key that made another request (`Conflict`).
    """
    with transaction.atomic():
        if client_key is None:
            return act()
        check_key(client_key)
        hold(user, client_key)
        decision = Decision.objects.filter(user=user, client_key=client_key).first()
        return _earlier(decision, request) if decision else act()


def _earlier(decision: Decision, request: bytes) -> DecisionResult:
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
    return DecisionResult(decision, with_names(spans), decision.left_out, repeated=True)
