"""The names in bylines and credits."""

import pytest

from annotations.suggesters.credits import credited_names
from corpusapp.text.zones import BYLINE, ZoneRange


def names(text, *, byline=True):
    zones = (ZoneRange(0, len(text), BYLINE),) if byline else ()
    return [(text[name.start : name.end], name.label) for name in credited_names(text, zones)]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("(Reporting by Ann Hill; Editing by Karl Brandt)", ["Ann Hill", "Karl Brandt"]),
        ("(Reporting by Ann Hill in Oslo; Editing by Karl Brandt, Ola Vik and Liv Dahl)",
         ["Ann Hill", "Karl Brandt", "Ola Vik", "Liv Dahl"]),
        ("Reporting by Ann Hill in Oslo Additional reporting by Karl Brandt in Rome", ["Ann Hill", "Karl Brandt"]),
        ("By Ann van der Hill", ["Ann van der Hill"]),
        ("Author: Ann Hill Editor: Karl Brandt", ["Ann Hill", "Karl Brandt"]),
        ("mz / msh (AP, AFP, dpa)", []),
        ("By our correspondent", []),
        ("By Staff Writer", []),
    ],
)  # fmt: skip
def test_persons_of_a_byline(text, persons):
    assert names(text) == [(person, "PERSON") for person in persons]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("REUTERS / Ann Hill", [("REUTERS", "ORG"), ("Ann Hill", "PERSON")]),
        ("REUTERS/Ann Hill/File Photo", [("REUTERS", "ORG"), ("Ann Hill", "PERSON")]),
        ("A boat. (Ann Hill/AFP)", [("Ann Hill", "PERSON"), ("AFP", "ORG")]),
        ("Ann Hill / Pool via REUTERS", [("Ann Hill", "PERSON"), ("REUTERS", "ORG")]),
        ("REUTERS / File Photo", []),
        ("Oslo / Rome", []),
        ("By Ann Hill Dec 7 (Reuters) - Gold rose", [("Ann Hill", "PERSON")]),
        ("he saw Ann Hill by the sea", []),
    ],
)
def test_credits_anywhere(text, found):
    assert names(text, byline=False) == found


def test_the_text_of_an_article_names_no_credit():
    assert names("Reporting by Ann Hill", byline=False) == []
