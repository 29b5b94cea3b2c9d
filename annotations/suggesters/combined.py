"""A service beside a base suggester, as one suggester."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from annotations.suggesters.protocol import Proposal, SourceText, Suggester
from annotations.suggesters.resolve import settled_in_turn

# So many texts are held while the service is asked.
TEXTS_AT_ONCE = 16


class Combined:
    """What the service proposes, and what the base proposes beside it: where the two overlap, the service's stays.

    The service is asked first: where it fails, nothing was read in vain. What it is may change with each answer, so
    `version` and `digest` are those of the last.
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
        """One list of proposals for each text, none upon another. Raises whatever the service or the base raises."""
        remaining = iter(texts)
        while batch := list(islice(remaining, TEXTS_AT_ONCE)):
            served = list(self.service.propose(batch))
            for source, first, second in zip(batch, served, self.base.propose(batch), strict=True):
                firm = (replace(proposal, firm=True) for proposal in first)
                yield settled_in_turn((firm, second), len(source.text))
