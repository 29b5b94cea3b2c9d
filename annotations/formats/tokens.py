"""spaCy's tokens of a text, for formats with tokens.

spaCy is imported with the first text, because only the worker writes these formats, and the web process, which knows
them, must not load it. Tokens come from the blank pipeline of the article's language, or from the one for all languages
if spaCy has none or its tokenizer needs a package that is not installed, which is noted.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from annotations.formats.records import SpanRecord
from annotations.formats.report import Report
from corpusapp.text.long_runs import tokenized

ANY_LANGUAGE = "xx"
# Strings in a vocabulary, about 200 MB.
MAX_STRINGS = 500_000


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as ranges in code points, and the numbers of the first tokens of sentences."""

    ranges: list[tuple[int, int]]
    sentence_starts: frozenset[int] = frozenset()

    def covering(self, start: int, end: int) -> tuple[int, int] | None:
        """The first and last token of a span on token boundaries; None for any other span."""
        first = bisect_left(self.ranges, (start, start))
        last = bisect_left(self.ranges, (end, end)) - 1
        if first > last or self.ranges[first][0] != start or self.ranges[last][1] != end:
            return None
        return first, last


def tokenize(text: str, language: str, report: Report) -> Tokens:
    """The tokens of a text, without white space, and its sentences by punctuation."""
    doc = _sentencizer()(make_doc(text, language, report))
    ranges: list[tuple[int, int]] = []
    starts, begins = set(), False
    for token in doc:
        begins = begins or bool(token.is_sent_start)
        pieces = list(_words(text, token.idx, token.idx + len(token)))
        if pieces and begins:
            starts.add(len(ranges))
            begins = False
        ranges += pieces
    return Tokens(ranges, frozenset(starts))


def make_doc(text: str, language: str, report: Report) -> Any:
    """A spaCy Doc with exactly this text."""
    code = language.replace("_", "-").split("-")[0].lower() or ANY_LANGUAGE
    if pipeline := _pipeline(code):
        # A vocabulary keeps every word, so it is replaced when it is large.
        if len(pipeline.vocab.strings) > MAX_STRINGS:
            _pipeline.cache_clear()
            pipeline = _pipeline(code)
        doc = tokenized(pipeline.tokenizer, text)
        if doc.text == text:
            return doc
    report.note("tokenizer", f"spaCy has no tokenizer for {code!r} here; the one for all languages was used")
    return tokenized(_pipeline(ANY_LANGUAGE).tokenizer, text)


def without_overlap(spans: Iterable[SpanRecord]) -> tuple[list[SpanRecord], list[SpanRecord]]:
    """(kept, left out). Of overlapping spans the longest is kept, then the first, then by label."""
    kept: list[tuple[int, int]] = []
    chosen, left_out = [], []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start, span.label)):
        position = bisect_left(kept, (span.end, 0))
        if position and kept[position - 1][1] > span.start:
            left_out.append(span)
        else:
            insort(kept, (span.start, span.end))
            chosen.append(span)
    return sorted(chosen, key=lambda span: span.start), left_out


def _words(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """The parts of a token without white space, which tokens of some languages contain."""
    position = start
    while position < end:
        while position < end and text[position].isspace():
            position += 1
        begin = position
        while position < end and not text[position].isspace():
            position += 1
        if begin < position:
            yield begin, position


@cache
def _pipeline(code: str) -> Any:
    try:
        return import_module("spacy").blank(code)
    except Exception:
        # Languages fail in different ways: unknown, or with a missing package.
        if code == ANY_LANGUAGE:
            raise
        return None


@cache
def _sentencizer() -> Any:
    return import_module("spacy").blank(ANY_LANGUAGE).add_pipe("sentencizer")
