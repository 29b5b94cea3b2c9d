"""Finish and reopen articles."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.review.actions.confirm_shown import confirm_in
from annotations.review.actions.ledger import Ledger
from annotations.review.actions.stroke import Stroke, locked_review, record, with_names
from annotations.review.models import Decision, Review, Stage, Verb
from annotations.review.ports import tell_stage, tell_staged
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.refusals import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def finish(*, user: "User", article: Article, shown: Mapping[int, int] | None = None) -> Stroke:
    """Mark the article done and confirm the suggestions of `shown` (revision by span id), as one decision.

    What changed since it was shown is left as it stands and reported; it does not keep the article open. Refuses an
    article that is done already.
    """
    require(user, article.corpus, Role.EDITOR)
    review = locked_review(article)
    if review.stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is done already")
    ledger = Ledger(article)
    confirmed, left_out = confirm_in(ledger, shown or {})
    decision = record(user, article, Verb.FINISH, ledger, left_out=left_out, finished=[article.pk])
    review.editor = review.editor or user
    review.started_at = review.started_at or timezone.now()
    _move(review, Stage.DONE, user)
    return Stroke(decision, with_names(confirmed), left_out)


@transaction.atomic
def reopen(*, user: "User", article: Article) -> None:
    """Take a done article back into review."""
    require(user, article.corpus, Role.EDITOR)
    review = locked_review(article)
    if review.stage != Stage.DONE:
        raise Conflict(f"article {article.pk} is not done: there is nothing to reopen")
    Decision.objects.create(corpus_id=review.corpus_id, article_id=review.article_id, user=user, verb=Verb.REOPEN)
    _move(review, Stage.IN_REVIEW, user)


def reopen_finished(user: "User", finish: Decision, reviews: Iterable[Review]) -> list[int]:
    """Open those of the locked `reviews` again that `finish` marked done and nobody reopened since; their articles."""
    since = Decision.objects.filter(corpus=finish.corpus_id, verb__in=[Verb.FINISH, Verb.REOPEN], pk__gt=finish.pk)
    reopened = []
    for review in reviews:
        moved = since.filter(article=review.article_id) | since.filter(finished__contains=[review.article_id])
        if review.article_id in finish.finished and review.stage == Stage.DONE and not moved.exists():
            _move(review, Stage.IN_REVIEW, user)
            reopened.append(review.article_id)
    return reopened


def _move(review: Review, stage: Stage, user: "User") -> None:
    review.stage = stage
    review.done_at = timezone.now() if stage == Stage.DONE else None
    review.save(update_fields=["stage", "editor", "started_at", "done_at"])
    tell_staged(review)
    tell_stage(review.corpus_id, [review.article_id], stage, user)
