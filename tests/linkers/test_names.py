"""Names that are compared: cleaned, normalised, and under which keys they are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.linkers.names import (
    MAX_NAME,
    alias_key,
    clean_name,
    initials,
    is_acronym,
    keys_to_find,
    lookup_keys,
    person_words,
    script_of,
    skeleton,
)
from annotations.linkers.territories import continent_of, country_of_dateline, territory_of
from annotations.linkers.within import same_person


@pytest.mark.parametrize(
    ("surface", "name"),
    [
        ("Ada\n  Byron", "Ada Byron"),
        ("the United Nations", "United Nations"),
        ("Byron’s", "Byron"),
        ("Byron's", "Byron"),
        ("the boys'", "boys"),
        ("U.S.", "U.S."),
        ("“Byron”,", "Byron"),
        ("The", "The"),
    ],
)
def test_a_surface_is_cleaned(surface, name):
    assert clean_name(surface) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Karim al-Hadidi", "Karim Al Hadidi"),
        ("Karim el-Hadidi", "KARIM HADIDI"),
        ("U.S.", "US"),
        ("François Müller", "Francois Muller"),
        ("Łódź", "Lodz"),
        ("Søren", "Soren"),
    ],
)
def test_spellings_share_a_key(one, other):
    assert alias_key(one) == alias_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nasser Khalil", "Naser Halil"),
        ("Tareq Qasim", "Tarik Kasem"),
        ("Yousef Darwish", "Yusuf Darwich"),
        ("خالد الناصر", "Khaled al-Nasser"),
        ("سمير قاسم", "Samir Qassem"),
        ("Homs", "Hums"),
    ],
)
def test_transliterations_share_a_skeleton(one, other):
    assert skeleton(one) == skeleton(other)


def test_the_keys_of_a_person_have_the_surname():
    assert "&byron" in lookup_keys("Ada Byron", "PERSON") and "&byron" not in lookup_keys("Byron", "PERSON")
    assert "&le blanc" in lookup_keys("Marie Le Blanc", "PERSON")


@pytest.mark.parametrize(("one", "other"), [("C. Miller", "Charles Miller"), ("C. Miller", "Carl Miller")])
def test_the_initial_of_a_given_name_is_its_letter_or_its_sound(one, other):
    assert same_person(one, other)
    assert set(keys_to_find(one, "PERSON")) & set(lookup_keys(other, "PERSON"))


_GIVEN = (
    "Ada",
    "Charles",
    "C.",
    "Karla",
    "Khalid",
    "Kalid",
    "Bashar",
    "H.",
    "Hafez",
    "Abd",
    "Abdul",
    "Yousef",
    "Yusuf",
)
_SURNAMES = ("Nasser", "Naser", "al-Assad", "Assad", "Le Blanc", "Byron", "Rahman", "Darwish", "Darwich", "خالد")
_people = st.builds(
    lambda given, surname: " ".join([*given, surname]),
    st.lists(st.sampled_from(_GIVEN), min_size=1, max_size=3),
    st.sampled_from(_SURNAMES),
)


@given(_people, _people)
def test_who_may_be_one_person_is_found(one, other):
    if same_person(one, other):
        assert set(keys_to_find(one, "PERSON")) & set(lookup_keys(other, "PERSON")), (one, other)


def test_two_people_with_one_surname_do_not_find_each_other():
    assert not set(keys_to_find("Ada Byron", "PERSON")) & set(lookup_keys("George Byron", "PERSON"))
    assert set(keys_to_find("Byron", "PERSON")) & set(lookup_keys("George Byron", "PERSON")) == {"&byron"}


def test_acronyms_find_full_names_and_full_names_acronyms():
    full, other, acronym = "Polar Science Board", "Public Safety Bureau", "PSB"
    assert set(keys_to_find(full, "ORG")) & set(lookup_keys(acronym, "ORG")) == {"!psb"}
    assert set(keys_to_find(acronym, "ORG")) & set(lookup_keys(full, "ORG")) == {"^psb"}
    assert not set(keys_to_find(full, "ORG")) & set(lookup_keys(other, "ORG"))


def test_titles_and_suffixes_are_no_part_of_a_persons_name():
    assert person_words("President Ada Byron Jr.") == ("ada", "byron")
    assert person_words("Sheikh") == ("sheikh",)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("ألمانيا", "DE"),
        ("Federal Republic of Germany", "DE"),
        ("USA", "US"),
        ("U.S.", "US"),
        ("America", "US"),
        ("UK", "GB"),
        ("Britain", "GB"),
        ("Myanmar", "MM"),
        ("Burma", "MM"),
        ("South Korea", "KR"),
        ("European Union", "EU"),
        ("EU", "EU"),
        ("man", ""),
        ("Korea", ""),
        ("Byron", ""),
    ],
)
def test_territories_are_known_in_many_languages(name, code):
    assert territory_of(name) == code


def test_continents_are_known():
    assert continent_of("europe") == "150" and continent_of("byron") == ""


def test_a_country_is_found_in_any_language():
    assert set(lookup_keys("Germany", "GPE")) & set(lookup_keys("ألمانيا", "GPE")) == {"@DE"}


def test_legal_forms_and_numbers_are_no_part_of_a_body():
    assert "=byron" in lookup_keys("Byron Ltd", "ORG") and "=byron" in lookup_keys("Byron", "ORG")
    assert "=ruritanian" in lookup_keys("anti-Ruritanians", "NORP")


@pytest.mark.parametrize(
    ("name", "acronym"),
    [("WHO", True), ("U.N.", True), ("dpa", False), ("Byron", False), ("A", False)],
)
def test_acronyms_are_recognised(name, acronym):
    assert is_acronym(name) is acronym


def test_initials_leave_out_particles():
    assert initials("Bank of the South") == "bs" and initials("Bank") == ""


@pytest.mark.parametrize(("name", "code"), [("Ada", "Latn"), ("سمير", "Arab"), ("Анна", "Cyrl"), ("123", ""), ("", "")])
def test_scripts_are_named(name, code):
    assert script_of(name) == code


@given(st.text(max_size=400), st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "LAW"]))
def test_any_text_has_keys(text, label):
    keys = lookup_keys(clean_name(text), label)
    assert keys and all(isinstance(key, str) and len(key) <= MAX_NAME for key in keys)
    assert len(clean_name(text)) <= MAX_NAME and len(alias_key(text)) <= MAX_NAME
    assert keys == lookup_keys(clean_name(text), label)


@given(st.text(min_size=1, max_size=60))
def test_case_does_not_matter(text):
    assert alias_key(text.upper().lower()) == alias_key(text.lower())


@pytest.mark.parametrize(
    ("dateline", "code"),
    [
        ("DAMASCUS, Aug. 8 (AP) --", "SY"),
        ("Tehran, IRNA –", "IR"),
        ("ALEPPO, Syria (Reuters) -", "SY"),
        ("GERMANY:", "DE"),
        ("Calberg, May 3 --", ""),
        ("", ""),
        (" -- ", ""),
    ],
)
def test_a_dateline_names_a_country(dateline, code):
    assert country_of_dateline(dateline) == code
