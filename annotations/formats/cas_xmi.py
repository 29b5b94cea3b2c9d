"""UIMA CAS as XMI 1.0, as INCEpTION and DKPro read it: an archive of TypeSystem.xml and one .xmi for each article.

Spans are DKPro's NamedEntity with the label as `value`, and the address of an identifier of their entity as
`identifier`, as INCEpTION links to knowledge bases; they may overlap. Offsets in the file are UTF-16 units.
What a NamedEntity cannot hold is JSON in a corpusapp.type.Companion. Characters that XML cannot hold are written as
U+FFFD, reported, and restored from the companion.

`inception` reads archives and projects, `cas_documents` single documents.
"""

import json
from collections.abc import Iterator
from typing import IO, Any

from annotations.formats.archive import document_name, zip_stream
from annotations.formats.cas_documents import CAS, INITIAL_VIEW, XMI
from annotations.formats.cas_types import COMPANION, DOCUMENT, NAMED_ENTITY, namespace, type_system
from annotations.formats.companion import companion, split_shown
from annotations.formats.entities import entity_address
from annotations.formats.inception import read_documents
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record
from annotations.formats.report import Report
from annotations.formats.xml_text import in_attribute, replace_forbidden
from corpusapp.text.utf16 import Utf16

_DOCUMENT_NS, _ENTITY_NS, _COMPANION_NS = (namespace(name)[0] for name in (DOCUMENT, NAMED_ENTITY, COMPANION))
_HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<xmi:XMI xmlns:xmi="{XMI}" xmlns:cas="{CAS}" '
    f'xmlns:metadata="{_DOCUMENT_NS}" xmlns:ner="{_ENTITY_NS}" xmlns:desk="{_COMPANION_NS}" xmi:version="2.0">\n'
    '<cas:NULL xmi:id="0"/>\n'
)


class CasXmi(Format):
    name, title, media_type, extension = "cas-xmi", "UIMA CAS XMI", "application/zip", "zip"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        return zip_stream(_members(records, report, context))

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        return read_documents(source, report)


def _members(records: Iterator[Record], report: Report, context: Context) -> Iterator[tuple[str, bytes]]:
    yield "TypeSystem.xml", type_system().encode()
    for number, record in enumerate(records, 1):
        name = document_name(record.id, number)
        yield f"{name}.xmi", _document_of(record, name, report, context).encode()


def _document_of(record: Record, name: str, report: Report, context: Context) -> str:
    shown, hidden = split_shown(record, context.plain_states, report)
    for span in [span for span in shown if replace_forbidden(span.label)[1]]:
        report.lose("label", "XML cannot hold this label", record.name, span)
        shown.remove(span)
    text, characters = replace_forbidden(record.text)
    for offset, code in characters:
        report.lose("character", f"U+{code:04X} at {offset} stands as U+FFFD for readers other than this", record.name)
    stored = companion(record, shown, hidden) | ({"characters": characters} if characters else {})
    utf16 = Utf16(text)
    elements = [
        _metadata(record, name, utf16.length),
        f'<desk:Companion xmi:id="3" held="{in_attribute(_ascii(stored))}"/>\n',
    ]
    for number, span in enumerate(shown, 4):
        place = f'begin="{utf16.units(span.start)}" end="{utf16.units(span.end)}"'
        if span.entity is not None:
            place += f' identifier="{in_attribute(entity_address(span.entity))}"'
        elements.append(f'<ner:NamedEntity xmi:id="{number}" sofa="1" {place} value="{in_attribute(span.label)}"/>\n')
    members = " ".join(str(number) for number in range(2, len(shown) + 4))
    return (
        f"{_HEAD}{''.join(elements)}"
        f'<cas:Sofa xmi:id="1" sofaNum="1" sofaID="{INITIAL_VIEW}" mimeType="text/plain" '
        f'sofaString="{in_attribute(text)}"/>\n<cas:View sofa="1" members="{members}"/>\n</xmi:XMI>\n'
    )


def _metadata(record: Record, name: str, length: int) -> str:
    return (
        f'<metadata:DocumentMetaData xmi:id="2" sofa="1" begin="0" end="{length}" '
        f'language="{in_attribute(record.language or "x-unspecified")}" '
        f'documentTitle="{in_attribute(record.title or name)}" documentId="{in_attribute(name)}" '
        'isLastSegment="false"/>\n'
    )


def _ascii(value: dict[str, Any]) -> str:
    """JSON in ASCII, so that escapes can stand for characters that XML cannot hold."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
