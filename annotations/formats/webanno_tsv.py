"""Reads a WebAnno TSV 3 document, as WebAnno and INCEpTION export it.

Each line is a word with its position. Sentences begin with `#Text=` and end with an empty line. Each feature of each
layer is a column: `PER[1]` on every word of span 1, `A|B` if spans overlap, `_` for none, `*` for a span without a
value. The text consists of the sentences; the file does not have the white space between them, which becomes a line
feed, or nothing if they touch. Words are found in their sentence, not by their offsets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from annotations.formats.cas_types import IDENTIFIER, Annotation, labelled_spans
from annotations.formats.encoding import text_of
from annotations.formats.entities import linked_entity
from annotations.formats.records import Record
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector
from corpusapp.text.wellformed import fault

MARK = b"#FORMAT=WebAnno TSV 3"
_KINDS = ("#T_SP=", "#T_RL=", "#T_CH=")
_ROW = re.compile(r"(?P<sentence>\d+)-(?P<token>\d+)(?:\.(?P<part>\d+))?\Z", re.ASCII)
_OFFSETS = re.compile(r"(\d{1,18})-(\d{1,18})\Z", re.ASCII)
_IDENTIFIED = re.compile(r"(?P<value>.*)\[(?P<number>\d+)\]\Z", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEPARATED = re.compile(r"(?<!\\)\|")
_UNESCAPED = {"t": "\t", "n": "\n", "r": "\r"}


def read_tsv(data: bytes, where: str, report: Report, encoding: str = "") -> Iterator[Record]:
    if (found := text_of(data, where, report, named=encoding)) is None:
        return
    document = _DocumentReader(where, report)
    for number, line in enumerate(found[0].removeprefix("\ufeff").split("\n"), 1):
        document.add_line(line.removesuffix("\r"), number)
    yield from document.records()


@dataclass
class _Layer:
    name: str
    features: list[str]
    kind: str


@dataclass
class _Span:
    start: int
    end: int
    features: dict[str, str] = field(default_factory=dict)


@dataclass
class _DocumentReader:
    where: str
    report: Report
    layers: list[_Layer] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    # Of the sentence that is read: its lines, where it begins, how far its words were found, the last one's range and
    # offset in the file, and where that word ends there.
    sentence: list[str] = field(default_factory=list)
    begin: int = 0
    reached: int = 0
    words: tuple[int, int] = (0, 0)
    offset: int = 0
    last_end: int | None = None
    begun: bool = False
    broken: bool = False
    spans: dict[tuple[int, str], _Span] = field(default_factory=dict)

    def add_line(self, line: str, number: int) -> None:
        if self.broken:
            return
        if line.startswith(_KINDS):
            parts = line[6:].split("|")
            self.layers.append(_Layer(parts[0], parts[1:] or [""], line[:6]))
        elif line.startswith("#Text="):
            self.sentence = [*self.sentence, _plain(line[6:])] if not self.begun else [_plain(line[6:])]
            self.begun = False
        elif line and not line.startswith("#"):
            self._row(line.split("\t"), f"line {number}")
        elif not line.strip():
            self.sentence, self.begun = [], False

    def _row(self, columns: list[str], place: str) -> None:
        match, offsets = _ROW.match(columns[0]), _OFFSETS.match(columns[1]) if len(columns) > 2 else None
        if not match or not offsets:
            self.broken = True
            return self.report.refuse("line", "no row of WebAnno TSV: the document is left out", self.where, place)
        offsets_here = int(offsets[1]), int(offsets[2])
        if not self.begun:
            self._begin(offsets_here)
        if (found := self._found(_plain(columns[2]), match["part"], offsets_here)) is None:
            self.broken = True
            reason = f"{_plain(columns[2])[:40]!r} is not in its sentence: the document is left out"
            return self.report.refuse("text", reason, self.where, place)
        return self._cells(columns[3:], found, columns[0])

    def _begin(self, offsets: tuple[int, int]) -> None:
        """Append a sentence to the text."""
        text = "\n".join(self.sentence)
        if self.last_end is not None and offsets[0] > self.last_end:
            self._append("\n")
        self.begin = self.reached = self.length
        self._append(text)
        self.begun = True

    def _append(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def _found(self, word: str, part: str | None, offsets: tuple[int, int]) -> tuple[int, int] | None:
        """The range of a word of the sentence, or of a part of the last word."""
        text = "\n".join(self.sentence)
        if part:
            return self._part(text[self.words[0] - self.begin : self.words[1] - self.begin], word, offsets[0])
        start = text.find(word, self.reached - self.begin)
        if not word or start < 0:
            return None
        found = self.begin + start, self.begin + start + len(word)
        self.words, self.reached, self.offset, self.last_end = found, found[1], offsets[0], offsets[1]
        return found

    def _part(self, whole: str, part: str, offset: int) -> tuple[int, int] | None:
        """The range of a part of the last word. Offsets are UTF-16 units, or code points in files of some programs."""
        distance = max(offset - self.offset, 0)
        units = len(whole.encode("utf-16-le")[: 2 * distance].decode("utf-16-le", "ignore"))
        exact = next((place for place in (units, distance) if part and whole.startswith(part, place)), None)
        start = whole.find(part, min(units, distance)) if exact is None else exact
        return (self.words[0] + start, self.words[0] + start + len(part)) if part and start >= 0 else None

    def _cells(self, cells: list[str], found: tuple[int, int], place: str) -> None:
        position = 0
        for layer in self.layers:
            for feature in layer.features:
                cell = cells[position] if position < len(cells) else "_"
                position += 1
                for number, value in enumerate(_SEPARATED.split(cell) if cell not in ("_", "") else ()):
                    self._value(layer, feature, value, found, f"{place} {number}")

    def _value(self, layer: _Layer, feature: str, value: str, found: tuple[int, int], place: str) -> None:
        match = _IDENTIFIED.match(value)
        key = (self.layers.index(layer), match["number"] if match else place)
        span = self.spans.setdefault(key, _Span(*found))
        span.start, span.end = min(span.start, found[0]), max(span.end, found[1])
        plain = match["value"] if match else value
        span.features[feature] = "" if plain == "*" else _plain(plain)

    def records(self) -> Iterator[Record]:
        text = "".join(self.pieces)
        if self.broken or not text:
            if not self.broken:
                self.report.refuse("text", "the file contains no sentences", self.where)
            return
        if reason := fault(text):
            self.report.refuse("text", f"the text {reason}", self.where)
            return
        collector = SpanCollector(text, self.report, self.where)
        for one, label in labelled_spans(self._annotations(), self.where, self.report):
            entity = linked_entity(one.features.get(IDENTIFIER, ""), text[one.begin : one.end])
            collector.add(one.begin, one.end, label, field=one.field, entity=entity)
        yield Record(text=text, spans=collector.spans(), id=self.where)

    def _annotations(self) -> Iterator[Annotation]:
        for (number, identifier), span in self.spans.items():
            layer = self.layers[number]
            if layer.kind != "#T_SP=":
                features = {"Governor": "", "Dependent": ""}
            else:
                features = {name: value for name, value in span.features.items() if not name.startswith("ROLE_")}
            name = f"{layer.name.rpartition('.')[2]} {identifier}"
            yield Annotation(layer.name, span.start, span.end, features, name)


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: _UNESCAPED.get(match[1], match[1]), text)
