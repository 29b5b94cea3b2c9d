"""The weeks in which mentions are counted."""

from collections.abc import Collection
from datetime import UTC, date, timedelta

from corpusapp.articles.models import Article


def article_weeks(article_ids: Collection[int]) -> dict[int, date]:
    """The weeks of articles, as their links have them: of publication, or else of import."""
    rows = Article.objects.filter(pk__in=article_ids).order_by().values_list("pk", "published_on", "created_at")
    return {pk: _monday(published or created.astimezone(UTC).date()) for pk, published, created in rows}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
