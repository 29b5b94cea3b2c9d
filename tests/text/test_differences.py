"""Two texts side by side are complete, with differences marked."""

from hypothesis import given
from hypothesis import strategies as st

from corpusapp.text.differences import side_by_side

texts = st.lists(st.sampled_from(["one two three", "one two four", "something else", "یک دو سه", "👩‍👧 x"]), max_size=5)


@given(texts, texts)
def test_each_side_has_its_whole_text(left, right):
    rows = side_by_side("\n\n".join(left), "\n".join(right))
    assert ["".join(piece.text for piece in row[0]) for row in rows if row[0]] == left
    assert ["".join(piece.text for piece in row[1]) for row in rows if row[1]] == right


@given(texts)
def test_the_same_text_has_no_marks(paragraphs):
    rows = side_by_side("\n".join(paragraphs), "\n".join(paragraphs))
    assert not any(piece.changed for row in rows for side in row for piece in side)


def test_only_a_changed_word_is_marked():
    ((left, right),) = side_by_side("The minister met him on Monday.", "The minister met him on Sunday.")
    assert [piece.text for piece in left if piece.changed] == ["Monday"]
    assert [piece.text for piece in right if piece.changed] == ["Sunday"]
