"""UIMA CAS as XMI 1.0, as INCEpTION and DKPro read it: an archive of TypeSystem.xml and one .xmi for each article.

Spans are DKPro's NamedEntity with the label as `value`; overlap and nesting are kept. Offsets in the file are UTF-16
units. What a NamedEntity has no place for stands as JSON in one corpusapp.type.Companion. Characters that XML cannot
hold are written as U+FFFD, told, and come back from the companion.

Read: one .xmi, or an archive of them, archives within included; of a document in INCEpTION's export of a project the
curated version, else those of all annotators together. NamedEntity comes in by `value`, custom layers of INCEpTION
(`webanno.custom.…`) by `value` or `label`; other annotations are counted and told. A boundary within a character moves
outwards, which is noted.
"""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from lxml import etree

from annotations.formats import json_text
from annotations.formats.archive import document_name, member, opened, sought, zipped
from annotations.formats.cas_types import COMPANION, DOCUMENT, NAMED_ENTITY, namespace, type_system
from annotations.formats.collecting import SpanCollector
from annotations.formats.companion import Restored, companion, shown_and_beside
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record, SpanRecord, reading_order
from annotations.formats.report import Report
from annotations.formats.xml_text import REPLACEMENT, in_attribute, replaced
from corpusapp.text.utf16 import Utf16
from corpusapp.text.wellformed import fault

CAS, XMI = "http:///uima/cas.ecore", "http://www.omg.org/XMI"
_DOCUMENT_NS, _ENTITY_NS, _COMPANION_NS = (namespace(name)[0] for name in (DOCUMENT, NAMED_ENTITY, COMPANION))
_HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<xmi:XMI xmlns:xmi="{XMI}" xmlns:cas="{CAS}" '
    f'xmlns:metadata="{_DOCUMENT_NS}" xmlns:ner="{_ENTITY_NS}" xmlns:desk="{_COMPANION_NS}" xmi:version="2.0">\n'
    '<cas:NULL xmi:id="0"/>\n'
)
_INITIAL = "_InitialView"
_DEPTH = 3
# How INCEpTION exports a project: for each document the versions of its annotators, and the curated one.
_OF_PROJECT = re.compile(r"(?:.*/)?(?P<kind>annotation|curation)/(?P<document>[^/]+)/[^/]+\.(?:zip|xmi)\Z")


class CasXmi(Format):
    name, title, media_type, extension = "cas-xmi", "UIMA CAS XMI", "application/zip", "zip"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        return zipped(_members(records, report, context))

    def _read(self, source: BinaryIO, report: Report) -> Iterator[Record]:
        with sought(source) as file:
            head = file.read(2)
            file.seek(-len(head), io.SEEK_CUR)
            if head != b"PK":
                yield from _document(file.read(), "file", report)
                return
            with opened(file, report) as archive:
                yield from _archived(archive, "", report, 0)


def _members(records: Iterator[Record], report: Report, context: Context) -> Iterator[tuple[str, bytes]]:
    yield "TypeSystem.xml", type_system().encode()
    for number, record in enumerate(records, 1):
        name = document_name(record.id, number)
        yield f"{name}.xmi", _document_of(record, name, report, context).encode()


def _document_of(record: Record, name: str, report: Report, context: Context) -> str:
    shown, beside = shown_and_beside(record, context.plain_states, report)
    for span in [span for span in shown if replaced(span.label)[1]]:
        report.lose("label", "XML cannot hold this label", record.name, span)
        shown.remove(span)
    text, characters = replaced(record.text)
    for offset, code in characters:
        report.lose("character", f"U+{code:04X} at {offset} stands as U+FFFD for readers other than this", record.name)
    held = companion(record, shown, beside) | ({"characters": characters} if characters else {})
    utf16 = Utf16(text)
    elements = [
        _metadata(record, name, utf16.length),
        f'<desk:Companion xmi:id="3" held="{in_attribute(_ascii(held))}"/>\n',
    ]
    for number, span in enumerate(shown, 4):
        place = f'begin="{utf16.units(span.start)}" end="{utf16.units(span.end)}"'
        elements.append(f'<ner:NamedEntity xmi:id="{number}" sofa="1" {place} value="{in_attribute(span.label)}"/>\n')
    members = " ".join(str(number) for number in range(2, len(shown) + 4))
    return (
        f"{_HEAD}{''.join(elements)}"
        f'<cas:Sofa xmi:id="1" sofaNum="1" sofaID="{_INITIAL}" mimeType="text/plain" '
        f'sofaString="{in_attribute(text)}"/>\n<cas:View sofa="1" members="{members}"/>\n</xmi:XMI>\n'
    )


def _metadata(record: Record, name: str, length: int) -> str:
    return (
        f'<metadata:DocumentMetaData xmi:id="2" sofa="1" begin="0" end="{length}" '
        f'language="{in_attribute(record.language or "x-unspecified")}" '
        f'documentTitle="{in_attribute(record.title or name)}" documentId="{in_attribute(name)}" '
        'isLastSegment="false"/>\n'
    )


def _ascii(held: dict[str, Any]) -> str:
    """JSON in escapes: what XML cannot hold stands within it all the same."""
    return json.dumps(held, separators=(",", ":"), allow_nan=False)


def _archived(archive: zipfile.ZipFile | None, within: str, report: Report, depth: int) -> Iterator[Record]:
    names = sorted(archive.namelist()) if archive is not None else []
    projects: dict[str, dict[str, list[str]]] = {}
    for name in names:
        if match := _OF_PROJECT.match(name):
            projects.setdefault(match["document"], {}).setdefault(match["kind"], []).append(name)
        elif name.lower().endswith((".xmi", ".zip")):
            yield from _member(archive, name, within, report, depth)
    for document, kinds in projects.items():
        chosen = kinds.get("curation") or kinds["annotation"]
        found = [record for name in chosen for record in _member(archive, name, within, report, depth)]
        yield from _merged(found, document, report)


