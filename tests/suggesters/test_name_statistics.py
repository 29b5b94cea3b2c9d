"""Statistics of names in a corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.name_statistics import (
    NO_NAME,
    NameStatistics,
    article_learning_record,
    learn,
    learning_record,
)
from annotations.suggesters.words import Words

decided = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["in", "the"]), st.sampled_from(["ORG", "GPE", NO_NAME])),
    max_size=12,
)


def test_an_article_counts_as_one_divided_among_its_labels():
    learned = learning_record([("Hill", "the", "ORG")] * 3 + [("Hill", "in", "GPE")])
    assert learned.surfaces == {"Hill": {"ORG": 0.75, "GPE": 0.25}}
    assert learned.contexts == {("Hill", "the"): {"ORG": 1}, ("Hill", "in"): {"GPE": 1}}


@given(st.lists(decided.map(learning_record), max_size=5))
def test_learning_can_be_undone_completely(learning_records):
    statistics = NameStatistics()
    for one in learning_records:
        learn(statistics, one)
    for one in learning_records:
        learn(statistics, one, sign=-1)
    assert statistics == NameStatistics()
    assert not list(statistics.names_in(Words("A B C")))


def test_seen_labels_can_be_subtracted_completely():
    statistics = NameStatistics()
    statistics.see({"Hill": {"ORG": 1 / 3, "GPE": 2 / 3}})
    statistics.see({"Hill": {"ORG": 1 / 3, "GPE": 2 / 3}}, sign=-1)
    assert statistics == NameStatistics()


def test_confirmed_names_are_searched_for_and_rejected_ones_are_not():
    statistics = NameStatistics()
    learn(statistics, learning_record([("Port Hill", "in", "GPE"), ("Rose", "the", NO_NAME), ("Ann", "", "PERSON")]))
    assert list(statistics.names_in(Words("Rose saw Port Hill."))) == ["Port Hill"]
    learn(statistics, learning_record([("Rose", "miss", "PERSON")]))
    learn(statistics, learning_record([("Port Hill", "in", "GPE")]), sign=-1)
    assert list(statistics.names_in(Words("Rose saw Port Hill."))) == ["Rose"]


def test_an_article_is_not_evidence_for_itself():
    statistics = NameStatistics()
    statistics.see({"Hill": {"ORG": 1.0}})
    assert statistics.features("Hill", "", {"ORG": 1.0}) == {}
    assert statistics.features("Hill", "", {}) == {"corpus": 1, "corpus:ORG": pytest.approx(1 / 3)}


def test_the_weight_of_decisions_grows_with_the_number_of_articles():
    statistics = NameStatistics()
    learn(statistics, learning_record([("Hill", "in", "GPE")]))
    once = statistics.features("Hill", "in", {})
    learn(statistics, learning_record([("Hill", "in", "GPE")]))
    twice = statistics.features("Hill", "at", {})
    assert once["decided in context:GPE"] == once["decided:GPE"] < twice["decided:GPE"]
    assert "decided in context" not in twice


def test_spans_and_rejected_ranges_become_a_learning_record():
    text = "In Port Hill, Rose grew. The Port slept."
    learned = article_learning_record(text, [(3, 12, "GPE")], [(3, 7), (14, 18), (29, 33)])
    assert learned.surfaces == {"Port Hill": {"GPE": 1}, "Rose": {NO_NAME: 1}, "Port": {NO_NAME: 1}}
    assert ("Port Hill", "in") in learned.contexts
