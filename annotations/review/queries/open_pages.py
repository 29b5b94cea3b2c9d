"""Who has which article open, as far as their pages have said so lately."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from annotations.review.models import Presence
from corpusapp.articles.models import Article

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from django.db.models import Count, Sum

from annotations.review.models import MAIN_LAYER, Review, Span

# A page says every 20 seconds that it is open; two of these may get lost.
AWAY_AFTER = timedelta(seconds=60)


def open_elsewhere(user: "User") -> QuerySet[Presence]:
    """The open pages of everybody else."""
    return Presence.objects.filter(seen_at__gte=timezone.now() - AWAY_AFTER).exclude(user=user)


def also_here(user: "User", article: Article) -> list["User"]:
    """The others who have the article open, ten at most."""
    here = open_elsewhere(user).filter(article=article).select_related("user").order_by("user__username")
    return [presence.user for presence in here[:10]]


def mark_of(article: Article) -> str:
    """`count-ids-revisions-stage` over the spans that stand: another one as soon as any of them comes, goes or changes.

    A page adds up the same from the spans that it shows. A new score alone is no change.
    """
    sums = Span.objects.filter(article=article, layer=MAIN_LAYER).standing().order_by()
    found = sums.aggregate(count=Count("pk"), ids=Sum("pk"), revisions=Sum("revision"))
    stage = Review.objects.filter(article=article, layer=MAIN_LAYER).values_list("stage", flat=True).first()
    return f"{found['count']}-{found['ids'] or 0}-{found['revisions'] or 0}-{'done' if stage == 'done' else 'open'}"
