"""Words of a text that fold to given words."""

from hypothesis import given
from hypothesis import strategies as st

from corpusapp.text.folding import fold_to, folded_word, parts_of, words_in

texts = st.text(st.sampled_from(list("abZzİiſKß \u200b\u2060\u200d\u0301é’.-_1中国語ﬁ\u00a0\n")), max_size=30)
wanted = st.sets(st.text(st.sampled_from("abzik1sf"), min_size=1, max_size=3), min_size=1, max_size=3)


@given(texts, wanted)
def test_the_pattern_leaves_out_no_word_that_folds_to_a_wanted_one(text, words):
    def found(places):
        return [
            (start, end)
            for start, end in places
            if any(folded_word(form) in words for form in (text[start:end], *parts_of(text[start:end])))
        ]

    assert found(words_in(text, fold_to(words))) == found(words_in(text))


def test_the_pattern_leaves_out_other_words():
    text = "Zarif met Muallem’s aide, and ZARIF left; Zarifian stayed."
    assert [text[start:end] for start, end in words_in(text, fold_to({"zarif"}))] == ["Zarif", "ZARIF"]


def test_no_pattern_without_words_or_for_other_scripts():
    assert fold_to(()) is None
    assert fold_to({"zarif", "ظريف"}) is None
