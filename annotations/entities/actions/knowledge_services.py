"""Set up the knowledge bases of a corpus."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotations.entities.actions.registry import require_entities
from annotations.entities.models import MAX_SCHEME, MAX_URL, KnowledgeAnswer, KnowledgeService
from annotations.entities.queries.knowledge import service_fault
from annotations.review.models import Label
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_SERVICES = 20
# Offered to managers. Others are at https://reconciliation-api.github.io/testbench/.
WIKIDATA = {
    "name": "Wikidata", "url": "https://wikidata.reconci.link/en/api", "scheme": "wikidata",
    "types": {"PERSON": "Q5", "ORG": "Q43229", "GPE": "Q56061"}, "alias_properties": "Aen",
}  # fmt: skip


@transaction.atomic
def save_service(
    *,
    user: "User",
    corpus: Corpus,
    name: str,
    url: str,
    scheme: str,
    types: Mapping[str, str] | None = None,
    alias_properties: str = "",
    service: KnowledgeService | None = None,
) -> KnowledgeService:
    """Add a knowledge base to a corpus, or change `service`. Answers of another address are forgotten.

    Refuses: `Invalid` (a value, or an address that SERVICE_HOSTS does not allow), `Conflict` (the name, or too many),
    `NotAllowed`. It is saved whether it answers or not.
    """
    require(user, corpus, Role.MANAGER)
    require_entities(corpus)
    values: dict[str, Any] = {
        "name": _checked("name", " ".join(name.split()), 100), "url": _checked("url", url.strip(), MAX_URL),
        "scheme": _checked("scheme", scheme.strip(), MAX_SCHEME),
        "alias_properties": " ".join(alias_properties.split()), "types": _checked_types(corpus, types or {}),
    }  # fmt: skip
    if reason := service_fault(values["url"]):
        raise Invalid(reason, field="url")
    if any(character.isspace() or character in "<>\"'`" for character in values["scheme"]):
        raise Invalid(
            "the scheme has white space, quotes or angle brackets: write a word, such as viaf", field="scheme"
        )
    if len(values["alias_properties"]) > 200:
        raise Invalid("the properties have more than 200 characters: name fewer", field="alias_properties")
    others = KnowledgeService.objects.select_for_update().filter(corpus=corpus)
    others = others.exclude(pk=service.pk) if service else others
    if any(other.name == values["name"] for other in others):
        raise Conflict(f"there is a knowledge base {values['name']!r} already: choose another name", field="name")
    if service is None and len(others) >= MAX_SERVICES:
        raise Conflict(f"a corpus has at most {MAX_SERVICES} knowledge bases: remove one first")
    if service is None:
        return KnowledgeService.objects.create(corpus=corpus, **values)
    for column, value in values.items():
        setattr(service, column, value)
    service.failed_at, service.failure = None, ""
    service.save(update_fields=[*values, "failed_at", "failure"])
    KnowledgeAnswer.objects.filter(service=service).delete()
    return service


@transaction.atomic
def remove_service(*, user: "User", service: KnowledgeService) -> None:
    """Remove a knowledge base from its corpus. Identifiers that entities have of it stay."""
    require(user, service.corpus, Role.MANAGER)
    service.delete()


def _checked(field: str, value: str, most: int) -> str:
    if not value:
        raise Invalid(f"the {field} is empty: give one", field=field)
    if len(value) > most:
        raise Invalid(f"the {field} has {len(value)} characters: the limit is {most}", field=field)
    if reason := fault(value):
        raise Invalid(f"the {field} {reason}", field=field)
    return value


def _checked_types(corpus: Corpus, types: Mapping[str, str]) -> dict[str, str]:
    known = set(Label.objects.filter(corpus=corpus).values_list("name", flat=True))
    for label, value in types.items():
        if label not in known:
            raise Invalid(f"there is no label {label[:80]!r}: use one of {', '.join(sorted(known))}", field="types")
        if not value or len(value) > 300 or fault(value) or not value.isprintable():
            raise Invalid(f"the type of {label} is empty, too long or unreadable: write its ID", field="types")
    return dict(types)
