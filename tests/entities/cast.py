"""Entities for pages: two of one person, companions, a possible duplicate, and names without an entity."""

from datetime import timedelta

from django.utils import timezone

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.models import Entity, KnowledgeAnswer, KnowledgeService, PossibleDuplicate, Unlinked
from annotations.entities.queries.knowledge import asked_names, query_digest
from annotations.review.models import Span
from corpusapp.articles.models import Corpus
from tests import factories


def make_entity(corpus: Corpus, name: str = "Mohammad Javad Zarif", label: str = "PERSON", **more: object) -> Entity:
    user = factories.make_superuser()
    return create_entity(user=user, corpus=corpus, name=name, label=label, **more).entities[0]


def link(corpus: Corpus, entity: Entity, *spans: Span) -> None:
    choices = [LinkChoice(span.pk, entity.pk) for span in spans]
    link_spans(user=factories.make_superuser(), corpus=corpus, choices=choices)
    entity.refresh_from_db()


def propose(
    corpus: Corpus, first: Entity, second: Entity, saves: int = 1, evidence: tuple[tuple[str, str], ...] = ()
) -> None:
    first, second = sorted((first, second), key=lambda entity: entity.pk)
    PossibleDuplicate.objects.create(
        corpus=corpus, first=first, second=second, score=0.8, saves=saves, evidence=list(evidence)
    )


def leave_unlinked(*spans: Span, reason: str = "unknown", candidates: tuple[Entity, ...] = ()) -> None:
    for span in spans:
        key = span.article.text[span.start : span.end].casefold()
        Unlinked.objects.create(
            span=span, corpus_id=span.corpus_id, article_id=span.article_id, key=key, reason=reason,
            candidates=[entity.pk for entity in candidates],
        )  # fmt: skip


def pair(corpus: Corpus, person: Span, unknown: Span, ambiguous: Span) -> tuple[Entity, Entity]:
    """Two names of a person that may be one, the first with `person` as a mention; two spans wait in the queues."""
    pairs = [("wikidata", "Q312685"), ("own", "zarif-1960")]
    first = make_entity(
        corpus, description="Minister of Foreign Affairs.", aliases=["محمدجواد ظریف", "J. Zarif"], identifiers=pairs
    )
    second = make_entity(corpus, "M. J. Zarif")
    text = "Zarif flew from Vienna to New York on Tuesday. Zarif came back."
    other = factories.make_article(corpus, text, published_on="2018-09-03")
    places = [(0, 5, "PERSON"), (16, 22, "GPE"), (26, 34, "GPE"), (47, 52, "PERSON")]
    zarif, vienna, new_york, _ = factories.suggest(other, *places)
    link(corpus, first, person, zarif)
    for name, span in (("Vienna", vienna), ("New York", new_york)):
        link(corpus, make_entity(corpus, name, "GPE"), span)
    propose(corpus, first, second, evidence=(("same surname", "Mohammad Javad Zarif / M. J. Zarif"),))
    leave_unlinked(unknown)
    leave_unlinked(ambiguous, reason="ambiguous", candidates=(first, second))
    return first, second


def look_up(entity: Entity, *, url: str = "https://kb.example/api") -> KnowledgeService:
    """A knowledge base of the corpus that has answered about the entity."""
    service = KnowledgeService.objects.create(
        corpus=entity.corpus, name="Wikidata", url=url, scheme="wikidata", alias_properties="Aen"
    )
    candidate = {
        "id": "Q1", "name": entity.name, "description": "Minister of Foreign Affairs of Iran, 2013 to 2021",
        "score": 98.5, "match": True, "types": ["human"], "aliases": [["Javad Zarif", "en"], ["محمدجواد ظریف", "fa"]],
    }  # fmt: skip
    KnowledgeAnswer.objects.create(
        service=service, entity=entity, query=query_digest(service, entity, asked_names(entity)),
        candidates=[candidate], expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    return service
