"""Runs without white space that are quadratic in spaCy's tokenizer, which reads a run anew for each sign it takes off.

A thousand quotes take it a quarter of a second, ten thousand half a minute. It is given a text of the same length, in
which such runs are parted; the tokens that it finds are those of the text itself.
"""

import re
from collections.abc import Callable
from typing import Any

from corpusapp.text.scripts import UNSPACED

# Lines of signs that articles are divided by are shorter; so are addresses, mostly.
MOST_SIGNS, MOST_UNBROKEN = 100, 500
_SIGNS = re.compile(rf"(?<!(?!\s)[\W_])(?:(?!\s)[\W_]){{{MOST_SIGNS + 1},}}")
_UNBROKEN = re.compile(rf"(?<![^\s{UNSPACED}])[^\s{UNSPACED}]{{{MOST_UNBROKEN + 1},}}")


def parted(text: str) -> str:
    """The text with white space instead of some characters of its long runs; the text itself where it has none."""
    return _UNBROKEN.sub(_spaced, _SIGNS.sub(_cut, text))


def tokenized(tokenizer: Callable[[str], Any], text: str) -> Any:
    """The spaCy Doc that this tokenizer makes of the text; of some languages its text is another one."""
    readable = parted(text)
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
