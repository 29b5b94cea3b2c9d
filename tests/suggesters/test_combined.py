"""A service and a base suggester as one suggester."""

from annotations.suggesters.combined import TEXTS_AT_ONCE, Combined
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.resolve import resolve_overlaps, resolve_overlaps_in_order


class Fixed:
    """Proposes the same in each text, and records the sizes of batches."""

    version = "1"

    def __init__(self, name, *proposals):
        self.name = self.digest = name
        self.proposals = list(proposals)
        self.batches = []

    def propose(self, texts):
        texts = list(texts)
        self.batches.append(len(texts))
        return iter([self.proposals] * len(texts))


SERVICE = Fixed("service", Proposal(0, 10, "ORG", 0.3), Proposal(20, 25, "GPE"))
BASE = Fixed("base", Proposal(0, 5, "PERSON", 1.0), Proposal(6, 9, "GPE", 1.0), Proposal(12, 15, "DATE"))


def test_the_service_takes_precedence_over_the_base():
    (found,) = Combined(SERVICE, BASE).propose([SourceText("x" * 30)])
    assert [(p.start, p.end, p.label) for p in found] == [(0, 10, "ORG"), (12, 15, "DATE"), (20, 25, "GPE")]


def test_within_one_suggester_the_higher_score_is_kept():
    proposals = [Proposal(0, 5, "ORG", 0.4), Proposal(3, 8, "GPE", 0.9), Proposal(10, 12, "ORG")]
    assert resolve_overlaps_in_order((proposals,), 20) == resolve_overlaps(proposals, 20) == proposals[1:]
    assert resolve_overlaps_in_order((proposals, [Proposal(0, 3, "DATE", 0.1)]), 20)[0] == Proposal(0, 3, "DATE", 0.1)


def test_many_texts_are_processed_in_batches_in_order():
    service, base = Fixed("service"), Fixed("base", Proposal(0, 1, "ORG"))
    several = Combined(service, base).propose(SourceText("x") for _ in range(TEXTS_AT_ONCE + 1))
    assert next(several) == [Proposal(0, 1, "ORG")]
    assert (service.batches, base.batches) == ([TEXTS_AT_ONCE], [TEXTS_AT_ONCE])
    assert len(list(several)) == TEXTS_AT_ONCE


def test_name_version_and_digest_are_of_both():
    several = Combined(SERVICE, BASE)
    assert (several.name, several.version) == ("service with base", "1 with 1")
    assert several.digest != Combined(BASE, SERVICE).digest
    assert several.digest != Combined(SERVICE, Fixed("other")).digest
