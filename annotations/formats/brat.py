"""brat standoff: an archive of `name.txt`, `name.ann`, and `name.json` for what brat cannot hold.

brat has nested, overlapping and discontinuous spans, but none with a line break. Written: a span with line breaks
becomes a discontinuous one, which reading joins again; spans of line breaks only and labels with white space are left
out and reported. Read: fragments with only white space between them are one span; others become the continuous span
that covers them, which is reported. The text of a line places its span, because versions of brat count line ends and
characters outside the basic plane differently, and texts are edited afterwards. Events, relations, attributes,
normalizations and notes are not supported and reported. Written offsets are code points, and the text is unchanged.
Older files have `name.a1` and `name.a2` instead of `name.ann`.
"""

import re
from collections.abc import Iterator
from typing import IO, Any
from zipfile import ZipFile

from annotations.formats import json_text
from annotations.formats.archive import document_name, is_mac_metadata, open_archive, read_member, zip_stream
from annotations.formats.companion import StoredCompanion, companion, split_shown
from annotations.formats.encoding import UTF8, text_of
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record, SpanRecord
from annotations.formats.report import UNSEEN, Report
from annotations.formats.span_collector import SpanCollector
from corpusapp.text.wellformed import fault

# All characters that some program treats as the end of a line.
_PIECE = re.compile("[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_TEXT_BOUND = re.compile(r"(T[^\t]*)\t(\S+) ([0-9]+ [0-9]+(?:;[0-9]+ [0-9]+)*)(?:\t(.*))?\Z", re.DOTALL)
_LINE_END = re.compile("\r\n|\r|\n")
_UNMAPPED = {"E": "events", "R": "relations", "*": "relations", "A": "attributes", "M": "attributes"}
_UNMAPPED |= {"N": "normalizations", "#": "notes"}
EXACT = "exact"
# In BioNLP's shared tasks, a1 has the given annotations and a2 the expected ones.
_STANDOFF = (".ann", ".a1", ".a2")


class Brat(Format):
    name, title, media_type, extension = "brat", "brat standoff", "application/zip", "zip"
    any_encoding = True

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        return zip_stream(_members(records, report, context))

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        with open_archive(source, report) as archive:
            if archive is None:
                return
            names = {name for name in archive.namelist() if not name.endswith("/") and not is_mac_metadata(name)}
            for name in sorted(names):
                if name.endswith(".txt"):
                    yield from _document(archive, name.removesuffix(".txt"), names, report, self.encoding)
                elif name.endswith(_STANDOFF) and f"{name.rpartition('.')[0]}.txt" not in names:
                    report.refuse("text", "the .txt file of these annotations is missing", name)


def _members(records: Iterator[Record], report: Report, context: Context) -> Iterator[tuple[str, bytes]]:
    labels = dict.fromkeys(label for label in context.labels if not re.search(r"\s", label))
    for number, record in enumerate(records, 1):
        name = document_name(record.id, number)
        shown, hidden = split_shown(record, context.plain_states, report)
        written, lines = [], []
        ranges: dict[tuple[int, int, str], list[tuple[int, int]]] = {}
        for span in shown:
            pieces = _pieces(record.text, span)
            if re.search(r"\s", span.label):
                report.lose("label", "brat knows no label with white space", record.name, span)
            elif not pieces:
                report.lose("line breaks", "brat knows no span of line breaks alone", record.name, span)
            else:
                written.append(span)
                lines.append(_line(len(written), record.text, span.label, pieces))
                ranges.setdefault((pieces[0][0], pieces[-1][1], span.label), []).append((span.start, span.end))
        labels |= dict.fromkeys(span.label for span in written)
        # The exact ranges of spans whose line breaks at an edge were left out.
        exact = [[*key, *one] for key, found in ranges.items() if found != [key[:2]] for one in found]
        stored = companion(record, written, hidden) | ({EXACT: exact} if exact else {})
        yield f"{name}.txt", record.text.encode()
        yield f"{name}.ann", "".join(lines).encode()
        if stored:
            yield f"{name}.json", json_text.dumps(stored).encode()
    yield "annotation.conf", _configuration(sorted(labels)).encode()


def _pieces(text: str, span: SpanRecord) -> list[tuple[int, int]]:
    """The parts of a span between line breaks."""
    return [match.span() for match in _PIECE.finditer(text, span.start, span.end)]


def _line(number: int, text: str, label: str, pieces: list[tuple[int, int]]) -> str:
    offsets = ";".join(f"{start} {end}" for start, end in pieces)
    quote = " ".join(text[start:end] for start, end in pieces)
    return f"T{number}\t{label} {offsets}\t{quote}\n"


def _configuration(labels: list[str]) -> str:
    entities = "".join(f"{label}\n" for label in labels)
    overlaps = "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>\n"
    return f"[entities]\n{entities}\n[relations]\n{overlaps}\n[events]\n\n[attributes]\n"


def _document(archive: ZipFile, name: str, names: set[str], report: Report, named: str) -> Iterator[Record]:
    found = _text(archive, f"{name}.txt", report, named=named)
    if found is None:
        return
    text, encoding = found
    if reason := fault(text):
        report.refuse("text", f"the text {reason}", f"{name}.txt")
        return
    stored = _stored(archive, f"{name}.json", report) if f"{name}.json" in names else None
    restored, collector = StoredCompanion(stored), SpanCollector(text, report, f"{name}.ann")
    exact = _exact(restored.values.get(EXACT))
    files = [name + ending for ending in _STANDOFF if name + ending in names]
    if not files:
        report.note(UNSEEN, "there is no .ann file for it: it is imported without spans", f"{name}.txt")
    for standoff in files:
        annotations = _text(archive, standoff, report, like=encoding, named=named)
        for number, line in enumerate(_LINE_END.split(annotations[0].removeprefix("\ufeff") if annotations else ""), 1):
            _read_line(line, f"line {number}", collector, restored, exact, report, standoff)
    given = {} if stored is not None else {"id": name}
    yield restored.record(collector, report, f"{name}.json", **given)


def _text(archive: ZipFile, name: str, report: Report, *, like: str = UTF8, named: str = "") -> tuple[str, str] | None:
    """(text, encoding) of a member. `like` is the encoding of another member, tried first."""
    data = read_member(archive, name, report)
    return text_of(data, name, report, like=like, named=named) if data is not None else None


def _stored(archive: ZipFile, name: str, report: Report) -> Any:
    data = read_member(archive, name, report)
    try:
        return json_text.loads(data) if data is not None else None
    except json_text.Malformed as problem:
        report.refuse("file", problem.reason, name, problem.field)
        return None


def _exact(value: Any) -> dict[tuple[Any, ...], list[tuple[int, int]]]:
    found: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for row in value if isinstance(value, list) else ():
        if isinstance(row, list) and len(row) == 5 and all(isinstance(part, int | str) for part in row):
            found.setdefault(tuple(row[:3]), []).append((row[3], row[4]))
    return found


def _read_line(
    line: str,
    place: str,
    collector: SpanCollector,
    restored: StoredCompanion,
    exact: dict[tuple[Any, ...], list[tuple[int, int]]],
    report: Report,
    where: str,
) -> None:
    if not line.strip():
        return
    if what := _UNMAPPED.get(line[0]):
        report.lose(what, f"{place}: {what} have no place here", where)
        return
    if not (match := _TEXT_BOUND.match(line)):
        reason = "no line of brat: T1, a tab, label and offsets, a tab, the text"
        report.refuse("line", reason, where, place)
        return
    _, label, offsets, quote = match.groups()
    pieces = _offsets(offsets)
    start, end = min(start for start, _ in pieces), max(end for _, end in pieces)
    if meant := exact.get((start, end, label)):
        first, last = meant.pop(0)
        quote = f"{collector.text[first:start]}{quote}{collector.text[end:last]}" if quote else quote
        start, end = first, last
        pieces = [(start, end)]
    restored.add_shown(collector, start, end, label, place, quote=quote, ranges=tuple(pieces), where=where)


def _offsets(offsets: str) -> list[tuple[int, int]]:
    # Numbers with more digits than any offset are cut, and still lie past the end.
    pairs = (part.split() for part in offsets.split(";"))
    return [(int(start[:20]), int(end[:20])) for start, end in pairs]
