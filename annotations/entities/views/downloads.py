"""The pages of entities as CSV: their rows are read in parts while they are sent."""

from collections.abc import Iterator, Sequence

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify

from annotations.entities.models import Entity
from annotations.entities.queries.index import EntityFilter, list_entities
from annotations.entities.queries.page import MentionFilter, MentionInContext, mentions_of
from corpusapp.articles.models import Corpus
from corpusapp.core.csv_files import csv_response

_PART = 500
ENTITY_COLUMNS = (
    "id", "name", "label", "state", "mentions", "confirmed", "identifiers", "description", "address",
)  # fmt: skip
MENTION_COLUMNS = (
    "entity", "name", "article", "source", "published", "title", "span", "start", "end", "label", "before", "mention",
    "after", "state", "score",
)  # fmt: skip


def entities_csv(request: HttpRequest, corpus: Corpus, filters: EntityFilter, order: str) -> HttpResponseBase:
    """The entities that the filters let through, all pages of them."""
    # Wrong filters are refused before anything is sent.
    first = list_entities(corpus, filters, order, "", _PART)

    def rows() -> Iterator[Sequence[object]]:
        page = first
        while True:
            for entity in page.rows:
                yield entity_row(request, corpus, entity)
            if not page.next_cursor:
                return
            page = list_entities(corpus, filters, order, page.next_cursor, _PART)

    return csv_response(request, f"{corpus.slug}-entities.csv", ENTITY_COLUMNS, rows())


def entity_row(request: HttpRequest, corpus: Corpus, entity: Entity) -> tuple[object, ...]:
    """The columns ENTITY_COLUMNS of an entity with its label and identifiers."""
    identifiers = " ".join(f"{each.scheme}:{each.value}" for each in entity.identifiers.all())
    address = request.build_absolute_uri(reverse("entity-address", args=[entity.pk]))
    return (
        entity.pk, entity.name, entity.label.name, entity.state, entity.mentions, entity.confirmed, identifiers,
        entity.description, address,
    )  # fmt: skip


def mentions_csv(request: HttpRequest, entity: Entity, filters: MentionFilter) -> HttpResponseBase:
    """The mentions of an entity that the filters let through, all pages of them."""
    first = mentions_of(entity, filters, size=_PART)

    def rows() -> Iterator[Sequence[object]]:
        page = first
        while True:
            for mention in page.rows:
                yield _mention_row(entity, mention)
            if not page.next_cursor:
                return
            page = mentions_of(entity, filters, cursor=page.next_cursor, size=_PART)

    name = slugify(entity.name)[:60] or "entity"
    return csv_response(request, f"{name}-{entity.pk}-mentions.csv", MENTION_COLUMNS, rows())


def _mention_row(entity: Entity, row: MentionInContext) -> tuple[object, ...]:
    article, span, link = row.article, row.span, row.link
    return (
        entity.pk, entity.name, article.pk, article.source.name if article.source else "",
        article.published_on.isoformat() if article.published_on else "", article.headline, span.pk, span.start,
        span.end, span.label.name, row.left, row.text, row.right, link.state if link else "",
        link.score if link else None,
    )  # fmt: skip
