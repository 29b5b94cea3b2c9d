"""Alignment of spans with a text: known countings, edited texts, spans that match nowhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusapp.text.alignment import AS_GIVEN, COUNTED, MOVED, Claim, LeftOut, Placed, align

TEXT = "😀 Lena Moor met Écrin.\r\nShe saw Basel.\r\nBasel 🚂 was cold; Lena Moor left.\n"
MARK = "\ufeff"


def claim(start, end, words=None, **more):
    return Claim(((start, end),), words, **more)


def read(text, alignment):
    return [
        (text[one.start : one.end], one.how) if isinstance(one, Placed) else one.reason for one in alignment.outcomes
    ]


def units(text):
    return len(text.encode("utf-16-le")) // 2


COUNT = {
    "": len,
    "UTF-16 units": units,
    "bytes of UTF-8": lambda text: len(text.encode()),
    "CRLF as one": lambda text: len(text.replace("\r\n", "\n")),
    "UTF-16 units, CRLF as one": lambda text: units(text.replace("\r\n", "\n")),
    "with a byte-order mark that is gone": lambda text: len(text) + 1,
}


@pytest.mark.parametrize("name", COUNT)
def test_a_known_counting_of_all_spans_is_certain(name):
    quotes = ["Lena Moor", "Écrin", "Basel", "🚂", "left"]
    places = [(TEXT.rindex(quote), TEXT.rindex(quote) + len(quote)) for quote in quotes]
    claims = [
        claim(COUNT[name](TEXT[:start]), COUNT[name](TEXT[:end]), quote)
        for quote, (start, end) in zip(quotes, places, strict=True)
    ]
    found = align(TEXT, claims)
    assert found.counting == name
    assert [(one.start, one.end) for one in found.outcomes] == places
    assert MOVED not in {one.how for one in found.outcomes}


def test_line_ends_that_were_two_and_a_mark_that_was_not_counted():
    text = "Moor came.\nShe saw Basel.\nMoor left."
    found = align(text, [claim(20, 25, "Basel"), claim(28, 32, "Moor"), claim(0, 4)])
    assert read(text, found) == [("Basel", COUNTED), ("Moor", COUNTED), ("Moor", AS_GIVEN)]
    assert found.counting == "line ends as two"
    found = align(MARK + text, [claim(0, 4, "Moor"), claim(19, 24, "Basel")])
    assert read(MARK + text, found) == [("Moor", COUNTED), ("Basel", COUNTED)]


def test_spans_without_words_follow_the_counting_of_the_others():
    found = align(TEXT, [claim(3, 12, "Lena Moor"), claim(17, 22)])
    assert read(TEXT, found) == [("Lena Moor", COUNTED), ("Écrin", COUNTED)]
    assert read(TEXT, align(TEXT, [claim(3, 12)])) == [(TEXT[3:12], AS_GIVEN)]


def test_in_an_edited_text_words_are_found_nearby():
    text = "NEW HEAD\nMoor met Basel. Later Moor left Basel. Then Moor slept."
    at = "Moor met Basel. Later Moor left Basel. Then Moor slept.".index
    claims = [claim(at("Later") + 6, at("Later") + 10, "Moor"), claim(at("left"), at("left") + 4, "left")]
    found = align(text, claims)
    assert read(text, found) == [("Moor", MOVED), ("left", MOVED)]
    assert found.outcomes[0].start == text.index("Moor left") and not found.counting


def test_two_spans_with_the_same_words_have_different_places():
    text = "x Moor, Moor and Basel"
    found = align(text, [claim(0, 4, "Moor"), claim(6, 10, "Moor"), claim(0, 4, "Moor")])
    assert [one.start for one in found.outcomes] == [2, 8, 2]


def test_a_span_that_matches_nowhere_is_left_out_with_a_reason():
    text = "Moor, Moor"
    found = align(text, [claim(0, 4, "Zug"), claim(3, 7, "Moor"), claim(0, 99), claim("0", 4, "Bern")])
    assert all(isinstance(one, LeftOut) for one in found.outcomes)
    assert "'Zug' do not stand at [0, 4) but nowhere in the text" in found.outcomes[0].reason
    assert "in several places" in found.outcomes[1].reason
    assert found.outcomes[2].field == "end" and "past the end" in found.outcomes[2].reason


def test_whole_words_are_preferred():
    text = "RUSSIA and US and 東京都"
    assert read(text, align(text, [claim(0, 2, "US"), claim(0, 2, "東京")])) == [("US", MOVED), ("東京", MOVED)]
    assert align("RUSSIA", [claim(0, 2, "US")]).outcomes == [Placed(1, 3, MOVED)]


def test_white_space_and_composed_letters_are_ignored():
    text = "Lena\nMoor in E\u0301crin"
    found = align(text, [claim(0, 9, "Lena Moor"), claim(13, 19, "Écrin"), claim(1, 2, "E\u0301crin")])
    assert read(text, found) == [("Lena\nMoor", AS_GIVEN), ("E\u0301crin", AS_GIVEN), ("E\u0301crin", MOVED)]


def test_white_space_that_the_words_lack_is_trimmed():
    text = "Lena met 😀 Moor and 🚂 there"
    # In UTF-16, the last span includes the space after it, and the others do not match at their offsets.
    assert read(text, align(text, [claim(0, 4, "Lena"), claim(9, 11, "😀")])) == [("Lena", AS_GIVEN), ("😀", AS_GIVEN)]
    assert read(text, align(text, [claim(8, 11, " 😀 "), claim(15, 16, " ")])) == [(" 😀 ", AS_GIVEN), (" ", AS_GIVEN)]


def test_words_without_offsets_match_once_or_between_their_neighbours():
    text = "Moor came. Moor left."
    alone = [Claim((), "came"), Claim((), "Moor", after=" left"), Claim((), "Moor", before="?"), Claim((), "Zug")]
    assert read(text, align(text, alone))[:2] == [("came", AS_GIVEN), ("Moor", AS_GIVEN)]
    assert [type(one) for one in align(text, alone).outcomes[2:]] == [LeftOut, LeftOut]


def test_parts_of_a_discontinuous_span_contain_its_words():
    text = "😀 North and South Moor"
    found = align(text, [Claim(((3, 8), (19, 23)), "North Moor"), Claim(((3, 8), (9, 12)), "North Moor")])
    assert (found.outcomes[0].start, found.outcomes[0].end, found.outcomes[0].how) == (2, 22, COUNTED)
    assert isinstance(found.outcomes[1], LeftOut)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_placed_spans_contain_their_words(data):
    alphabet = st.sampled_from("ab \r\n😀é\ufeff東")
    text = data.draw(st.text(alphabet, min_size=1, max_size=30))
    offsets = st.integers(-2, len(text) + 4)
    words = st.none() | st.text(alphabet, min_size=1, max_size=4)
    claims = data.draw(st.lists(st.builds(lambda a, b, w: Claim(((a, b),), w), offsets, offsets, words), max_size=6))
    for one, outcome in zip(claims, align(text, claims).outcomes, strict=True):
        if isinstance(outcome, Placed):
            assert 0 <= outcome.start < outcome.end <= len(text)
            assert one.words is None or "".join(text[outcome.start : outcome.end].split()) == "".join(one.words.split())


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_all_spans_of_a_known_counting_are_certain(data):
    pieces = st.sampled_from(["a", "b", " ", "\n", "\r\n", "😀", "é", "東"])
    text = "".join(data.draw(st.lists(pieces, min_size=1, max_size=30)))
    count = COUNT[data.draw(st.sampled_from(sorted(COUNT)))]
    ranges = data.draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 6)), max_size=6))
    worded = [(start, start + length) for start, length in ranges if text[start : start + length].strip()]
    claims = [claim(count(text[:start]), count(text[:end]), text[start:end]) for start, end in worded]
    for outcome in align(text, claims).outcomes:
        assert isinstance(outcome, Placed) and outcome.how != MOVED


def test_many_spans_of_an_edited_text_match_their_words():
    lines = [f"Name{number} met (Basel{number % 7}) and Na\u0308he." for number in range(120)]
    before, text = "\n".join(lines), "\n".join(["A new first line.", *lines])
    claims, at = [], 0
    for number in range(120):
        for quote in (f"Name{number}", f"(Basel{number % 7})", "Nähe"):
            at = before.index(quote if quote != "Nähe" else "Na\u0308he", at)
            claims.append(claim(at, at + len(quote), quote))
    places = [one.start for one in align(text, claims).outcomes]
    assert places == [one.ranges[0][0] + len("A new first line.\n") for one in claims]
