"""Split long runs without white space before tokenizing: spaCy's tokenizer needs quadratic time for them.

A thousand quotation marks take a quarter of a second, ten thousand half a minute. The tokenizer gets a text of the same
length in which such runs are split; its tokens are mapped back to the text itself.
"""

import re
from collections.abc import Callable
from typing import Any

from corpusapp.text.scripts import UNSPACED

# Dividing lines of punctuation are shorter; so are most URLs.
MOST_SIGNS, MOST_UNBROKEN = 100, 500
_SIGNS = re.compile(rf"(?<!(?!\s)[\W_])(?:(?!\s)[\W_]){{{MOST_SIGNS + 1},}}")
_UNBROKEN = re.compile(rf"(?<![^\s{UNSPACED}])[^\s{UNSPACED}]{{{MOST_UNBROKEN + 1},}}")


def split_runs(text: str) -> str:
    """The text with some characters of its long runs replaced by white space; the text itself if it has none."""
    return _UNBROKEN.sub(_spaced, _SIGNS.sub(_cut, text))


def tokenized(tokenizer: Callable[[str], Any], text: str) -> Any:
    """The spaCy Doc of the text. In some languages the tokenizer changes the text; its Doc is returned unchanged."""
    readable = split_runs(text)
    doc = tokenizer(readable)
    if readable == text or doc.text != readable:
        return doc
    words, spaces = [], []
    for token in doc:
        end = token.idx + len(token)
        spaced = bool(token.whitespace_) and text[end] == " "
        words.append(text[token.idx : end + (bool(token.whitespace_) and not spaced)])
        spaces.append(spaced)
    return type(doc)(doc.vocab, words=words, spaces=spaces)


def _cut(run: re.Match[str]) -> str:
    return run[0][:MOST_SIGNS] + " " * (len(run[0]) - MOST_SIGNS)


def _spaced(run: re.Match[str]) -> str:
    parts = (run[0][start : start + MOST_UNBROKEN - 1] for start in range(0, len(run[0]), MOST_UNBROKEN))
    return " ".join(parts).ljust(len(run[0]))
