"""Who articles are assigned to. Callers check permissions."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from annotations.review.models import MAIN_LAYER, Assignment, Review, Stage
from corpusapp.articles.models import Corpus, Membership, Role
from corpusapp.core.errors import Invalid, NotFound
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# What filters and forms call nobody and oneself.
NOBODY, ME = "none", "me"


def possible_assignees(corpus: Corpus) -> "list[User]":
    """The active editors and managers of the corpus, by username."""
    members = Membership.objects.filter(corpus=corpus, role__in=Role.at_least(Role.EDITOR), user__is_active=True)
    return [member.user for member in members.select_related("user").order_by("user__username")]


def get_assignee(user: "User", name: str) -> "User | None":
    """The user of this name; `me` is `user`, and `none` is None. The action checks their role."""
    if name == NOBODY:
        return None
    if name == ME:
        return user
    if not name or fault(name):
        raise Invalid("choose a person to assign the articles to", field="assignee")
    found: User | None = get_user_model().objects.filter(username=name).first()
    if found is None:
        raise Invalid(f"there is no user {name[:40]!r}: choose an editor of the corpus", field="assignee")
    return found


def get_assignment(corpus: Corpus, pk: int) -> Assignment:
    """An assignment of articles of this corpus, which the caller has looked up for the user."""
    found = Assignment.objects.select_related("corpus", "user", "assignee").filter(corpus=corpus, pk=pk).first()
    if found is None:
        raise NotFound(f"there is no assignment {pk} in {corpus.slug!r}", field="assignment")
    return found


def usernames(ids: Collection[int]) -> dict[int, str]:
    return dict(get_user_model().objects.filter(pk__in=ids).values_list("pk", "username"))


def assigned_to(user: "User", corpus: Corpus) -> QuerySet[Review]:
    """The reviews that are assigned to the user and not done."""
    mine = Review.objects.filter(assignee=user.pk, corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    return mine.exclude(stage=Stage.DONE)


def free_for(user_id: int) -> Q:
    """Reviews that are assigned to this user or to nobody."""
    return Q(assignee=None) | Q(assignee=user_id)
