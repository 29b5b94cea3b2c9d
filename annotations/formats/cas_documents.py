"""Single documents of a UIMA CAS, in XMI or in JSON (0.4), as records.

A boundary within a character moves outwards, which is noted.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from lxml import etree

from annotations.formats import json_text
from annotations.formats.cas_types import COMPANION, DOCUMENT, IDENTIFIER, Annotation, labelled_spans, namespace
from annotations.formats.companion import StoredCompanion
from annotations.formats.entities import entity_address, linked_entity
from annotations.formats.records import EntityRecord, Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector
from annotations.formats.xml_text import REPLACEMENT
from corpusapp.text.utf16 import Utf16
from corpusapp.text.wellformed import fault

CAS, XMI = "http:///uima/cas.ecore", "http://www.omg.org/XMI"
INITIAL_VIEW = "_InitialView"
STRUCTURES = "%FEATURE_STRUCTURES"
_SOFA = "uima.cas.Sofa"
_NUMBER = f"{{{XMI}}}id"
_PLACE = ("sofa", "begin", "end", _NUMBER)
_COMPANION = f"{{{namespace(COMPANION)[0]}}}Companion"


def read_xmi(data: bytes, where: str, report: Report) -> Iterator[Record]:
    # lxml always resolves entities in attributes, which can expand without limit.
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
    yield from _record_of_xmi(root, sofa, where, report)


def read_json(data: bytes, where: str, report: Report) -> Iterator[Record]:
    try:
        structures = _structures(json_text.checked(json_text.loads(data.removeprefix(b"\xef\xbb\xbf"))))
    except json_text.Malformed as problem:
        report.refuse("file", problem.reason, where, problem.field)
        return
    sofas = [one for one in structures if one.get("%TYPE") == _SOFA and isinstance(one.get("sofaString"), str)]
    sofas.sort(key=lambda sofa: sofa.get("sofaID") != INITIAL_VIEW)
    if not sofas:
        report.refuse("text", "there is no JSON of a CAS with a text (a Sofa with its sofaString)", where)
        return
    if reason := fault(sofas[0]["sofaString"]):
        report.refuse("text", f"the text {reason}", where)
        return
    yield _record_of_json(structures, sofas[0], where, report)


class CasReader:
    """Collects the annotations of one document. Their offsets are in UTF-16 units."""

    def __init__(self, text: str, utf16: Utf16, where: str, report: Report) -> None:
        self._text, self._utf16, self._where, self._report = text, utf16, where, report
        self._found: list[Annotation] = []
        self._other_views = 0

    def add(self, layer: str, begin: int | None, end: int | None, features: dict[str, str], field: str) -> None:
        self._found.append(Annotation(layer, begin, end, features, field))

    def skip_other_view(self) -> None:
        self._other_views += 1

    def record(self, stored: StoredCompanion, *, language: str, title: str, **given: Any) -> Record:
        if self._other_views:
            reason = f"{self._other_views} annotations of other views have no place here"
            self._report.note("other views", reason, self._where)
        collector = SpanCollector(self._text, self._report, self._where)
        for one, label in labelled_spans(self._found, self._where, self._report):
            if (found := self._range(one, label)) is not None:
                entity = self._entity(stored, *found, label, one.features.get(IDENTIFIER, ""))
                stored.add_shown(collector, *found, label, one.field, entity=entity)
        given |= {"language": "" if language == "x-unspecified" else language, "title": title}
        return stored.record(collector, self._report, self._where, **given)

    def _entity(
        self, stored: StoredCompanion, start: int, end: int, label: str, identifier: str
    ) -> EntityRecord | dict[str, Any] | None:
        read = partial(linked_entity, identifier, self._text[start:end])
        return stored.entity((start, end, label), identifier, entity_address, read)

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


def _sofa(root: Any) -> Any:
    found = root.findall(f"{{{CAS}}}Sofa")
    initial = [sofa for sofa in found if sofa.get("sofaID") == INITIAL_VIEW]
    return (initial or found or [None])[0]


def _record_of_xmi(root: Any, sofa: Any, where: str, report: Report) -> Iterator[Record]:
    companion = _companion(root, where, report)
    written = sofa.get("sofaString")
    text = _with_characters(written, companion.get("characters"))
    if reason := fault(text):
        report.refuse("text", f"the text {reason}", where)
        return
    language, title = "", ""
    reader = CasReader(text, Utf16(written), where, report)
    for element in root.iterchildren(etree.Element):
        space, _, local = element.tag.removeprefix("{").rpartition("}")
        layer = f"{_package(space)}.{local}"
        if layer == DOCUMENT:
            language, title = element.get("language", ""), element.get("documentTitle", "")
        elif element.get("begin") is None:
            continue
        elif element.get("sofa") == sofa.get(_NUMBER):
            features = {name: value for name, value in element.attrib.items() if name not in _PLACE}
            begin, end = _offset(element.get("begin")), _offset(element.get("end"))
            reader.add(layer, begin, end, features, f"{local} {element.get(_NUMBER, '')}")
        else:
            reader.skip_other_view()
    given = {"language": language, "title": "" if companion else title} | ({} if companion else {"id": where})
    yield reader.record(StoredCompanion(companion), **given)


def _companion(root: Any, where: str, report: Report) -> dict[str, Any]:
    found = root.find(_COMPANION)
    try:
        return json_text.checked(json_text.loads(found.get("held", "{}"))) if found is not None else {}
    except json_text.Malformed as problem:
        report.refuse("file", problem.reason, where, "Companion.held")
        return {}


def _with_characters(text: str, characters: Any) -> str:
    """The text with the characters that XML cannot hold, in place of U+FFFD."""
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


def _structures(cas: dict[str, Any]) -> list[dict[str, Any]]:
    """The feature structures, from a list or from an object by their ids."""
    found = cas.get(STRUCTURES)
    if isinstance(found, dict):
        found = [one | {"%ID": number} for number, one in found.items() if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _record_of_json(structures: list[dict[str, Any]], sofa: dict[str, Any], where: str, report: Report) -> Record:
    language, title = "", ""
    reader = CasReader(sofa["sofaString"], Utf16(sofa["sofaString"]), where, report)
    for one in structures:
        layer = one.get("%TYPE")
        if not isinstance(layer, str) or "begin" not in one:
            continue
        if layer == DOCUMENT:
            language, title = _text(one, "language"), _text(one, "documentTitle")
        elif str(one.get("@sofa", sofa.get("%ID"))) != str(sofa.get("%ID")):
            reader.skip_other_view()
        else:
            begin, end = (one.get(edge) if type(one.get(edge)) is int else None for edge in ("begin", "end"))
            reader.add(layer, begin, end, _features(one), f"{layer.rpartition('.')[2]} {one.get('%ID', '')}")
    return reader.record(StoredCompanion(None), language=language, title=title, id=where)


def _features(structure: dict[str, Any]) -> dict[str, str]:
    """The features with text, and the names of the ends of a relation, which are references."""
    texts = {key: value for key, value in structure.items() if isinstance(value, str) and key[:1] not in "%@#^"}
    ends = {key[1:]: "" for key in ("@Governor", "@Dependent") if key in structure}
    return texts | ends


def _text(structure: dict[str, Any], key: str) -> str:
    value = structure.get(key)
    return value if isinstance(value, str) else ""
