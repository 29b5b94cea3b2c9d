"""The text layer of a PDF. pdfminer.six lays the page out before it reads it, so that columns stay apart."""

from io import BytesIO
from typing import Any

from corpusapp.intake.draft import Unfit
from corpusapp.intake.pdf.lines import running_text


def text_layer(data: bytes, most: int) -> dict[str, Any]:
    """Text, notes, title and author of a PDF of at most `most` pages; raises `Unfit`."""
    try:
        return _found(data, most)
    except (Unfit, MemoryError):
        raise
    except Exception as error:  # A damaged PDF breaks pdfminer in any number of ways.
        raise Unfit(_reason(error)) from error


def _reason(error: Exception) -> str:
    name = type(error).__name__
    if name in ("PDFPasswordIncorrect", "PDFEncryptionError"):
        return "the PDF is protected by a password: save it without"
    if name == "PDFTextExtractionNotAllowed":
        return "the PDF does not allow its text to be read"
    return f"the PDF is damaged or of an unknown kind: {name}"


def _found(data: bytes, most: int) -> dict[str, Any]:
    from pdfminer.layout import LTTextBox
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    document = PDFDocument(PDFParser(BytesIO(data)))
    count = 0
    for count, _ in enumerate(PDFPage.create_pages(document), 1):
        if count > most:
            raise Unfit(f"the PDF has more than {most} pages: split it")
    boxes = []
    for page in _layouts(document):
        boxes.append([box.get_text() for box in page if isinstance(box, LTTextBox)])
    text, notes = running_text(boxes)
    if not text.strip():
        raise Unfit(f"the PDF has no text layer ({count} pages): it seems to be scanned, read it by OCR first")
    info = document.info[0] if document.info else {}
    return {"text": text, "notes": notes, "title": _string(info.get("Title")), "author": _string(info.get("Author"))}


def _layouts(document: Any) -> Any:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.layout import LAParams
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    manager = PDFResourceManager()
    device = PDFPageAggregator(manager, laparams=LAParams(line_margin=0.7))
    interpreter = PDFPageInterpreter(manager, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result()


def _string(value: Any) -> str:
    from pdfminer.pdftypes import resolve1
    from pdfminer.utils import decode_text

    value = resolve1(value)
    return decode_text(value) if isinstance(value, bytes) else ""
