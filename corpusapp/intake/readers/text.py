"""Plain text: one file, one article."""

from dataclasses import replace

from corpusapp.intake.readers.encodings import decode
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import taken
from corpusapp.intake.records import draft_from_text


def _read(source: Source, reading: Reading) -> Items:
    data = taken(source.stream, reading.limits.text_bytes, "the file")
    decoded = decode(data, declared=source.charset, named=reading.encoding)
    draft = draft_from_text(decoded.text, item=source.item)
    notes = (*draft.notes, *decoded.notes)
    yield replace(draft, notes=notes, url=source.url, encoding=decoded.encoding, form="txt", raw=data)


def _sees(head: Head, named: bool) -> bool:
    """Whatever is text and nothing else; an unknown XML file is none."""
    return not head.text.lstrip().startswith("<?xml")


TEXT = Reader("txt", (".txt", ".text", ".md"), _sees, _read, most=lambda limits: limits.text_bytes)
