"""Cues from the words around a mention, and links between names and short forms."""

from collections import Counter

import pytest

from annotations.suggesters.article import link, link_persons
from annotations.suggesters.cues import cues, is_sport
from annotations.suggesters.words import Words


def strongest(text, surface, **options):
    start = text.index(surface)
    weights = cues(Words(text), start, start + len(surface), **options)
    return max(filter(str.isupper, weights), key=weights.__getitem__, default="")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Brandt said no", "PERSON"),
        ("“No,” said Brandt.", "PERSON"),
        ("Brandt, 52, came", "PERSON"),
        ("Brandt (52) came", "PERSON"),
        ("Brandt, who came", "PERSON"),
        ("Brandt who came", "PERSON"),
        ("Mr. Brandt came", "PERSON"),
        ("minister Brandt came", "PERSON"),
        ("Brandt, a painter", "PERSON"),
        ("in Brandt today", "GPE"),
        ("near Brandt today", "GPE"),
        ("the city of Brandt", "GPE"),
        ("Brandt, the capital of", "GPE"),
        ("a Brandt-based firm", "GPE"),
        ("Brandt province", "GPE"),
        ("the Brandt group", "ORG"),
        ("rival Brandt", "ORG"),
        ("a line\nBrandt", ""),
        ("Brandt", ""),
    ],
)
def test_cues(text, label):
    assert strongest(text, "Brandt") == label


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the ruling Brandt won", "party"),
        ("a Brandt lawmaker said", "party"),
        ("told the newspaper Brandt", "media"),
        ("Brandt shares fell", "company"),
        ("a Brandt spokeswoman said", "office"),
        ("Brandt fighters left", "armed"),
        ("Brandt said no", "speaks"),
        ("Brandt, 51, left", "age"),
        ("minister Brandt left", "role"),
        ("Brandt, who left", ""),
        ("Brandt left", ""),
    ],
)
def test_the_kind_of_the_words_beside_a_name(text, kind):
    start = text.index("Brandt")
    found = {name for name in cues(Words(text), start, start + 6) if name.islower()}
    assert (kind in found) if kind else not found


def test_cities_can_be_clubs_in_reports_on_sport():
    assert strongest("against Brandt’s bench", "Brandt", sport=True) == "ORG"
    assert strongest("in Brandt", "Brandt", sport=True) == "GPE"


def test_a_report_on_sport_is_detected_by_words_and_scores():
    assert is_sport("The coach saw a goal by the striker. " * 5)
    assert is_sport("The coach saw a goal in the match. " * 3 + "It ended 2-1.")
    assert not is_sport("The coach saw a goal in the match. " * 2 + "It ended 2-1.")
    assert not is_sport("The minister saw a goal in the treaty. It ended 2-1.")


def test_short_forms_belong_to_full_names():
    labels = {"Ann van Hill": Counter(PERSON=1), "Port Union": Counter(ORG=1), "Karl Brandt": Counter()}
    links = link(labels, {"Karl Brandt"})
    assert links.last == {"van Hill": ["Ann van Hill"], "Hill": ["Ann van Hill"], "Brandt": ["Karl Brandt"]}
    assert links.first == {"Ann": ["Ann van Hill"], "Karl": ["Karl Brandt"]}
    assert links.initials["PU"] == "Port Union"


def test_arabic_articles_are_left_out_of_short_forms_or_capitalized():
    links = link({"Walid al-Muallem": Counter(PERSON=1)}, set())
    assert set(links.last) == {"al-Muallem", "Al-Muallem", "Muallem"}


def test_the_first_word_of_an_organisation_is_its_short_form_unless_it_is_a_place():
    names = ("Norvik Energy", "Oslo Energy", "Bank Energy", "Norwegian Energy", "Odd Larkin")
    labels = {name: Counter({"PERSON" if "Larkin" in name else "ORG": 1}) for name in names}
    assert link(labels, set()).of_organisations == {"Norvik"}


def test_short_forms_of_persons_are_linked_once():
    links = link({"Ann van Hill": Counter(PERSON=1)}, set())
    assert link_persons(links, ["Karl von Brandt", "Ann Hill"]) == {"Karl", "von Brandt", "Brandt"}
    assert links.last["Hill"] == ["Ann van Hill", "Ann Hill"]
    assert link_persons(links, ["Karl von Brandt"]) == set()
