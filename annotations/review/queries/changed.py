"""Articles by when something last happened to them."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from annotations.review.models import Change, Decision


def changed_since(moment: datetime) -> Q:
    """Articles that came in since then, or that somebody decided on."""
    here = {"article": OuterRef("pk")}
    return (
        Q(created_at__gte=moment)
        | Q(Exists(Decision.objects.filter(**here, created_at__gte=moment)))
        | Q(Exists(Change.objects.filter(**here, decision__created_at__gte=moment)))
    )
