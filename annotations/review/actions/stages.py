"""Finish and reopen an article."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.review.actions.confirm_shown import confirm_shown
from annotations.review.actions.stroke import Stroke, locked_review
from annotations.review.models import Decision, Review, Stage, Verb
from annotations.review.ports import tell_stage, tell_staged
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.refusals import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def finish(*, user: "User", article: Article, shown: Mapping[int, int] | None = None) -> Stroke | None:
    """Mark the article done; with `shown`, confirm those suggestions first, in a stroke that is returned."""
    require(user, article.corpus, Role.EDITOR)
    stroke = confirm_shown(user=user, article=article, shown=shown) if shown else None
    review = locked_review(article)
    if review.stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is done already")
    review.editor = review.editor or user
    review.started_at = review.started_at or timezone.now()
    _move(review, Stage.DONE, user, Verb.FINISH)
    return stroke


@transaction.atomic
def reopen(*, user: "User", article: Article) -> None:
    """Take a done article back into review."""
    require(user, article.corpus, Role.EDITOR)
    review = locked_review(article)
    if review.stage != Stage.DONE:
        raise Conflict(f"article {article.pk} is not done: there is nothing to reopen")
    _move(review, Stage.IN_REVIEW, user, Verb.REOPEN)


def _move(review: Review, stage: Stage, user: "User", verb: Verb) -> None:
    review.stage = stage
    review.done_at = timezone.now() if stage == Stage.DONE else None
    review.save(update_fields=["stage", "editor", "started_at", "done_at"])
    Decision.objects.create(corpus_id=review.corpus_id, article_id=review.article_id, user=user, verb=verb)
    tell_staged(review)
    tell_stage(review.corpus_id, [review.article_id], stage, user)
