"""CoNLL-2003: a word a line with its IOB2 tag, sentences apart by empty lines, articles by -DOCSTART-.

Its tags hold one layer of spans on whole words. Rule: a span that begins or ends within a word, or with white space, is
left out and told; of spans that overlap the longer is kept, of equal ones the first, then by label; only spans in
the asked-for plain states are written, as tags have no states. No sentence ends within a span. An article that is not
done is left out and told: O would say of undecided words that they are no part of a span.

White space is not CoNLL's: between words one space is meant, between sentences one line feed. Where another stands,
the third column, unused here, says what follows the word: `-X-|` and its code points in hexadecimal (`-X-|` alone:
none); the second what stands before the first word. So reading gives the same text; in other files these columns mean
nothing of that kind. Read: IOB1, IOB2, BIOES and BILOU, any columns
between the first and the last; a file without -DOCSTART- is one article.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from annotations.formats.collecting import SpanCollector
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.tokens import Tokens, tokens_of, without_overlap
from corpusapp.text.wellformed import fault

DOCSTART = "-DOCSTART-"
_UNUSED = "-X-"
_SPACE_CODE = re.compile(r"-X-\|((?:[0-9A-F]{1,6}(?:\.[0-9A-F]{1,6})*)?)\Z")
_BEGINS, _GOES_ON, _ENDS = "BSU", "IMEL", "SUEL"


class Conll(Format):
    name, title, media_type, extension = "conll", "CoNLL-2003 (IOB2)", "text/plain; charset=utf-8", "conll"
    needs_tokens = True
    carries = frozenset()
    marks_whole_texts = True

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        for record in records:
            tokens = _without_markers(tokens_of(record.text, record.language or context.language, report), record.text)
            tags, inside = _tags(record, tokens, report, context.plain_states)
            yield "".join(_lines(record.text, tokens, tags, inside)).encode()

    def _read(self, source: BinaryIO, report: Report) -> Iterator[Record]:
        article = _Article()
        for number, data in enumerate(source, 1):
            if number == 1:
                data = data.removeprefix(codecs.BOM_UTF8)
            try:
                columns = data.decode().split()
            except UnicodeDecodeError:
                article.broken = True
                report.refuse("line", "is not UTF-8: its article is left out", f"line {number}")
                continue
            if columns and columns[0] == DOCSTART:
                yield from article.records(report)
                leading = _space("".join(columns[1:2]), "")
                article = _Article(f"line {number}", begun=True, leading=leading)
            else:
                article.take(columns, f"line {number}", report)
        yield from article.records(report)


def _without_markers(tokens: Tokens, text: str) -> Tokens:
    """A word -DOCSTART- becomes two: alone on its line it would begin an article."""
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
    """Tags by token, and the tokens that go on with a span."""
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
    tags, inside = {}, set()
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
        meant = "" if last else "\n" if breaks else " "
        before = _UNUSED if number else _code(_UNUSED, text[:start], "")
        yield f"{text[start:end]} {before} {_code(_UNUSED, space, meant)} {tags.get(number, 'O')}\n"
        if breaks:
            yield "\n"


def _line_break(space: str) -> bool:
    return "".join(space.splitlines()) != space


def _code(plain: str, space: str, meant: str) -> str:
    if space == meant:
        return plain
    return f"{plain}|{'.'.join(f'{ord(character):X}' for character in space)}"


def _space(column: str, meant: str) -> str:
    if not (match := _SPACE_CODE.match(column)):
        return meant
    found = "".join(chr(code) for code in (int(part, 16) for part in match[1].split(".") if part) if code < 0x110000)
    return found if found.isspace() or not found else meant


@dataclass(slots=True)
class _Article:
    """One article while its lines come in."""

    where: str = "line 1"
    begun: bool = False
    leading: str = ""
    broken: bool = False
    parts: list[str] = field(default_factory=list)
    length: int = 0
    # What stands between the last word and the next one, and whether a sentence ended since.
    pending: str = ""
    exact: bool = False
    spans: list[tuple[int, int, str, str]] = field(default_factory=list)
    open: tuple[int, str, str] | None = None
    end: int = 0

    def take(self, columns: list[str], where: str, report: Report) -> None:
        if not columns:
            self._close()
            if self.parts and not self.exact:
                self.pending = "\n"
            return
        if len(columns) < 2:
            report.refuse("line", "a line holds a word and its tag: its article is left out", where)
            self.broken = True
            return
        if len(columns) > 3 and not self.parts:
            self.leading = _space(columns[1], "")
        start = self._add(columns[0], columns[2] if len(columns) > 3 else "")
        self._tag(columns[-1], start, where, report)

    def _add(self, word: str, code: str) -> int:
        self._append(self.pending if self.parts else self.leading)
        start = self.length
        self._append(word)
        self.exact = bool(_SPACE_CODE.match(code))
        self.pending = _space(code, " ")
        return start

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _tag(self, tag: str, start: int, where: str, report: Report) -> None:
        kind, _, label = tag.partition("-")
        if tag == "O":
            return self._close()
        if not label or len(kind) != 1 or kind not in _BEGINS + _GOES_ON:
            report.refuse("tag", f"{tag[:40]!r} is no tag such as B-PERSON, I-PERSON or O", where, "last column")
            return self._close()
        if kind in _BEGINS or self.open is None or self.open[1] != label:
            self._close()
            self.open = (start, label, where)
        self.end = self.length
        if kind in _ENDS:
            self._close()
        return None

    def _close(self) -> None:
        if self.open is not None:
            start, label, where = self.open
            self.spans.append((start, self.end, label, where))
            self.open = None

    def records(self, report: Report) -> Iterator[Record]:
        """The article, if there is one."""
        self._close()
        if self.broken or not (self.begun or self.parts):
            return
        text = "".join(self.parts) + (self.pending if self.exact else "") if self.parts else self.leading
        if reason := fault(text):
            report.refuse("text", f"the article {reason}", self.where)
            return
        collector = SpanCollector(text, report, self.where)
        for start, end, label, where in self.spans:
            collector.add(start, end, label, field=where)
        yield Record(text=text, spans=collector.spans())
