"""What erasing articles would delete of links and entities, and what it would keep."""

from collections.abc import Sequence

from annotations.entities.models import Entity, EntityState, Link, LinkChange
from corpusapp.articles.ports import Holding


def entity_holdings(corpus_id: int, article_ids: Sequence[int]) -> list[Holding]:
    links = Link.objects.filter(article__in=article_ids)
    entities = Entity.objects.filter(corpus=corpus_id, pk__in=links.values("entity"))
    elsewhere = Link.objects.filter(corpus=corpus_id).exclude(article__in=article_ids).values("entity")
    suggested = entities.filter(state=EntityState.SUGGESTED).exclude(pk__in=elsewhere)
    confirmed = entities.exclude(state=EntityState.SUGGESTED)
    return [
        Holding("links to entities", links.count()),
        Holding("suggested entities that only these articles name", suggested.count()),
        Holding(
            "confirmed entities, with the names that people confirmed",
            confirmed.count(),
            False,
        ),
        Holding(
            "log entries of links: who linked what, and when, without the text",
            LinkChange.objects.filter(article__in=article_ids).count(),
            False,
        ),
    ]
