"""Who has which article open, by their recent presence."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from annotations.review.models import MAIN_LAYER, Presence, Review, Span
from annotations.review.ports import link_reader
from corpusapp.articles.models import Article

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Pages report presence every 20 seconds; two reports may be lost.
AWAY_AFTER = timedelta(seconds=60)


def open_elsewhere(user: "User") -> QuerySet[Presence]:
    """The presence of all other users."""
    return Presence.objects.filter(seen_at__gte=timezone.now() - AWAY_AFTER).exclude(user=user)


def other_viewers(user: "User", article: Article) -> list["User"]:
    """Other users who have the article open, at most ten."""
    here = open_elsewhere(user).filter(article=article).select_related("user").order_by("user__username")
    return [presence.user for presence in here[:10]]


def state_mark(article: Article) -> str:
    """`count-ids-revisions-stage` of the article's suggested and confirmed spans: changes whenever one of them does.

    Before the stage, the same of their links, where the corpus links entities.
    Pages compute the same from the spans that they show. A new score does not change it.
    """
    sums = Span.objects.filter(article=article, layer=MAIN_LAYER).not_rejected().order_by()
    totals = sums.aggregate(count=Count("pk"), ids=Sum("pk"), revisions=Sum("revision"))
    links = f"-{link_reader().mark(article.pk)}" if article.corpus.entities_enabled else ""
    stage = Review.objects.filter(article=article, layer=MAIN_LAYER).values_list("stage", flat=True).first()
    counted = f"{totals['count']}-{totals['ids'] or 0}-{totals['revisions'] or 0}{links}"
    return f"{counted}-{'done' if stage == 'done' else 'open'}"
