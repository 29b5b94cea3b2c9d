"""Read single documents: plain text, the text layer of a PDF, and DOCX.

Of DOCX, the paragraphs of the main part are read, then foot- and endnotes. Headers, footers and comments are in other
parts, which are not read; hidden text is skipped.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from lxml import etree

from corpusapp.intake.draft import Unfit, draft_from_text
from corpusapp.intake.lenient_draft import draft_from_found
from corpusapp.intake.readers.encodings import decode
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import read_limited

_MAIN = "word/document.xml"
_PROPERTIES = "docProps/core.xml"
# Deleted text, field codes, and fallbacks of drawings for old programs.
_UNREAD = frozenset(("del", "moveFrom", "instrText", "delText", "Fallback"))
_STYLES = "word/styles.xml"
# (part, element of a note, element of a reference).
_NOTES = (
    ("word/footnotes.xml", "footnote", "footnoteReference"),
    ("word/endnotes.xml", "endnote", "endnoteReference"),
)
_OFF = ("0", "false", "off", "none")
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def _read_docx(source: Source, reading: Reading) -> Items:
    limit = reading.limits.docx_bytes
    data = read_limited(source.stream, limit, "the document")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            if _MAIN not in names:
                raise Unfit(_other_kind(names))
            found = _document(archive, names, reading)
            properties = _properties(_part(archive, _PROPERTIES, reading)) if _PROPERTIES in names else {}
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit(f"the document cannot be read: {str(error)[:200]}") from error
    except RuntimeError as error:
        raise Unfit("the document is protected by a password: save it without") from error
    draft = draft_from_found(
        found.text,
        item=source.item,
        title=found.title or properties.get("title", ""),
        author=properties.get("author", ""),
        language=properties.get("language", ""),
    )
    yield replace(draft, notes=(*draft.notes, *found.notes), encoding="utf-8", form="docx", raw=data)


def _document(archive: zipfile.ZipFile, names: set[str], reading: Reading) -> "_Document":
    styles = _styles(_part(archive, _STYLES, reading)) if _STYLES in names else _Styles()
    main = _Part(_part(archive, _MAIN, reading), styles)
    lines, hidden, notes = list(main.paragraphs()), main.hidden, []
    for name, element, reference in _NOTES:
        wanted = [number for kind, number in main.references if kind == reference]
        if wanted and name in names:
            part = _Part(_part(archive, name, reading), styles, element)
            by_number = list(part.paragraphs_by_note())
            stated = [text for number in dict.fromkeys(wanted) for at, text in by_number if at == number]
            hidden += part.hidden
            lines += stated
            notes += [f"{len(set(wanted))} {element}s stand behind the text"] if stated else []
    if hidden:
        notes.append(f"{hidden} characters of hidden text are left out")
    return _Document("\n".join(lines), " ".join(main.titles), notes)


def _other_kind(names: set[str]) -> str:
    kinds = {"xl/workbook.xml": "a spreadsheet: save it as .csv", "ppt/presentation.xml": "slides: save them as .txt"}
    found = next((kind for name, kind in kinds.items() if name in names), "an Office file without a text")
    return f"this is {found}"


def _part(archive: zipfile.ZipFile, name: str, reading: Reading) -> bytes:
    with archive.open(name) as part:
        data = read_limited(part, reading.limits.docx_bytes, "the document's text")  # type: ignore[arg-type]
    reading.unpacked(len(data))
    return data


def _events(data: bytes) -> Iterator[tuple[str, str, etree._Element]]:
    walk = etree.iterparse(
        BytesIO(data), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    )
    for event, node in walk:
        if isinstance(node.tag, str):
            yield event, etree.QName(node).localname, node


@dataclass(frozen=True)
class _Document:
    text: str
    title: str
    notes: list[str]


@dataclass(frozen=True)
class _Styles:
    """Ids of title styles and of hidden styles; their names depend on the language of the program."""

    titles: frozenset[str] = frozenset(("Title",))
    hidden: frozenset[str] = frozenset()


def _styles(data: bytes) -> _Styles:
    titles, hidden, based = set(), set(), {}
    for event, name, node in _events(data):
        if name == "style" and event == "end":
            style = _value(node, "styleId")
            kinds = {etree.QName(child).localname: child for child in node if isinstance(child.tag, str)}
            based[style] = _value(kinds["basedOn"]) if "basedOn" in kinds else ""
            if "name" in kinds and _value(kinds["name"]).lower() == "title":
                titles.add(style)
            if "rPr" in kinds and _is_hidden(kinds["rPr"]):
                hidden.add(style)
    for _ in range(10):  # Styles based on styles; deeper chains do not occur.
        hidden |= {style for style, base in based.items() if base in hidden}
    return _Styles(frozenset(titles or {"Title"}), frozenset(hidden))


def _value(node: etree._Element, name: str = "val") -> str:
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def _is_hidden(properties: etree._Element) -> bool | None:
    """Whether properties hide their text; None if they do not state it."""
    found = (child for child in properties if isinstance(child.tag, str) and etree.QName(child).localname == "vanish")
    mark = next(found, None)
    return None if mark is None else _value(mark).lower() not in _OFF


class _Part:
    """The paragraphs of one part, its references to notes, and the length of its hidden text."""

    def __init__(self, data: bytes, styles: _Styles, note: str = "") -> None:
        self._data = data
        self._styles = styles
        self._note = note
        self.titles: list[str] = []
        self.references: list[tuple[str, str]] = []
        self.hidden = 0

    def paragraphs(self) -> Iterator[str]:
        """The texts of the paragraphs; those of a text box come before its paragraph."""
        return (text for _, text in self.paragraphs_by_note())

    def paragraphs_by_note(self) -> Iterator[tuple[str, str]]:
        """(number of its note, text) of each paragraph."""
        open_ones: list[list[str]] = []
        styles: list[str] = []
        runs: list[bool] = []
        unread, number = 0, ""
        for event, name, node in _events(self._data):
            if name in _UNREAD:
                unread += 1 if event == "start" else -1
            elif event == "start":
                if name == "p":
                    open_ones.append([])
                    styles.append("")
                elif name == "r":
                    runs.append(bool(styles) and styles[-1] in self._styles.hidden)
                elif name == self._note:
                    number = _value(node, "id")
            elif name == "p":
                text, style = ("".join(open_ones.pop()), styles.pop()) if open_ones else ("", "")
                if style in self._styles.titles and text.strip():
                    self.titles.append(text.strip())
                yield number, text
                node.clear()
            elif name == "pStyle" and styles:
                styles[-1] = _value(node)
            elif name == "r" and runs:
                runs.pop()
            elif name == "rPr" and runs and _is_of_run(node):
                runs[-1] = self._hides_run(node, runs[-1])
            elif name.endswith("Reference") and not unread:
                self.references.append((name, _value(node, "id")))
            elif open_ones and not unread:
                text = (node.text or "") if name == "t" else _MARKS.get(name, "")
                if any(runs):
                    self.hidden += len(text)
                else:
                    open_ones[-1].append(text)

    def _hides_run(self, properties: etree._Element, by_style: bool) -> bool:
        own = _is_hidden(properties)
        named = (_value(child) for child in properties if etree.QName(child).localname == "rStyle")
        return own if own is not None else by_style or any(style in self._styles.hidden for style in named)


def _is_of_run(node: etree._Element) -> bool:
    parent = node.getparent()
    return parent is not None and etree.QName(parent).localname == "r"


def _properties(data: bytes) -> dict[str, str]:
    names = {"title": "title", "creator": "author", "language": "language"}
    return {names[name]: node.text or "" for event, name, node in _events(data) if event == "end" and name in names}


def _recognises_docx(head: Head, named: bool) -> bool:
    if not head.data.startswith(b"PK\x03\x04"):
        return False
    return named or b"word/document.xml" in head.data or head.data[30:49] == b"[Content_Types].xml"


DOCX = Reader(
    "docx", (".docx", ".docm"), _recognises_docx, _read_docx, signed=True, max_bytes=lambda limits: limits.docx_bytes
)


def _read_text(source: Source, reading: Reading) -> Items:
    data = read_limited(source.stream, reading.limits.text_bytes, "the file")
    decoded = decode(data, declared=source.charset, named=reading.encoding)
    draft = draft_from_text(decoded.text, item=source.item)
    notes = (*draft.notes, *decoded.notes)
    yield replace(draft, notes=notes, url=source.url, encoding=decoded.encoding, form="txt", raw=data)


def _recognises_text(head: Head, named: bool) -> bool:
    """Any text, except unknown XML."""
    return not head.text.lstrip().startswith("<?xml")


TEXT = Reader("txt", (".txt", ".text", ".md"), _recognises_text, _read_text, max_bytes=lambda limits: limits.text_bytes)


def _read_pdf(source: Source, reading: Reading) -> Items:
    # Imported on use: loading pdfminer takes a while.
    from corpusapp.intake.pdf.layout import text_layer

    data = read_limited(source.stream, reading.limits.pdf_bytes, "the PDF")
    found = text_layer(data, reading.limits.pdf_pages)
    draft = draft_from_found(found["text"], item=source.item, title=found["title"], author=found["author"])
    notes = (*draft.notes, *found["notes"])
    yield replace(draft, notes=notes, encoding="", form="pdf", raw=data)


def _recognises_pdf(head: Head, named: bool) -> bool:
    # PDF readers accept up to 1024 bytes before the signature.
    return head.data.startswith(b"%PDF-") or (named and b"%PDF-" in head.data[:1024])


PDF = Reader(
    "pdf", (".pdf",), _recognises_pdf, _read_pdf, signed=True,
    max_bytes=lambda limits: limits.pdf_bytes, seconds=lambda limits: limits.pdf_seconds,
)  # fmt: skip
