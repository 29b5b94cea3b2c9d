"""Finish and reopen articles, one or many in one decision."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.review.actions.choices import MAX_ID
from annotations.review.actions.confirm_shown import confirm_in
from annotations.review.actions.decisions import (
    DecisionResult,
    digest,
    locked_review,
    locked_reviews,
    once,
    record,
    record_all,
    with_names,
)
from annotations.review.models import Decision, Review, Stage, Verb
from annotations.review.ports import tell_stage, tell_staged
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_ARTICLES = 1000


def finish(
    *, user: "User", article: Article, shown: Mapping[int, int] | None = None, client_key: str | None = None
) -> DecisionResult:
    """Mark the article done and confirm the suggestions of `shown` (revision by span id), as one decision.

    What changed since it was shown is left as it stands and reported; it does not keep the article open. Refuses an
    article that is already done. A repeated `client_key` returns the decision that it made before, whatever is shown by
    then: a key pressed twice finishes once.
    """
    require(user, article.corpus, Role.EDITOR)
    request = digest("finish", article.pk)
    return once(user, client_key, request, lambda: _finish(user, article, shown or {}, client_key, request))


def _finish(
    user: "User", article: Article, shown: Mapping[int, int], client_key: str | None, request: bytes
) -> DecisionResult:
    review = locked_review(article)
    if review.stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is already done")
    change_set, confirmed, left_out = confirm_in(article, shown)
    decision = record(
        user,
        article,
        Verb.FINISH,
        change_set,
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        finished=[article.pk],
    )
    _move([review], Stage.DONE, user)
    return DecisionResult(decision, with_names(confirmed), left_out)


def finish_many(
    *, user: "User", corpus: Corpus, article_ids: Sequence[int], client_key: str | None = None
) -> DecisionResult:
    """Mark these articles done, their suggestions undecided, as one decision that one undo takes back.

    What is already done, withdrawn or elsewhere is left out and reported. Refuses: `Invalid` (none or too many),
    `NotAllowed`, and `Conflict` where nothing is left to be done. A repeated `client_key` returns its first decision.
    """
    ids = list(dict.fromkeys(article_ids))
    if not ids:
        raise Invalid("no articles given: choose at least one", field="articles")
    if len(ids) > MAX_ARTICLES:
        raise Invalid(f"{len(ids)} articles in one decision: the limit is {MAX_ARTICLES}", field="articles")
    require(user, corpus, Role.EDITOR)
    request = digest("finish many", corpus.pk, ids)
    return once(user, client_key, request, lambda: _finish_many(user, corpus, ids, client_key, request))


def _finish_many(
    user: "User", corpus: Corpus, ids: list[int], client_key: str | None, request: bytes
) -> DecisionResult:
    reviews = locked_reviews(corpus.pk, [pk for pk in ids if 0 < pk <= MAX_ID])
    reasons = {pk: _obstacle(reviews.get(pk)) for pk in ids}
    left_out = [{"article": pk, "reason": reason} for pk, reason in reasons.items() if reason]
    finished = [reviews[pk] for pk in sorted(reviews) if reasons[pk] is None]
    if not finished:
        raise Conflict(f"nothing was finished: {left_out[0]['reason']}", field="articles", current=left_out)
    decision = record_all(
        user,
        corpus.pk,
        Verb.FINISH,
        [],
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        finished=[review.article_id for review in finished],
    )
    _move(finished, Stage.DONE, user)
    return DecisionResult(decision, left_out=left_out)


def _obstacle(review: Review | None) -> str | None:
    """Why an article cannot be finished; None where it can."""
    if review is None:
        return "there is no such article in this corpus: it may be withdrawn"
    return "it is already done" if review.stage == Stage.DONE else None


@transaction.atomic
def reopen(*, user: "User", article: Article) -> None:
    """Reopen a done article."""
    require(user, article.corpus, Role.EDITOR)
    review = locked_review(article)
    if review.stage != Stage.DONE:
        raise Conflict(f"article {article.pk} is not done: there is nothing to reopen")
    Decision.objects.create(corpus_id=review.corpus_id, article_id=review.article_id, user=user, verb=Verb.REOPEN)
    _move([review], Stage.IN_REVIEW, user)


def reopen_finished(user: "User", finish: Decision, reviews: Iterable[Review]) -> list[int]:
    """Open those of the locked `reviews` again that `finish` marked done and nobody reopened since; their articles."""
    moved = _moved_since(finish)
    standing = [
        review
        for review in reviews
        if review.article_id in finish.finished and review.stage == Stage.DONE and review.article_id not in moved
    ]
    if standing:
        _move(standing, Stage.IN_REVIEW, user)
    return [review.article_id for review in standing]


def finishable_again(undone: Decision, reviews: Iterable[Review]) -> list[Review]:
    """Those of the locked `reviews`, opened by the undo of a finish, that nobody finished or reopened since."""
    moved = _moved_since(undone)
    return [review for review in reviews if review.stage == Stage.IN_REVIEW and review.article_id not in moved]


def finish_again(user: "User", reviews: Sequence[Review]) -> None:
    """Mark articles done whose finish was taken back, as part of the decision that brings it back."""
    if reviews:
        _move(reviews, Stage.DONE, user)


def _moved_since(decision: Decision) -> set[int | None]:
    """The articles that somebody finished or reopened after a decision."""
    since = Decision.objects.filter(corpus=decision.corpus_id, verb__in=[Verb.FINISH, Verb.REOPEN], pk__gt=decision.pk)
    return {pk for article, finished in since.values_list("article", "finished") for pk in (article, *finished)}


def _move(reviews: Sequence[Review], stage: Stage, user: "User") -> None:
    """Bring locked reviews of one corpus to a stage."""
    now, done = timezone.now(), stage == Stage.DONE
    Review.objects.filter(pk__in=[review.pk for review in reviews]).update(
        stage=stage,
        editor=Coalesce(F("editor"), Value(user.pk)),
        started_at=Coalesce(F("started_at"), Value(now)),
        done_at=now if done else None,
        done_by=user if done else None,
    )
    for review in reviews:
        tell_staged(review)
    tell_stage(reviews[0].corpus_id, [review.article_id for review in reviews], stage, user)
