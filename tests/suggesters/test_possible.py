"""Possible spans: other labels, other edges and less likely names, and what they are worth."""

import pytest

from annotations.suggesters.alternatives import Alternative, find_alternatives
from annotations.suggesters.article import read_names
from annotations.suggesters.evidence import Weights
from annotations.suggesters.gold import GoldArticle, scored_possible
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reading import Mention, Reading
from annotations.suggesters.resolve import resolve_with_possible


def resolved(*mentions, alternatives=(), length=100):
    made = tuple(Mention(start, end, f"N{start}", "", "", scores) for start, end, scores in mentions)
    reading = Reading(length, made, (), alternatives=tuple(alternatives))
    return resolve_with_possible(reading, NameStatistics(), Weights({}))


# Scores by PERSON, ORG, GPE and none.
SURE, TORN, UNLIKELY = (5.0, 0.0, 0.0, 0.0), (2.0, 1.6, 0.0, 0.0), (0.0, 1.0, 0.0, 2.0)


def test_the_second_label_of_a_torn_proposal_and_names_below_the_threshold():
    proposals, possible = resolved((0, 4, SURE), (10, 14, TORN), (20, 24, UNLIKELY), (30, 34, SURE), (40, 44, SURE),
                                   (50, 54, SURE), (60, 64, SURE))  # fmt: skip
    assert [(p.start, p.label) for p in proposals] == [(n, "PERSON") for n in (0, 10, 30, 40, 50, 60)]
    assert [(p.start, p.label) for p in possible] == [(10, "ORG"), (20, "ORG")]
    assert possible == sorted(possible, key=lambda p: -p.score)


def test_other_edges_are_ranked_with_them_and_at_most_one_is_shown_for_three_proposals():
    mentions = [(n, n + 4, TORN) for n in range(0, 60, 10)]
    _, possible = resolved(*mentions, alternatives=[(0, 8, (0.0, 3.0, 0.0, 0.0)), (10, 12, (0.0, 0.0, 0.0, 5.0))])
    assert len(possible) == 2
    assert (possible[0].start, possible[0].end, possible[0].label) == (0, 8, "ORG")


def test_without_proposals_there_are_none():
    assert resolved((20, 24, UNLIKELY)) == ([], [])


@pytest.mark.parametrize(
    ("text", "proposed", "expected"),
    [
        ("Odessa Larkin left", "Odessa Larkin", {"Larkin": "without first", "Odessa": "without last"}),
        ("Board of Trade left", "Board of Trade", {"Board": "first part", "Trade": "last part"}),
        ("the Mill party left", "Mill", {"Mill party": "with after"}),
        ("Mill\nOffice left", "Mill", {}),
    ],
)
def test_alternatives_of_a_name(text, proposed, expected):
    start = text.index(proposed)
    names = read_names(text, [Proposal(start, start + len(proposed), "ORG", 0.5)])
    found = {text[slice(*span)]: alternative.kind for span, alternative in names.alternatives.items()}
    assert found.items() >= expected.items()
    assert not any("\n" in words for words in found)
    assert all(span not in names.mentions for span in names.alternatives)


def test_a_sure_name_has_no_shorter_alternatives():
    text = "Odessa Larkin left"
    names = read_names(text, [Proposal(0, 13, "PERSON", 0.99)])
    assert find_alternatives(names.words, names.candidates, names.mentions) == {}
    assert Alternative("without first", (0, 13), "capital").origin == (0, 13)


def test_what_they_are_worth():
    gold = [GoldArticle("x" * 50, ((0, 5, "ORG"), (10, 15, "PERSON"), (20, 25, "GPE")))]
    proposals = [[Proposal(0, 5, "ORG"), Proposal(10, 15, "ORG")]]
    possible = [[Proposal(10, 15, "PERSON"), Proposal(30, 35, "GPE")]]
    assert scored_possible(gold, proposals, possible) == {"for_each_proposal": 1.0, "precision": 0.5, "found": 0.5}
    assert scored_possible(gold, proposals, possible, ["PERSON"])["found"] == 1.0
    assert scored_possible([], [], []) == {"for_each_proposal": 0.0, "precision": 0.0, "found": 0.0}
