"""Words, and occurrences of names as complete words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.words import Words, first_word, is_edge, lookup_words, surface_of, word_before


def test_words_and_punctuation_with_their_offsets():
    words = Words("Ann’s boat_2,\nRome")
    assert words.forms == ["Ann", "’", "s", "boat", "_", "2", ",", "Rome"]
    assert words.starts == [0, 3, 4, 6, 10, 11, 12, 14]
    assert [words.index(offset) for offset in (0, 1, 14, 99)] == [0, 1, 7, 8]
    assert (words.form(7), words.form(8), words.form(-1)) == ("Rome", "", "")
    assert words.gap(7) == "\n"


def test_what_opens_a_line_or_a_sentence():
    words = Words("No. Rome fell\nOslo rose")
    assert [words.opens_line(index) for index in (0, 2, 4)] == [True, False, True]
    assert [words.opens_sentence(index) for index in (0, 2, 3, 4)] == [True, True, False, True]


@pytest.mark.parametrize(
    ("text", "surface", "ranges"),
    [
        ("Rome, Romeo and Rome", "Rome", [(0, 4), (16, 20)]),
        ("Ann Ann Ann Anna", "Ann Ann", [(0, 7)]),
        ("the U.S. and US", "U.S.", [(4, 8)]),
        ("New York and New\nYork", "New York", [(0, 8)]),
        ("محمد في دمشق ومحمد محمد", "محمد", [(0, 4), (19, 23)]),
        ("中国和中国人", "中国", [(0, 2), (3, 5)]),
        ("A股市场和B股", "A股", [(0, 2)]),
        ("中国ABC公司", "ABC", [(2, 5)]),
        ("👩‍👩‍👧Rome🇸🇾 Rome", "Rome", [(5, 9), (12, 16)]),
        ("cafe cafe\u0301 cafe", "cafe", [(0, 4), (11, 15)]),
        ("\u0641\u064e\u0631\u0650\u062d \u0641", "\u0641", [(6, 7)]),
        ("दिल्ली में द", "द", [(11, 12)]),
        ("nothing", "Rome", []),
        ("?! ?!", "?!", [(0, 2), (3, 5)]),
    ],
)
def test_occurrences_as_whole_words(text, surface, ranges):
    assert Words(text).occurrences(surface) == ranges


signs = st.text("ab中\u0301 .-Aم", max_size=40)


@given(signs, signs.filter(str.strip))
def test_occurrences_equal_the_surface_and_do_not_overlap(text, surface):
    found = Words(text).occurrences(surface)
    assert all(text[start:end] == surface for start, end in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))


@given(signs, signs.filter(str.strip))
def test_lookup_words_contain_the_first_word_of_every_surface(text, surface):
    words = Words(text)
    if words.occurrences(surface):
        assert first_word(surface) in lookup_words(text)


@pytest.mark.parametrize(("text", "surface"), [("A股市场", "A股"), ("中国ABC公司", "ABC公司"), ("中国ABC公司", "ABC")])
def test_letters_within_unspaced_scripts_are_looked_up(text, surface):
    assert first_word(surface) in lookup_words(text)
    # Also in a long text, which uses an index of words.
    long = f"{text} " + "Rome, " * 5000
    assert Words(long).occurrences(surface) == Words(text).occurrences(surface) != []


def test_a_surface_has_single_spaces():
    assert surface_of("New\n  York\u00a0City") == "New York City"


def test_no_edge_between_a_letter_and_its_accent():
    assert [is_edge("e\u0301a b", offset) for offset in range(6)] == [True, False, False, True, True, True]
    assert is_edge("中国", 1)


def test_a_text_without_spaces_is_split_into_words():
    assert max(map(len, Words("A" * 1000).forms)) == 100


@given(st.text(alphabet="ab1é_ \n.,'上海\u0301", max_size=40), st.integers(0, 40))
def test_the_word_before_is_that_of_the_whole_text(text, offset):
    words = Words(text)
    offset = min(offset, len(text))
    assert word_before(text, offset) == words.form(words.index(offset) - 1)


@pytest.mark.parametrize("length", [99, 100, 101, 200, 250, 301, 1000])
def test_the_word_before_is_a_part_of_a_long_one(length):
    text = " " + "a" * length + "b " + "c" * length
    words = Words(text)
    for offset in range(len(text) + 1):
        assert word_before(text, offset) == words.form(words.index(offset) - 1), offset
