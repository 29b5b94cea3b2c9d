"""Text is cut between words, and never inside what is read as one character."""

import pytest

from corpusapp.text.cutting import keep_after, keep_before, pieces


@pytest.mark.parametrize(
    ("text", "limit", "before", "after"),
    [
        ("short", 10, "short", "short"),
        ("one two three", 9, "one two", "two three"),
        ("one two three", 7, "one two", "three"),
        ("one two, three", 8, "one two,", "three"),
        # A word that is too long is cut.
        ("w" * 100, 40, "w" * 40, "w" * 40),
        # Scripts without spaces: between characters.
        ("王毅在北京会见了扎里夫", 4, "王毅在北", "了扎里夫"),
        # Thai marks stay with their letter.
        ("ที่นี่", 4, "ที่", "นี่"),
        # So do the parts of an emoji, and both letters of a flag.
        ("👩‍👩‍👧👩‍👩‍👧", 7, "👩‍👩‍👧", "👩‍👩‍👧"),
        ("🇸🇾🇮🇷🇱🇧", 3, "🇸🇾", "🇱🇧"),
        ("e\u0301" * 50, 31, "e\u0301" * 15, "e\u0301" * 15),
    ],
)
def test_both_ends(text, limit, before, after):
    assert keep_before(text, limit) == before
    assert keep_after(text, limit) == after


def test_pieces_are_words_with_their_spaces_or_single_characters():
    assert pieces("in  the end, ") == ["in  ", "the ", "end, "]
    assert pieces("王毅 met") == ["王", "毅 ", "met"]
    assert pieces("") == []
