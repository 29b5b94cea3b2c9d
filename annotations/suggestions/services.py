"""The service that a corpus has beside its suggester."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from annotations.review.models import Label
from annotations.suggesters.http_client import Limits, ServiceFailed, address_fault, is_named
from annotations.suggesters.http_service import HttpService, PlainService
from annotations.suggesters.label_studio import LabelStudioService
from annotations.suggestions.models import CorpusSuggester

KINDS = CorpusSuggester.ServiceKind
LIMITS = Limits()
# While a manager waits for the page.
_AT_ONCE = Limits(connect_seconds=2, answer_seconds=5, retries=0)


def service_fault(url: str, kind: str) -> tuple[str, str] | None:
    """(field, reason) why a corpus cannot have this service; None where it can, be it there or not."""
    if kind not in KINDS.values:
        return "service_kind", f"there is no kind of service {kind!r}: there are {', '.join(KINDS.values)}"
    if url and (fault := address_fault(url, settings.SERVICE_HOSTS)):
        return "service_url", fault
    if len(url) > CorpusSuggester._meta.get_field("service_url").max_length:
        return "service_url", "the address is longer than 2,000 characters"
    return None


def service_of(chosen: CorpusSuggester, limits: Limits | None = None) -> HttpService | None:
    """The service of a corpus, of which nothing was asked yet; None where it has none, or may not have it any more."""
    if not chosen.service_url or service_fault(chosen.service_url, chosen.service_kind):
        return None
    labels = list(Label.objects.filter(corpus=chosen.corpus_id).order_by("name").values_list("name", flat=True))
    return service_at(chosen.service_url, chosen.service_kind, labels, limits, project=chosen.corpus_id)


def service_at(
    url: str, kind: str, labels: Sequence[str], limits: Limits | None = None, *, project: int = 1
) -> HttpService:
    """The service at an address, of which nothing was asked yet; `project` tells corpora apart."""
    limits = limits or replace(LIMITS, answer_seconds=settings.SERVICE_SECONDS)
    limits = replace(limits, private=is_named(url, settings.SERVICE_HOSTS))
    values = {"limits": limits, "texts_at_once": settings.SERVICE_TEXTS}
    if kind == KINDS.LABEL_STUDIO:
        # As Label Studio names a project; backends cut it at the dot.
        return LabelStudioService(url, labels, project=f"{project}.1", **values)
    return PlainService(url, labels, **values)


def state_of(chosen: CorpusSuggester) -> str:
    """Whether the service of a corpus answers just now, in words; empty where it has none."""
    if not chosen.service_url:
        return ""
    if fault := service_fault(chosen.service_url, chosen.service_kind):
        return fault[1]
    service = service_of(chosen, _AT_ONCE)
    try:
        return f"answers: {service.look()}"
    except ServiceFailed as failure:
        return str(failure)
