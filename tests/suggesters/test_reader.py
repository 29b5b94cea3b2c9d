"""The reader of news: articles, corpora and decisions on top of a base suggester."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from annotations.suggesters.name_statistics import (
    NO_NAME,
    NameStatistics,
    article_learning_record,
    learn,
    learning_record,
)
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.reader import NewsReader, resolved
from annotations.suggesters.reading import reading_from_json, reading_to_json
from annotations.suggesters.words import Words
from corpusapp.text.zones import BYLINE, CHROME, ZoneRange
from tests.suggesters.bases import FixedSuggester, UnsureSuggester

VISIT = (
    "Norwegian foreign minister Ingrid Solberg flew to Tallinn on Monday. “We came to listen,” Solberg said.\n"
    "The European Maritime Agency (EMA) opened an office there. EMA officials met Solberg in Tallinn."
)
FOUND = [
    ("Norwegian", "NORP"),
    ("Ingrid Solberg", "PERSON"),
    ("Tallinn", "GPE"),
    ("Monday", "DATE"),
    ("European Maritime Agency", "ORG"),
]


def proposals(text, found, statistics=None, *, english=True, zones=(), bylines=True):
    reader = NewsReader(FixedSuggester({text: found}), english=english)
    source = SourceText(text, tuple(zones), bylines)
    (reading,) = reader.readings([source])
    return reader.resolve(source, reading, statistics or NameStatistics())


def words(text, found):
    return [(text[proposal.start : proposal.end], proposal.label) for proposal in found]


def decided(*mentions):
    statistics = NameStatistics()
    for mention in mentions:
        learn(statistics, learning_record([mention]))
    return statistics


def test_an_article_is_read_as_a_whole():
    assert words(VISIT, proposals(VISIT, FOUND)) == [
        ("Norwegian", "NORP"),
        ("Ingrid Solberg", "PERSON"),
        ("Tallinn", "GPE"),
        ("Monday", "DATE"),
        ("Solberg", "PERSON"),
        ("European Maritime Agency", "ORG"),
        ("EMA", "ORG"),
        ("EMA", "ORG"),
        ("Solberg", "PERSON"),
        ("Tallinn", "GPE"),
    ]


def test_scores_are_probabilities():
    assert all(proposal.score is None or 0 < proposal.score <= 1 for proposal in proposals(VISIT, FOUND))


def test_a_rejected_name_is_suppressed():
    refused = decided(*[("Tallinn", word, NO_NAME) for word in ("to", "in", "from", "to", "in", "from")])
    assert "Tallinn" not in {surface for surface, _ in words(VISIT, proposals(VISIT, FOUND, refused))}


def test_a_decided_label_wins_even_if_the_weights_do_not_know_it():
    for label in ("ORG", "LOC", "VESSEL"):
        statistics = decided(*[("Tallinn", "the", label)] * 8)
        assert ("Tallinn", label) in words(VISIT, proposals(VISIT, FOUND, statistics))


def test_an_undone_decision_is_forgotten():
    statistics = decided(*[("Tallinn", "the", "ORG")] * 8)
    for _ in range(8):
        learn(statistics, learning_record([("Tallinn", "the", "ORG")]), sign=-1)
    assert proposals(VISIT, FOUND, statistics) == proposals(VISIT, FOUND)


def test_decisions_in_the_same_context_weigh_more():
    text = "He sailed to Lindholm."
    elsewhere = decided(*[("Lindholm", "said", "PERSON")] * 2, *[("Lindholm", "near", "GPE")] * 2)
    here = decided(*[("Lindholm", "said", "PERSON")] * 2, *[("Lindholm", "to", "GPE")] * 2)
    scores = [
        next((proposal.score for proposal in proposals(text, [], known) if proposal.label == "GPE"), 0)
        for known in (elsewhere, here)
    ]
    assert scores[0] < scores[1]


def test_a_decided_name_is_found_where_it_was_not_proposed():
    text = "They heard that skagerrak news sank. It was skagerrak news again."
    assert proposals(text, []) == []
    found = proposals(text, [], decided(*[("skagerrak news", "that", "ORG")] * 4))
    assert words(text, found) == [("skagerrak news", "ORG")] * 2


def test_a_learned_name_never_replaces_a_longer_name_around_it():
    text = "They met for a two-day visit, and for two more."
    known = decided(*[("two", "for", "CARDINAL")] * 9)
    found = words(text, proposals(text, [("two-day", "DATE")], known))
    assert found == [("two-day", "DATE"), ("two", "CARDINAL")]
    known = decided(*[("two", "for", "CARDINAL")] * 9, ("two-day", "a", "DATE"))
    assert words(text, proposals(text, [], known)) == found
    text = "The Harbour Board of Germany lost, and Germany voted."
    known = decided(*[("Germany", "for", "GPE")] * 9)
    found = words(text, proposals(text, [("Harbour Board of Germany", "ORG")], known))
    assert found == [("Harbour Board of Germany", "ORG"), ("Germany", "GPE")]


NAMES = [
    "Egypt",
    "Tallinn",
    "Solberg",
    "Ingrid Solberg",
    "EMA",
    "Harbour Board",
    "Zorlan",
    "Mount Carmel",
    "Germans",
    "River Sava",
]
SENTENCES = [
    "{n} people live in {name}.",
    "{name} said no {n} times.",
    "“No,” said {name} on day {n}.",
    "The {name} group sold {n} ships.",
    "{n} left the city of {name} by tram.",
    "{n} of the {name} came.",
    "For {n} days {name}, who was ill, rested.",
    "Minister {name} met {n} of them.",
    "{n} went from {name} to {name} in a day.",
    "{name} scored goal {n} of the match.",
    "{n} wrote to {name} Pasha.",
    "In {n} it was a {name}-based firm.",
    "{name} ({n}) left.",
    "{name}",
]
# Texts before the name: its full name, the name that it abbreviates, a report on sport, other names.
OPENINGS = [
    "",
    "Ingrid Solberg met Harbour Board of Tallinn.",
    "The European Medicines Agency (EMA) of Egypt met.",
    "The striker scored twice in the cup final, and the goalkeeper of the league saved a penalty.",
    "Germans sailed past Mount Carmel to the River Sava, said Minister Zorlan of Egypt.",
    "LONDON, May 3 (Reuters) -",
]
LABELS = ["", "PERSON", "ORG", "GPE", "LOC", "NORP", "FAC", "EVENT", "PRODUCT", "WORK_OF_ART"]


class Everywhere:
    """A base suggester that gives a name one label everywhere, or none if the label is empty."""

    name, version, digest = "everywhere", "1", "0" * 64

    def __init__(self, name, label):
        self._found = name, label

    def propose(self, texts):
        name, label = self._found
        for source in texts:
            places = Words(source.text).occurrences(name) if label else ()
            yield [Proposal(start, end, label) for start, end in places]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(NAMES),
    st.sampled_from(SENTENCES),
    st.sampled_from(LABELS),
    st.lists(
        st.tuples(st.sampled_from(["", "in", "the", "said"]), st.sampled_from(["", "PERSON", "ORG", "GPE", "LOC"])),
        max_size=3,
    ),
    st.dictionaries(st.sampled_from(LABELS[1:]), st.floats(0.1, 5), max_size=3),
    st.sampled_from(OPENINGS),
    st.booleans(),
)
def test_more_mentions_of_the_same_kind_keep_a_proposal(name, sentence, label, decisions, seen, opening, english):
    """Or a longer name around it is found instead. A name that the opening has too is read by both kinds."""
    assume(name not in opening)
    statistics = decided(*[(name, before, as_label) for before, as_label in decisions])
    statistics.see({name: seen})
    reader = NewsReader(Everywhere(name, label), english=english)
    former: set[tuple[int, int]] = set()
    for number in range(1, 13):
        mentions = [sentence.format(name=name, n=100 + count) for count in range(number)]
        text = "\n".join([opening, *mentions] if opening else mentions)
        source = SourceText(text)
        (reading,) = reader.readings([source])
        found = {(proposal.start, proposal.end) for proposal in reader.resolve(source, reading, statistics)}
        lost = [one for one in former if not any(start <= one[0] and one[1] <= end for start, end in found)]
        assert lost == [], text
        former = found


@pytest.mark.parametrize(("bylines", "starts"), [(True, [3, 31]), (False, [31])])
def test_nothing_is_proposed_in_boilerplate_and_in_bylines_by_choice(bylines, starts):
    text = "By Ingrid Solberg\nThe minister Ingrid Solberg left.\nShare: Ingrid Solberg"
    zones = [ZoneRange(0, 17, BYLINE), ZoneRange(52, 73, CHROME)]
    found = proposals(text, [], decided(*[("Ingrid Solberg", "minister", "PERSON")] * 4), zones=zones, bylines=bylines)
    assert [(proposal.start, proposal.end) for proposal in found] == [(start, start + 14) for start in starts]


def test_lazily_and_in_order():
    texts = ["Ann Hill said no.", "", " ", "Ann Hill said yes.", "nothing"]
    base = FixedSuggester({text: [("Ann Hill", "PERSON")] for text in texts if "Ann" in text})
    found = NewsReader(base).propose(SourceText(text) for text in texts)
    assert words(texts[0], next(found)) == [("Ann Hill", "PERSON")]
    assert base.read < len(texts)
    assert [len(one) for one in found] == [0, 0, 1, 0]


def test_a_corpus_adds_evidence_to_an_article():
    text = "Lindholm rose."
    others = [f"In {place} Lindholm rose at {number} on the exchange." for number, place in enumerate("ABCDEFGH")]
    found = {one: [("Lindholm", "ORG")] for one in others}
    sources = [SourceText(one) for one in (text, *others)]
    reader = NewsReader(FixedSuggester(found))
    alone, corpus = next(reader.propose(sources)), reader.propose_as_corpus(sources)[0][0]
    org = [sum(p.score for p in one if p.label == "ORG") for one in (alone, corpus)]
    assert org[0] <= org[1]


ARABIC = "زار محمد جواد دمشق. وقال محمد جواد في دمشق إنه سعيد. ثم غادر دمشق."


def test_in_another_language_further_mentions_are_found_and_labels_stay():
    found = proposals(ARABIC, [("محمد جواد", "PER"), ("دمشق", "LOC")], english=False)
    assert words(ARABIC, found) == [
        ("محمد جواد", "PER"),
        ("دمشق", "LOC"),
        ("محمد جواد", "PER"),
        ("دمشق", "LOC"),
        ("دمشق", "LOC"),
    ]


def test_in_another_language_decisions_are_applied():
    known = decided(*[("دمشق", "في", "GPE")] * 6, *[("محمد جواد", "وقال", NO_NAME)] * 6, *[("سعيد", "إنه", "PER")] * 4)
    found = proposals(ARABIC, [("محمد جواد", "PER"), ("دمشق", "LOC")], known, english=False)
    assert words(ARABIC, found) == [("دمشق", "GPE"), ("دمشق", "GPE"), ("سعيد", "PER"), ("دمشق", "GPE")]


@pytest.mark.parametrize("label", ["PERSON", "ORG", "GPE", "MISC", "EVENT"])
def test_in_another_language_a_proposal_keeps_its_label(label):
    assert words("sie sah Bonn", proposals("sie sah Bonn", [("Bonn", label)], english=False)) == [("Bonn", label)]


@pytest.mark.parametrize(
    "writing", ["Ann ", "Hill said. ", "A", "中国", "(A ", "Committee of ", "’s", "a-", "Ann / ", "A. ", "By Ann and "]
)
def test_a_text_of_any_length_is_read(writing):
    text = writing * (200_000 // len(writing))
    base = FixedSuggester({text: ()})
    (found,) = NewsReader(base).propose([SourceText(text)])
    assert all(0 <= proposal.start < proposal.end <= len(text) for proposal in found)


def test_short_names_follow_a_full_name_that_the_base_takes_for_something_else():
    text = "Minister Odessa Larkin spoke in Tallinn. Later Larkin left, and the Larkin plan stayed."
    found = words(text, proposals(text, [("Odessa Larkin", "ORG"), ("Tallinn", "GPE")]))
    assert ("Larkin", "PERSON") in found
    assert ("Odessa Larkin", "PERSON") in found
    body = text.replace("Minister Odessa Larkin", "The Larkin Committee")
    found = words(body, proposals(body, [("Larkin Committee", "ORG"), ("Tallinn", "GPE")]))
    assert ("Larkin", "PERSON") not in found


def test_short_names_follow_a_full_name_that_only_the_evidence_takes_for_a_person():
    text = "Harbour loses Larkin to Oslo\nOdessa Larkin went home on Thursday. Odessa Larkin spoke in the harbour."
    base = UnsureSuggester("Odessa Larkin", {"ORG": 0.3, "PERSON": 0.2})
    (found,) = NewsReader(base).propose([SourceText(text)])
    assert ("Odessa Larkin", "PERSON") in words(text, found)
    assert ("Larkin", "PERSON") in words(text, found)


CREDITED = "{} Larkin spoke in Tallinn.\nReporting by Karl Brandt"


def credited(number, origin, statistics=None, *, rejected=False):
    """The names of an article with a credit; the ranges in it are rejected for the statistics if asked for."""
    text = CREDITED.format(number)
    zones = (ZoneRange(text.index("Reporting"), len(text), BYLINE),)
    reader = NewsReader(FixedSuggester({text: [("Tallinn", "GPE")]}))
    source = SourceText(text, zones, origin=origin)
    (reading,) = reader.readings([source])
    found = words(text, reader.resolve(source, reading, statistics or NameStatistics()))
    if rejected:
        span = text.index("Karl"), len(text)
        learn(
            statistics, article_learning_record(text, [], [span], reading_from_json(reading_to_json(reading)).habits())
        )
    return found


def test_a_corpus_learns_which_credits_of_a_source_it_does_not_want():
    statistics = NameStatistics()
    for number in range(2):
        assert ("Karl Brandt", "PERSON") in credited(number, "5", statistics, rejected=True)
    assert ("Karl Brandt", "PERSON") not in credited(3, "5", statistics)
    assert ("Karl Brandt", "PERSON") in credited(3, "6", statistics)
    assert "Karl Brandt" not in statistics.decided, "who is credited may be a name elsewhere"


def test_a_corpus_learns_which_labels_of_certain_proposals_it_does_not_want():
    text = "The House passed H.R. 51 and H.R. 52 in Tallinn."
    reader = NewsReader(FixedSuggester({text: []}))
    statistics = NameStatistics()
    for _ in range(2):
        (reading,) = reader.readings([SourceText(text)])
        found = reader.resolve(SourceText(text), reading, statistics)
        laws = [(law.start, law.end) for law in found if law.label == "LAW"]
        assert len(laws) == 2
        learn(statistics, article_learning_record(text, [], laws, reading.habits()))
    assert "LAW" not in {found.label for found in reader.resolve(SourceText(text), reading, statistics)}
    learn(statistics, article_learning_record(text, [(*laws[0], "LAW")], [], reading.habits()))
    assert "LAW" in {found.label for found in reader.resolve(SourceText(text), reading, statistics)}


def test_the_digest_is_of_base_and_language():
    digests = {NewsReader(FixedSuggester({}), english=english).digest for english in (True, False)}
    assert len(digests) == 2
    assert NewsReader(FixedSuggester({})).digest in digests


def test_resolving_needs_no_base():
    source = SourceText(VISIT)
    (reading,) = NewsReader(FixedSuggester({VISIT: FOUND})).readings([source])
    assert resolved(Words(source.text), reading, NameStatistics()) == proposals(VISIT, FOUND)
    assert Proposal(VISIT.index("Monday"), VISIT.index("Monday") + 6, "DATE") in resolved(
        Words(source.text), reading, NameStatistics()
    )
