"""brat standoff: an archive of `name.txt`, `name.ann`, and `name.json` for what brat cannot hold.

brat has nested, overlapping and discontinuous spans, but none with a line break. Written: a span with line breaks
becomes a discontinuous one, which reading joins again; spans of line breaks only and labels with white space are left
out and reported. Read: fragments with only white space between them are one span; others become the continuous span
that covers them, which is reported. The text of a line places its span, because versions of brat count line ends and
characters outside the basic plane differently, and texts are edited afterwards. The entity of a span is one
normalization for each of its identifiers (`N1 Reference T1 wikidata:Q794 Iran`), or one with its id here. Events,
relations, attributes and notes are not supported and reported. Written offsets are code points, and the text is
unchanged. Older files have `name.a1` and `name.a2` instead of `name.ann`.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import IO, Any
from zipfile import ZipFile

from annotations.formats import json_text
from annotations.formats.archive import document_name, is_mac_metadata, open_archive, read_member, zip_stream
from annotations.formats.companion import KEY, StoredCompanion, companion, split_shown
from annotations.formats.encoding import UTF8, text_of
from annotations.formats.entities import entity_of, identifier_in
from annotations.formats.protocol import Context, Format
from annotations.formats.records import EntityRecord, Record, SpanRecord
from annotations.formats.report import UNSEEN, Report
from annotations.formats.span_collector import SpanCollector
from corpusapp.text.wellformed import fault

# All characters that some program treats as the end of a line.
_PIECE = re.compile("[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_TEXT_BOUND = re.compile(r"(T[^\t]*)\t(\S+) ([0-9]+ [0-9]+(?:;[0-9]+ [0-9]+)*)(?:\t(.*))?\Z", re.DOTALL)
_LINE_END = re.compile("\r\n|\r|\n")
_UNMAPPED = {"E": "events", "R": "relations", "*": "relations", "A": "attributes", "M": "attributes"}
_UNMAPPED |= {"#": "notes"}
_NORMALIZATION = re.compile(r"N[^\t]*\tReference (T\S*) ([^\s:]+):(\S+)(?:\t(.*))?\Z", re.DOTALL)
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
        written: list[SpanRecord] = []
        lines: list[str] = []
        normalized: list[str] = []
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
                if span.entity is not None:
                    normalized += _normalizations(len(written), len(normalized), span.entity)
                ranges.setdefault((pieces[0][0], pieces[-1][1], span.label), []).append((span.start, span.end))
        labels |= dict.fromkeys(span.label for span in written)
        # The exact ranges of spans whose line breaks at an edge were left out.
        exact = [[*key, *one] for key, found in ranges.items() if found != [key[:2]] for one in found]
        stored = companion(record, written, hidden) | ({EXACT: exact} if exact else {})
        yield f"{name}.txt", record.text.encode()
        yield f"{name}.ann", "".join([*lines, *normalized]).encode()
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


def _references(entity: EntityRecord) -> list[tuple[str, str]]:
    """The identifiers of an entity, or its id here."""
    return sorted(entity.identifiers) or [(KEY, str(entity.id))]


def _normalizations(span: int, before: int, entity: EntityRecord) -> list[str]:
    name = " ".join(entity.name.split())
    return [
        f"N{number}\tReference T{span} {scheme}:{value}\t{name}\n"
        for number, (scheme, value) in enumerate(_references(entity), before + 1)
    ]


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
        lines = _LINE_END.split(annotations[0].removeprefix("\ufeff") if annotations else "")
        linked = _linked(lines)
        for number, line in enumerate(lines, 1):
            _read_line(line, f"line {number}", collector, restored, exact, linked, report, standoff)
        for _ in linked.values():
            report.lose("normalizations", "a normalization of what is no span has no place here", standoff)
    given = {} if stored is not None else {"id": name}
    yield restored.record(collector, report, f"{name}.json", **given)


def _linked(lines: list[str]) -> dict[str, list[tuple[str, str, str]]]:
    """(scheme, value, name) of the normalizations of each annotation."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for line in lines:
        if match := _NORMALIZATION.match(line):
            target, scheme, value, name = match.groups()
            found.setdefault(target, []).append((scheme, value, name or ""))
    return found


def _entity(references: list[tuple[str, str, str]], quote: str) -> EntityRecord | None:
    """The entity of these normalizations."""
    if not references:
        return None
    own = next((value for scheme, value, _ in references if scheme == KEY), None)
    pairs = [identifier_in(f"{scheme}:{value}") or (scheme, value) for scheme, value, _ in references if scheme != KEY]
    name = next((name for _, _, name in references if name.strip()), " ".join(quote.split()))
    return entity_of(int(own) if own and own.isdecimal() and len(own) < 19 else own, name, pairs)


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
    linked: dict[str, list[tuple[str, str, str]]],
    report: Report,
    where: str,
) -> None:
    if not line.strip() or _NORMALIZATION.match(line):
        return
    if line[0] == "N":
        report.lose("normalizations", f"{place}: no line of brat: N1, a tab, Reference T1 scheme:value", where)
        return
    if what := _UNMAPPED.get(line[0]):
        report.lose(what, f"{place}: {what} have no place here", where)
        return
    if not (match := _TEXT_BOUND.match(line)):
        reason = "no line of brat: T1, a tab, label and offsets, a tab, the text"
        report.refuse("line", reason, where, place)
        return
    number, label, offsets, quote = match.groups()
    references = linked.pop(number, [])
    pieces = _offsets(offsets)
    start, end = min(start for start, _ in pieces), max(end for _, end in pieces)
    if meant := exact.get((start, end, label)):
        first, last = meant.pop(0)
        quote = f"{collector.text[first:start]}{quote}{collector.text[end:last]}" if quote else quote
        start, end = first, last
        pieces = [(start, end)]
    entity = restored.entity(
        (start, end, label),
        [(scheme, value) for scheme, value, _ in references],
        _references,
        partial(_entity, references, collector.text[start:end]),
    )
    given: dict[str, Any] = {"quote": quote, "ranges": tuple(pieces), "where": where, "entity": entity}
    restored.add_shown(collector, start, end, label, place, **given)


def _offsets(offsets: str) -> list[tuple[int, int]]:
    # Numbers with more digits than any offset are cut, and still lie past the end.
    pairs = (part.split() for part in offsets.split(";"))
    return [(int(start[:20]), int(end[:20])) for start, end in pairs]
