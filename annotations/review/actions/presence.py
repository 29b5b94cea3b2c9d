"""Come to an article's page, stay on it, leave it. What is only open is no decision and leaves no trace in the log."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from annotations.review.models import Presence
from annotations.review.queries.open_pages import AWAY_AFTER
from corpusapp.articles.models import Article
from corpusapp.articles.permissions import require_writing

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_FORGOTTEN_AFTER = 20 * AWAY_AFTER


def be_present(*, user: "User", article: Article) -> None:
    """The user has the article open now; a page says so again well within `AWAY_AFTER`.

    Others are not offered the article meanwhile, so a token that may only read cannot say it.
    """
    require_writing(user)
    now = timezone.now()
    Presence.objects.bulk_create(
        [Presence(article=article, user=user, seen_at=now)],
        update_conflicts=True,
        unique_fields=["article", "user"],
        update_fields=["seen_at"],
    )
    forget_presence()


def forget_presence() -> int:
    """Delete who was on an article a while ago; returns how many."""
    return Presence.objects.filter(seen_at__lt=timezone.now() - _FORGOTTEN_AFTER).delete()[0]


def leave(*, user: "User", article: Article) -> None:
    """The user's page is closed, at the latest by now."""
    require_writing(user)
    gone = timezone.now() - AWAY_AFTER - timedelta(seconds=1)
    Presence.objects.filter(user=user, article=article).update(seen_at=gone)
