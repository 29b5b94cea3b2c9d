"""Flag, skip and park articles, and take that back. These are not decisions, and are not logged."""

from typing import TYPE_CHECKING

from django.db import transaction

from annotations.review.actions.decisions import lock_review
from annotations.review.models import SetAside, SetAsideKind, Stage
from annotations.review.models.set_aside import MAX_REASON
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require, require_writing
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def set_aside(*, user: "User", article: Article, kind: str, reason: str = "") -> SetAside:
    """Flag, skip or park the article; if the user did so before, change the reason.

    Readers may flag only. A park needs a reason. Refuses to skip or park an article that is done: it is in no queue.
    """
    kind, reason = _check_kind(kind), _check_reason(reason)
    require(user, article.corpus, Role.READER if kind == SetAsideKind.FLAG else Role.EDITOR)
    require_writing(user)
    if kind == SetAsideKind.PARK and not reason:
        raise Invalid("a park needs a reason: say what the article waits for", field="reason")
    # Finishing the article takes the same lock, so that none is left behind.
    if kind != SetAsideKind.FLAG and lock_review(article).stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is done, so nobody is offered it: reopen it first, or flag it")
    row = SetAside(article=article, corpus=article.corpus, user=user, kind=kind, reason=reason)
    SetAside.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["article", "user", "kind"], update_fields=["reason"]
    )
    return row


@transaction.atomic
def take_back(*, user: "User", article: Article, kind: str, of: str | None = None) -> None:
    """Delete the user's flag, skip or park of the article, or the park of another user.

    `of` is that user's username. Only editors may take back the parks of others.
    """
    kind = _check_kind(kind)
    if of and (problem := fault(of)):
        raise Invalid(f"the username {problem}", field="of")
    others = of is not None and of != user.get_username()
    if others and kind != SetAsideKind.PARK:
        raise Invalid(f"only the park of another person can be taken back, not a {kind}", field="of")
    require(user, article.corpus, Role.EDITOR if others else Role.READER)
    require_writing(user)
    found = SetAside.objects.filter(article=article, kind=kind, user__username=of if others else user.get_username())
    if not found.delete()[0]:
        whose = f"by {of!r}" if others else "by you"
        raise NotFound(f"article {article.pk} is not {SetAsideKind(kind).label} {whose}: it may be taken back already")


def _check_kind(kind: str) -> str:
    if kind not in SetAsideKind.values:
        raise Invalid(f"{kind[:40]!r} is no way to set an article aside: use flag, skip or park", field="kind")
    return kind


def _check_reason(reason: str) -> str:
    if problem := fault(reason):
        raise Invalid(f"the reason {problem}", field="reason")
    reason = reason.strip()
    if len(reason) > MAX_REASON:
        raise Invalid(f"the reason has {len(reason)} characters: the limit is {MAX_REASON}", field="reason")
    return reason
