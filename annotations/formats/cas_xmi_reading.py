"""One XMI document of a UIMA CAS as a record. A boundary within a character moves outwards, which is noted."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from annotations.formats import json_text
from annotations.formats.cas_layers import Annotation, labelled
from annotations.formats.cas_types import COMPANION, DOCUMENT, namespace
from annotations.formats.collecting import SpanCollector
from annotations.formats.companion import Restored
from annotations.formats.records import Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.xml_text import REPLACEMENT
from corpusapp.text.utf16 import Utf16
from corpusapp.text.wellformed import fault

CAS, XMI = "http:///uima/cas.ecore", "http://www.omg.org/XMI"
INITIAL_VIEW = "_InitialView"
_NUMBER = f"{{{XMI}}}id"
_PLACE = ("sofa", "begin", "end", _NUMBER)
_COMPANION = f"{{{namespace(COMPANION)[0]}}}Companion"


def read_xmi(data: bytes, where: str, report: Report) -> Iterator[Record]:
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
    initial = [sofa for sofa in found if sofa.get("sofaID") == INITIAL_VIEW]
    return (initial or found or [None])[0]


def _record(root: Any, sofa: Any, where: str, report: Report) -> Iterator[Record]:
    held = _held(root, where, report)
    written = sofa.get("sofaString")
    text = _restored_characters(written, held.get("characters"))
    if reason := fault(text):
        report.refuse("text", f"the text {reason}", where)
        return
    language, title, elsewhere = "", "", 0
    reading = CasReading(text, Utf16(written), where, report)
    for element in root.iterchildren(etree.Element):
        space, _, local = element.tag.removeprefix("{").rpartition("}")
        layer = f"{_package(space)}.{local}"
        if layer == DOCUMENT:
            language, title = element.get("language", ""), element.get("documentTitle", "")
        elif element.get("sofa") == sofa.get(_NUMBER) and element.get("begin") is not None:
            features = {name: value for name, value in element.attrib.items() if name not in _PLACE}
            begin, end = _offset(element.get("begin")), _offset(element.get("end"))
            reading.take(layer, begin, end, features, f"{local} {element.get(_NUMBER, '')}")
        elif element.get("begin") is not None:
            elsewhere += 1
    if elsewhere:
        report.note("other views", f"{elsewhere} annotations of other views have no place here", where)
    given = {"language": language, "title": "" if held else title} | ({} if held else {"id": where})
    yield reading.record(Restored(held), **given)


class CasReading:
    """The annotations of one document while they are read, whose offsets count UTF-16 units."""

    def __init__(self, text: str, utf16: Utf16, where: str, report: Report) -> None:
        self._text, self._utf16, self._where, self._report = text, utf16, where, report
        self._found: list[Annotation] = []

    def take(self, layer: str, begin: int | None, end: int | None, features: dict[str, str], field: str) -> None:
        self._found.append(Annotation(layer, begin, end, features, field))

    def record(self, restored: Restored, *, language: str, title: str, **given: Any) -> Record:
        collector = SpanCollector(self._text, self._report, self._where)
        for one, label in labelled(self._found, self._where, self._report):
            if (found := self._range(one, label)) is not None:
                restored.add_shown(collector, *found, label, one.field)
        given |= {"language": "" if language == "x-unspecified" else language, "title": title}
        return restored.record(collector, self._report, self._where, **given)

    def _range(self, one: Annotation, label: str) -> tuple[int, int] | None:
        if one.begin is None or one.end is None or not 0 <= one.begin < one.end <= self._utf16.length:
            reason = f"no range of the text ({self._utf16.length} UTF-16 units)"
            self._report.refuse("offsets", reason, self._where, one.field)
            return None
        start, stop = self._utf16.points(one.begin), self._utf16.points(one.end, up=True)
        if self._utf16.splits(one.begin) or self._utf16.splits(one.end):
            span = SpanRecord(start, stop, label)
            self._report.note("character", "a boundary within a character moved outwards", self._where, span)
        return start, stop


def _held(root: Any, where: str, report: Report) -> dict[str, Any]:
    found = root.find(_COMPANION)
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


def _package(space: str) -> str:
    return space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")


def _offset(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 20 else None
