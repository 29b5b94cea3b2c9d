"""The extra service of a corpus, next to its model.

A run asks it batch by batch, uses only the model for a batch that fails, and skips it if it keeps failing.
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

logger = logging.getLogger(__name__)

KINDS = CorpusSuggester.ServiceKind
LIMITS = Limits()
# For a check while a manager waits for the page.
_INTERACTIVE_LIMITS = Limits(connect_seconds=2, answer_seconds=5, retries=0)
# After this many failed batches in a row a run skips its service: each may take as long as a time-out.
MAX_FAILURES = 3
SKIPPED = (
    f"was skipped for the rest of the run after {MAX_FAILURES} consecutive failures. Update the suggestions when it is "
    "back."
)
ARTICLES, PROPOSALS = "articles", "proposals"
MAX_NOTICES = 20
_MAX_URL = 2000

# By article, with the reader that really read it: the pipeline of its suggestions.
Readings = dict[int, tuple[NewsReader, Reading]]


def service_error(url: str, kind: str) -> tuple[str, str] | None:
    """(field, reason) if a corpus cannot have this service; None if it can, whether it answers or not."""
    if kind not in KINDS.values:
        return "service_kind", f"there is no kind of service {kind!r}: use one of {', '.join(KINDS.values)}"
    if url and (error := address_fault(url, settings.SERVICE_HOSTS)):
        return "service_url", error
    if len(url) > _MAX_URL:
        return "service_url", "the URL is longer than 2,000 characters"
    return None


def corpus_service(chosen: CorpusSuggester, limits: Limits | None = None) -> HttpService | None:
    """A client of the corpus's service; None without one, or if the settings no longer allow it. Sends no request."""
    if not chosen.service_url or service_error(chosen.service_url, chosen.service_kind):
        return None
    labels = Label.objects.shown().filter(corpus=chosen.corpus_id).order_by("name").values_list("name", flat=True)
    return service_at(chosen.service_url, chosen.service_kind, list(labels), limits, project=chosen.corpus_id)


def service_at(
    url: str, kind: str, labels: Sequence[str], limits: Limits | None = None, *, project: int = 1
) -> HttpService:
    """A client of the service at a URL. Sends no request. `project` identifies the corpus to Label Studio backends."""
    limits = limits or replace(LIMITS, answer_seconds=settings.SERVICE_SECONDS)
    limits = replace(limits, private=is_named(url, settings.SERVICE_HOSTS))
    size = settings.SERVICE_TEXTS
    if kind == KINDS.LABEL_STUDIO:
        # Label Studio's form of a project's name; backends cut it at the dot.
        return LabelStudioService(url, labels, project=f"{project}.1", limits=limits, texts_at_once=size)
    return PlainService(url, labels, limits=limits, texts_at_once=size)


def service_status(chosen: CorpusSuggester) -> str:
    """Ask the service of a corpus whether it answers; returns a message, empty without a service."""
    if error := service_error(chosen.service_url, chosen.service_kind):
        return error[1]
    service = corpus_service(chosen, _INTERACTIVE_LIMITS)
    if service is None:
        return ""
    try:
        return f"answers: {service.look()}"
    except ServiceFailed as failure:
        return str(failure)


class ServiceRunner:
    """Asks one service for the articles of one run. `notices` counts failures by (message, what is counted).

    `skipped` says that the run skips the service from the start, after failures in an earlier job.
    """

    def __init__(self, service: HttpService, base: NewsReader, *, skipped: bool = False) -> None:
        self.notices: Counter[tuple[str, str]] = Counter()
        self.skipped = skipped
        self._service, self._base = service, base
        self._failures = 0

    def read(self, sources: Mapping[int, SourceText]) -> Readings:
        """Readings of the articles for which the service answered; the caller reads the others with the base."""
        if self.skipped or not sources:
            self._note_skipped(len(sources))
            return {}
        try:
            found = self._ask(sources)
        except ServiceFailed as failure:
            # An answer with an error may be about one article; no answer is about all.
            one_by_one = failure.answered and len(sources) > 1
            found = self._ask_one_by_one(sources) if one_by_one else self._note_failure(failure, len(sources))
        except Exception:
            logger.warning("a batch of %d articles failed; trying them one by one", len(sources), exc_info=True)
            found = self._ask_one_by_one(sources)
        self._count_failures(found)
        return found

    def _ask_one_by_one(self, sources: Mapping[int, SourceText]) -> Readings:
        found: Readings = {}
        failures = 0
        for number, (pk, source) in enumerate(sources.items()):
            try:
                found |= self._ask({pk: source})
                failures = 0
            except ServiceFailed as failure:
                failures += 1
                if failures == MAX_FAILURES or not failure.answered:
                    return found | self._note_failure(failure, len(sources) - number)
                self._note_failure(failure, 1)
            except Exception:
                # The base suggester fails on it. It will fail again without the service, where the error is stored.
                logger.warning("article %d failed", pk, exc_info=True)
        return found

    def _ask(self, sources: Mapping[int, SourceText]) -> Readings:
        combined = Combined(self._service, self._base.base)
        try:
            readings = list(self._base.with_base(combined).readings(sources.values()))
        finally:
            for reason, number in self._service.left_out.items():
                text = f"The {self._service.name} sent proposals {reason}: they were left out."
                self.notices[text, PROPOSALS] += number
            self._service.left_out.clear()
        # A new reader, since the answer may name another model than the one before, and so another pipeline.
        reader = self._base.with_base(combined)
        return {pk: (reader, reading) for pk, reading in zip(sources, readings, strict=True)}

    def _note_failure(self, failure: ServiceFailed, articles: int) -> Readings:
        logger.warning("%s %s", self._service.name, failure)
        text = f"The {self._service.name} {failure}. Only {self._base.base.name} was used."
        self.notices[text, ARTICLES] += articles
        return {}

    def _count_failures(self, found: Readings) -> None:
        """Count a batch without any answer, and skip the service after MAX_FAILURES in a row."""
        self._failures = 0 if found else self._failures + 1
        if self._failures >= MAX_FAILURES:
            self.skipped = True
            self._note_skipped(0)

    def _note_skipped(self, articles: int) -> None:
        if self.skipped:
            self.notices[f"The {self._service.name} {SKIPPED}", ARTICLES] += articles


def merged_notices(former: Sequence[Mapping[str, Any]], new: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The notices of a run with new ones, each text once; after MAX_NOTICES texts, others are counted together."""
    counts = Counter({(notice["text"], notice["of"]): notice["count"] for notice in former})
    for (text, of), count in new.items():
        listed = (text, of) in counts or len(counts) < MAX_NOTICES or SKIPPED in text
        counts[text if listed else "Other failures of the service.", of] += count
    return [{"text": text, "count": count, "of": of} for (text, of), count in counts.items()]


def was_skipped(notices: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a run with these notices skips its service."""
    return any(SKIPPED in notice["text"] for notice in notices)
