"""Where names begin and end, and where a proposed range is several."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.edges import grown_person, names_within, split_at_and, trim_name


def named(text, label="PERSON", within=None):
    start = text.index(within) if within else 0
    end = start + len(within or text)
    return [(text[first:last], kind) for first, last, kind in names_within(text, start, end, label)]


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("the Baltic Union", "Baltic Union"),
        ("The Hill Committee", "Hill Committee"),
        ("the Port Museum", "Port Museum"),
        ("Norway's", "Norway"),
        ("Norway’s", "Norway"),
        ("Norway 's", "Norway"),
        ("“Ann Hill,", "Ann Hill"),
        ("Ann Hill said", "Ann Hill"),
        ("Port Union (PU", "Port Union"),
        ("PU)", "PU"),
        ("(PU) Council", "Council"),
        ("Bank (Oslo)", "Bank (Oslo)"),
        ('Party" Ann Hill', "Ann Hill"),
        ("Party of", "Party"),
        ("an Oslo paper", "Oslo paper"),
        ("Port Shipping Ltd.", "Port Shipping Ltd"),
        ("U.S.", "U.S."),
        ("Theresa", "Theresa"),
        (" \n ", ""),
        ("’s", "s"),
    ],
)
def test_trimming(surface, name):
    start, end = trim_name(surface, 0, len(surface))
    assert surface[start:end] == name


@given(st.text("aThe'’s(). \nof\"“”", max_size=30))
def test_a_trimmed_name_lies_within_and_stays_as_it_is(text):
    start, end = trim_name(text, 0, len(text))
    assert 0 <= start <= end <= len(text)
    if start < end:
        assert trim_name(text, start, end) == (start, end)


@given(st.text("aBo'’s()./ -\nvande", max_size=40), st.data())
def test_names_lie_in_the_text_in_order_without_overlaps(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = list(names_within(text, start, end, "ORG"))
    assert all(0 <= first < last <= len(text) for first, last, _ in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


def test_text_around_a_range_has_no_influence():
    text = "Paul of the Oslo's"
    assert trim_name(text, 12, 16) == (12, 16)


@pytest.mark.parametrize(
    ("text", "label", "names"),
    [
        ("Ann Hill\n\nOslo", "PERSON", [("Ann Hill", "PERSON"), ("Oslo", "PERSON")]),
        ("Ann Hill / Port Pool", "PERSON", [("Ann Hill", "PERSON"), ("Port Pool", "PERSON")]),
        ("Karl Brandt's Ann Hill", "PERSON", [("Karl Brandt", "PERSON"), ("Ann Hill", "PERSON")]),
        ("People's Party", "ORG", [("People's Party", "ORG")]),
        ("Moody's Services", "ORG", [("Moody's Services", "ORG")]),
        ("Port Council on Monday", "ORG", [("Port Council", "ORG")]),
        ("Ann Hill Dec 7", "PERSON", [("Ann Hill", "PERSON")]),
        ("Institute of Applied Sciences. One", "ORG", [("Institute of Applied Sciences", "ORG")]),
        ("St. Gallen", "GPE", [("St. Gallen", "GPE")]),
        ("Maybe Hill", "PERSON", [("Hill", "PERSON")]),
        ("Brandt's Boat. A Life", "WORK_OF_ART", [("Brandt's Boat. A Life", "WORK_OF_ART")]),
        ("Spring Games / Port Cup", "EVENT", [("Spring Games", "EVENT"), ("Port Cup", "EVENT")]),
    ],
)
def test_a_range_splits_where_no_name_goes_on(text, label, names):
    assert named(text, label) == names


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("Prime Minister Karl Brandt", "PERSON", "Karl Brandt"),
        ("Harbour Mayor K. Brandt", "WORK_OF_ART", "K. Brandt"),
        ("Norwegian Ann Hill", "PERSON", "Ann Hill"),
        ("the House Ann Hill", "ORG", "House Ann Hill"),
        ("Foreign Minister Port Council", "ORG", "Foreign Minister Port Council"),
    ],
)
def test_offices_and_nations_before_a_person_are_cut(text, label, name):
    assert [found for found, _ in named(text, label)] == [name]


def test_a_body_and_the_name_after_an_office_in_it_are_two_names():
    text = "Speaker of the House Ann Hill spoke"
    assert named(text, "ORG", "House Ann Hill") == [("House", "ORG"), ("Ann Hill", "PERSON")]


@pytest.mark.parametrize(
    ("text", "label", "names"),
    [
        ("ex-CIA", "ORG", [("CIA", "ORG")]),
        ("Ex - CIA", "ORG", [("CIA", "ORG")]),
        ("NGO Greenwatch", "ORG", [("Greenwatch", "ORG")]),
        ("Ex", "ORG", [("Ex", "ORG")]),
        ("The Sunday Times", "ORG", [("Sunday Times", "ORG")]),
        ("Sunday Oslo", "ORG", [("Oslo", "ORG")]),
        ("June Ross", "PERSON", [("June Ross", "PERSON")]),
        ("June Ross", "ORG", [("Ross", "ORG")]),
        ("Citizens of European Trade Union", "ORG", [("European Trade Union", "ORG")]),
        ("Russian Nikita Brandt", "LOC", [("Nikita Brandt", "PERSON")]),
        ("Russian Sea Fleet", "LOC", [("Russian Sea Fleet", "LOC")]),
        ("Governor", "PERSON", []),
        ("King", "PERSON", [("King", "PERSON")]),
    ],
)
def test_words_before_a_name_that_are_no_part_of_it(text, label, names):
    assert named(text, label) == names


def test_the_first_word_of_an_office_is_no_name():
    assert named("the Supreme leader spoke", "ORG", "Supreme") == []
    assert named("then King spoke", "PERSON", "King") == [("King", "PERSON")]


@pytest.mark.parametrize(
    ("text", "name", "grown"),
    [
        ("said Demetra Harbin bore it", "Demetra", "Demetra Harbin"),
        ("Prime Minister Anders Larkin Holm said", "Larkin Holm", "Anders Larkin Holm"),
        ("the author Anders Larkin Holm said", "Larkin Holm", "Anders Larkin Holm"),
        # A headline, an organisation, an office, an acronym, an owner's thing.
        ("Demetra Praises New Harbour", "Demetra", "Demetra"),
        ("said Demetra Bank bore it", "Demetra", "Demetra"),
        ("Demetra Minister of it", "Demetra", "Demetra"),
        ("Chief Executive Larkin Holm said", "Larkin Holm", "Larkin Holm"),
        ("Yesterday Larkin Holm said", "Larkin Holm", "Larkin Holm"),
        ("said Demetra CEO of it", "Demetra", "Demetra"),
        ("said Demetra Harbin's boat", "Demetra", "Demetra"),
    ],
)
def test_a_persons_name_grows_over_its_other_words(text, name, grown):
    start = text.index(name)
    first, last = grown_person(text, start, start + len(name), set())
    assert text[first:last] == grown


def test_a_persons_name_does_not_grow_in_a_headline_nor_over_another_name():
    text = "said Demetra Harbin bore it"
    assert grown_person(text, 5, 12, set(), headline=True) == (5, 12)
    assert grown_person(text, 5, 12, {13, 19}) == (5, 12)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Larkin and Holm", ["Larkin", "Holm"]),
        ("Larkin and Brandt", ["Larkin", "Brandt"]),
        ("Marks and Brandt", ["Marks and Brandt"]),
        ("Larkin and Holm and Brandt", ["Larkin and Holm and Brandt"]),
    ],
)
def test_two_names_with_and_are_split_if_one_of_them_stands_alone(text, parts):
    assert [text[slice(*found)] for found in split_at_and(text, 0, len(text), {"Larkin", "Holm"})] == parts


@pytest.mark.parametrize(
    ("text", "proposed", "name"),
    [
        ("saw Ursula von der Brandt there", "Ursula von", "Ursula von der Brandt"),
        ("saw Jae Moon-in there", "Jae Moon", "Jae Moon-in"),
        ("said von der Brandt today", "Brandt", "von der Brandt"),
        ("saw Harun bin Tariq al-Said there", "Harun", "Harun bin Tariq al-Said"),
        ("saw Jan D. Walter there", "Jan D", "Jan D. Walter"),
        ("a Brandt-led council", "Brandt", "Brandt"),
    ],
)
def test_particles_hyphens_and_initials_join_a_name(text, proposed, name):
    assert [found for found, _ in named(text, "PERSON", proposed)] == [name]
