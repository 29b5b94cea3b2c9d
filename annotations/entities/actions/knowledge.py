"""Look entities up in knowledge bases, and take over what these say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotations.entities.actions.entities import add_identifier, checked_identifier, decide_on_entities
from annotations.entities.actions.registry import RegistryChanges, checked_name, require_entities
from annotations.entities.actions.results import EntityResult
from annotations.entities.models import Alias, Entity, KnowledgeAnswer, KnowledgeService
from annotations.entities.queries.knowledge import asked_names, fresh_answer, query_digest, service_fault
from annotations.linkers.reconciliation import (
    Malformed,
    ServiceCandidate,
    batch_of,
    extension_of,
    language_of_property,
    read_aliases,
    read_candidates,
)
from annotations.review.models import State, Verb
from annotations.suggesters.http_client import Client, Limits, ServiceFailed, is_named
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, NoAnswer, NotFound
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# While an editor waits for the page: a service that hangs holds up a thread of the server for so long.
LIMITS = Limits(connect_seconds=2, answer_seconds=6, answer_bytes=1_000_000, retries=0, redirects=0)
# Then it is not asked again by anybody for so long.
PAUSE = timedelta(seconds=30)
KEPT = timedelta(days=7)
MAX_CANDIDATES = 5
_MAX_ALIASES = 30


def look_up(*, user: "User", entity: Entity, service: KnowledgeService) -> KnowledgeAnswer:
    """The candidates of a service for an entity; those of the last days, if its names are still the same.

    Refuses: `NoAnswer` (the service does not answer in some seconds, or with something else than candidates; it is then
    not asked again for half a minute), `Conflict` (the settings do not allow it), `NotAllowed`.
    """
    require(user, entity.corpus, Role.EDITOR)
    require_entities(entity.corpus)
    if service.corpus_id != entity.corpus_id:
        raise NotFound(f"corpus {entity.corpus.slug!r} has no knowledge base {service.pk}")
    if fault := service_fault(service.url):
        raise Conflict(f"{service.name} cannot be asked: {fault}", field="service")
    names = asked_names(entity)
    query = query_digest(service, entity, names)
    if (answer := fresh_answer(service, entity, query)) is not None:
        return answer
    now = timezone.now()
    if service.failed_at is not None and now - service.failed_at < PAUSE:
        raise NoAnswer(
            f"{service.name} {service.failure} a moment ago: try again in {PAUSE.seconds} seconds",
            field="service",
        )
    try:
        candidates = _ask(service, entity, names)
    except (ServiceFailed, Malformed) as error:
        failure = str(error) if isinstance(error, ServiceFailed) else f"answers with no candidates ({error})"
        # An address may have a key that only managers know.
        failure = failure.replace(urlsplit(service.url).path.rstrip("/") or "/", "its address")
        _note_failure(service, failure[:500])
        raise NoAnswer(f"{service.name} {failure}: try again later", field="service") from error
    return _keep(service, entity, query, candidates)


def _ask(service: KnowledgeService, entity: Entity, names: Sequence[str]) -> list[ServiceCandidate]:
    limits = replace(LIMITS, private=is_named(service.url, settings.SERVICE_HOSTS))
    client, path = Client(service.url, limits), "/" if service.url.endswith("/") else ""
    type_id = service.types.get(entity.label.name, "")
    answer = client.post_form(path, {"queries": batch_of(names, type_id, MAX_CANDIDATES)})
    found = read_candidates(answer, names)[:MAX_CANDIDATES]
    properties = service.alias_properties.split()
    if not found or not properties:
        return found
    try:
        # One property at a time is one language: the names of each say which.
        rows = client.post_form(path, {"extend": extension_of([one.id for one in found], properties)})
        by_language = [(language_of_property(one), read_aliases(rows, [one])) for one in properties]
    except (ServiceFailed, Malformed):
        # The candidates are worth having without their other names.
        return found
    return [
        one._replace(
            aliases=tuple((name, code) for code, names_of in by_language for name in names_of.get(one.id, ()))[
                :_MAX_ALIASES
            ]
        )
        for one in found
    ]


def _note_failure(service: KnowledgeService, failure: str) -> None:
    KnowledgeService.objects.filter(pk=service.pk).update(failed_at=timezone.now(), failure=failure)


@transaction.atomic
def _keep(
    service: KnowledgeService, entity: Entity, query: bytes, candidates: Sequence[ServiceCandidate]
) -> KnowledgeAnswer:
    if service.failed_at is not None:
        KnowledgeService.objects.filter(pk=service.pk).update(failed_at=None, failure="")
    rows = [
        {**one._asdict(), "types": list(one.types), "aliases": [list(alias) for alias in one.aliases]}
        for one in candidates
    ]
    values = {
        "query": query, "candidates": rows, "fetched_at": timezone.now(), "expires_at": timezone.now() + KEPT,
    }  # fmt: skip
    return KnowledgeAnswer.objects.update_or_create(service=service, entity=entity, defaults=values)[0]


def take_candidate(
    *,
    user: "User",
    entity: Entity,
    revision: int | None,
    service: KnowledgeService,
    candidate: str,
    client_key: str | None = None,
) -> EntityResult:
    """Give an entity the identifier of a candidate that `look_up` found, its names, and its description if it has none.

    One decision, with one undo. Refuses: `NotFound` (no such candidate), `Conflict` (another entity has the
    identifier), `RevisionMissing`, `Stale`, `NotAllowed`.
    """
    require(user, entity.corpus, Role.EDITOR)
    require_entities(entity.corpus)
    request = digest("take candidate", entity.pk, revision, service.pk, candidate)

    def take(changes: RegistryChanges) -> None:
        found = _candidate(service, entity, candidate)
        row = changes.touch(changes.at_revision(entity.pk, revision), Verb.IDENTIFY)
        changes.confirm(row, Verb.IDENTIFY)
        add_identifier(row, *checked_identifier(service.scheme, found["id"]))
        row.description = row.description or found["description"]
        for name, language in [(found["name"], ""), *found["aliases"]]:
            _add_name(changes, row, name, language)

    return decide_on_entities(user, entity.corpus, Verb.IDENTIFY, take, client_key, request)


def _candidate(service: KnowledgeService, entity: Entity, pk: str) -> dict[str, Any]:
    answer = KnowledgeAnswer.objects.filter(service=service, entity=entity).first()
    found = next((one for one in answer.candidates if one["id"] == pk), None) if answer else None
    if found is None:
        raise NotFound(
            f"{service.name} found no {pk[:80]!r} for entity {entity.pk}: look it up again", field="candidate"
        )
    return dict(found)


def _add_name(changes: RegistryChanges, entity: Entity, name: str, language: str) -> None:
    """Add an alias; one that a person dropped stays dropped."""
    name = checked_name(name)
    if not Alias.objects.filter(entity=entity, name=name, state=State.REJECTED).exists():
        changes.alias(entity, name, origin=Alias.Origin.SERVICE, language=language)


def prune_answers() -> int:
    """Delete answers that have expired; returns how many."""
    return KnowledgeAnswer.objects.filter(expires_at__lt=timezone.now()).delete()[0]
