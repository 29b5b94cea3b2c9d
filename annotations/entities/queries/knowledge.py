"""The knowledge bases of a corpus, and what they answered."""

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from annotations.entities.models import Alias, Entity, Identifier, KnowledgeAnswer, KnowledgeService
from annotations.review.models import State
from annotations.suggesters.http_client import address_fault
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import NotFound


class Looked(NamedTuple):
    """A knowledge base, its answer for an entity, if there is one, and the identifiers that the entity has of it."""

    service: KnowledgeService
    answer: KnowledgeAnswer | None
    identifiers: Sequence[str]


def services_of(corpus: Corpus) -> list[KnowledgeService]:
    return list(KnowledgeService.objects.filter(corpus=corpus))


def get_service(corpus: Corpus, pk: int) -> KnowledgeService:
    """A knowledge base of this corpus, which the caller has looked up for the user."""
    service = KnowledgeService.objects.filter(corpus=corpus, pk=pk).first() if 0 < pk < 2**63 else None
    if service is None:
        raise NotFound(f"corpus {corpus.slug!r} has no knowledge base {pk}", field="service")
    return service


def looked_up(entity: Entity) -> list[Looked]:
    """What each knowledge base of the corpus answered for an entity. None of them is asked."""
    services = services_of(entity.corpus)
    if not services:
        return []
    answers = {one.service_id: one for one in KnowledgeAnswer.objects.filter(entity=entity)}
    identifiers: dict[str, list[str]] = {}
    for scheme, value in Identifier.objects.filter(entity=entity).values_list("scheme", "value"):
        identifiers.setdefault(scheme, []).append(value)
    return [Looked(service, answers.get(service.pk), identifiers.get(service.scheme, ())) for service in services]


def service_fault(url: str) -> str:
    """Why the settings do not allow a service at this URL; empty if they do."""
    return address_fault(url, settings.SERVICE_HOSTS)


def asked_names(entity: Entity) -> list[str]:
    """The names that a service is asked for: the entity's own, and the confirmed ones with the most mentions."""
    rows = Alias.objects.filter(entity=entity, state=State.CONFIRMED).exclude(name=entity.name)
    return [entity.name, *rows.order_by("-mentions", "name").values_list("name", flat=True)[:2]]


def query_digest(service: KnowledgeService, entity: Entity, names: Sequence[str]) -> bytes:
    """What a service is asked about an entity, in short."""
    asked = [service.url, service.types.get(entity.label.name, ""), service.alias_properties, list(names)]
    return hashlib.sha256(json.dumps(asked).encode()).digest()


def fresh_answer(service: KnowledgeService, entity: Entity, query: bytes) -> KnowledgeAnswer | None:
    """The answer to exactly this question, if it has not expired."""
    rows = KnowledgeAnswer.objects.filter(service=service, entity=entity, query=query, expires_at__gt=timezone.now())
    return rows.first()
