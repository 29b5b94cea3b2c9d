"""Who has which article open, as far as their pages have said so lately."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from annotations.review.models import Presence
from corpusapp.articles.models import Article

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# A page says every 20 seconds that it is open; two of these may get lost.
AWAY_AFTER = timedelta(seconds=60)


def open_elsewhere(user: "User") -> QuerySet[Presence]:
    """The open pages of everybody else."""
    return Presence.objects.filter(seen_at__gte=timezone.now() - AWAY_AFTER).exclude(user=user)


def also_here(user: "User", article: Article) -> list["User"]:
    """The others who have the article open, ten at most."""
    here = open_elsewhere(user).filter(article=article).select_related("user").order_by("user__username")
    return [presence.user for presence in here[:10]]
