"""Linking within an article and across: what is one entity, what is two, and what is left to a person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.linkers.candidates import find_duplicates, rank_candidates
from annotations.linkers.company import decide_by_company, neighbours_in
from annotations.linkers.linker import link_article
from annotations.linkers.names import lookup_keys
from annotations.linkers.registry import (
    AMBIGUOUS,
    CONFIRMED,
    GENERIC,
    REJECTED,
    DecidedLink,
    KnownAlias,
    KnownEntity,
    LinkArticle,
    Mention,
    Registry,
    lookup_keys_of,
)
from tests.linkers.reading import link_all, linked, read


def person(pk, name, *aliases, **values):
    return KnownEntity(pk, name, "PERSON", [KnownAlias(one, CONFIRMED) for one in (name, *aliases)], **values)


@pytest.mark.parametrize(
    ("marked", "names"),
    [
        ("[PERSON Ada Byron] wrote. [PERSON Byron] slept.", ["Ada Byron"] * 2),
        ("[PERSON Byron] slept. [PERSON Ada Byron] wrote.", ["Ada Byron"] * 2),
        ("[PERSON Karim al-Hadidi] and [PERSON Karim El Hadidi]", ["Karim al-Hadidi"] * 2),
        ("[PERSON Nasser Khalil] or [PERSON Naser Khaleel]", ["Nasser Khalil"] * 2),
        ("[PERSON Ada Byron] met [PERSON George Byron].", ["Ada Byron", "George Byron"]),
        ("[PERSON Marie Le Blanc] and [PERSON Le Blanc]", ["Marie Le Blanc"] * 2),
        ("[ORG Free Farmers] ([ORG FFP]) said. The [ORG FFP] won.", ["Free Farmers"] * 3),
        ("[ORG Northern Water Board] met. The [ORG NWB] agreed.", ["Northern Water Board"] * 2),
        ("[ORG Byron Motors] fell. [ORG Byron] closed.", ["Byron Motors"] * 2),
        ("[ORG Byron Motors Ltd] fell. [ORG Byron Motors] closed.", ["Byron Motors Ltd"] * 2),
        ("[GPE US] and [GPE United States], [GPE U.S.]", ["United States"] * 3),
        ("[NORP Ruritanian] and anti-[NORP Ruritanians]", ["Ruritanians"] * 2),
        ("[NORP Vlachs] and [NORP Vlachish] songs", ["Vlachish"] * 2),
        ("[PERSON Ada Bukovski] wrote. [PERSON Burkovski] slept.", ["Ada Bukovski"] * 2),
        ("[PERSON Marion Byron] met [PERSON Marine Byron].", ["Marion Byron", "Marine Byron"]),
        ("[PERSON Daniel Byron] met [PERSON Daniela Byron].", ["Daniel Byron", "Daniela Byron"]),
        ("[PERSON Karim Abdul Hadid] came. [PERSON Hadid] spoke.", ["Karim Abdul Hadid"] * 2),
        ("[ORG FC Calberg] won. [ORG Calberg] sang.", ["FC Calberg"] * 2),
        ("[ORG International Chess Union] met. The [ORG UCI] spoke.", ["International Chess Union"] * 2),
        ("The [ORG EU] and [ORG Europe] agree.", ["EU"] * 2),
        ("The [ORG EU] and eastern [ORG Europe] agree.", ["EU", "Europe"]),
        ("The [ORG EU Parliament], the [ORG European Parliament]", ["European Parliament"] * 2),
    ],
)
def test_within_an_article(marked, names):
    assert link_all(marked)[0] == [names]


def test_a_surname_of_two_people_is_the_one_named_last():
    text = "[PERSON Ada Byron] wrote with [PERSON George Byron]. [PERSON Byron] slept."
    assert link_all(text)[0] == [["Ada Byron", "George Byron", "George Byron"]]


def test_a_surname_stays_with_the_one_who_was_called_so_before_another_was_named():
    text = "[PERSON Ada Byron] wrote. [PERSON Byron] slept. [PERSON George Byron] came. [PERSON Byron] left."
    assert link_all(text)[0] == [["Ada Byron", "Ada Byron", "George Byron", "Ada Byron"]]


def test_a_full_name_is_the_same_person_in_another_article():
    found, registry = link_all("[PERSON Ada Byron] wrote.", "[PERSON Ada M. Byron] slept. [PERSON Byron] woke.")
    assert found == [["Ada Byron"], ["Ada Byron", "Ada Byron"]] and len(registry.entities) == 1


def test_another_given_name_is_another_person():
    found, _ = link_all("[PERSON Ada Byron] wrote.", "[PERSON George Byron] slept.")
    assert found == [["Ada Byron"], ["George Byron"]]


def test_a_lone_surname_is_the_only_one_known():
    assert link_all("[PERSON Ada Byron] wrote.", "[PERSON Byron] slept.")[0][1] == ["Ada Byron"]


def test_a_lone_surname_of_two_people_is_left_to_a_person():
    found, _ = link_all("[PERSON Ada Byron]", "[PERSON George Byron]", "[PERSON Byron] slept.")
    assert found[2][0][0] == AMBIGUOUS and set(found[2][0][1]) == {"Ada Byron", "George Byron"}


def test_an_acronym_that_was_explained_is_known_later():
    found, _ = link_all("[ORG Free Farmers] ([ORG FFP])", "The [ORG FFP] won.")
    assert found[1] == ["Free Farmers"]


def test_two_bodies_with_the_same_initials_are_two():
    found, _ = link_all("[ORG Northern Water Board]", "[ORG Natural Wool Brokers]")
    assert found == [["Northern Water Board"], ["Natural Wool Brokers"]]


def test_a_country_is_one_in_every_language():
    found, registry = link_all("[GPE Germany]", "[GPE Deutschland]", "[GPE ألمانيا]")
    assert found == [["Germany"]] * 3 and len(registry.entities) == 1


def test_countries_with_like_names_are_two():
    assert link_all("[GPE Niger]", "[GPE Nigeria]")[0] == [["Niger"], ["Nigeria"]]


@pytest.mark.parametrize(
    ("label", "one", "other"),
    [
        ("PERSON", "Samir al-Haddad", "سمير الحداد"),
        ("PERSON", "Karim Abdulrahman", "كريم عبد الرحمن"),
        ("PERSON", "Karim Abdulrahman", "Karim Abdel Rahman"),
        ("PERSON", "Victor Parini", "فيكتور باريني"),
        ("PERSON", "Osman Khalil", "Usman Khaleel"),
        ("PERSON", "سمير الحدّاد", "سمير الحداد"),
        ("GPE", "Idlib", "إدلب"),
    ],
)
def test_a_name_is_one_in_latin_and_arabic_letters(label, one, other):
    assert len(link_all(f"[{label} {one}]", f"[{label} {other}]")[1].entities) == 1


def test_spellings_of_a_town_are_one():
    assert link_all("[GPE Qalmas]", "[GPE Kalmas]")[0] == [["Qalmas"], ["Qalmas"]]


def test_a_body_that_every_country_has_takes_the_country_of_its_article():
    found, _ = link_all(
        "[GPE France] said: the [ORG Foreign Ministry] in [GPE France].",
        "[GPE Spain] said: the [ORG Foreign Ministry] in [GPE Spain].",
        "[GPE France] and its [ORG Foreign Ministry]",
    )
    assert found[0][1] == found[2][1] == "Foreign Ministry (France)" and found[1][1] == "Foreign Ministry (Spain)"


def test_a_body_of_no_country_is_left_to_a_person():
    assert link_all("The [ORG Foreign Ministry] said.")[0] == [[(GENERIC, ())]]


@pytest.mark.parametrize(
    "name", ["Russian Foreign Ministry", "Foreign Ministry of Russia", "Russia's Foreign Ministry", "Foreign Ministry"]
)
def test_a_body_is_one_however_its_country_is_named(name):
    found, _ = link_all(f"[GPE Russia] and the [ORG {name}]", "[GPE Russia] and its [ORG Foreign Ministry].")
    assert found[0][1] == found[1][1]


def test_a_body_is_that_of_the_only_country_of_its_article_whose_body_is_known():
    article = "[GPE France], [GPE Spain] and the [ORG Supreme Court]"
    found, _ = link_all("The [ORG French Supreme Court]", article)
    assert found[1][2] == "French Supreme Court"
    found, _ = link_all("The [ORG French Supreme Court]", "The [ORG Spanish Supreme Court]", article)
    assert found[2][2] == (GENERIC, ("French Supreme Court", "Spanish Supreme Court"))


def test_some_bodies_are_usually_those_of_one_country():
    found, _ = link_all("[GPE Spain] asked the [ORG State Department].", "The [ORG U.S. State Department] answered.")
    assert found[0][1] == found[1][0]
    assert link_all("[GPE Spain] and its [ORG Congress]")[0][0][1] == "Congress (Spain)"


def test_bodies_of_which_a_country_has_many_stay_local():
    found, _ = link_all("[GPE France] and the [ORG University]", "[GPE France] and the [ORG University]")
    assert found == [["France", (GENERIC, ())]] * 2


def test_a_database_is_asked_for_the_bodies_of_the_countries_of_the_article():
    keys = lookup_keys_of(read("[GPE France] and the [ORG Foreign Ministry]"))
    assert keys & set(lookup_keys("Foreign Ministry (France)", "ORG")) >= {"@FR foreign ministry"}


def test_a_dateline_says_the_country():
    registry = Registry()
    assert linked(read("The [ORG Foreign Ministry] said.", country="FR"), registry) == ["Foreign Ministry (France)"]


def test_city_and_club_are_two():
    assert len(link_all("[GPE Calberg] lost. [ORG Calberg] won.")[1].entities) == 2


def test_a_rejected_alias_is_not_used():
    registry = Registry(
        [KnownEntity(7, "Ada Byron", "PERSON", [KnownAlias("Ada Byron"), KnownAlias("Countess", REJECTED)])]
    )
    assert linked(read("[PERSON Countess] slept."), registry) == ["Countess"] and len(registry.entities) == 2


def test_what_a_person_rejected_is_not_linked_again():
    registry = Registry([person(7, "Ada Byron")])
    article = read("[PERSON Ada Byron] wrote.", decided={0: DecidedLink(None, frozenset({7}))})
    result = link_article(article, registry)
    assert all(link.entity != 7 for link in result.links)


def test_a_decided_mention_decides_the_others_of_its_article():
    registry = Registry([person(7, "Ada Byron"), person(8, "Ada Byron")])
    article = read("[PERSON Ada Byron] wrote. [PERSON Byron] slept.", decided={0: DecidedLink(8)})
    result = link_article(article, registry)
    assert [(link.mention, link.entity) for link in result.links] == [(101, 8)]


def test_candidates_are_ranked_with_reasons():
    registry = Registry(
        [person(7, "Ada Byron", mentions=3), person(8, "George Byron", mentions=9), person(9, "Karl May")]
    )
    article = read("[PERSON Byron] slept.")
    found = rank_candidates(article.mentions[0], article, registry)
    assert {one.entity for one in found} == {7, 8} and all(one.reasons == ("same surname",) for one in found)
    assert all(0 <= one.score <= 1 for one in found)


def test_candidates_leave_out_what_was_rejected():
    registry = Registry([person(7, "Ada Byron")])
    article = read("[PERSON Ada Byron]", decided={0: DecidedLink(None, frozenset({7}))})
    assert rank_candidates(article.mentions[0], article, registry) == []


def test_possible_duplicates_have_evidence():
    registry = Registry([person(7, "Nasser Khalil"), person(8, "Naser Khaleel"), person(9, "Ada Byron")])
    (pair,) = find_duplicates(registry)
    assert (pair.first, pair.second) == (7, 8) and (
        "similar spelling",
        "Nasser Khalil / Naser Khaleel",
    ) in pair.evidence


def test_what_a_person_said_is_different_is_no_possible_duplicate():
    registry = Registry([person(7, "Nasser Khalil"), person(8, "Naser Khaleel")], [(8, 7)])
    assert find_duplicates(registry) == []


_names = st.lists(
    st.sampled_from(
        ["Ada", "Byron", "George", "al-Hadidi", "FFP", "Germany", "Ministry", "the", "Le", "Blanc", "سمير", "."]
    ),
    min_size=1,
    max_size=3,
).map(" ".join)
_mentions = st.lists(st.tuples(_names, st.sampled_from(["PERSON", "ORG", "GPE", "NORP"])), max_size=12)


@settings(max_examples=150)
@given(st.lists(_mentions, min_size=1, max_size=4))
def test_every_mention_is_linked_or_has_a_reason_once(articles):
    registry = Registry()
    for pk, mentions in enumerate(articles):
        article = read(", ".join(f"[{label} {name}]" for name, label in mentions), pk=pk)
        result = link_article(article, registry)
        said = [link.mention for link in result.links] + [one.mention for one in result.unlinked]
        assert sorted(said) == [mention.id for mention in article.mentions]
        assert all(link.entity in registry.entities and 0 < link.score <= 1 and link.alias for link in result.links)
        assert all(new.id < 0 and new.name for new in result.new)
        labels = {mention.id: mention.label for mention in article.mentions}
        assert all(registry.entities[link.entity].label == labels[link.mention] for link in result.links)
        assert lookup_keys_of(article) == lookup_keys_of(article)


def test_a_mention_of_white_space_has_no_fault():
    assert link_article(LinkArticle(1, " . ", [Mention(1, 0, 1, "ORG"), Mention(2, 1, 2, "PERSON")]), Registry())


def _three_articles(company):
    """Two people with one surname, each with their company, and an article about one of them."""
    registry = Registry()
    known = [
        read("[PERSON Ada Byron] met [PERSON Karl Lind] and [ORG Northern Loom Works] in [GPE Qalmas].", pk=1),
        read("[PERSON George Byron] met [PERSON Rosa Stein] and [ORG Hill Theatre] in [GPE Qalmas].", pk=2),
    ]
    neighbours = neighbours_in([link_article(article, registry) for article in known])
    article = read(f"[PERSON Byron] spoke. {company}", pk=3)
    result = decide_by_company(article, link_article(article, registry), registry, neighbours)
    names = {link.mention: registry.entities[link.entity].name for link in result.links}
    return names.get(300), result


def test_an_ambiguous_surname_is_the_one_whose_company_is_there():
    name, result = _three_articles("[PERSON Rosa Stein] listened at the [ORG Hill Theatre].")
    assert name == "George Byron" and not result.unlinked
    assert all(link.alias == "Byron" and 0 < link.score < 0.9 for link in result.links if link.mention == 300)


@pytest.mark.parametrize(
    "company", ["", "[GPE Qalmas] was calm.", "[PERSON Rosa Stein] met [PERSON Karl Lind].", "[PERSON Nobody Known]"]
)
def test_what_the_company_does_not_tell_stays_ambiguous(company):
    name, result = _three_articles(company)
    assert name is None and [one.reason for one in result.unlinked] == [AMBIGUOUS]


def test_an_alias_with_nothing_in_common_is_known():
    """As after a merge of two names of one person."""
    registry = Registry([person(7, "Ada Byron", "Karla Stern")])
    assert linked(read("[PERSON Karla Stern] spoke. [PERSON Stern] left."), registry) == ["Ada Byron", "Ada Byron"]
    assert len(registry.entities) == 1
