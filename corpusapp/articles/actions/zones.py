"""Add and remove zones of an article."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from corpusapp.articles.models import Article, Role, Zone
from corpusapp.articles.permissions import require
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.text.ranges import range_fault
from corpusapp.text.zones import KINDS

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def add_zone(*, user: "User", article: Article, start: Any, end: Any, kind: str) -> Zone:
    """Mark `[start, end)` as a zone of a kind out of `KINDS`."""
    require(user, article.corpus, Role.EDITOR)
    if fault := range_fault(start, end, article.length):
        raise Invalid(fault[1], field=fault[0])
    if kind not in KINDS:
        raise Invalid(f"the kind of a zone must be one of {', '.join(KINDS)}", field="kind")
    zone, added = Zone.objects.get_or_create(
        article=article,
        start=start,
        end=end,
        kind=kind,
        defaults={"corpus": article.corpus, "article_length": article.length, "set_by": user},
    )
    if not added:
        raise Conflict(f"[{start}, {end}) is already marked as {kind}", current=zone)
    _notify(user, article)
    return zone


@transaction.atomic
def remove_zone(*, user: "User", zone: Zone) -> None:
    """Remove a zone: its range is running text again."""
    article = zone.article
    require(user, article.corpus, Role.EDITOR)
    zone.delete()
    _notify(user, article)


def _notify(user: "User", article: Article) -> None:
    for subscriber in subscribers():
        subscriber.zones_changed(user=user, article_id=article.pk)
