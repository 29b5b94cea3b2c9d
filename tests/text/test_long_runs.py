"""Long runs without white space are split for the tokenizer only: same length, same text, ordinary texts unchanged."""

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusapp.text.long_runs import MOST_SIGNS, MOST_UNBROKEN, split_runs, tokenized

TOKENIZER = spacy.blank("en").tokenizer
RUNS = st.builds(lambda piece, count: piece * count, st.sampled_from(['"', "=", "_", "a:", "'s", "x", "中", "😀", " "]),
                 st.integers(1, 700))  # fmt: skip
TEXTS = st.lists(RUNS | st.text(max_size=20), max_size=5).map("".join)


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_only_white_space_replaces_characters(text):
    found = split_runs(text)
    assert len(found) == len(text)
    assert all(now == before or now == " " for now, before in zip(found, text, strict=True))


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_a_document_has_the_words_of_the_text(text):
    doc = tokenized(TOKENIZER, text)
    assert doc.text == text
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


@pytest.mark.parametrize("text", ["=" * MOST_SIGNS, "x" * MOST_UNBROKEN, "中" * 5000, "a" * 300 + "/" * 90, " " * 9000])
def test_ordinary_texts_do_not_change(text):
    assert split_runs(f"Zarif met {text} Muallem.") == f"Zarif met {text} Muallem."


@pytest.mark.parametrize("run", ['"', "(", "=", "_", "$", "😀", "'s", "a:", "http://", '"x('])
def test_fifty_thousand_signs_in_a_row(run):
    text = f"Zarif met {run * 50_000} Muallem."
    words = [token.text for token in tokenized(TOKENIZER, text)]
    assert words[:2] == ["Zarif", "met"] and words[-2:] == ["Muallem", "."]