def _member(archive: Any, name: str, within: str, report: Report, depth: int) -> Iterator[Record]:
    data = member(archive, name, report)
    if data is None:
        return
    if name.lower().endswith(".xmi"):
        yield from _document(data, within + name, report)
    elif depth < _DEPTH:
        with opened(io.BytesIO(data), report) as inner:
            yield from _archived(inner, f"{within}{name}/", report, depth + 1)
    else:
        report.refuse("file", "archives stand too deep in one another", within + name)


def _merged(found: list[Record], document: str, report: Report) -> Iterator[Record]:
    """One record for each text that the annotators of a document saw, with all their spans."""
    by_text: dict[str, list[Record]] = {}
    for record in found:
        by_text.setdefault(record.text, []).append(record)
    for text, records in by_text.items():
        if len(records) > 1:
            reason = f"{len(records)} versions by several people: their spans come in together"
            report.note("several annotations", reason, document)
        spans = {span.triple: span for record in reversed(records) for span in record.spans}
        name = records[0].id if records[0].external_id else document
        yield replace(records[0], text=text, id=name, spans=tuple(reading_order(spans.values())))


def _document(data: bytes, where: str, report: Report) -> Iterator[Record]:
    # Entities within attributes are always resolved, without end in large documents: nothing may declare any.
    if b"<!DOCTYPE" in data:
        report.refuse("file", "a document type has no place in XMI", where)
        return
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        report.refuse("file", f"no XML: {error.msg}", where, f"line {error.lineno}")
        return
    sofa = _sofa(root)
    if root.tag != f"{{{XMI}}}XMI" or sofa is None or sofa.get("sofaString") is None:
        report.refuse("text", "there is no XMI with a text (a Sofa with its sofaString)", where)
        return
    yield from _record(root, sofa, where, report)


def _sofa(root: Any) -> Any:
    found = root.findall(f"{{{CAS}}}Sofa")
    initial = [sofa for sofa in found if sofa.get("sofaID") == _INITIAL]
    return (initial or found or [None])[0]


def _record(root: Any, sofa: Any, where: str, report: Report) -> Iterator[Record]:
    held = _held(root, where, report)
    written = sofa.get("sofaString")
    text = _restored_characters(written, held.get("characters"))
    if reason := fault(text):
        report.refuse("text", f"the text {reason}", where)
        return
    reading = _Reading(text, Utf16(written), Restored(held), where, report)
    language, title, number = "", "", f"{{{XMI}}}id"
    for element in root.iterchildren(etree.Element):
        space, _, local = element.tag.removeprefix("{").rpartition("}")
        if local == "DocumentMetaData":
            language, title = element.get("language", ""), element.get("documentTitle", "")
        elif element.get("sofa") == sofa.get(number):
            reading.take(element, f"{_type_name(space)}.{local}")
        elif element.get("begin") is not None:
            reading.unmapped["annotations of other views"] += 1
    reading.tell()
    title = "" if held else title
    given = {"language": "" if language == "x-unspecified" else language, "title": title}
    if not held:
        given["id"] = where.removesuffix(".xmi")
    yield reading.restored.record(reading.collector, report, where, **given)


def _held(root: Any, where: str, report: Report) -> dict[str, Any]:
    found = root.find(f"{{{_COMPANION_NS}}}Companion")
    try:
        return json_text.checked(json_text.loads(found.get("held", "{}"))) if found is not None else {}
    except json_text.Malformed as problem:
        report.refuse("file", problem.reason, where, "Companion.held")
        return {}


def _restored_characters(text: str, characters: Any) -> str:
    found = list(text)
    for pair in characters if isinstance(characters, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and all(type(part) is int for part in pair):
            offset, code = pair
            if 0 <= offset < len(found) and found[offset] == REPLACEMENT and 0 < code < 0x110000:
                found[offset] = chr(code)
    return "".join(found) if characters else text


def _type_name(space: str) -> str:
    return space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")


class _Reading:
    """One document while its annotations are read."""

    def __init__(self, text: str, utf16: Utf16, restored: Restored, where: str, report: Report) -> None:
        self.collector, self.restored = SpanCollector(text, report, where), restored
        self.unmapped: Counter[str] = Counter()
        self._utf16, self._where, self._report = utf16, where, report

    def take(self, element: Any, type_name: str) -> None:
        if type_name == NAMED_ENTITY:
            label = element.get("value")
        elif type_name.startswith("webanno.custom."):
            label = element.get("value") or element.get("label")
        else:
            label = None
        if label is None or element.get("begin") is None:
            if element.get("begin") is not None:
                self.unmapped[type_name] += 1
            return
        field = f"{type_name.rpartition('.')[2]} {element.get(f'{{{XMI}}}id', '')}"
        begin, end = _number(element.get("begin")), _number(element.get("end"))
        if begin is None or end is None or not 0 <= begin < end <= self._utf16.length:
            reason = f"no range of the text ({self._utf16.length} UTF-16 units)"
            self._report.refuse("offsets", reason, self._where, field)
            return
        start, stop = self._utf16.points(begin), self._utf16.points(end, up=True)
        if self._utf16.splits(begin) or self._utf16.splits(end):
            span = SpanRecord(start, stop, label)
            self._report.note("character", "a boundary within a character moved outwards", self._where, span)
        self.restored.add_shown(self.collector, start, stop, label, field)

    def tell(self) -> None:
        for type_name, count in sorted(self.unmapped.items()):
            self._report.note(f"type {type_name}", f"{count} annotations have no place here", self._where)


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 20 else None
