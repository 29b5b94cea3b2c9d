"""Finish and reopen articles, one or many in one decision."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotations.review.actions.confirm_shown import confirm_spans, open_shown
from annotations.review.actions.decisions import DecisionResult, lock_review, lock_reviews, results_of, run_once
from annotations.review.actions.recording import notify_moved, record, record_all
from annotations.review.models import Decision, Review, Stage, Verb
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_ARTICLES = 1000
_NO_ARTICLE = "there is no such article in this corpus: it may be withdrawn"


def finish(
    *, user: "User", article: Article, shown: Mapping[int, int] | None = None, client_key: str | None = None
) -> DecisionResult:
    """Mark the article done and confirm the suggestions of `shown` (revision by span id), as one decision.

    Suggestions that changed since are left unchanged and reported; the article is done all the same. Refuses an article
    that is already done. A repeated `client_key` returns the first decision, even if `shown` differs, so that a key
    pressed twice finishes once.
    """
    require(user, article.corpus, Role.EDITOR)
    request = digest("finish", article.pk)
    return run_once(user, client_key, request, lambda: _finish(user, article, shown or {}, client_key, request))


def _finish(
    user: "User", article: Article, shown: Mapping[int, int], client_key: str | None, request: bytes
) -> DecisionResult:
    opened = open_shown(article, shown)
    review = opened.review(article.pk)
    if review.stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is already done")
    confirmed, left_out = confirm_spans(opened, article, shown)
    decision = record(
        user,
        article,
        Verb.FINISH,
        opened.change_sets[article.pk],
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        finishes=[review],
    )
    return DecisionResult(decision, results_of(confirmed), left_out)


def finish_many(
    *, user: "User", corpus: Corpus, article_ids: Sequence[int], client_key: str | None = None
) -> DecisionResult:
    """Mark articles done as one decision with one undo. Their suggestions stay undecided.

    Articles that are done, withdrawn or in another corpus are left out and reported. Refuses: `Invalid` (none or too
    many), `NotAllowed`, and `Conflict` if nothing is left to do. A repeated `client_key` returns the first decision.
    """
    ids = check_articles(article_ids)
    require(user, corpus, Role.EDITOR)
    request = digest("finish many", corpus.pk, ids)
    return run_once(user, client_key, request, lambda: _finish_many(user, corpus, ids, client_key, request))


def check_articles(article_ids: Sequence[int]) -> list[int]:
    """The ids, each once. Refuses none and too many."""
    ids = list(dict.fromkeys(article_ids))
    if not ids:
        raise Invalid("no articles given: choose at least one", field="articles")
    if len(ids) > MAX_ARTICLES:
        raise Invalid(f"{len(ids)} articles in one decision: the limit is {MAX_ARTICLES}", field="articles")
    return ids


def _finish_many(
    user: "User", corpus: Corpus, ids: list[int], client_key: str | None, request: bytes
) -> DecisionResult:
    reviews = lock_reviews(corpus.pk, ids)
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
        finishes=finished,
    )
    return DecisionResult(decision, left_out=left_out)


def _obstacle(review: Review | None) -> str | None:
    """Why an article cannot be finished, or None."""
    if review is None:
        return _NO_ARTICLE
    return "it is already done" if review.stage == Stage.DONE else None


@transaction.atomic
def reopen(*, user: "User", article: Article) -> None:
    """Reopen a done article."""
    require(user, article.corpus, Role.EDITOR)
    review = lock_review(article)
    if review.stage != Stage.DONE:
        raise Conflict(f"article {article.pk} is not done: there is nothing to reopen")
    Decision.objects.create(corpus_id=review.corpus_id, article_id=review.article_id, user=user, verb=Verb.REOPEN)
    _reopen([review], user)


@transaction.atomic
def reopen_many(*, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> tuple[list[int], list[dict[str, Any]]]:
    """Reopen done articles: their ids, and the others with reasons. To undo it, finish them again.

    Refuses: `Invalid` (none or too many), `NotAllowed`, and `Conflict` if none of them is done.
    """
    ids = check_articles(article_ids)
    require(user, corpus, Role.EDITOR)
    reviews = lock_reviews(corpus.pk, ids)
    done = {pk: review for pk, review in reviews.items() if review.stage == Stage.DONE}
    left_out = [
        {"article": pk, "reason": "it is not done" if pk in reviews else _NO_ARTICLE} for pk in ids if pk not in done
    ]
    if not done:
        raise Conflict(f"nothing was reopened: {left_out[0]['reason']}", field="articles", current=left_out)
    Decision.objects.bulk_create(
        Decision(corpus_id=corpus.pk, article_id=pk, user=user, verb=Verb.REOPEN) for pk in sorted(done)
    )
    _reopen(list(done.values()), user)
    return sorted(done), left_out


def reopen_finished(user: "User", finish: Decision, reviews: Iterable[Review]) -> list[int]:
    """Reopen those of the locked `reviews` that `finish` marked done and nobody changed since; their articles."""
    changed = _stage_changed_since(finish)
    reopened = [
        review
        for review in reviews
        if review.article_id in finish.finished and review.stage == Stage.DONE and review.article_id not in changed
    ]
    if reopened:
        _reopen(reopened, user)
    return [review.article_id for review in reopened]


def finishable_again(undone: Decision, reviews: Iterable[Review]) -> list[Review]:
    """Those of the locked `reviews` that `undone` reopened and nobody finished or reopened since."""
    changed = _stage_changed_since(undone)
    return [review for review in reviews if review.stage == Stage.IN_REVIEW and review.article_id not in changed]


def _stage_changed_since(decision: Decision) -> set[int | None]:
    """The articles that were finished or reopened after a decision."""
    since = Decision.objects.filter(corpus=decision.corpus_id, verb__in=[Verb.FINISH, Verb.REOPEN], pk__gt=decision.pk)
    return {pk for article, finished in since.values_list("article", "finished") for pk in (article, *finished)}


def _reopen(reviews: Sequence[Review], user: "User") -> None:
    """Put locked reviews of one corpus back in review."""
    Review.objects.filter(pk__in=[review.pk for review in reviews]).update(
        stage=Stage.IN_REVIEW, done_at=None, done_by=None
    )
    notify_moved(reviews, Stage.IN_REVIEW, user)
