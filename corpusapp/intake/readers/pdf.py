"""PDF: the text layer."""

from dataclasses import replace

from corpusapp.intake.lenient_draft import draft_from_found
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import taken


def _read(source: Source, reading: Reading) -> Items:
    # pdfminer takes a while to load: who reads no PDF does without.
    from corpusapp.intake.pdf.layout import text_layer

    data = taken(source.stream, reading.limits.pdf_bytes, "the PDF")
    found = text_layer(data, reading.limits.pdf_pages)
    draft = draft_from_found(found["text"], item=source.item, title=found["title"], author=found["author"])
    notes = (*draft.notes, *found["notes"])
    yield replace(draft, notes=notes, encoding="", form="pdf", raw=data)


def _sees(head: Head, named: bool) -> bool:
    # Readers of PDF take up to 1024 bytes before the mark.
    return head.data.startswith(b"%PDF-") or (named and b"%PDF-" in head.data[:1024])


PDF = Reader(
    "pdf", (".pdf",), _sees, _read, signed=True,
    most=lambda limits: limits.pdf_bytes, seconds=lambda limits: limits.pdf_seconds,
)  # fmt: skip
