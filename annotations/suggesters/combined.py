"""A service and a base suggester, combined as one suggester."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from annotations.suggesters.protocol import Doubts, Proposal, SourceText, Suggester, propose_with_doubts
from annotations.suggesters.resolve import resolve_overlaps_in_order

# Texts in memory during a request to the service.
TEXTS_AT_ONCE = 16


class Combined:
    """The proposals of a service and of a base suggester. Where they overlap, the service's are kept.

    The service is called first, so that no work is lost if it fails. Its version may change with each response:
    `version` and `digest` are those of the last one.
    """

    def __init__(self, service: Suggester, base: Suggester) -> None:
        self.service, self.base = service, base
        self.name = f"{service.name} with {base.name}"
        self.language = getattr(base, "language", "en")

    @property
    def version(self) -> str:
        return f"{self.service.version} with {self.base.version}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.service.digest} {self.base.digest}".encode()).hexdigest()

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals without overlaps for each text. Raises what the service or the base raises."""
        return (proposals for proposals, _ in self.propose_with_doubts(texts))

    def propose_with_doubts(self, texts: Iterable[SourceText]) -> Iterator[tuple[list[Proposal], Doubts | None]]:
        """The same, with the doubts of the base."""
        remaining = iter(texts)
        while batch := list(islice(remaining, TEXTS_AT_ONCE)):
            of_service = list(self.service.propose(batch))
            of_base = propose_with_doubts(self.base, batch)
            for source, first, (second, doubts) in zip(batch, of_service, of_base, strict=True):
                pinned = (replace(proposal, pinned=True) for proposal in first)
                yield resolve_overlaps_in_order((pinned, second), len(source.text)), doubts
