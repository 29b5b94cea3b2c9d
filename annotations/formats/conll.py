"""CoNLL-2003: one word and its IOB2 tag per line, empty lines between sentences, -DOCSTART- before articles.

Tags hold one layer of spans of complete words. A span that begins or ends within a word, or with white space, is left
out and reported. Of overlapping spans the longest is kept, then the first, then by label. Tags have no states, so only
spans in the plain states are written. No sentence ends within a span. An article that is not done is left out and
reported, because O would say that undecided words are not part of a span.

CoNLL does not hold white space: a space is implied between words, a line feed between sentences. Any other is written
in the unused third column, after the word, as `-X-|` and its code points in hexadecimal (`-X-|` alone: nothing); white
space before the first word is in the second column. Reading restores the text. In files of others these columns have no
such meaning. `conll_reading` reads files, with the columns that `conll_layout` finds.
"""

from collections.abc import Iterator, Mapping
from typing import IO

from annotations.formats.conll_layout import DOCSTART, checked_columns
from annotations.formats.conll_reading import read_conll
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.tokens import Tokens, tokenize, without_overlap

_UNUSED = "-X-"


class Conll(Format):
    name, title, media_type, extension = "conll", "CoNLL-2003 (IOB2)", "text/plain; charset=utf-8", "conll"
    needs_tokens = True
    carries = frozenset()
    marks_whole_texts = any_encoding = True

    def __init__(self, columns: Mapping[str, str] | None = None) -> None:
        self._columns = dict(columns or {})

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        for record in records:
            tokens = _without_markers(tokenize(record.text, record.language or context.language, report), record.text)
            tags, inside = _tags(record, tokens, report, context.plain_states)
            yield "".join(_lines(record.text, tokens, tags, inside)).encode()

    def with_columns(self, columns: Mapping[str, str]) -> "Conll":
        return Conll(checked_columns(columns))

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        return read_conll(source, self._columns, report, self.encoding)


def _without_markers(tokens: Tokens, text: str) -> Tokens:
    """Splits a word -DOCSTART-, which would begin an article."""
    if DOCSTART not in text:
        return tokens
    ranges: list[tuple[int, int]] = []
    starts = set()
    for number, (start, end) in enumerate(tokens.ranges):
        if number in tokens.sentence_starts:
            starts.add(len(ranges))
        ranges += [(start, start + 1), (start + 1, end)] if text[start:end] == DOCSTART else [(start, end)]
    return Tokens(ranges, frozenset(starts))


def _tags(
    record: Record, tokens: Tokens, report: Report, plain_states: frozenset[str]
) -> tuple[dict[int, str], set[int]]:
    """Tags by token, and the tokens that continue a span."""
    aligned: dict[SpanRecord, tuple[int, int]] = {}
    for span in record.spans:
        found = tokens.covering(span.start, span.end)
        if span.state not in plain_states:
            report.lose("state", f"CoNLL has no states, and {span.state} spans were not asked for", record.name, span)
        elif span.label.split() != [span.label]:
            report.lose("label", "a label with white space cannot be a tag", record.name, span)
        elif found is None:
            report.lose("misaligned", "begins or ends within a word, or with white space", record.name, span)
        else:
            aligned[span] = found
    kept, overlapping = without_overlap(aligned)
    for span in overlapping:
        report.lose("overlap", "overlaps a longer span: a word has one tag", record.name, span)
    tags: dict[int, str] = {}
    inside: set[int] = set()
    for span in kept:
        first, last = aligned[span]
        tags[first] = f"B-{span.label}"
        for number in range(first + 1, last + 1):
            tags[number] = f"I-{span.label}"
            inside.add(number)
    return tags, inside


def _lines(text: str, tokens: Tokens, tags: dict[int, str], inside: set[int]) -> Iterator[str]:
    ranges = tokens.ranges
    yield f"{DOCSTART} {_UNUSED if ranges else _code(_UNUSED, text, '')} O O\n\n"
    for number, (start, end) in enumerate(ranges):
        following = ranges[number + 1][0] if number + 1 < len(ranges) else len(text)
        space = text[end:following]
        last = number + 1 == len(ranges)
        breaks = last or (number + 1 not in inside and (number + 1 in tokens.sentence_starts or _line_break(space)))
        implied = "" if last else "\n" if breaks else " "
        before = _UNUSED if number else _code(_UNUSED, text[:start], "")
        yield f"{text[start:end]} {before} {_code(_UNUSED, space, implied)} {tags.get(number, 'O')}\n"
        if breaks:
            yield "\n"


def _line_break(space: str) -> bool:
    return "".join(space.splitlines()) != space


def _code(plain: str, space: str, implied: str) -> str:
    if space == implied:
        return plain
    return f"{plain}|{'.'.join(f'{ord(character):X}' for character in space)}"
