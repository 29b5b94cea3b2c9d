"""Normalisation of texts, and the map of offsets."""

from hypothesis import given
from hypothesis import strategies as st

from corpusapp.text.wellformed import normalise

texts = st.text(st.sampled_from("ab\r\n\0\ufeffé👩\u200d\u0301سی"), max_size=30)


def plain(source: str) -> str:
    """The stored form, computed in the simplest way."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return source.replace("\0", "")


@given(texts)
def test_the_stored_text(source):
    assert normalise(source).text == plain(source)


@given(texts, st.data())
def test_an_offset_is_between_the_same_characters(source, data):
    position = data.draw(st.integers(0, len(source)))
    normalised = normalise(source)
    between_the_two_of_a_line_end = source[position - 1 : position + 1] == "\r\n" and 0 < position < len(source)
    if not between_the_two_of_a_line_end:
        assert normalised.text[: normalised.offset(position)] == plain(source[:position])


def test_an_offset_within_a_line_end_moves_before_it():
    assert normalise("a\r\nb").offset(2) == 1


def test_removed_characters_are_noted():
    normalised = normalise("\ufeffone\0 two\0\r\n")
    assert normalised.text == "one two\n"
    assert normalised.notes == [
        "a byte-order mark was removed from the start of the text",
        "2 NUL characters were removed from the text",
    ]


def test_nothing_else_changes():
    text = " \t\u200c a\u0301 👩‍👩‍👧 \u2028 end \n"
    assert normalise(text).text == text
    assert normalise(text).notes == []
