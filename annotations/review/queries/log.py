"""The log: changes of a span, decisions on an article, and what can be undone and redone."""

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from annotations.review.models import MAIN_LAYER, Change, Decision, Stage, Verb
from annotations.review.ports import link_reader
from annotations.review.queries.listing import PAGE_SIZE
from corpusapp.articles.models import Article
from corpusapp.core import keyset
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Verbs that `last_decision` skips.
_NOT_UNDOABLE = (Verb.UNDO, Verb.IMPORT, Verb.REOPEN)
_OF_ENTITIES = (Verb.MERGE, Verb.SPLIT, Verb.DISTINCT)


def link_history(article: Article, span_id: int) -> list[Any]:
    """The changes of the links of a span, oldest first, with their decisions and users."""
    changes = link_reader().changes().filter(article=article, span_id=span_id)
    return list(changes.select_related("decision__user"))


def history(article: Article, span_id: int) -> list[Change]:
    """The changes of a span, oldest first, with their decisions and users."""
    changes = Change.objects.filter(article=article, span_id=span_id)
    return list(changes.select_related("decision__user", "before_label", "after_label").order_by("id"))


def decisions_on(article: Article) -> QuerySet[Decision]:
    """The decisions on an article, including those on several articles."""
    return _decisions(article.pk)


def _decisions(article: int) -> QuerySet[Decision]:
    shared = Change.objects.filter(article=article, decision__article=None)
    linked = link_reader().changes().filter(article=article, decision__article=None).order_by()
    finished = Q(article=None, finished__contains=[article])
    elsewhere = Q(pk__in=shared.values("decision")) | Q(pk__in=linked.values("decision"))
    return Decision.objects.filter(Q(article=article) | elsewhere | finished)


def article_log(article: Article, *, cursor: str = "", size: int = PAGE_SIZE) -> keyset.Page[Decision]:
    """A page of the decisions on an article with their changes there, oldest first."""
    decisions = decisions_on(article).select_related("user", "undone_by").order_by("id")
    if cursor:
        (last,) = keyset.decode(cursor, int)
        decisions = decisions.filter(pk__gt=last)
    changes = (
        Change.objects.filter(article=article)
        .order_by("id")
        .select_related("before_label", "after_label", "before_pipeline", "after_pipeline")
    )
    links = Prefetch("link_changes", link_reader().changes().filter(article=article))
    rows = list(decisions.prefetch_related(Prefetch("changes", changes), links)[: size + 1])
    more = len(rows) > size
    return keyset.Page(rows[:size], keyset.encode(rows[size - 1].pk) if more else None)


def last_decision(user: "User", article: Article) -> Decision | None:
    """The user's newest decision on the article that can be undone."""
    return own_decisions(user, article)[0]


def last_undo(user: "User", article: Article) -> Decision | None:
    """The user's newest undo, if it can be redone: no other decision of the user came after it."""
    return own_decisions(user, article)[1]


def own_decisions(user: "User", article: Article) -> tuple[Decision | None, Decision | None]:
    """`last_decision` and `last_undo`, by one query in most cases."""
    return undo_and_redo(user, article.pk, NEWEST.first(user=user.pk, article=article.pk))


def undo_and_redo(user: "User", article: int, newest: Decision | None) -> tuple[Decision | None, Decision | None]:
    """`own_decisions`, of which the newest was read by `NEWEST` already."""
    if newest is None or newest.verb not in _NOT_UNDOABLE:
        return newest, None
    undoable = _own(user.pk, article).exclude(verb__in=_NOT_UNDOABLE)
    return undoable.first(), newest if newest.verb == Verb.UNDO else None


def _own(user: int, article: int) -> QuerySet[Decision]:
    # A merge of labels is undone on the page of the labels.
    own = _decisions(article).filter(user=user, undone_by=None, merged_label=None).order_by("-id")
    # A finish that confirmed nothing is undone from its announcement, or by reopening.
    changed = (log.filter(decision=OuterRef("pk")) for log in (Change.objects, link_reader().changes().order_by()))
    of_spans, of_links = map(Exists, changed)
    own = own.exclude(Q(verb__in=[Verb.FINISH, Verb.REDO]) & ~of_spans & ~of_links)
    # What concerns entities and only then links is undone on their pages.
    own = own.exclude(Q(verb__in=_OF_ENTITIES) | Q(undoes__isnull=False, undoes__verb__in=_OF_ENTITIES))
    return own.only("verb", "created_at", "article_id")


NEWEST = Prepared(lambda user, article: _own(user, article)[:1], user=int, article=int)


def finish_to_announce(user: "User", number: str) -> Decision | None:
    """The user's finish with this id, while it can be undone, with its article and how much it confirmed; else None."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    done = Q(article__reviews__layer=MAIN_LAYER, article__reviews__stage=Stage.DONE)
    own = Decision.objects.filter(done, pk=int(number), user=user, verb=Verb.FINISH, undone_by=None)
    own = own.filter(article__withdrawn_at=None).annotate(confirmed=Count("changes"))
    finish = own.select_related("article__corpus").first()
    if finish and finish.article and finish.article.corpus.entities_enabled:
        finish.confirmed_links = link_reader().confirmed_by(finish)
    return finish


def articles_touched(decision: Decision) -> int:
    """In how many articles the decision changed spans."""
    return decision.changes.aggregate(n=Count("article", distinct=True))["n"]


def first_touched(decision: Decision, article: Article) -> int:
    """Start of the first span that the decision changed in the article, in code points; 0 if none."""
    starts = decision.changes.filter(article=article).values_list(Coalesce("after_start", "before_start"), flat=True)
    return min(starts, default=0)
