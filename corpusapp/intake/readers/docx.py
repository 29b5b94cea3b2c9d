"""DOCX: the paragraphs of its main part. Headers, footers, comments and footnotes stand in parts that are not read."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

from lxml import etree

from corpusapp.intake.draft import Unfit
from corpusapp.intake.found import draft_from_found
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import taken

_MAIN = "word/document.xml"
_PROPERTIES = "docProps/core.xml"
# Deleted text, field codes, and the second writing of a drawing for old programs.
_UNREAD = frozenset(("del", "moveFrom", "instrText", "delText", "Fallback"))
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def _read(source: Source, reading: Reading) -> Items:
    limit = reading.limits.docx_bytes
    data = taken(source.stream, limit, "the document")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            if _MAIN not in names:
                raise Unfit(_what(names))
            text = "\n".join(_paragraphs(_part(archive, _MAIN, reading)))
            properties = _properties(_part(archive, _PROPERTIES, reading)) if _PROPERTIES in names else {}
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(f"the document cannot be read: {str(error)[:200]}") from error
    except RuntimeError as error:
        raise Unfit("the document is protected by a password: save it without") from error
    draft = draft_from_found(text, item=source.item, **properties)
    yield replace(draft, encoding="utf-8", form="docx", raw=data)


def _what(names: set[str]) -> str:
    kinds = {"xl/workbook.xml": "a spreadsheet: save it as .csv", "ppt/presentation.xml": "slides: save them as .txt"}
    found = next((kind for name, kind in kinds.items() if name in names), "an Office file without a text")
    return f"this is {found}"


def _part(archive: zipfile.ZipFile, name: str, reading: Reading) -> bytes:
    with archive.open(name) as part:
        data = taken(part, reading.limits.docx_bytes, "the document's text")  # type: ignore[arg-type]
    reading.unpacked(len(data))
    return data


def _events(data: bytes) -> Iterator[tuple[str, str, etree._Element]]:
    walk = etree.iterparse(
        BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    for event, node in walk:
        if isinstance(node.tag, str):
            yield event, etree.QName(node).localname, node


def _paragraphs(data: bytes) -> Iterator[str]:
    """The paragraphs' texts; a text box's stand before the paragraph that it hangs on."""
    open_ones: list[list[str]] = []
    unread = 0
    for event, name, node in _events(data):
        if name in _UNREAD:
            unread += 1 if event == "start" else -1
        elif name == "p" and event == "start":
            open_ones.append([])
        elif name == "p":
            yield "".join(open_ones.pop()) if open_ones else ""
            node.clear()
        elif event == "end" and open_ones and not unread:
            open_ones[-1].append((node.text or "") if name == "t" else _MARKS.get(name, ""))


def _properties(data: bytes) -> dict[str, str]:
    names = {"title": "title", "creator": "author", "language": "language"}
    return {names[name]: node.text or "" for event, name, node in _events(data) if event == "end" and name in names}


def _sees(head: Head, named: bool) -> bool:
    if not head.data.startswith(b"PK\x03\x04"):
        return False
    return named or b"word/document.xml" in head.data or head.data[30:49] == b"[Content_Types].xml"


DOCX = Reader("docx", (".docx", ".docm"), _sees, _read, signed=True, most=lambda limits: limits.docx_bytes)
