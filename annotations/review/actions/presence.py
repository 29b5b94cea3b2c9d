"""Record who has an article open. Presence is not a decision and is not logged."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from annotations.review.models import Presence
from annotations.review.queries.open_pages import AWAY_AFTER
from corpusapp.articles.models import Article
from corpusapp.articles.permissions import require_writing

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_DELETED_AFTER = 20 * AWAY_AFTER


def record_presence(*, user: "User", article: Article) -> None:
    """Record that the user has the article open; a page repeats this within `AWAY_AFTER`.

    Others are not offered the article meanwhile, so read-only tokens are refused.
    """
    require_writing(user)
    now = timezone.now()
    Presence.objects.bulk_create(
        [Presence(article=article, user=user, seen_at=now)],
        update_conflicts=True,
        unique_fields=["article", "user"],
        update_fields=["seen_at"],
    )
    delete_old_presence()


def delete_old_presence() -> int:
    """Delete presence older than twenty times `AWAY_AFTER`; returns the number of rows."""
    return Presence.objects.filter(seen_at__lt=timezone.now() - _DELETED_AFTER).delete()[0]


def end_presence(*, user: "User", article: Article) -> None:
    """Record that the user closed the article."""
    require_writing(user)
    expired = timezone.now() - AWAY_AFTER - timedelta(seconds=1)
    Presence.objects.filter(user=user, article=article).update(seen_at=expired)
