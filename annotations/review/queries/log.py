"""What was decided: histories, strokes, and which one an undo would take back."""

from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.db.models.functions import Coalesce

from annotations.review.models import Change, Decision, Verb
from annotations.review.queries.listing import PAGE_SIZE
from corpusapp import keyset
from corpusapp.articles.models import Article

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def history(article: Article, span_id: int) -> list[Change]:
    """All that happened to one span, oldest first, with who and when."""
    changes = Change.objects.filter(article=article, span_id=span_id)
    return list(changes.select_related("decision__user", "before_label", "after_label").order_by("id"))


def article_log(article: Article, *, cursor: str = "", size: int = PAGE_SIZE) -> keyset.Page[Decision]:
    """The decisions on an article with their changes, oldest first, as they were taken."""
    decisions = Decision.objects.filter(article=article).select_related("user", "undone_by").order_by("id")
    if cursor:
        (last,) = keyset.decode(cursor, int)
        decisions = decisions.filter(pk__gt=last)
    changes = Change.objects.order_by("id").select_related(
        "before_label", "after_label", "before_pipeline", "after_pipeline"
    )
    found = list(decisions.prefetch_related(Prefetch("changes", changes))[: size + 1])
    more = len(found) > size
    return keyset.Page(found[:size], keyset.encode(found[size - 1].pk) if more else None)


def last_stroke(user: "User", article: Article) -> Decision | None:
    """The user's newest stroke on the article that an undo would take back."""
    strokes = Decision.objects.filter(user=user, article=article, undone_by=None)
    return strokes.exclude(verb__in=[Verb.UNDO, Verb.IMPORT, Verb.FINISH, Verb.REOPEN]).order_by("-id").first()


def last_undo(user: "User", article: Article) -> Decision | None:
    """The user's newest undo, where no other stroke of the user came after it: what a redo would bring back."""
    newest = Decision.objects.filter(user=user, article=article, undone_by=None).order_by("-id").first()
    return newest if newest is not None and newest.verb == Verb.UNDO else None


def first_touched(decision: Decision) -> int:
    """Where, in code points, the first span lay that the stroke changed; 0 where it changed none."""
    starts = decision.changes.values_list(Coalesce("after_start", "before_start"), flat=True)
    return min(starts, default=0)
