"""The extra service of a corpus, next to its model.

A run asks it batch by batch, does without it where it fails, and leaves it if it keeps failing.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from annotations.review.models import Label
from annotations.suggesters.combined import Combined
from annotations.suggesters.http_client import Limits, ServiceFailed, address_fault, is_named
from annotations.suggesters.http_service import HttpService, PlainService
from annotations.suggesters.label_studio import LabelStudioService
from annotations.suggesters.protocol import SourceText
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.reading import Reading
from annotations.suggestions.models import CorpusSuggester

KINDS = CorpusSuggester.ServiceKind
LIMITS = Limits()
# While a manager waits for the page.
_AT_ONCE = Limits(connect_seconds=2, answer_seconds=5, retries=0)


def service_fault(url: str, kind: str) -> tuple[str, str] | None:
    """(field, reason) why a corpus cannot have this service; None where it can, be it there or not."""
    if kind not in KINDS.values:
        return "service_kind", f"there is no kind of service {kind!r}: use one of {', '.join(KINDS.values)}"
    if url and (fault := address_fault(url, settings.SERVICE_HOSTS)):
        return "service_url", fault
    if len(url) > CorpusSuggester._meta.get_field("service_url").max_length:
        return "service_url", "the URL is longer than 2,000 characters"
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


logger = logging.getLogger(__name__)
# After so many failures in a row a service is left for the rest of a run: each may take as long as a time-out.
PATIENCE = 3
LEFT = f"was skipped for the rest of the run after {PATIENCE} consecutive failures. Update the suggestions when it is "
"back."
ARTICLES, PROPOSALS = "articles", "proposals"
MOST_NOTICES = 20

# What was read, by whom: only who really read it is named.
Readings = dict[int, tuple[NewsReader, Reading]]


class ServiceRunner:
    """One service for one job of a run. `notices` counts what could not be had by (text, what is counted).

    `was_left` tells that the run has left the service before.
    """

    def __init__(self, service: HttpService, base: NewsReader, *, was_left: bool = False) -> None:
        self.notices: Counter[tuple[str, str]] = Counter()
        self.is_left = was_left
        self._service, self._base = service, base
        self._failures = 0

    def read(self, sources: Mapping[int, SourceText]) -> Readings:
        """The readings of those articles for which the service answered; the others are for the base alone."""
        if self.is_left or not sources:
            self._leave(len(sources))
            return {}
        try:
            found = self._asked(sources)
        except ServiceFailed as failure:
            # One article may be what it stumbles over; a service that is not there stumbles over all.
            one_by_one = failure.answered and len(sources) > 1
            found = self._one_by_one(sources) if one_by_one else self._without(failure, len(sources))
        except Exception:
            logger.warning("a batch of %d articles failed; trying them one by one", len(sources), exc_info=True)
            found = self._one_by_one(sources)
        self._count(found)
        return found

    def _one_by_one(self, sources: Mapping[int, SourceText]) -> Readings:
        found: Readings = {}
        in_a_row = 0
        for number, (pk, source) in enumerate(sources.items()):
            try:
                found |= self._asked({pk: source})
                in_a_row = 0
            except ServiceFailed as failure:
                in_a_row += 1
                if in_a_row == PATIENCE or not failure.answered:
                    return found | self._without(failure, len(sources) - number)
                self._without(failure, 1)
            except Exception:
                # The base fails on it: it will do so again without the service, and be told of there.
                logger.warning("article %d failed", pk, exc_info=True)
        return found

    def _asked(self, sources: Mapping[int, SourceText]) -> Readings:
        several = Combined(self._service, self._base.base)
        try:
            readings = list(self._base.upon(several).readings(sources.values()))
        finally:
            for reason, number in self._service.left_out.items():
                text = f"The {self._service.name} sent proposals {reason}: they were left out."
                self.notices[text, PROPOSALS] += number
            self._service.left_out.clear()
        # Made after the answer, which may have named another model than the one before.
        reader = self._base.upon(several)
        return {pk: (reader, reading) for pk, reading in zip(sources, readings, strict=True)}

    def _without(self, failure: ServiceFailed, articles: int) -> Readings:
        logger.warning("%s %s", self._service.name, failure)
        text = f"The {self._service.name} {failure}. Only {self._base.base.name} was used."
        self.notices[text, ARTICLES] += articles
        return {}

    def _count(self, found: Readings) -> None:
        """Count a batch for which the service did nothing, and leave the service after so many."""
        self._failures = 0 if found else self._failures + 1
        if self._failures >= PATIENCE:
            self.is_left = True
            self._leave(0)

    def _leave(self, articles: int) -> None:
        if self.is_left:
            self.notices[f"The {self._service.name} {LEFT}", ARTICLES] += articles


def merged_notices(former: Sequence[Mapping[str, Any]], new: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The notices of a run with new ones, each text once; past the first MOST_NOTICES texts they are only counted."""
    counts = Counter({(notice["text"], notice["of"]): notice["count"] for notice in former})
    for (text, of), count in new.items():
        known = (text, of) in counts or len(counts) < MOST_NOTICES or LEFT in text
        counts[text if known else "Other failures of the service.", of] += count
    return [{"text": text, "count": count, "of": of} for (text, of), count in counts.items()]


def has_left(notices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a run with these notices has left its service."""
    return any(LEFT in notice["text"] for notice in notices)
