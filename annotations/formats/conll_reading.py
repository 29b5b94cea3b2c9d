"""Reads CoNLL files and similar ones: one word and its tags per line, empty lines between sentences.

Tags are IOB1, IOB2, BIOES or BILOU, with - or _ after the prefix, or labels without a prefix, of which a run is one
span. Each column of tags is a layer; layers nest, and so do the tags of one cell (`B-ORG|B-LOC`). An article begins at
-DOCSTART- and at comments such as `# newdoc` and `# document_id`; a file without them is one article. White space comes
from `# text = …`, from `SpaceAfter=No`, and from the columns that `conll` writes; else it is a space between words,
nothing in scripts without spaces, and a line feed between sentences. A line that is not a row leaves its article out. A
tag that cannot be read is reported.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import IO

from annotations.formats.archive import seekable
from annotations.formats.conll_layout import NO_LABEL, NO_SPACE, Layout, NoLayout, begins_article, find_layout
from annotations.formats.encoding import lines_of
from annotations.formats.records import Record
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector
from corpusapp.intake.draft import Unfit
from corpusapp.text.scripts import is_unspaced
from corpusapp.text.wellformed import fault

SPACE_CODE = re.compile(r"-X-\|((?:[0-9A-F]{1,6}(?:\.[0-9A-F]{1,6})*)?)\Z")
_BEGINS, _ENDS = "BSU", "SUEL"
_NEW_ARTICLE = re.compile(r"#\s*(?:newdoc(?:\s+id\s*=\s*(?P<new>.*))?|(?:[\w-]+:)?document_id\s*=\s*(?P<id>.*))\s*\Z")
_TEXT = re.compile(r"#\s*text\s*=\s(?P<text>.*)\Z", re.DOTALL)
# Punctuation of scripts without spaces, and full-width letters.
_WIDE = re.compile("[\u3000-\u303f\uff00-\uffef]")
# Lines that are read to find the layout.
_SAMPLED_LINES = 5000


def read_conll(source: IO[bytes], columns: Mapping[str, str], report: Report, encoding: str = "") -> Iterator[Record]:
    with seekable(source) as file:
        yield from _read(lines_of(file, report, named=encoding), columns, report)


def _read(lines: Iterator[tuple[int, str | None]], columns: Mapping[str, str], report: Report) -> Iterator[Record]:
    try:
        head = list(islice(lines, _SAMPLED_LINES))
        layout = find_layout((line for _, line in head if line is not None), columns)
    except (NoLayout, Unfit) as problem:
        report.refuse("file", str(problem), "file")
        return
    _report_layout(layout, report)
    article = _ArticleBuilder(layout, report)
    for number, line in chain(head, lines):
        where = f"line {number}"
        if line is None:
            article.leave_out("is not in the encoding of the file: its article is left out", where)
        elif begins_article(line):
            yield from article.records()
            article = _ArticleBuilder(layout, report, where, begun=True, leading=_docstart_space(line))
        elif layout.is_comment(line):
            if match := _NEW_ARTICLE.match(line):
                yield from article.records()
                article = _ArticleBuilder(layout, report, where, id=(match["new"] or match["id"] or "").strip())
            article.add_comment(line)
        elif not line.strip(" \t"):
            article.end_sentence()
        elif not (article.is_fresh and layout.header is not None and "\t".join(layout.split(line)) == layout.header):
            article.add_row(layout.split(line), where)
    yield from article.records()


def _report_layout(layout: Layout, report: Report) -> None:
    if layout.unlabelled:
        reason = f"the tags say where spans are, and not of what kind: they are called {NO_LABEL}"
        report.note("no labels", reason, "file")
    if layout.prefix:
        report.note("language", f"each word began with {layout.prefix}, which is left out", "file")
    if layout.unspaced:
        report.note("spaces", "the words stand without spaces between them, as their script is written", "file")


def _docstart_space(line: str) -> str:
    return space_of("".join(line.split()[1:2]), "")


def space_of(column: str, implied: str) -> str:
    """The white space that a column written by `conll` encodes, else the implied one."""
    if not (match := SPACE_CODE.match(column)):
        return implied
    found = "".join(chr(code) for code in (int(part, 16) for part in match[1].split(".") if part) if code < 0x110000)
    return found if found.isspace() or not found else implied


def _are_unspaced(before: str, after: str) -> bool:
    """Whether there is no space between two words of a script without spaces."""
    edges = before[-1:] + after[:1]
    return is_unspaced(edges) or _WIDE.search(edges) is not None


@dataclass(slots=True)
class _ArticleBuilder:
    """Builds one article from its lines."""

    layout: Layout
    report: Report
    where: str = "line 1"
    begun: bool = False
    leading: str = ""
    id: str = ""
    broken: bool = False
    parts: list[str] = field(default_factory=list)
    length: int = 0
    # White space before the next word, and whether the file encodes it.
    pending: str = ""
    exact: bool = False
    # The text of the sentence from a comment ("" if none), and the end of its last word that was found.
    sentence: str = ""
    found: int = 0
    comments: int = 0
    blanks: int = 0
    # Whether a blank word came before the next one.
    parted: bool = False
    spans: list[tuple[int, int, str, str]] = field(default_factory=list)
    # Open spans by column of tags, then by number: start, label, line, and end so far.
    open: dict[int, dict[int, tuple[int, str, str, int]]] = field(default_factory=dict)
    opened: int = 0

    @property
    def is_fresh(self) -> bool:
        return not self.parts

    def leave_out(self, reason: str, where: str) -> None:
        self.report.refuse("line", reason, where)
        self.broken = True

    def add_comment(self, line: str) -> None:
        self.comments += 1
        if match := _TEXT.match(line):
            self.sentence, self.found = match["text"], 0

    def end_sentence(self) -> None:
        self._close_all()
        self.sentence = ""
        if self.parts and not self.exact:
            self.pending = "\n"

    def add_row(self, columns: list[str], where: str) -> None:
        if columns[0] == "" and len(columns) == self.layout.count - 1:
            # A blank first word.
            columns = ["", *columns]
        if not self.layout.fits(columns):
            reason = f"has {len(columns)} columns, and the others {self.layout.count}: its article is left out"
            return self.leave_out(reason, where)
        if self.layout.counted and not columns[0].isdecimal():
            # A multiword token, whose parts follow, or an empty node, which is not in the text.
            return None
        word = columns[self.layout.word].removeprefix(self.layout.prefix)
        if not word.strip():
            return self._skip_blank(columns, where)
        start = self._add(word, columns)
        for position in self.layout.tags:
            self._tag(position, columns[position], start, where)
        return None

    def _skip_blank(self, columns: list[str], where: str) -> None:
        """A word of only white space is not text. Open spans continue."""
        self.blanks += 1
        self.parted = True
        for position in self.layout.tags:
            continued, new = self._match_tags(position, columns[position])
            self._close(position, continued)
            for tag, _ in new:
                self.report.lose("blank word", f"a blank word is tagged {tag[:40]}: there is nothing to mark", where)

    def _add(self, word: str, columns: list[str]) -> int:
        ours = self.layout.word == 0 and len(columns) > 3 and not self.layout.tabs
        if ours and not self.parts:
            self.leading = space_of(columns[1], "")
        space = self._space_before(word)
        self._append(space if self.parts else self.leading)
        self.parted = False
        start = self.length
        self._append(word)
        code = columns[2] if ours else ""
        self.exact, self.pending = bool(SPACE_CODE.match(code)), space_of(code, " ")
        if NO_SPACE.search("\t".join(columns[self.layout.word + 1 :])):
            self.pending = ""
        return start

    def _space_before(self, word: str) -> str:
        """The white space before a word: from the text of the sentence, as long as its words are found in it."""
        if not self.sentence:
            unspaced = self.layout.unspaced and self.pending == " " and not self.parted
            return "" if unspaced and _are_unspaced(self.parts[-1], word) else self.pending
        start = self.sentence.find(word, self.found)
        between = self.sentence[self.found : start] if start >= 0 else "?"
        if between.strip():
            self.sentence = ""
            return self.pending
        space = between if self.found else self.pending
        self.found = start + len(word)
        return space

    def _append(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _tag(self, position: int, cell: str, start: int, where: str) -> None:
        continued, new = self._match_tags(position, cell)
        self._close(position, continued)
        for tag, read in new:
            if read is None:
                reason = f"{tag[:40]!r} is not a tag such as B-PERSON, I-PERSON or O"
                self.report.refuse("tag", reason, where, f"column {position + 1}")
                continue
            self.opened += 1
            self.open.setdefault(position, {})[self.opened] = (start, read[1], where, start)
            continued[self.opened] = read[0]
        for number in continued:
            self.open[position][number] = (*self.open[position][number][:3], self.length)
        if ended := [number for number, kind in continued.items() if kind in _ENDS]:
            self._close(position, continued.keys() - ended)

    def _match_tags(self, position: int, cell: str) -> tuple[dict[int, str], list[tuple[str, tuple[str, str] | None]]]:
        """({number of a span that a tag continues: kind of the tag}, [(another tag, its kind and label)])."""
        continued: dict[int, str] = {}
        new: list[tuple[str, tuple[str, str] | None]] = []
        for tag in self.layout.tags_in(position, cell):
            read = self.layout.read_tag(position, tag)
            number = self._continued_span(position, read, continued) if read is not None else None
            if read is None or number is None:
                new.append((tag, read))
            else:
                continued[number] = read[0]
        return continued, new

    def _continued_span(self, position: int, read: tuple[str, str], taken: Collection[int]) -> int | None:
        """The number of the open span that a tag continues."""
        kind, label = read
        spans = self.open.get(position, {}) if kind not in _BEGINS else {}
        return next((number for number, span in spans.items() if span[1] == label and number not in taken), None)

    def _close(self, position: int, kept: Collection[int] = ()) -> None:
        """End the open spans of a column, except `kept`."""
        spans = self.open.get(position, {})
        for number in [number for number in spans if number not in kept]:
            start, label, where, end = spans.pop(number)
            self.spans.append((start, end, label, where))

    def _close_all(self) -> None:
        for position in self.open:
            self._close(position)

    def records(self) -> Iterator[Record]:
        """The article, unless it is empty or broken."""
        self._close_all()
        if self.broken or not (self.begun or self.parts):
            return
        text = "".join(self.parts) + (self.pending if self.exact else "") if self.parts else self.leading
        if reason := fault(text):
            self.report.refuse("text", f"the article {reason}", self.where)
            return
        self._report_skipped()
        collector = SpanCollector(text, self.report, self.where)
        for start, end, label, where in self.spans:
            collector.add(start, end, label, field=where)
        language = self.layout.prefix.rstrip(":") if len(self.layout.prefix) < 5 else ""
        yield Record(text=text, spans=collector.spans(), id=self.id or None, language=language)

    def _report_skipped(self) -> None:
        if self.comments:
            self.report.note("comments", f"{self.comments} lines of comments (#) were passed over", self.where)
        if self.blanks:
            self.report.note("blank word", f"{self.blanks} blank words were passed over", self.where)
