"""Assign articles to a person, or to nobody, and undo that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.decisions import lock_reviews
from annotations.review.actions.stages import check_articles
from annotations.review.models import Assignment, Review, Stage
from annotations.review.queries.assignment import usernames
from corpusapp.accounts.actions.notices import notify
from corpusapp.accounts.models import Notice
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import may, require
from corpusapp.core.errors import Conflict, Invalid, NotAllowed

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class AssignmentResult:
    """An assignment, and the articles that were left out, with reasons."""

    assignment: Assignment
    left_out: Sequence[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def assign(*, user: "User", corpus: Corpus, article_ids: Sequence[int], assignee: "User | None") -> AssignmentResult:
    """Assign articles to `assignee`, or to nobody if it is None.

    Managers assign any article to any editor. Editors take articles that nobody has, and give back their own.
    Articles that cannot be assigned are left out and reported. Refuses: `Invalid` (no articles, or an assignee who is
    no editor), `NotAllowed`, and `Conflict` if nothing is left to do.
    """
    ids = check_articles(article_ids)
    require(user, corpus, Role.EDITOR)
    _check_assignee(user, corpus, assignee)
    reviews = lock_reviews(corpus.pk, ids)
    holders = usernames({review.assignee_id for review in reviews.values() if review.assignee_id})
    manages = may(user, corpus, Role.MANAGER)
    reasons = {pk: _obstacle(reviews.get(pk), user, assignee, holders, manages=manages) for pk in ids}
    left_out = [{"article": pk, "reason": reason} for pk, reason in reasons.items() if reason]
    chosen = [reviews[pk] for pk in reviews if reasons[pk] is None]
    if not chosen:
        raise Conflict(f"nothing was assigned: {left_out[0]['reason']}", field="articles", current=left_out)
    assignment = Assignment.objects.create(
        corpus=corpus,
        user=user,
        assignee=assignee,
        before={str(review.article_id): review.assignee_id for review in chosen},
    )
    Review.objects.filter(pk__in=[review.pk for review in chosen]).update(assignee=assignee)
    if assignee is not None:
        articles = f"{len(chosen)} article{'s' if len(chosen) > 1 else ''}"
        address = f"{reverse('article-list', args=[corpus.slug])}?assignee=me"
        kind = Notice.Kind.ASSIGNED
        notify(users=[assignee], kind=kind, corpus=corpus, actor=user, address=address, articles=articles)
    return AssignmentResult(assignment, left_out)


def _check_assignee(user: "User", corpus: Corpus, assignee: "User | None") -> None:
    if assignee is None:
        return
    if assignee.pk != user.pk and not may(user, corpus, Role.MANAGER):
        raise NotAllowed("only managers assign articles to others: you can take articles yourself")
    if not (assignee.is_active and may(assignee, corpus, Role.EDITOR)):
        raise Invalid(f"{assignee.username} is not an editor of {corpus.name}: choose one", field="assignee")


def _obstacle(
    review: Review | None, user: "User", assignee: "User | None", holders: dict[int, str], *, manages: bool
) -> str | None:
    """Why an article cannot be assigned, or None."""
    if review is None:
        return "there is no such article in this corpus: it may be withdrawn"
    if review.assignee_id == (assignee.pk if assignee else None):
        return f"it is already assigned to {assignee.username}" if assignee else "it is assigned to nobody"
    if assignee and review.stage == Stage.DONE:
        return "it is done: reopen it first"
    if not manages and review.assignee_id not in (None, user.pk):
        return (
            f"it is assigned to {holders.get(review.assignee_id or 0, 'somebody else')}: ask a manager to change that"
        )
    return None


@transaction.atomic
def undo_assignment(*, user: "User", assignment: Assignment) -> AssignmentResult:
    """Give the articles back to those who had them. Articles that were assigned again since are left out.

    Refuses: `NotAllowed` (another user's assignment, except for managers), `Conflict` (already undone, or nothing left
    to undo).
    """
    require(user, assignment.corpus, Role.EDITOR)
    if assignment.user_id != user.pk and not may(user, assignment.corpus, Role.MANAGER):
        raise NotAllowed(f"assignment {assignment.pk} is {assignment.user}'s: you can undo your own")
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.undone_at is not None:
        raise Conflict(f"assignment {assignment.pk} is already undone")
    former = {int(article): before for article, before in assignment.before.items()}
    reviews = lock_reviews(assignment.corpus_id, list(former))
    unchanged = {pk: review for pk, review in reviews.items() if review.assignee_id == assignment.assignee_id}
    left_out = [
        {"article": pk, "reason": "it was assigned again or withdrawn since"} for pk in former if pk not in unchanged
    ]
    if not unchanged:
        raise Conflict("all of these articles were assigned again since: nothing to undo", current=left_out)
    for before in set(former.values()):
        given_back = [review.pk for pk, review in unchanged.items() if former[pk] == before]
        Review.objects.filter(pk__in=given_back).update(assignee=before)
    assignment.undone_at = timezone.now()
    assignment.save(update_fields=["undone_at"])
    return AssignmentResult(assignment, left_out)
