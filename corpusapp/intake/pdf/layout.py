"""Read the text layer of a PDF: pdfminer.six returns glyphs with positions, `columns` their reading order."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from corpusapp.intake.draft import Unfit
from corpusapp.intake.pdf.columns import Glyph, paragraphs_of

# pdfminer's text for a glyph whose font does not map it to a character.
_UNKNOWN = re.compile(r"\(cid:\d+\)")
_REPLACEMENT = "\ufffd"
_MOST_UNKNOWN = 0.2
# Titles that programs write if there is none.
_NO_TITLES = ("about:blank", "untitled", "untitled document", "unbenannt")


def text_layer(data: bytes, most: int) -> dict[str, Any]:
    """Text, notes, title and author of a PDF of at most `most` pages; raises `Unfit`."""
    try:
        return _found(data, most)
    except (Unfit, MemoryError):
        raise
    except Exception as error:  # pdfminer may raise anything on a damaged PDF.
        raise Unfit(_reason(error)) from error


def _reason(error: Exception) -> str:
    name = type(error).__name__
    if name in ("PDFPasswordIncorrect", "PDFEncryptionError"):
        return "the PDF is protected by a password: save it without"
    if name == "PDFTextExtractionNotAllowed":
        return "the PDF does not allow its text to be read"
    return f"the PDF is damaged or of an unknown kind: {name}"


def _found(data: bytes, most: int) -> dict[str, Any]:
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    document = PDFDocument(PDFParser(BytesIO(data)))
    count = 0
    for count, _ in enumerate(PDFPage.create_pages(document), 1):
        if count > most:
            raise Unfit(f"the PDF has more than {most} pages: split it")
    pages = [
        [paragraph for glyphs in _glyphs(page) for paragraph in paragraphs_of(glyphs)] for page in _pages(document)
    ]
    text, notes = running_text(pages)
    if not text.strip():
        raise Unfit(f"the PDF has no text layer ({count} pages): it seems to be scanned, read it by OCR first")
    notes = [*notes, *_unknown(text)]
    info = document.info[0] if document.info else {}
    return {"text": text, "notes": notes, "title": _string(info.get("Title")), "author": _string(info.get("Author"))}


def _unknown(text: str) -> list[str]:
    """A note on glyphs without a character; raises `Unfit` if there are too many."""
    unknown = text.count(_REPLACEMENT)
    if unknown > _MOST_UNKNOWN * len("".join(text.split())):
        raise Unfit("the fonts of the PDF do not say which letters its signs are: read it by OCR")
    note = f"{unknown} signs stand as U+FFFD: the fonts of the PDF do not say which letters they are"
    return [note] if unknown else []


def _pages(document: Any) -> Any:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    manager = PDFResourceManager()
    device = PDFPageAggregator(manager, laparams=None)
    interpreter = PDFPageInterpreter(manager, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result()


def _glyphs(page: Any) -> list[list[Glyph]]:
    """The glyphs of a page by rotation, upright ones first; glyphs in figures if there are no others."""
    from pdfminer.layout import LTChar, LTFigure

    def within(container: Any) -> Iterator[Any]:
        for thing in container:
            if isinstance(thing, LTFigure):
                yield from within(thing)
            elif isinstance(thing, LTChar):
                yield thing

    found: dict[int, list[Glyph]] = {}
    for sign in [thing for thing in page if isinstance(thing, LTChar)] or list(within(page)):
        turned, glyph = _glyph(sign)
        found.setdefault(turned, []).append(glyph)
    return [found[turned] for turned in sorted(found)]


def _glyph(sign: Any) -> tuple[int, Glyph]:
    """(quarter turns, the glyph on the page rotated so that it is upright)."""
    across, up, _, _, x, y = sign.matrix
    if abs(across) >= abs(up):
        turned, place = (0, (sign.x0, sign.x1, y)) if across >= 0 else (2, (-sign.x1, -sign.x0, -y))
        size = sign.y1 - sign.y0
    else:
        turned, place = (1, (sign.y0, sign.y1, -x)) if up > 0 else (3, (-sign.y1, -sign.y0, x))
        size = sign.x1 - sign.x0
    text = sign.get_text()
    return turned, Glyph(_REPLACEMENT if _UNKNOWN.fullmatch(text) else text, *place, size)


def _string(value: Any) -> str:
    from pdfminer.pdftypes import resolve1
    from pdfminer.utils import decode_text

    value = resolve1(value)
    text = decode_text(value) if isinstance(value, bytes) else ""
    return "" if text.strip().lower() in _NO_TITLES else text


# A word with a hyphen at the line end, and a word on the next line.
_HYPHENATED = re.compile(r"(\w+)[-\u2010][ \t]*\n\s*(?=[^\W\d_])(\w+)")
_SOFT = re.compile("\u00ad[ \\t]*\\n\\s*")
# The end of a paragraph that continues in the next column or page.
_OPEN = re.compile(r"[\w,;\-\u2010]$")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile("[ﬀ-ﬆ]")


def running_text(pages: Iterable[Iterable[str]]) -> tuple[str, list[str]]:
    """(text, notes) of the boxes of each page: a box has one paragraph or more, whose lines are joined by spaces."""
    paragraphs: list[str] = []
    for boxes in pages:
        for box in boxes:
            for paragraph in re.split(r"\n\s*\n", box.replace("\0", "").strip()):
                if paragraph and paragraphs and _OPEN.search(paragraphs[-1]) and paragraph[0].islower():
                    paragraphs[-1] += f"\n{paragraph.strip()}"
                elif paragraph.strip():
                    paragraphs.append(paragraph.strip())
    text, joined = _joined("\n\n".join(paragraphs))
    text = _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text)
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return text, [f"{joined} words that were parted at line ends were joined"] if joined else []


def _joined(text: str) -> tuple[str, int]:
    """Join hyphenated words; the hyphen stays if the text has the compound elsewhere, or a capital follows."""
    text, joined = _SOFT.subn("", text)

    def whole(match: re.Match[str]) -> str:
        nonlocal joined
        first, second = match.groups()
        if not second[0].islower() or f"{first}-{second}" in text:
            return f"{first}-{second}"
        joined += 1
        return first + second

    return _HYPHENATED.sub(whole, text), joined
