"""Proposals of a service are kept unchanged, in any script, unless decisions contradict them."""

import pytest

from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.reading import reading_from_json, reading_to_json
from corpusapp.text.zones import BYLINE, ZoneRange

TEXT = "The talks in Quuxia’s hall went on. In دمشق, zarif met the Red Team on Monday. Quuxia waits."


class Given:
    """A suggester of fixed proposals, given as (words, label, score)."""

    name, version, digest = "given", "1", "given"

    def __init__(self, *given, pinned=True):
        self.given, self.pinned = given, pinned

    def propose(self, texts):
        for source in texts:
            places = ((source.text.index(words), words, label, score) for words, label, score in self.given)
            yield [
                Proposal(start, start + len(words), label, score, pinned=self.pinned)
                for start, words, label, score in places
            ]


def found(base, statistics=None, *, english=True, source=None):
    source = source or SourceText(TEXT)
    reader = NewsReader(base, english=english)
    (reading,) = reader.readings([source])
    kept = reading_from_json(reading_to_json(reading))
    return {
        (source.text[p.start : p.end], p.label) for p in reader.resolve(source, kept, statistics or NameStatistics())
    }


@pytest.mark.parametrize("english", [True, False])
@pytest.mark.parametrize(
    "words, label",
    [
        ("Quuxia’s", "GPE"),
        ("دمشق", "GPE"),
        ("zarif", "PERSON"),
        ("the Red Team", "ORG"),
        ("talks", "EVENT"),
        ("hall went", "WEAPON"),
        ("Monday", "DATE"),
    ],
)
def test_pinned_ranges_and_labels_are_kept(words, label, english):
    for score in (None, 0.05, 1.0):
        assert (words, label) in found(Given((words, label, score)), english=english)


def test_other_mentions_of_a_pinned_name_are_found():
    reader = NewsReader(Given(("Quuxia", "GPE", None)))
    ((*proposals,),) = reader.propose([SourceText(TEXT)])
    assert [(p.start, p.label) for p in proposals if TEXT[p.start : p.end] == "Quuxia"] == [(13, "GPE"), (79, "GPE")]


def test_decisions_override_pinned_proposals():
    base = Given(("Quuxia", "GPE", 0.9))
    statistics = NameStatistics()
    statistics.decided["Quuxia"]["ORG"] = 3.0
    assert ("Quuxia", "ORG") in found(base, statistics)
    statistics.decided["Quuxia"].clear()
    statistics.decided["Quuxia"][""] = 3.0
    assert not [words for words, _ in found(base, statistics) if words == "Quuxia"]


def test_nothing_is_proposed_in_bylines_by_choice():
    source = SourceText("By Kim Zarif\nQuuxia waits.", (ZoneRange(0, 12, BYLINE),), bylines=False)
    assert found(Given(("Zarif", "PERSON", 1.0), ("Quuxia", "GPE", 1.0)), source=source) == {("Quuxia", "GPE")}


def test_unpinned_proposals_are_scored():
    assert ("hall went", "PERSON") not in found(Given(("hall went", "PERSON", 1.0), pinned=False))
